"""Asks a real Superset what its charts show, on both targets, and compares it with the tables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bi.superset.client import Client
from bi.superset.expected import EXPECTED
from bi.superset.server import SupersetError, running
from bi.superset.starter import make_charts, make_dashboard, make_datasets, question, starter
from bi.superset.targets import Publications, Rows, Target, published

_PLACES = 2  # cents; the engines may differ in the last bit of a double
_ONE_MORE = """
    insert into marts.orders select * replace ('one more order' as order_id, 1000000.00 as sales_usd)
    from marts.orders order by order_id limit 1
"""
_TOTAL = {
    "measures": {"orders": "count(*)", "revenue": "sum(sales_usd)"},
}


@dataclass
class Outcome:
    """What was found so far; every line is said at once."""

    say: Callable[[str], None]
    wrong: list[str] = field(default_factory=list)

    def found(self, target: str, what: str, is_right: bool, detail: str) -> None:
        self.say(f"{'right' if is_right else 'WRONG'}  {target:<10}  {what}: {detail}")
        if not is_right:
            self.wrong.append(f"{target}: {what}")


def check(marts: Path, folder: Path, say: Callable[[str], None] = print) -> list[str]:
    """What was wrong, one line each; nothing when all is right.

    Args:
        marts: a published file to take the tables from; it is only read.
        folder: an empty one for the targets and Superset.
        say: gets one line per check as it is made.
    """
    outcome = Outcome(say)
    with published(folder, marts) as (publications, targets), running(folder / "superset") as superset:
        client = Client(superset)
        totals = {}
        for target in targets:
            database, datasets, charts = _connect(client, target)
            _compare_charts(client, target, charts, outcome)
            _compare_filtered(client, target, datasets, outcome)
            _refuse_to_write(client, target, database, outcome)
            client.forget("chart", charts.values())  # in SQLite, Superset takes no two datasets of one name
            client.forget("dataset", datasets.values())
            sql = starter()["datasets"]["orders_described"]["sql"]
            totals[target.name] = question(_TOTAL, client.dataset(database, "marts", f"orders ({target.name})", sql))
        _publish_meanwhile(client, publications, targets, totals, outcome)
    return outcome.wrong


def _connect(client: Client, target: Target) -> tuple[int, dict[str, int], dict[str, int]]:
    suffix = f" ({target.name})"
    database = client.database(target.name, target.address, target.connect_args)
    datasets = make_datasets(client, database)
    charts = make_charts(client, datasets, suffix)
    make_dashboard(client, charts, suffix)
    return database, datasets, charts


def _compare_charts(client: Client, target: Target, charts: Mapping[str, int], outcome: Outcome) -> None:
    """Every saved chart asks its saved question."""
    for name, chart in charts.items():
        try:
            shown = _plain(client.data(client.saved_question(chart)))
        except SupersetError as error:
            outcome.found(target.name, name, False, str(error))
            continue
        wanted = [tuple(map(_value, row)) for row in target.ask(EXPECTED[name])]
        measures = len(starter()["charts"][name]["measures"])
        outcome.found(target.name, name, *_same(shown, wanted, starter()["charts"][name].get("top"), measures))


def _compare_filtered(client: Client, target: Target, datasets: Mapping[str, int], outcome: Outcome) -> None:
    """What a dashboard's filters do: a range of days, a channel, a stage; days of the middle of the data."""
    first, last = target.ask("select min(order_date), max(order_date) from marts.orders")[0]
    start, end = first + (last - first) / 3, first + 2 * (last - first) / 3
    channel, stage = target.ask(
        "select channel, lifecycle_stage from marts.orders as orders join marts.customer_segments as segments"
        " on orders.customer_id = segments.customer_id group by 1, 2 order by count(*) desc, 1, 2 limit 1"
    )[0]
    asked = question(_TOTAL, datasets["orders_described"])
    asked["queries"][0]["filters"] = [
        {"col": "order_date", "op": "TEMPORAL_RANGE", "val": f"{start} : {end}"},
        {"col": "channel", "op": "IN", "val": [channel]},
        {"col": "lifecycle_stage", "op": "IN", "val": [stage]},
    ]
    shown = _plain(client.data(asked))
    wanted = target.ask(
        "select count(*), sum(sales_usd) from marts.orders"
        f" where order_date >= date '{start}' and order_date < date '{end}' and channel = '{channel}'"
        f" and customer_id in (select customer_id from marts.customer_segments where lifecycle_stage = '{stage}')"
    )
    what = f"orders of {start} to {end}, channel {channel}, stage {stage}"
    is_same, detail = _same(shown, [tuple(map(_value, row)) for row in wanted], None, measures=2)
    outcome.found(target.name, what, is_same and wanted[0][0] > 0, detail)


