"""The gate judges inside DuckDB, counts exactly, and a blocking failure stops what comes after it."""

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lake import Lake
from orchestration.paths import PROJECT_DIR, DataDir
from orchestration.validated.assets import build_gate, build_quarantine
from orchestration.validated.gate import GateError, judge, suite
from orchestration.validated.quarantine import find_failing, merge
from orchestration.validated.rules import Rule, validate_rule


def _rule(entity: str, name: str, fails_when: str, kind: str = "row", severity: str = "quarantine") -> Rule:
    declared = {"name": name, "kind": kind, "severity": severity, "reason": f"{name} is wrong.", "why": "A test."}
    return validate_rule(entity, declared | {"fails_when": fails_when, "since": "2026-11-21"})


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
        find_failing(connection, [NEGATIVE, BRACES])
        counts = connection.sql("select rule, count(*) from failing group by rule").fetchall()
    assert dict(counts) == {"negative": ROWS // 5, "braces": 3}


def test_all_rules_of_an_entity_are_one_scan(data):
    """Great Expectations bundles them; were one of them computed by itself, it would be a query of its own."""
    import sqlalchemy

    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    sqlalchemy.event.listen(sqlalchemy.Engine, "after_cursor_execute", note)
    try:
        judge(data.warehouse, [NEGATIVE, BRACES, EMPTY_LINES, LOW, EMPTY_STORES])
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "after_cursor_execute", note)
    scans = [statement for statement in statements if "filter" in statement or "case when" in statement]
    assert [("lines" in scan, "stores" in scan) for scan in scans] == [(True, False), (False, True)]


def test_a_suite_reads_as_the_rules():
    [expectation] = suite("stores", [EMPTY_STORES]).expectations
    assert (expectation.description, expectation.severity) == ("empty is wrong.", "critical")
    assert expectation.meta == {"rule": "empty", "since": "2026-11-21", "why": "A test."}


def test_a_blocking_verdict_says_which_table_which_rule_how_many_and_what_to_do(data):
    blocking = NEGATIVE.model_copy(update={"severity": "block"})
    [verdict] = judge(data.warehouse, [blocking])
    assert verdict.told == (
        "staged.lines, rule negative: negative is wrong. (50,000 rows) Nothing was published; yesterday's tables stand."
        " Remedy: look at what tonight's sources of lines delivered and run again, or change the rule in"
        " staged_lines.yml and run `make replay`"
    )


_PREDICATES = ["a < 0", "a is null", "b = 'x'", "a > 1 and b is not null", "b <> 'y'", "not a > 2", "true", "false"]


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.one_of(st.none(), st.integers(-2, 3)), st.sampled_from([None, "x", "y"])), min_size=1, max_size=12
    ),
    chosen=st.lists(st.sampled_from(_PREDICATES), min_size=1, max_size=4, unique=True),
    is_view=st.booleans(),
)
def test_staged_is_validated_and_quarantined_for_any_rules_and_rows(rows, chosen, is_view):
    rules = [_rule("things", f"r{number}", predicate) for number, predicate in enumerate(chosen)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema staged; create table staged.base (record_key varchar, a int, b varchar)")
            connection.executemany(
                "insert into staged.base values (?, ?, ?)", [(str(key), *row) for key, row in enumerate(rows)]
            )
            connection.execute(f"create {'view' if is_view else 'table'} staged.things as from staged.base")
        verdicts = judge(path, rules)
        with duckdb.connect(str(path), read_only=True) as connection:
            find_failing(connection, rules)
            merge(connection, Path(folder) / "none.parquet", date(2024, 1, 1))
            by_rule = dict(connection.sql("select rule, count(*) from quarantined group by rule").fetchall())
            kept, aside = connection.sql(
                "select count(*) filter (where record_key not in (select record_key from quarantined)),"
                " (select count(distinct record_key) from quarantined) from staged.things"
            ).fetchone()
    assert kept + aside == len(rows)
    assert {verdict.rule.name: verdict.failing for verdict in verdicts if verdict.failing} == by_rule


def test_great_expectations_is_imported_by_the_gate_alone():
    """It takes seconds; loading the definitions or any other module must not pay for it."""
    code = (
        "import importlib, pkgutil, sys, orchestration, models\n"
        "for package in (orchestration, models):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if module.name != 'orchestration.validated.expectation':\n"
        "            importlib.import_module(module.name)\n"
        "assert 'orchestration.definitions' in sys.modules\n"
        "sys.exit('great_expectations' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR).returncode == 0


def test_a_rule_on_a_column_that_is_gone_names_itself(data):
    with pytest.raises(GateError, match="lines, rule gone: can't be judged: there is no column no_such_column"):
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


def test_a_mended_row_and_a_row_under_a_changed_rule_return_by_themselves(data: DataDir):
    """The asset itself, three nights on one warehouse: broken, mended, and judged by another rule."""

    def night(rules: list[Rule], change: str) -> dict[str, tuple]:
        with duckdb.connect(str(data.warehouse)) as connection:
            connection.execute(change)
        result = dg.materialize(
            [build_quarantine(rules)],
            resources={"lake": Lake(data_dir=str(data.root))},
            instance=dg.DagsterInstance.ephemeral(),
        )
        [event] = result.get_asset_materialization_events()
        told = {
            name: event.materialization.metadata[name].value for name in ("new_since_last_run", "dagster/row_count")
        }
        told["returned"] = event.materialization.metadata["returned_since_last_run"].value
        rows = duckdb.sql(
            f"select record_key, first_seen, last_seen, is_current from '{data.lake}/quarantine/rows.parquet'"
        ).fetchall()
        return {"told": tuple(told.values())} | {key: tuple(map(str, rest)) for key, *rest in rows}

    first = night([BRACES], "select 1")
    assert first["told"] == (3, 3, 0)
    second = night(
        [BRACES],
        "update staged.run_date set as_of = date '2024-02-01';"
        "update staged.lines set note = 'n' where record_key = '0'",
    )
    assert second["told"] == (0, 2, 1)
    assert second["0"] == ("2024-01-31", "2024-01-31", "False")
    assert second["1"] == ("2024-01-31", "2024-02-01", "True")
    narrower = BRACES.model_copy(update={"fails_when": "note = '{x}' and record_key = '2'"})
    third = night([narrower], "select 1")
    assert third["told"] == (0, 1, 1)
    assert third["1"] == ("2024-01-31", "2024-02-01", "False")
    assert third["2"] == ("2024-01-31", "2024-02-01", "True")
