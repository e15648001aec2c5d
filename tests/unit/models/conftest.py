"""Small made-up worlds for the model tests: people with records in several systems, purchases, weekly demand."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from models.identity import IdentitySettings

# Small samples to learn from: enough for some hundred records.
QUICK = IdentitySettings(random_pairs=20_000, training_pairs=20_000, least_pair_budget=20_000)
GIVEN = [
    "Robert",
    "William",
    "Margaret",
    "Elizabeth",
    "Thomas",
    "Katherine",
    "Edward",
    "Patricia",
    "Daniel",
    "Rebecca",
    "Frederick",
    "Susan",
    "Walter",
    "Diana",
]
SHORT = {"Robert": "Bob", "William": "Bill", "Margaret": "Peggy", "Elizabeth": "Liz", "Thomas": "Tom", "Edward": "Ted"}
FAMILY = [
    "Ashdown",
    "Barrowman",
    "Coldwell",
    "Dunmore",
    "Eastgate",
    "Farnley",
    "Garside",
    "Hollins",
    "Ironmonger",
    "Jarrow",
    "Kettering",
    "Lowther",
    "Marbury",
    "Northcote",
    "Oakhurst",
    "Penrose",
    "Quarmby",
    "Ravenscar",
    "Silverdale",
    "Thornbury",
    "Underhill",
    "Varley",
    "Westerby",
    "Yarrow",
    "Zealand",
    "Appleyard",
]
HANZI_FAMILY, HANZI_GIVEN = "王李张刘陈杨赵黄", ["国强", "丽华", "志明", "淑芬", "建平", "雅琴", "文涛", "晓梅"]
PINYIN = dict(zip(HANZI_FAMILY, ["Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang"], strict=True)) | dict(
    zip(HANZI_GIVEN, ["Guoqiang", "Lihua", "Zhiming", "Shufen", "Jianping", "Yaqin", "Wentao", "Xiaomei"], strict=True)
)
TRADITIONAL = str.maketrans("张刘陈杨赵黄国强丽华涛晓", "張劉陳楊趙黃國強麗華濤曉")
COLUMNS = [
    "record_key",
    "source_system",
    "source_key",
    "record_kind",
    "full_name",
    "given_name",
    "family_name",
    "email",
    "phone",
    "street",
    "city",
    "postcode",
    "country",
    "birth_date",
    "birth_date_raw",
    "gender",
    "language",
    "loyalty_card",
    "device_id",
    "company",
    "created_at",
    "updated_at",
]


def record(key: str, **values: object) -> dict[str, object]:
    """One customer record; what is not said is missing."""
    return dict.fromkeys(COLUMNS) | {"record_key": hashlib.md5(key.encode()).hexdigest(), "source_key": key} | values


def records_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Records as the pipeline hands them over."""
    return pd.DataFrame(rows, columns=COLUMNS).astype(object)


