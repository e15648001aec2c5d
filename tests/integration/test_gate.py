"""The gate judges inside DuckDB, counts exactly, and a blocking failure stops what comes after it."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.validated.assets import build_gate, build_quarantine
from orchestration.validated.gate import GateError, judge
from orchestration.validated.quarantine import failing_rows
from orchestration.validated.rules import Rule


def _rule(entity: str, name: str, fails_when: str, kind: str = "row", severity: str = "quarantine") -> Rule:
    return Rule(entity, name, kind, severity, f"{name} is wrong.", fails_when)


ROWS = 250_000
NEGATIVE = _rule("lines", "negative", "amount < 0")
BRACES = _rule("lines", "braces", "note = '{x}'")
EMPTY_LINES = _rule("lines", "empty", "count(*) = 0", kind="table", severity="block")
EMPTY_STORES = _rule("stores", "empty", "count(*) = 0", kind="table", severity="block")
LOW = _rule("lines", "mean_is_low", "avg(amount) < 1000000", kind="table", severity="warn")


@pytest.fixture
def data(tmp_path) -> DataDir:
    data = DataDir(tmp_path)
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.execute(
            f"""
            create schema staged;
            create table staged.run_date as select date '2024-01-31' as as_of;
            create table staged.stores as select '1' as record_key limit 0;
            create table staged.lines as
            select cast(range as varchar) as record_key, case when range % 5 = 0 then -1.5 else range end as amount,
                case when range < 3 then '{{x}}' when range < 10 then null else 'n' end as note
            from range({ROWS});
            """
        )
    return data


def test_counts_are_exact_and_agree_with_the_quarantine(data):
    verdicts = {
        verdict.rule: verdict for verdict in judge(data.warehouse, [NEGATIVE, BRACES, EMPTY_LINES, EMPTY_STORES, LOW])
    }
    assert {rule.name: verdict.failing for rule, verdict in verdicts.items() if rule.entity == "lines"} == {
        "negative": ROWS // 5,
        "braces": 3,
        "empty": 0,
        "mean_is_low": 1,
    }
    assert [rule.entity for rule, verdict in verdicts.items() if verdict.stops_the_run] == ["stores"]
    with duckdb.connect(str(data.warehouse), read_only=True) as connection:
        rows = failing_rows(connection, [NEGATIVE, BRACES])
    assert rows.groupby("rule").size().to_dict() == {"negative": ROWS // 5, "braces": 3}


def test_a_rule_on_a_column_that_is_gone_names_itself(data):
    with pytest.raises(GateError, match="lines, rule gone: can't be judged"):
        judge(data.warehouse, [_rule("lines", "gone", "no_such_column < 0")])


def test_the_warehouse_is_free_again_after_the_gate(data):
    judge(data.warehouse, [NEGATIVE])
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.execute("create table staged.later (i integer)")


@pytest.mark.parametrize(
    ("rules", "reaches_validated"), [([NEGATIVE, EMPTY_LINES], True), ([NEGATIVE, EMPTY_STORES], False)]
)
def test_only_a_blocking_rule_stops_the_run(data: DataDir, rules: list[Rule], reaches_validated: bool):
    reached: list[Path] = []

    @dg.multi_asset(specs=[dg.AssetSpec(["staged", "lines"]), dg.AssetSpec(["staged", "stores"])])
    def staged():
        yield dg.MaterializeResult(asset_key=["staged", "lines"])
        yield dg.MaterializeResult(asset_key=["staged", "stores"])

    @dg.asset(key=["validated", "lines"], deps=[["quarantine", "rows"]])
    def validated(lake: Lake) -> None:
        reached.append(lake.data.root)

    definitions = dg.Definitions(
        assets=[staged, build_quarantine(rules), validated],
        asset_checks=[build_gate(rules)],
        jobs=[dg.define_asset_job("all", dg.AssetSelection.all(), executor_def=dg.in_process_executor)],
        resources={"lake": Lake(data_dir=str(data.root))},
    )
    result = definitions.resolve_job_def("all").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )
    assert bool(reached) == reaches_validated
    assert result.success == reaches_validated
