"""Why two records are one customer or two: the job of the UI and `make explain`."""

import argparse
import base64
import sys
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa
from pydantic import Field

from models.identity import Explanation, OverridesError, explain
from models.identity.overrides import shown
from orchestration.identity.declaration import IdentityDeclaration, IdentityError, load_identity
from orchestration.identity.queue import NothingToReviewError, load_night
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take

_PICTURE_SCALE = 0.9
_NO_NIGHT = "there is no night to look at. Remedy: run the night (make run or make nightly)"
_HOW = "Two records as system:key are needed, such as make explain A=crm:C000123 B=erp:A000456"


class ExplainConfig(dg.Config):
    """The two records, each by the system it comes from and its key there."""

    source_system_a: str = Field(description="System of the first record, as in validated.customer_records: crm, erp …")
    source_key_a: str = Field(description="Key of the first record in its system, such as C000123")
    source_system_b: str = Field(description="System of the second record; it may be the same system")
    source_key_b: str = Field(description="Key of the second record in its system")


def explained(
    lake: Lake,
    declared: IdentityDeclaration,
    one: tuple[str, str],
    two: tuple[str, str],
    *,
    show_values: bool = False,
) -> Explanation:
    """The explanation of two records (system, key), by the last night and the decisions as they are now.

    Raises:
        dagster.Failure: there was no night, or no such record. OverridesError: the decisions cannot be read.
    """
    if not lake.data.warehouse.exists():
        raise dg.Failure(description=_NO_NIGHT, allow_retries=False)
    try:
        night = load_night(lake, declared)
    except NothingToReviewError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    keys = [key_of(night.records, *record) for record in (one, two)]
    if keys[0] == keys[1]:
        raise dg.Failure(description="the two are one and the same record. Name another one", allow_retries=False)
    decisions, names = night.overrides.decisions, names_of(night.records)
    return explain(
        night.resolution, *keys, decisions, settings=declared.settings(), names=names, show_values=show_values
    )


def names_of(records: pa.Table) -> dict[str, str]:
    """record_key -> system:key."""
    columns = (records[name].cast(pa.string()).to_pylist() for name in ("record_key", "source_system", "source_key"))
    return {key: shown(system or "?", own or "?") for key, system, own in zip(*columns, strict=True)}


def key_of(records: pa.Table, system: str, key: str) -> str:
    """record_key of a record by its system and key.

    Raises:
        dagster.Failure: there is no such record, or several.
    """
    table = records.select(["record_key", "source_system", "source_key"]).to_pandas().astype("str")
    systems = sorted(set(table["source_system"]))
    if system not in systems:
        said = f"no record comes from the system named; there are {', '.join(systems)}"
        raise dg.Failure(description=said, allow_retries=False)
    found: pd.Series = table.loc[(table["source_system"] == system) & (table["source_key"] == key), "record_key"]
    if len(found) != 1:
        many = "no validated record" if found.empty else f"{len(found)} records"
        said = f"there is {many} {shown(system, key)}. It may be set aside: see the rows of quarantine"
        raise dg.Failure(description=said, allow_retries=False)
    return str(found.iloc[0])


def readable(found: Explanation) -> pd.DataFrame:
    """The evidence as texts: m and u with three digits, what is not known left empty."""
    table = found.table()
    for name in ("m", "u"):
        table[name] = [f"{value:.3g}" if pd.notna(value) else "" for value in table[name]]
    return table


def build_explain(declared: IdentityDeclaration) -> dg.JobDefinition:
    """The job of the UI; `make explain` does the same."""

    @dg.op
    def explain_pair(context: dg.OpExecutionContext, config: ExplainConfig, lake: Lake) -> None:
        """Look two records up and say why they are one customer, or why not. Values are shown as shapes."""
        one = (config.source_system_a.strip(), config.source_key_a.strip())
        two = (config.source_system_b.strip(), config.source_key_b.strip())
        try:
            found = explained(lake, declared, one, two)
        except OverridesError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        context.log.info(found.verdict)
        context.log_event(_observed(found))

    @dg.job(
        description="Why two records are one customer or two: the verdict, the evidence and Splink's waterfall chart"
        " stand in the run's events and at the asset identity/assignments. Values are shown as shapes."
    )
    def explain_identity() -> None:
        explain_pair()

    return explain_identity


def _observed(found: Explanation) -> dg.AssetObservation:
    picture = base64.b64encode(found.to_png(_PICTURE_SCALE)).decode()
    return dg.AssetObservation(
        asset_key=["identity", "assignments"],
        description=found.verdict,
        metadata={
            "verdict": found.verdict,
            "evidence": dg.MetadataValue.md(readable(found).to_markdown(index=False)),
            "picture": dg.MetadataValue.md(f"![match weights](data:image/png;base64,{picture})"),
        },
    )


def _record(text: str) -> tuple[str, str]:
    system, separator, key = text.partition(":")
    if not (separator and system.strip() and key.strip()):
        raise argparse.ArgumentTypeError(_HOW)
    return system.strip(), key.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the two are explained, 1 when they can't be, 2 when a run is under way."""
    parser = argparse.ArgumentParser(description="Why two records are one customer, or why not.", epilog=_HOW)
    parser.add_argument("a", type=_record, help="first record, system:key")
    parser.add_argument("b", type=_record, help="second record, system:key")
    parser.add_argument("--show-values", action="store_true", help="real values in place of their shapes")
    parser.add_argument("--page", type=Path, help="where to write the page (default: below the data folder)")
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        with take(data):
            found = explained(
                Lake(data_dir=str(data.root)), load_identity(), options.a, options.b, show_values=options.show_values
            )
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except dg.Failure as error:
        print(error.description, file=sys.stderr)
        return 1
    except (OverridesError, IdentityError) as error:
        print(error, file=sys.stderr)
        return 1
    page = options.page or data.root / "explanations" / f"{'-'.join(options.a)}--{'-'.join(options.b)}.html"
    page = page.with_name("".join(sign if sign.isalnum() or sign in "-._" else "_" for sign in page.name))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(found.to_html(), encoding="utf-8")
    page.chmod(0o600)  # it may hold what people are called
    print("\n".join(found.sentences))
    print()
    print(readable(found).to_string(index=False))
    print(f"\nWith its picture: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
