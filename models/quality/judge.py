"""Tonight's profile of an entity beside those of the nights before: what is usual, and what a person should see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import sqrt

import numpy as np
import pandas as pd

from models.quality.categories import shift
from models.quality.findings import Finding
from models.quality.settings import Watched, WatchSettings
from models.quality.volume import expected_rows

_CHECKS = {
    "null_rate": "null_rate",
    "true_share": "share",
    "zero_share": "share",
    "mean_length": "shape",
    "with_at_share": "shape",
    "with_digit_share": "shape",
    "distinct_share": "shape",
    "p25": "quantiles",
    "p50": "quantiles",
    "p75": "quantiles",
}
_RELATIVE = {"mean_length", "distinct_share", "p25", "p50", "p75"}
_QUARTILES = {"p25", "p50", "p75"}
_IN_WORDS = {
    "null_rate": "empty",
    "true_share": "true",
    "zero_share": "zero",
    "with_at_share": "with an @",
    "with_digit_share": "with a digit",
    "distinct_share": "different values",
    "mean_length": "characters on average",
    "p25": "lower quartile",
    "p50": "median",
    "p75": "upper quartile",
}
_FEWEST_LIKE_NIGHTS = 3  # of nights that brought enough rows: a source that delivers weekly has four in 28


def judge(history: pd.DataFrame, tonight: pd.DataFrame, watched: Watched) -> list[Finding]:
    """Every judgement of one entity's night.

    Args:
        history: profiles of this entity on earlier nights (PROFILE_COLUMNS), any number of them.
        tonight: tonight's profile.
        watched: how the entity is watched.

    Returns:
        One finding per check and column; a single one that says why when too few nights are known.
    """
    settings = watched.settings
    as_of = tonight["as_of"].iloc[0]
    earlier = sorted(night for night in history["as_of"].unique() if night < as_of)[-settings.nights :]
    if len(earlier) < settings.fewest_nights:
        known = f"{len(earlier)} earlier night{'' if len(earlier) == 1 else 's'} known"
        message = f"{known}, {settings.fewest_nights} are needed: nothing judged yet"
        return [Finding(watched.entity, "rows", "", "all", _rows(tonight, "all"), None, None, "not_judged", message)]
    history = history[history["as_of"].isin(earlier)]
    found = [*_volume(history, tonight, watched, as_of, earlier), *_columns(history, tonight, watched)]
    return [_with_severity(finding, watched) for finding in found]


def _rows(frame: pd.DataFrame, rows_of: str) -> float | None:
    said = frame[(frame["metric"] == "rows") & (frame["rows_of"] == rows_of)]["value"]
    return float(said.iloc[0]) if len(said) else None


def _volume(
    history: pd.DataFrame, tonight: pd.DataFrame, watched: Watched, as_of: date, earlier: list[date]
) -> Iterator[Finding]:
    settings = watched.settings
    counts = history[history["metric"] == "rows"].pivot(index="as_of", columns="rows_of", values="value")
    total, last = _rows(tonight, "all") or 0.0, float(counts["all"].iloc[-1])
    low = min(last * (1 - settings.shrinking), last - settings.fewest_rows)
    message = ""
    if total < low:
        message = f"{last - total:,.0f} of {last:,.0f} rows are gone since {earlier[-1]}"
    yield Finding(watched.entity, "rows", "", "all", total, max(low, 0.0), None, _status(message), message, "rows")

    nights = list(zip(earlier, [*earlier[1:], as_of], strict=True))
    days = (as_of - earlier[-1]).days
    # Without a column of time, what came is what there is more than the night before.
    new = counts["new"] if "new" in counts else counts["all"].diff()
    arrived = _rows(tonight, "new")
    arrived = total - last if arrived is None else arrived
    alone = {night for before, night in nights if (night - before).days == 1}
    known = [(night, float(rows)) for night, rows in new.items() if night in alone and not np.isnan(rows)]
    usual = expected_rows([(night, max(rows, 0.0)) for night, rows in known], as_of, days, settings)
    if usual is None or days > settings.fewest_nights or as_of in watched.unusual_days:
        why = watched.unusual_days.get(as_of) or f"{days} days since the night before, and too few nights like it"
        yield Finding(watched.entity, "new_rows", "", "new", arrived, None, None, "not_judged", why, "rows")
        return
    message = ""
    if not usual.low <= arrived <= usual.high:
        message = f"{arrived:,.0f} new rows, usual are {usual.low:,.0f} to {usual.high:,.0f}"
    yield Finding(
        watched.entity, "new_rows", "", "new", arrived, usual.low, usual.high, _status(message), message, "rows"
    )


def _columns(history: pd.DataFrame, tonight: pd.DataFrame, watched: Watched) -> Iterator[Finding]:
    settings = watched.settings
    rows_of, rows, nights = _judged_rows(history, tonight, settings)
    if nights is None:
        return
    then = history[(history["rows_of"] == rows_of) & history["as_of"].isin(nights.index)]
    now = tonight[tonight["rows_of"] == rows_of]
    numbers = then[then["metric"].isin(_CHECKS)].pivot(index="as_of", columns=["column_name", "metric"], values="value")
    said = now[now["category"].isna()].set_index(["column_name", "metric"])["value"].to_dict()
    for row in now[now["metric"].isin(_CHECKS)].itertuples():
        key = (row.column_name, row.metric)
        behind = _behind(said, row.column_name, row.metric, rows)
        if row.column_name in watched.ignored or key not in numbers or behind < settings.rows_for_shares / 2:
            continue
        before = numbers[key].to_numpy()
        before = before[~np.isnan(before)]
        if len(before) >= _FEWEST_LIKE_NIGHTS:
            spread = _half_iqr(numbers, row.column_name) if row.metric in _QUARTILES else 0.0
            yield _number(watched, rows_of, behind, row.column_name, row.metric, row.value, before, spread)
    shares = then[then["metric"] == "share"]
    for column, found in now[now["metric"] == "share"].groupby("column_name"):
        before = shares[shares["column_name"] == column]
        if column in watched.ignored or before["as_of"].nunique() < _FEWEST_LIKE_NIGHTS:
            continue
        table = before.pivot(index="as_of", columns="category", values="value")
        mix = found.set_index("category")["value"]
        index, allowed, most = shift(table, nights[table.index].tolist(), mix, rows, settings)
        message = ""
        if index > allowed:
            usually = table.get(most, pd.Series([0.0])).fillna(0.0).median()
            message = (
                f"{column}: the mix of values shifted (index {index:.2f}, usual up to {allowed:.2f});"
                f" most of all {most}, {usually:.0%} before and {mix.get(most, 0.0):.0%} now"
            )
        yield Finding(
            watched.entity, "categories", column, rows_of, index, 0.0, allowed, _status(message), message, "share"
        )


def _judged_rows(
    history: pd.DataFrame, tonight: pd.DataFrame, settings: WatchSettings
) -> tuple[str, float, pd.Series | None]:
    """New rows where tonight and enough nights before brought enough of them, else all rows of the entity."""
    for rows_of in ("new", "all"):
        rows = _rows(tonight, rows_of) or 0.0
        counts = history[(history["metric"] == "rows") & (history["rows_of"] == rows_of)].set_index("as_of")["value"]
        enough = counts[counts >= settings.rows_for_shares]
        if rows >= settings.rows_for_shares and len(enough) >= _FEWEST_LIKE_NIGHTS:
            return rows_of, rows, enough
    return "all", 0.0, None


def _behind(said: dict[tuple[str, str], float], column: str, metric: str, rows: float) -> float:
    """Rows that a number speaks of: quartiles leave out what is zero, and all but the null rate what is empty."""
    if metric != "null_rate":
        rows *= 1 - said.get((column, "null_rate"), 0.0)
    return rows * (1 - said.get((column, "zero_share"), 0.0)) if metric in _QUARTILES else rows


def _half_iqr(numbers: pd.DataFrame, column: str) -> float:
    if (column, "p25") in numbers and (column, "p75") in numbers:
        return float((numbers[(column, "p75")] - numbers[(column, "p25")]).median()) / 2
    return 0.0


def _number(
    watched: Watched,
    rows_of: str,
    rows: float,
    column: str,
    metric: str,
    value: float,
    before: np.ndarray,
    half_iqr: float,
) -> Finding:
    settings = watched.settings
    usual = float(np.median(before))
    restless = 1.4826 * float(np.median(np.abs(before - usual))) * (1 + 4 / len(before))
    if metric in _RELATIVE:
        # A quartile of n values is known to 1.4 standard deviations over the root of n; half an IQR is 0.67 of one.
        chance = 2 * half_iqr / sqrt(rows)
        floor = max(settings.smallest_relative_change * abs(usual), half_iqr / 2)
        if (before % 1 == 0).all() and metric in _QUARTILES:
            floor = max(floor, 1.0)  # whole numbers jump by one
    else:
        share = (usual * rows + 1) / (rows + 2)
        chance, floor = sqrt(share * (1 - share) / rows), settings.smallest_share_change
    width = max(settings.deviations * restless, settings.deviations * chance, floor)
    ordered = np.sort(before)
    trimmed = ordered[1:-1] if len(ordered) > settings.fewest_nights else ordered  # one odd night is no habit
    low, high = min(usual - width, trimmed[0]), max(usual + width, trimmed[-1])
    if metric not in _RELATIVE:
        low, high = max(low, 0.0), min(high, 1.0)
    message = ""
    if not low <= value <= high:
        message = f"{column}: {_said(metric, value)} {_IN_WORDS[metric]}, usual are {_said(metric, usual)}"
    return Finding(
        watched.entity,
        _CHECKS[metric],
        column,
        rows_of,
        value,
        float(low),
        float(high),
        _status(message),
        message,
        metric,
    )


def _said(metric: str, value: float) -> str:
    return f"{value:,.3g}" if metric in _RELATIVE - {"distinct_share"} else f"{value:.1%}"


def _status(message: str) -> str:
    return "warn" if message else "ok"


def _with_severity(finding: Finding, watched: Watched) -> Finding:
    """A collapse that the entity declares as one that stops the run does."""
    if finding.status != "warn":
        return finding
    settings = watched.settings
    no_new_rows = finding.check == "new_rows" and not finding.value and finding.expected_low > 0
    no_new_rows = no_new_rows and finding.expected_high >= settings.collapse
    all_null = finding.check == "null_rate" and finding.value == 1.0
    collapses = {name for name, is_so in (("no_new_rows", no_new_rows), ("all_null", all_null)) if is_so}
    return replace(finding, status="block") if collapses & watched.blocks_on else finding
