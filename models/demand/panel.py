"""Histories as matrices (periods by nodes): what was sold, what the models may learn from it, and the scale of errors.

Everything at a period is made from that period and earlier ones, so cutting later rows off changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .hierarchy import Tree
from .periods import Periods
from .settings import DemandSettings
from .tables import Rows

# How much of a closed period's guess comes from the newest observed one.
_GUESS = 0.2


@dataclass(frozen=True)
class Panel:
    """Every node of the tree over all periods, oldest first; arrays are (periods, nodes).

    actual: what happened, NaN before a series began and where it was not observed. clean: the same without accidents
    (spikes), for models to learn from. features: (periods, nodes) each, of sums the mean weighted by the members'
    usual size. known: features of periods ahead, (horizon, nodes). worth: what the series weigh against one another,
    (periods, nodes). is_open: share of each period's days that could sell, (periods and those known ahead, nodes).
    """

    periods: Periods
    first: int
    tree: Tree
    actual: np.ndarray
    clean: np.ndarray
    features: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    worth: np.ndarray
    scale: np.ndarray
    highest: np.ndarray
    is_open: np.ndarray

    @property
    def length(self) -> int:
        """Number of periods."""
        return len(self.actual)

    @property
    def season(self) -> int:
        """Periods until the calendar repeats itself."""
        return self.periods.season

    def worth_at(self, origins: np.ndarray) -> np.ndarray:
        """Weight of each node at each origin, (origins, nodes): its worth in the newest 28 days or nearest to it."""
        count = {"daily": 28, "weekly": 4, "monthly": 3, "quarterly": 4}[self.periods.frequency]
        return np.stack([self.worth[max(o - count + 1, 0) : o + 1].sum(axis=0) for o in origins])

    def open_after(self, origins: np.ndarray, horizon: int) -> np.ndarray:
        """Share of days that can sell, of the periods after each origin: (origins, horizon, nodes); 1 where unknown."""
        target = origins[:, None] + np.arange(1, horizon + 1)
        inside = (target < len(self.is_open))[..., None]
        return np.where(inside, self.is_open[np.minimum(target, len(self.is_open) - 1)], 1.0)

    def change_at(self, origins: np.ndarray) -> np.ndarray:
        """Mean absolute change between neighbouring observed periods up to each origin: the scale of MASE."""
        change = np.abs(np.diff(self.clean, axis=0, prepend=np.nan))
        known = ~np.isnan(change)
        count = np.cumsum(known, axis=0)[origins]
        total = np.cumsum(np.where(known, change, 0.0), axis=0)[origins]
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def build(rows: Rows, tree: Tree, known: dict[str, np.ndarray], settings: DemandSettings) -> Panel:
    """The panel of checked rows.

    A series begins with its first sale; a missing row after that is a period without demand, a null one was not
    observed.
    """
    count = len(rows.series)
    first = int(rows.period.min()) if len(rows.period) else rows.last + 1
    length = rows.last - first + 1
    place = (rows.period - first, rows.code)
    actual = np.zeros((length, count))
    actual[place] = rows.value
    begun = np.maximum.accumulate(np.nan_to_num(actual) > 0, axis=0)
    empty = ~begun.any(axis=0)  # never sold: known from its first row on, as zeros
    seen = np.zeros((length, count), dtype=bool)
    seen[place] = True
    begun = np.where(empty, np.maximum.accumulate(seen, axis=0), begun)
    actual[~begun] = np.nan

    clean = _without_spikes(actual, settings)
    level = _guesses(clean)
    missing = np.isnan(actual) & begun
    filled = np.where(missing, level, np.nan_to_num(clean))
    features = {name: _spread_out(values, place, (length, count)) for name, values in rows.features.items()}
    worth = features.pop(settings.weight_column, None)
    known = {name: values for name, values in known.items() if name != settings.weight_column}
    if tree.nested:
        sums = tree.add_up(np.where(begun, np.where(missing, level, np.nan_to_num(actual)), 0.0))
        guessed = tree.add_up(np.where(missing, level, 0.0))
        cleaned = tree.add_up(np.where(begun, filled, 0.0))
        alive = tree.add_up(begun.astype("float64")) > 0
        observed = alive & (guessed <= settings.most_imputed * np.maximum(cleaned, 1e-12)) & _any(actual, tree)
        usual = np.where(begun, level, 0.0)
        features = {name: _weighted(values, usual, tree) for name, values in features.items()}
        known = {name: _weighted(values, usual[-1:], tree) for name, values in known.items()} if length else known
        bottom = tree.bottom
        actual = np.concatenate([actual, np.where(observed, sums, np.nan)[:, bottom:]], axis=1)
        clean = np.concatenate([clean, np.where(observed, cleaned, np.nan)[:, bottom:]], axis=1)
        worth = None if worth is None else tree.add_up(np.nan_to_num(np.maximum(worth, 0.0)))
    if worth is None:
        worth = np.nan_to_num(actual)
    return Panel(
        rows.periods,
        first,
        tree,
        actual,
        clean,
        features,
        known,
        np.nan_to_num(np.maximum(worth, 0.0)),
        squared_change(clean),
        np.fmax.accumulate(np.nan_to_num(clean), axis=0),
        _open(rows.periods, first, clean.shape, features, known, settings),
    )


def _open(
    periods: Periods,
    first: int,
    shape: tuple[int, ...],
    features: dict[str, np.ndarray],
    known: dict[str, np.ndarray],
    settings: DemandSettings,
) -> np.ndarray:
    """Share of each period's days that were, or are declared to be, open; 1 where nothing is said."""
    name = settings.closed_column
    closed = [part for part in (features.get(name), known.get(name)) if part is not None]
    closed = np.concatenate(closed) if name in features else np.zeros(shape)
    days = np.diff(periods.start(first + np.arange(len(closed) + 1)).astype("int64"))
    return 1.0 - np.clip(np.nan_to_num(closed) / days[:, None], 0.0, 1.0)


