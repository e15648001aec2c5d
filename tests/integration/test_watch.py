"""The watch on a warehouse: kept in the lake, replaced when a night repeats, told in the UI, stopping when it must."""

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from models.quality import Watched
from orchestration.contracts import DATA_QUALITY, PROFILES
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.validated.watch import build_findings, build_watch, judge_night
from orchestration.validated.watch_declaration import WatchError, load_watched

WATCHED = Watched("orders", "occurred_at", ("channel",), blocks_on=frozenset({"no_new_rows"}))
NIGHTS = 10


def _warehouse(data: DataDir, day: int, fails: str = "") -> None:
    """A warehouse as of 2026-03-`day`, 300 orders a day; `fails` says what is wrong with that day's."""
    tonight = f"i // 300 = {day - 1}"
    channel = f"case when {tonight} then 'fax' else" if fails == "fax" else "case when false then '' else"
    data.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.execute(
            f"""
            create schema staged;
            create table staged.run_date as select date '2026-03-{day:02}' as as_of;
            create table staged.orders as
            select 'k' || i as record_key, 'jane' || i || '@example.com' as email,
                {channel} case when i % 3 = 0 then 'web' else 'shop' end end as channel, i % 7 * 1.5 as sales_usd,
                timestamp '2026-03-01' + interval (i // 300) day + interval (i % 300) minute as occurred_at
            from range({300 * day}) as numbers(i)
            where {f"not ({tonight})" if fails == "nothing" else "true"};
            """
        )


