"""A made-up entity, night after night: quiet nights with their weeks, growth and holidays, and ways to break one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd

from models.quality import Finding, Watched, judge, newest, profile

START = date(2025, 1, 6)  # a Monday
WATCHED = Watched("orders", time="occurred_at", categories=("channel", "status"))
_BY_WEEKDAY = np.array([0.9, 0.8, 0.85, 1.0, 1.3, 1.5, 0.65])


def day_of_orders(day: date, rng: np.random.Generator, rows: float = 900, holiday: float = 1.0) -> pd.DataFrame:
    """One quiet day's orders: weekly season, growth of a third a year, restless beyond chance by a tenth."""
    offset = (day - START).days
    level = rows * (1 + offset / 1100) * _BY_WEEKDAY[day.weekday()] * holiday
    count = int(rng.poisson(level * rng.lognormal(0, 0.08)))
    is_weekend = day.weekday() >= 5
    web = np.clip(0.3 + 0.06 * is_weekend + rng.normal(0, 0.015), 0, 1)
    member = rng.integers(0, 5_000, count)
    return pd.DataFrame(
        {
            "record_key": [f"{day}-{number}" for number in range(count)],
            "customer_id": member.astype(str),
            "email": np.where(rng.random(count) < 0.01, None, [f"someone{one}@example.com" for one in member]),
            "phone": [f"+1555{one:07d}" for one in member],
            "channel": rng.choice(["shop", "web", "app"], count, p=[1 - web - 0.1, web, 0.1]),
            "status": rng.choice(["paid", "open", "void", "test"], count, p=[0.9, 0.06, 0.035, 0.005]),
            "quantity": rng.choice([1.0, 2, 3, 6], count, p=[0.68, 0.2, 0.1, 0.02]),
            "amount_usd": np.round(rng.lognormal(2.5 + 0.05 * is_weekend + rng.normal(0, 0.02), 0.9, count), 2),
            "discount_usd": np.where(rng.random(count) < 0.2, np.round(rng.gamma(2, 0.6, count), 2), 0.0),
            "note": np.where(rng.random(count) < 0.01 + rng.random() * 0.005, None, "delivered"),
            "is_gift": rng.random(count) < 0.05,
            "occurred_at": pd.to_datetime(datetime.combine(day, datetime.min.time()))
            + pd.to_timedelta(rng.integers(0, 86_000, count), unit="s"),
        }
    )


class Nights:
    """A table that grows by a day a night, with its profiles and findings."""

    def __init__(self, seed: int, watched: Watched = WATCHED, rows: float = 900) -> None:
        self.rng, self.watched, self.rows = np.random.default_rng(seed), watched, rows
        self.connection = duckdb.connect()
        empty = day_of_orders(START, np.random.default_rng(0)).iloc[:0]  # noqa: F841 (DuckDB reads it by name)
        self.connection.execute(
            "create table orders as select * replace (record_key::varchar as record_key,"
            " customer_id::varchar as customer_id, email::varchar as email, phone::varchar as phone,"
            " channel::varchar as channel, status::varchar as status, note::varchar as note) from empty"
        )
        self.profiles: list[pd.DataFrame] = []
        self.day = START

    def night(self, change: Callable[[pd.DataFrame], pd.DataFrame] | None = None, holiday: float = 1.0):
        """The next night's findings; `change` is what went wrong with its delivery."""
        delivered = day_of_orders(self.day, self.rng, self.rows, holiday)
        delivered = change(delivered) if change else delivered
        if len(delivered):
            self.connection.execute("insert into orders by name select * from delivered")
        seen_until = newest(self.profiles[-1]) if self.profiles else None
        tonight = profile(self.connection, "orders", self.watched, self.day, seen_until)
        history = pd.concat(self.profiles[-28:]) if self.profiles else tonight.iloc[:0]
        self.profiles.append(tonight)
        self.day += timedelta(1)
        return judge(history, tonight, self.watched)

    def quiet(self, nights: int) -> Nights:
        """Let some nights pass."""
        for _ in range(nights):
            self.night()
        return self


def alarms(findings: list[Finding]) -> list[Finding]:
    """What a person would be told."""
    return [finding for finding in findings if finding.status in ("warn", "block")]
