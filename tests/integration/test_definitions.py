"""The asset graph reads as the design: stages as groups, and every asset says what it is and whose."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build_definitions
from orchestration.nightly import selected
from orchestration.paths import DataDir

STAGES = {
    "raw",
    "staged",
    "quarantine",
    "quality",
    "validated",
    "identity",
    "unified",
    "intelligence",
    "grading",
    "marts",
    "serving",
}
# Made by a job of its own, never by a night.
APART = {"backfill"}
STEPS_IN_ORDER = ["raw_erp", "staged", "gate", "quarantine__rows", "validated", "identity", "unified"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return DataDir(Path(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def definitions(data: DataDir) -> dg.Definitions:
    return build_definitions(data)


@pytest.fixture(scope="module")
def specs(definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def test_groups_are_the_stages(specs):
    assert {spec.group_name for spec in specs} == STAGES | APART


def test_every_asset_has_a_description_an_owner_and_a_kind(specs):
    assert [spec.key.to_user_string() for spec in specs if not (spec.description and spec.owners and spec.kinds)] == []


def test_every_asset_is_made_by_the_job(definitions, specs):
    made = definitions.resolve_job_def("nightly").asset_layer.executable_asset_keys
    assert {spec.key for spec in specs if spec.group_name not in APART} == set(made)


def test_the_backfill_makes_what_no_night_makes_in_one_run_of_any_weeks(definitions, specs):
    job = definitions.resolve_job_def("weekly_backfill")
    apart = {spec.key for spec in specs if spec.group_name in APART}
    assert set(job.asset_layer.executable_asset_keys) == apart
    assert [node.name for node in job.nodes_in_topological_order] == ["backfill", "backfill__scores"]
    assert job.partitions_def.get_partition_keys()[0] == "2010-01-04"
    for key in apart:
        policy = definitions.resolve_asset_graph().get(key).backfill_policy
        assert policy.policy_type.name == "SINGLE_RUN"


def test_past_answers_are_graded_before_tonight_is_scored(definitions):
    order = [node.name for node in definitions.resolve_job_def("nightly").nodes_in_topological_order]
    assert order.index("grading__due_predictions") < order.index("unified") < order.index("grading__scorecard")
    scored = [name for name in order if name.startswith("intelligence__")]
    assert all(order.index("grading__scorecard") < order.index(name) < order.index("marts") for name in scored)
    assert all(order.index(name) < order.index("marts") for name in ("grading__drift", "grading__scorecard"))


def test_a_replay_judges_and_builds_everything_and_pulls_nothing(definitions):
    nightly, replay = ({node.name for node in definitions.resolve_job_def(job).nodes} for job in ("nightly", "replay"))
    assert {"staged", "gate", "quarantine__rows", "validated", "marts", "serving__serving_duckdb"} <= replay
    assert {node for node in nightly - replay if not node.startswith("raw_")} == set()
    assert {node for node in replay if node.startswith("raw_")} == set()


def test_the_flow_is_the_one_of_the_design(definitions):
    job = definitions.resolve_job_def("nightly")
    order = [node.name for node in job.nodes_in_topological_order]
    positions = [order.index(step) for step in STEPS_IN_ORDER]
    assert positions == sorted(positions)
    assert order.index("unified") < order.index("intelligence__churn_scores") < order.index("marts")
    assert order.index("marts") < order.index("serving__serving_duckdb")


def test_only_one_step_at_a_time_holds_the_warehouse(definitions):
    job = definitions.resolve_job_def("nightly")
    pools = {node.name: node.definition.pool for node in job.nodes}
    without = {name for name, pool in pools.items() if pool != "warehouse" and not name.startswith("raw_")}
    assert without == set()
    assert all(pools[name] == f"source_{name.removeprefix('raw_')}" for name in pools if name.startswith("raw_"))


def test_the_schedule_runs_the_whole_night(definitions):
    schedule = definitions.resolve_schedule_def("every_night")
    assert schedule.job_name == "nightly"
    assert schedule.cron_schedule == "30 2 * * *"


def test_the_columns_of_a_declaration_and_of_dbt_agree(data, definitions):
    """What is pulled is what dbt reads: a source declared on one side only would be lost in silence."""
    from orchestration.dbt import load_manifest
    from orchestration.raw.declaration import load_declarations

    manifest = load_manifest(data)
    in_dbt = {
        (node["source_name"], node["name"]): set(node["columns"])
        for node in manifest["sources"].values()
        if node["fqn"][1] == "staged" and not node["name"].startswith("_")
    }
    declared = {
        (declaration.source, name): set(table.columns)
        for declaration in load_declarations()
        for name, table in declaration.tables.items()
    }
    assert set(in_dbt) == set(declared)
    for table, columns in declared.items():
        own = {column for column in in_dbt[table] if not column.startswith("_")}
        assert own == columns, table


def test_deleted_rows_are_left_out_exactly_where_keys_are_compared(data, definitions):
    """A comparison that staging does not read, or a staging that waits for a comparison nobody makes, is a mistake."""
    from orchestration.dbt import load_manifest
    from orchestration.raw.declaration import load_declarations

    manifest = load_manifest(data)
    compared = {
        f"source.{manifest['metadata']['project_name']}.{declaration.source}.{name}"
        for declaration in load_declarations()
        for name, table in declaration.tables.items()
        if getattr(table, "compare_keys", None) is not None
    }
    assert compared
    for node in manifest["nodes"].values():
        needs = node.get("depends_on", {}).get("nodes", [])
        if node["resource_type"] == "model" and node["fqn"][1] == "staged" and node["name"].startswith("stg_"):
            assert any(need.endswith("._deletions") for need in needs) == bool(compared & set(needs)), node["name"]


def test_features_of_a_day_read_nothing_that_only_says_how_it_is_now(data, definitions):
    """Consents, contact points and golden values hold as of the run's day; features of earlier days don't see them."""
    from orchestration.dbt import load_manifest

    manifest = load_manifest(data)
    project = manifest["metadata"]["project_name"]
    waiting, read = [f"model.{project}.unified_{name}" for name in ("customer_features", "customer_outcomes")], set()
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), []):
            if parent not in read:
                read.add(parent)
                waiting.append(parent)
    assert f"model.{project}.unified_web_sessions" in read
    present = {"consents", "contact_points", "golden_fields", "customers", "households", "customer_360"}
    assert {node for node in read if node.rpartition(".unified_")[2] in present} == set()
    assert {node for node in read if "consents" in node} == set()


def test_selecting_one_table_of_a_step_runs_that_step_whole(definitions):
    chosen = selected(definitions, 'key:"identity/assignments"')
    assert {key.path[-1] for key in chosen} >= {"assignments", "history", "events", "households"}
    assert {key.path[0] for key in chosen} == {"identity"}
    assert selected(definitions, 'key:"marts/orders"') == {dg.AssetKey(["marts", "orders"])}, "dbt builds one table"
    definitions.resolve_job_def("nightly").get_subset(asset_selection=chosen)