def _run(data: DataDir) -> tuple[bool, dict[str, dg.AssetCheckEvaluation], bool]:
    reached = []

    @dg.asset(key=["staged", "orders"])
    def staged() -> None: ...

    @dg.asset(key=["validated", "orders"], deps=[["staged", "orders"]])
    def validated() -> None:
        reached.append(True)

    definitions = dg.Definitions(
        assets=[staged, validated, build_findings([WATCHED])],
        asset_checks=[build_watch([WATCHED])],
        jobs=[dg.define_asset_job("all", dg.AssetSelection.all(), executor_def=dg.in_process_executor)],
        resources={"lake": Lake(data_dir=str(data.root))},
    )
    result = definitions.resolve_job_def("all").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    return result.success, checks, bool(reached)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Ten quiet nights."""
    data = DataDir(tmp_path_factory.mktemp("watch"))
    for day in range(1, NIGHTS + 1):
        _warehouse(data, day)
        assert judge_night(Lake(data_dir=str(data.root)), [WATCHED]) is not None
    return data


def test_quiet_nights_are_kept_and_pass(data):
    _warehouse(data, NIGHTS)
    before = (data.lake / f"profiles/2026-03-{NIGHTS}.parquet").read_bytes()
    is_success, checks, reached = _run(data)
    assert is_success and reached
    assert {name: check.passed for name, check in checks.items()} == {
        "watch_rows": True,
        "watch_nulls": True,
        "watch_values": True,
    }
    assert all(check.metadata["judged"].value > 0 for check in checks.values())
    assert (data.lake / f"profiles/2026-03-{NIGHTS}.parquet").read_bytes() == before, "the same night, the same bytes"
    assert len(list((data.lake / "profiles").glob("*.parquet"))) == NIGHTS
    assert pq.read_schema(data.lake / f"profiles/2026-03-{NIGHTS}.parquet") == PROFILES
    assert pq.read_schema(data.lake / f"quality/2026-03-{NIGHTS}.parquet") == DATA_QUALITY


def test_the_first_nights_say_that_they_judge_nothing(data):
    (row,) = pq.read_table(data.lake / "quality/2026-03-07.parquet").to_pylist()
    assert row["status"] == "not_judged"
    assert row["message"] == "6 earlier nights known, 7 are needed: nothing judged yet"


def test_an_odd_night_warns_with_a_table_and_a_plot_and_goes_on(data):
    _warehouse(data, NIGHTS + 1, fails="fax")
    is_success, checks, reached = _run(data)
    assert is_success and reached
    odd = checks["watch_values"]
    assert not odd.passed and odd.severity == dg.AssetCheckSeverity.WARN
    assert odd.description.startswith("channel: the mix of values shifted")
    assert "categories" in odd.metadata["odd"].value
    assert any("data:image/png;base64," in str(value.value) for value in odd.metadata.values())
    findings = pq.read_table(data.lake / f"quality/2026-03-{NIGHTS + 1}.parquet").to_pylist()
    assert [row["check_name"] for row in findings if row["status"] == "warn"] == ["categories"]


def test_a_declared_collapse_stops_the_run_and_its_repetition_mends_it(data):
    _warehouse(data, NIGHTS + 2, fails="nothing")
    is_success, checks, reached = _run(data)
    assert not is_success and not reached
    assert checks["watch_rows"].severity == dg.AssetCheckSeverity.ERROR
    assert checks["watch_rows"].description.startswith("0 new rows, usual are ")
    _warehouse(data, NIGHTS + 2)
    is_success, checks, reached = _run(data)
    assert is_success and reached and checks["watch_rows"].passed


def test_an_earlier_night_is_neither_judged_nor_kept(data):
    kept = sorted(path.name for path in (data.lake / "profiles").iterdir())
    before = (data.lake / "profiles/2026-03-04.parquet").read_bytes()
    _warehouse(data, 4, fails="fax")
    is_success, checks, reached = _run(data)
    assert is_success and reached and all(check.passed for check in checks.values())
    assert "one before a night that was judged" in checks["watch_rows"].description
    assert sorted(path.name for path in (data.lake / "profiles").iterdir()) == kept
    assert (data.lake / "profiles/2026-03-04.parquet").read_bytes() == before


def test_nobody_s_values_are_kept(data):
    for path in [*data.lake.glob("profiles/*.parquet"), *data.lake.glob("quality/*.parquet")]:
        assert "jane" not in str(pq.read_table(path).to_pylist())


def _manifest(watch: dict) -> dict:
    return {
        "nodes": {
            "model.orders": {
                "resource_type": "model",
                "name": "staged_orders",
                "alias": "orders",
                "fqn": ["project", "staged", "staged_orders"],
                "columns": {"occurred_at": {}, "updated_at": {}, "channel": {}},
                "config": {"meta": {"rules": [], "watch": watch}},
            }
        }
    }


def test_what_an_entity_declares_is_taken():
    threshold = {"value": 0.5, "since": "2026-11-22", "why": "Markets."}
    (watched,) = load_watched(
        _manifest({"categories": ["channel"], "thresholds": {"smallest_change": threshold}, "blocks_on": ["all_null"]})
    )
    assert (watched.time, watched.categories, watched.settings.smallest_change) == ("occurred_at", ("channel",), 0.5)
    assert load_watched(_manifest({"time": "none"}))[0].time is None


@pytest.mark.parametrize(
    ("watch", "expected"),
    [
        ({"colour": 1}, "orders, watch: colour is not one of "),
        ({"categories": ["chanel"]}, "orders, watch: column: chanel is not one of "),
        ({"blocks_on": ["rain"]}, "orders, watch: blocks_on: rain is not one of all_null, no_new_rows"),
        ({"thresholds": {"nights": {"value": 7}}}, "orders, watch: threshold nights needs value, since and why"),
        ({"thresholds": {"night": {}}}, "orders, watch: thresholds: night is not one of "),
        ({"unusual_days": [{"date": "2026-12-25"}]}, "orders, watch: unusual_days: each is "),
        ({"unusual_days": [{"day": "Christmas", "why": "Closed."}]}, "orders, watch: unusual_days: each is "),
        ({"time": "none", "recent_days": 5}, "orders, watch: recent_days needs a column of time"),
    ],
)
def test_a_mistake_in_a_declaration_is_one_line(watch, expected):
    with pytest.raises(WatchError, match=expected):
        load_watched(_manifest(watch))