def squared_change(amounts: np.ndarray) -> np.ndarray:
    """Mean squared change between neighbouring observed periods so far, (periods, nodes): the scale of RMSSE.

    NaN until two neighbours were observed (Hyndman and Koehler 2006; M5 competitors' guide 2020).
    """
    change = np.diff(amounts, axis=0, prepend=np.nan) ** 2
    known = ~np.isnan(change)
    count = np.cumsum(known, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, np.cumsum(np.where(known, change, 0.0), axis=0) / count, np.nan)


def _any(actual: np.ndarray, tree: Tree) -> np.ndarray:
    return tree.add_up((~np.isnan(actual)).astype("float64")) > 0


def _without_spikes(actual: np.ndarray, settings: DemandSettings) -> np.ndarray:
    """Values cut at so many times the highest before, once enough periods are known."""
    clean = actual.copy()
    highest = np.zeros(actual.shape[1])
    count = np.zeros(actual.shape[1])
    for row in clean:
        told = ~np.isnan(row)
        bound = np.where((count >= settings.spike_after) & (highest > 0), settings.spike_times * highest, np.inf)
        np.minimum(row, bound, out=row, where=told)
        highest = np.where(told, np.maximum(highest, np.nan_to_num(row)), highest)
        count += told
    return clean


def _guesses(clean: np.ndarray) -> np.ndarray:
    """What each period would have brought, from the observed ones before it."""
    level, known = np.zeros(clean.shape[1]), np.zeros(clean.shape[1], dtype=bool)
    guesses = np.empty_like(clean)
    for period, row in enumerate(clean):
        guesses[period] = level
        told = ~np.isnan(row)
        step = np.where(known, _GUESS, 1.0)
        level = np.where(told, level + step * (np.nan_to_num(row) - level), level)
        known |= told
    return guesses


def _spread_out(values: np.ndarray, place: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    matrix = np.full(shape, np.nan)
    matrix[place] = values
    return matrix


def _weighted(values: np.ndarray, usual: np.ndarray, tree: Tree) -> np.ndarray:
    """A feature at every node: of a sum, the mean over its members by their usual size, of those that tell it."""
    weight = np.where(np.isnan(values), 0.0, np.maximum(usual, 1e-9))
    above = tree.add_up(weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(above > 0, tree.add_up(weight * np.nan_to_num(values)) / above, np.nan)
    return np.concatenate([values, mean[:, tree.bottom :]], axis=1)
