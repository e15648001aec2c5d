"""Demand as an asset: what will be sold in the coming weeks and days, who forecast it and why, and what changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pandas as pd

from orchestration.contracts import DEMAND_FORECAST, DEMAND_LEDGER, DEMAND_NOTES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.grading.standing import demotion
from orchestration.intelligence import demand_plots
from orchestration.intelligence.kept import NIGHTLY
from orchestration.intelligence.night import TONIGHT, Inputs, Night, keep, served
from orchestration.lake import Lake

if TYPE_CHECKING:
    from models.demand import DemandResult

_CALENDAR = "closed_days, holidays, holidays_next, week_of_month"
_PLANNED = f"display_share, mailer_share, {_CALENDAR}"
_SEEN = "price_ratio, discount_share, coupon_share, cast(sales_usd as double) as revenue"


@dataclass(frozen=True)
class Chain:
    """One call of the model: series that add up to one another, or that stand by themselves.

    name: in the grades, behind a figure; empty for the one that decides who serves. frequency: week or day.
    table, start: where the series are, and the column with a period's first day. kinds: of series; empty: all.
    features: known for past periods; planned: known ahead as well. above: columns of the levels above, nearest first;
    None: no sums at all. bottom: the level's name where the table does not say a series' kind. trees: whether a model
    over all series is tried; where they are few or alike in their chain's sums it gains nothing and takes most time.
    """

    name: str
    frequency: str
    table: str
    start: str
    kinds: tuple[str, ...]
    features: str
    planned: str
    above: tuple[str, ...] | None
    bottom: str = "series"
    trees: bool = True


_SUMS = ("product_category", "department")
# 2026-11-22, the demo: without trees days cost 0.4 s in place of 7 and are nearer (WRMSSE 0.935, with trees 0.993).
CHAINS = (
    Chain(
        "", "week", "unified.demand_weeks", "week_start", ("product", "rest_of_category"),
        f"{_PLANNED}, {_SEEN}", _PLANNED, _SUMS,
    ),
    Chain(
        "product_store", "week", "unified.demand_weeks", "week_start", ("product_store",),
        f"{_PLANNED}, {_SEEN}", _PLANNED, None, trees=False,
    ),
    Chain("day", "day", "unified.demand_days", "day", (), _CALENDAR, _CALENDAR, (), "department", trees=False),
)  # fmt: skip
# A backfill asks for categories and what they add up to: products and days of a whole year would take its time.
PAST_CHAINS = (Chain("", "week", "", "week_start", (), _CALENDAR, _CALENDAR, ("department",), "product_category"),)


def demand_night(
    warehouse: duckdb.DuckDBPyConnection,
    as_of: date,
    inputs: Inputs = TONIGHT,
    demoted: str = "",
    previous: pd.DataFrame | None = None,
) -> Night:
    """Forecasts as of a date from demand up to it; `previous` are those of the night before, for the notes.

    Of a backfill's inputs categories and sums are forecast by week, and there are no notes.
    """
    past = inputs.demand != TONIGHT.demand
    chains = PAST_CHAINS if past else CHAINS
    results = {chain: _ask(warehouse, chain, inputs, as_of, demoted) for chain in chains}
    forecast = pd.concat([_named(warehouse, chain, one.forecast) for chain, one in results.items()], ignore_index=True)
    ledger = pd.concat([_named(warehouse, chain, one.ledger) for chain, one in results.items()], ignore_index=True)
    first = results[chains[0]]
    tables = {
        "demand_forecast": (_in_units(forecast), DEMAND_FORECAST),
        "demand_ledger": (ledger.assign(as_of=as_of), DEMAND_LEDGER),
    }
    said: dict[str, object] = {"series": len(ledger)}
    if not past:
        tables["demand_notes"] = (_notes(warehouse, forecast, as_of, previous), DEMAND_NOTES)
        said |= demand_plots.pictures(warehouse, tables["demand_forecast"][0])
        said["served, by model"] = dg.MetadataValue.md(_served_by_model(ledger))
    grades = pd.concat([_of_chain(chain, one.grades) for chain, one in results.items()], ignore_index=True)
    return Night(tables, "demand", grades, served(first), said, first.about)


def _ask(
    warehouse: duckdb.DuckDBPyConnection, chain: Chain, inputs: Inputs, as_of: date, demoted: str
) -> "DemandResult":
    from models import demand as model

    table = chain.table or inputs.demand
    kinds = ", ".join(f"'{kind}'" for kind in chain.kinds)
    chosen = f"and series_kind in ({kinds})" if kinds else ""
    start = f"series_id, {chain.start} as date"
    history = warehouse.sql(
        f"select {start}, units as value, {chain.features} from {table} where not is_future {chosen} order by 1, 2"
    ).df()
    futures = warehouse.sql(f"select {start}, {chain.planned} from {table} where is_future {chosen} order by 1, 2").df()
    above = None
    if chain.above is not None:
        columns = ", ".join(("series_id", *chain.above))
        above = warehouse.sql(f"select distinct {columns} from {table} where true {chosen} order by 1").df()
    settings = model.DemandSettings(
        frequency={"week": "weekly", "day": "daily"}[chain.frequency], bottom_level=chain.bottom, boosted=chain.trees
    )
    return model.run(history, as_of, futures, above, settings, demoted=demoted)


def _named(warehouse: duckdb.DuckDBPyConnection, chain: Chain, rows: pd.DataFrame) -> pd.DataFrame:
    """With the frequency, and for bottom series the kind of series in place of the model's word for the level."""
    rows = rows.assign(frequency=chain.frequency)
    if chain.kinds:
        kinds = warehouse.sql("select series_id, series_kind from unified.demand_series").df()
        kind_of = kinds.set_index("series_id")["series_kind"]
        bottom = rows["level"] == chain.bottom
        rows.loc[bottom, "level"] = rows.loc[bottom, "series_id"].map(kind_of)
    return rows