def _person(number: int, household: int, draws: np.random.Generator, chinese: bool) -> dict[str, object]:
    born = pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(draws.integers(0, 17000)))
    if chinese:
        given, family = HANZI_GIVEN[number * 3 % 8], HANZI_FAMILY[household // 5 % 8]
    else:
        given, family = GIVEN[(number * 5 + household) % len(GIVEN)], FAMILY[household % len(FAMILY)]
    latin = (PINYIN[given], PINYIN[family]) if chinese else (given, family)
    return {
        "person": f"P{number}",
        "given": given,
        "family": family,
        "latin": latin,
        "email": f"{latin[0]}.{latin[1]}{number}@mail.example".lower(),
        "phone": f"614555{1000 + number}",
        "born": born.date(),
        "street": f"{household * 7 + 1} Orchard Street",
        "postcode": f"43{household % 40:03d}",
        "card": f"29{household:09d}",
    }


def make_people(households: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(customer_records, truth[record_key, person_id, household]): two adults per household, with mistakes.

    In every third household both adults use the first one's e-mail in one system and phone in another.
    """
    draws = np.random.default_rng(seed)
    rows, truth = [], []
    for household in range(households):
        chinese = household % 5 == 4
        couple = [_person(2 * household + k, household, draws, chinese) for k in range(2)]
        for person in couple:
            shared = couple[0] if household % 3 == 0 else person
            given, family = person["given"], person["family"]
            first, last = person["latin"]
            if chinese:
                crm = {"given_name": given, "family_name": family}
                erp = f"{last.upper()}, {first.upper()}"
                web = (family + given).translate(TRADITIONAL)
            else:
                short = SHORT.get(given, given)
                typed = given[:3] + given[4:] if draws.random() < 0.15 else given
                crm = {"given_name": typed, "family_name": family}
                if draws.random() < 0.1:
                    crm = {"given_name": family, "family_name": given}
                erp = f"{family.upper()}, {given.upper()}"
                web = f"{short} {family}"
            home = {"street": person["street"], "postcode": person["postcode"], "city": "Millbrook"}
            born = person["born"] if draws.random() < 0.6 else None
            name = person["person"]
            made = [
                record(f"crm|{name}", source_system="crm", email=person["email"], birth_date=born, **crm, **home),
                record(
                    f"erp|{name}",
                    source_system="erp",
                    full_name=erp,
                    phone=person["phone"],
                    loyalty_card=person["card"],
                    **home,
                ),
                record(f"web|{name}", source_system="web", full_name=web, email=shared["email"].upper()),
                record(
                    f"desk|{name}",
                    source_system="helpdesk",
                    full_name=f"{first} {last}",
                    email=person["email"],
                    phone="+1 (" + shared["phone"][:3] + ") " + shared["phone"][3:],
                ),
            ]
            rows += made
            truth += [(row["record_key"], name, household) for row in made]
    return records_table(rows), pd.DataFrame(truth, columns=["record_key", "person_id", "household"])


@pytest.fixture(scope="session")
def people() -> tuple[pd.DataFrame, pd.DataFrame]:
    """512 records of 128 people in 64 households: just enough for Splink to be trained."""
    return make_people(64, seed=3)


@pytest.fixture(scope="session")
def resolution(people: tuple[pd.DataFrame, pd.DataFrame]):
    """The people resolved once for all tests that only look at the answer."""
    from models.identity import resolve

    return resolve(people[0], QUICK)


def make_purchases(
    customers: int, seed: int, dates: int = 6, fading: float = 0.35
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(customer_features, customer_outcomes) of customers with an order rate of their own; some fade away.

    Churn shows in the silence measured in the customer's own gaps and in falling spend, so that recency alone is a
    fair but beatable baseline.
    """
    draws = np.random.default_rng(seed)
    days = 28 * (dates + 4)
    rate = np.exp(draws.normal(-2.3, 1.0, customers)).clip(0.01, 0.8)
    fades_on = np.where(draws.random(customers) < fading, draws.integers(60, days, customers), days + 1)
    active = np.arange(days)[None, :] < fades_on[:, None]
    bought = (draws.random((customers, days)) < rate[:, None]) & active
    bought[np.arange(customers), draws.integers(0, 30, customers)] = True
    spend = bought * np.exp(draws.normal(3, 0.4, (customers, days)))
    # Who is about to leave spends less before: what counts of orders alone can't know.
    spend *= np.where(np.arange(days)[None, :] >= fades_on[:, None] - 28, 0.3, 1.0)
    start = pd.Timestamp("2017-01-01")
    features, outcomes = [], []
    for number in range(dates):
        now = days - 1 - 28 * number
        seen, money = bought[:, : now + 1], spend[:, : now + 1]
        recency = now - np.array([np.flatnonzero(row).max() for row in seen])
        orders = seen.sum(axis=1)
        gap = (now + 1) / orders
        day = (start + pd.Timedelta(days=now)).date()
        features.append(
            pd.DataFrame(
                {
                    "customer_id": [f"C{k:04d}" for k in range(customers)],
                    "as_of": day,
                    "recency_days": recency.astype(float),
                    "tenure_days": float(now),
                    "orders_28d": seen[:, -28:].sum(axis=1).astype(float),
                    "orders_84d": seen[:, -84:].sum(axis=1).astype(float),
                    "spend_28d": money[:, -28:].sum(axis=1),
                    "spend_84d": money[:, -84:].sum(axis=1),
                    "spend_prior_84d": money[:, -168:-84].sum(axis=1),
                    "order_days_ever": orders.astype(float),
                    "mean_gap_days": gap,
                    "gap_ratio": recency / gap,
                    "basket_usd": money[:, -84:].sum(axis=1) / np.maximum(seen[:, -84:].sum(axis=1), 1),
                    "discount_share_84d": draws.random(customers),
                    "last_nps": np.nan,
                }
            )
        )
        after = bought[:, now + 1 : now + 29].sum(axis=1)
        money_after = spend[:, now + 1 : now + 29].sum(axis=1)
        active, is_over = recency < 56, number > 0  # of the newest date nobody knows the outcome
        outcomes.append(
            pd.DataFrame(
                {
                    "customer_id": features[-1].customer_id,
                    "as_of": day,
                    "is_active": active,
                    "is_churned": pd.Series(after == 0, dtype="boolean").where(active & is_over),
                    "churn_known_after_days": 28,
                    "spend_next_window_usd": np.where(is_over, money_after, np.nan),
                    "orders_next_28d": np.where(is_over, after, np.nan),
                    "spend_next_28d_usd": np.where(is_over, money_after, np.nan),
                }
            )
        )
    return pd.concat(features, ignore_index=True), pd.concat(outcomes, ignore_index=True)


@pytest.fixture(scope="session")
def purchases() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and outcomes of 500 customers at six as_of dates; the outcome of the newest is not known yet."""
    return make_purchases(500, seed=11)


def make_weekly(series: int, weeks: int, seed: int, start: str = "2017-01-02") -> pd.DataFrame:
    """weekly_demand of series with a four-week rhythm and noise: last week and the mean are poor guesses."""
    draws = np.random.default_rng(seed)
    number = np.arange(weeks)
    rows = []
    for k in range(series):
        base = float(np.exp(draws.normal(4, 1)))
        rhythm = np.array([1.6, 0.6, 0.8, 1.0])[(number + 0) % 4]
        units = np.maximum(base * rhythm * (1 + 0.1 * draws.normal(size=weeks)), 0).round()
        rows.append(
            pd.DataFrame(
                {
                    "series_id": f"S{k:02d}",
                    "week_start": [d.date() for d in pd.date_range(start, periods=weeks, freq="7D")],
                    "units": units,
                    "sales_usd": units * 2.5,
                    "promoted_share": (rhythm > 1.5) * 0.5,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
