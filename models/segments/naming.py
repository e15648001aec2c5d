"""Names of segments, made from what sets each apart, and kept for as long as they are true."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .settings import SegmentSettings
from .train import SegmentModel, Word

# For each behaviour: the words for a group well above the middle, and well below it.
WORDS = {
    "orders_84d": ("frequent", "infrequent"),
    "spend_84d": ("high spend", "low spend"),
    "basket_usd": ("large baskets", "small baskets"),
    "distinct_categories_84d": ("wide range", "narrow range"),
    "recency_days": ("quiet lately", "recently here"),
    "discount_share_84d": ("discount seekers", "full price"),
    "coupon_share_84d": ("coupon users", "no coupons"),
    "private_brand_share_84d": ("private brands", "national brands"),
    "weekend_share_84d": ("weekend", "weekday"),
    "web_sessions_84d": ("on the web", "off the web"),
}
ALL_CUSTOMERS = "All customers"


def apart(points: np.ndarray, labels: np.ndarray, columns: list[str]) -> pd.DataFrame:
    """How far each group stands from all customers, in standard deviations (groups by behaviours)."""
    spread = points.std(axis=0)
    distances = (points - points.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return pd.DataFrame(distances, columns=columns).groupby(labels).mean().round(6)


def named(
    ids: np.ndarray, standing: pd.DataFrame, before: SegmentModel | None, settings: SegmentSettings
) -> tuple[dict[int, str], dict[int, tuple[Word, ...]]]:
    """A unique name per segment, and the words it stands on.

    A segment that had a name keeps it while every word of it still holds. Else: the two behaviours in which it differs
    most from all customers; more where two segments would share a name.

    Args:
        ids: numbers of the segments.
        standing: what `apart` says of them; a segment without customers is missing.
        before: the segments of the night before.
        settings: when a word still holds.
    """
    if len(ids) == 1:
        return {int(ids[0]): ALL_CUSTOMERS}, {int(ids[0]): ()}
    words: dict[int, tuple[Word, ...]] = {}
    names: dict[int, str] = {}
    for segment in ids.tolist():
        if (
            before is not None
            and before.words.get(segment)
            and _hold(before.words[segment], segment, standing, settings)
        ):
            words[segment], names[segment] = before.words[segment], before.names[segment]
    taken = set(names.values())
    fresh = [segment for segment in ids.tolist() if segment not in names]
    ranked = {segment: _ranked(segment, standing) for segment in fresh}
    length = dict.fromkeys(fresh, 2)
    while True:
        found = {segment: _text(ranked[segment][: length[segment]]) for segment in fresh}
        texts = [*taken, *found.values()]
        doubled = [segment for segment in fresh if texts.count(found[segment]) > 1]
        longer = [segment for segment in doubled if length[segment] < len(ranked[segment])]
        if not longer:
            break
        length |= {segment: length[segment] + 1 for segment in longer}
    for segment in fresh:
        names[segment] = f"{found[segment]} ({segment})" if segment in doubled else found[segment]
        words[segment] = tuple(ranked[segment][: length[segment]])
    return names, words


def _ranked(segment: int, standing: pd.DataFrame) -> list[Word]:
    if segment not in standing.index:
        return []
    row = standing.loc[segment]
    order = row.abs().sort_values(ascending=False, kind="stable").index
    return [Word(str(column), bool(row[column] > 0)) for column in order]


def _hold(words: tuple[Word, ...], segment: int, standing: pd.DataFrame, settings: SegmentSettings) -> bool:
    if segment not in standing.index:  # nobody there tonight contradicts nothing
        return True
    if any(word.column not in standing.columns for word in words):
        return False
    row = standing.loc[segment]
    return all(
        (row[word.column] if word.is_above else -row[word.column]) >= settings.word_holds_above for word in words
    )


def _text(words: list[Word]) -> str:
    said = [
        WORDS.get(word.column, (f"high {word.column}", f"low {word.column}"))[0 if word.is_above else 1]
        for word in words
    ]
    text = ", ".join(said) or "Others"
    return text[0].upper() + text[1:]