def _in_units(forecast: pd.DataFrame) -> pd.DataFrame:
    amounts = ("forecast", "lower_80", "upper_80", "lower_95", "upper_95", "naive")
    return forecast.rename(columns={name: f"{name}_units" for name in amounts})


def _of_chain(chain: Chain, grades: pd.DataFrame) -> pd.DataFrame:
    """Figures of the others carry their name: only the first chain's decide who serves."""
    return grades.assign(metric=grades["metric"] + f"_{chain.name}") if chain.name else grades


def _served_by_model(ledger: pd.DataFrame) -> str:
    counts = ledger.groupby(["frequency", "level", "model"]).size().rename("series").reset_index()
    counts = counts.sort_values(["frequency", "level", "series", "model"], ascending=[True, True, False, True])
    return counts.groupby(["frequency", "level"]).head(5).to_markdown(index=False)


def _notes(
    warehouse: duckdb.DuckDBPyConnection, forecast: pd.DataFrame, as_of: date, previous: pd.DataFrame | None
) -> pd.DataFrame:
    from models import demand_notes

    weeks = warehouse.sql("select * from unified.category_weeks order by series_id, week_start").df()
    calendar = warehouse.sql(
        "select day, holiday, coalesce(was_closed, is_declared_closed) as is_closed from unified.calendar order by day"
    ).df()
    return demand_notes.run(weeks, forecast[forecast["level"] == "product_category"], calendar, as_of, previous)


def previous_forecast(lake: Lake, as_of: date) -> pd.DataFrame | None:
    """What the newest night before `as_of` said of categories; None when there was none."""
    nights = [night for night in NIGHTLY.dates(lake, "demand_forecast") if night < as_of]
    if not nights:
        return None
    rows = lake.read_table(NIGHTLY.scores("demand_forecast", nights[-1])).to_pandas()
    if "level" not in rows:  # kept before forecasts had levels
        return None
    rows = rows[(rows["frequency"] == "week") & (rows["level"] == "product_category")]
    return rows.rename(columns={"forecast_units": "forecast"})[["series_id", "period_start", "forecast", "as_of"]]


_MADE = {
    "demand_forecast": "Units in the coming weeks and days, from a product in a store to the total, with intervals.",
    "demand_ledger": "Which model served each series, and why the first choice did not.",
    "demand_notes": "What changed in the forecast of each category, in words made of figures.",
}
_READ = ("demand_weeks", "demand_days", "demand_series", "category_weeks", "calendar")


@dg.multi_asset(
    name="intelligence__demand_forecast",
    specs=[
        dg.AssetSpec(
            key=["intelligence", name],
            description=description,
            group_name="intelligence",
            owners=["buying@example.com"],
            kinds={"python", "scikitlearn", "parquet"},
            deps=[
                *(dg.AssetKey(["unified", table]) for table in _READ),
                dg.AssetKey(["staged", "run_date"]),
                dg.AssetKey(["grading", "scorecard"]),
            ],
        )
        for name, description in _MADE.items()
    ],
    pool=WAREHOUSE_POOL,
)
def demand_forecast(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
    """Units in the coming weeks and days at every level, who served and why, and what changed."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = demand_night(
            warehouse, as_of, demoted=demotion(lake, "demand", as_of), previous=previous_forecast(lake, as_of)
        )
    context.log.info(f"served by {night.served_by}")
    said = keep(lake, as_of, night)
    for name, (rows, _) in night.tables.items():
        about = said if name == "demand_forecast" else {"dagster/row_count": len(rows)}
        yield dg.MaterializeResult(asset_key=["intelligence", name], metadata=about)