def _refuse_to_write(client: Client, target: Target, database: int, outcome: Outcome) -> None:
    """SQL Lab, where people type SQL: no change, and no other file of the machine."""
    reading = (
        "select * from read_csv('/etc/passwd')" if target.name == "duckdb" else "select pg_read_file('/etc/passwd')"
    )
    for what, typed in (("a change is refused", "delete from marts.orders"), ("other files are closed", reading)):
        refused = client.refuses(database, typed)
        outcome.found(target.name, what, refused is not None, refused or "it was carried out")


def _publish_meanwhile(
    client: Client,
    publications: Publications,
    targets: list[Target],
    totals: Mapping[str, dict[str, Any]],
    outcome: Outcome,
) -> None:
    """The next publication comes while Superset is asked without a pause: old or new, then new; never an error."""
    before = {target.name: _wanted_total(target) for target in targets}
    seen: dict[str, list[Any]] = {target.name: [] for target in targets}
    done = threading.Event()

    def hammer(name: str) -> None:
        while not done.is_set():
            try:
                seen[name].append(_plain(client.data(totals[name]))[0])
            except Exception as error:  # said below
                seen[name].append(str(error))

    readers = [threading.Thread(target=hammer, args=(target.name,)) for target in targets]
    for reader in readers:
        reader.start()
    try:
        manifest = publications.publish_changed(_ONE_MORE)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    for target in targets:
        answers, old, new = seen[target.name], before[target.name], _wanted_total(target)
        strange = [one for one in answers if one not in (old, new)]
        detail = f"strange: {strange[0]}" if strange else f"{len(answers)} answers, each of one publication"
        outcome.found(target.name, f"while publication {manifest.number} came", bool(answers) and not strange, detail)
        shown = _plain(client.data(totals[target.name]))[0]
        outcome.found(target.name, "after it", shown == new != old, f"(orders, revenue) {shown}, before {old}")


def _wanted_total(target: Target) -> tuple[Any, ...]:
    return tuple(map(_value, target.ask("select count(*), sum(sales_usd) from marts.orders")[0]))


def _same(shown: Rows, wanted: Rows, top: int | None, measures: int) -> tuple[bool, str]:
    """Whether the rows are the same ones, in any order; of a list cut at `top`, the largest by its first measure."""
    if top is not None and len(wanted) > top:
        first = -measures
        largest = sorted((row[first] or 0 for row in wanted), reverse=True)[:top]
        is_same = [row[first] or 0 for row in shown] == largest and set(shown) <= set(wanted)
    else:
        is_same = sorted(shown, key=repr) == sorted(wanted, key=repr)
    total = sum(row[-measures] or 0 for row in shown)
    detail = f"{len(shown):,} rows, {total:,.2f} in all"
    if is_same:
        return True, detail
    strange = next((row for row in shown if row not in set(wanted)), None)
    missing = next((row for row in wanted if row not in set(shown)), None)
    return False, f"{detail}; {len(wanted):,} rows expected; only Superset has {strange}, only the tables {missing}"


def _plain(rows: list[dict[str, Any]]) -> Rows:
    return [tuple(_value(value, name) for name, value in row.items()) for row in rows]


def _value(value: Any, name: str = "") -> Any:
    """A value as both sides can say it: days as ISO text, numbers to the cent."""
    if name in ("order_date", "period_start") and isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()  # Superset says milliseconds
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return round(float(value), _PLACES) + 0.0
    return value
