"""What the boosted model sees of a node at an origin: its past in its own units, the calendar, and what is planned.

An origin is the row number of the last period known. Nothing here reads a later row but the planned features.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from .panel import Panel

LAGS = (0, 1, 2, 3, 5, 7)
WINDOWS = (2, 4, 8, 13, 26, 52)
# Distances from the level beyond so many spreads are told as that many.
CLIP = 20.0
LEVEL_PERIODS = 13
# A series of so many periods is as old as any.
AGED = 120


@dataclass(frozen=True)
class Origin:
    """A node's own measures at an origin: level and spread (one per node), and inputs (nodes, columns)."""

    level: np.ndarray
    spread: np.ndarray
    inputs: np.ndarray


def _mean(block: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a mean of nothing known is NaN, as wanted
        return np.nanmean(block, axis=0)


def window(amounts: np.ndarray, last: int, count: int) -> np.ndarray:
    """The `count` rows that end at row `last`, fewer at the beginning."""
    return amounts[max(last - count + 1, 0) : last + 1]


def at_origin(panel: Panel, origin: int) -> Origin:
    """Measures at an origin; NaN where not known, spread NaN where the node never changed."""
    amounts = panel.clean
    level = _mean(window(amounts, origin, LEVEL_PERIODS))
    scale = panel.scale[origin]
    spread = np.sqrt(np.where(scale > 0, scale, np.nan))

    def told(values: np.ndarray) -> np.ndarray:
        return np.clip((values - level) / spread, -CLIP, CLIP)

    nothing = np.full(len(level), np.nan)
    columns = [told(amounts[origin - lag]) if origin >= lag else nothing for lag in LAGS]
    columns += [told(_mean(window(amounts, origin, count))) for count in WINDOWS]
    recent = window(amounts, origin, LEVEL_PERIODS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        columns.append(told(np.nanmedian(window(amounts, origin, 8), axis=0)))
        columns.append(told(np.nanmax(recent, axis=0)))
        columns.append(np.nanstd(recent, axis=0) / spread)
    columns.append(_mean(np.where(np.isnan(recent), np.nan, recent == 0)))
    season = panel.season
    for back in (1, 2, 3):  # the same season's turn of the level, before
        columns.append(told(amounts[origin - back * season]) if origin >= back * season else nothing)
    columns.append(level / spread)
    columns.append(np.log1p(level))
    columns.append(
        np.minimum(np.cumsum(~np.isnan(amounts), axis=0)[origin] if origin < 120 else 120.0, 120.0) + nothing * 0
    )
    columns.append(panel.tree.level.astype("float64"))
    for values in panel.features.values():
        columns.append(values[origin])
        columns.append(_mean(window(values, origin, 8)))
    return Origin(level, spread, np.stack([np.asarray(c, dtype="float32") for c in columns], axis=1))


class Planned:
    """Inputs of the period that is forecast: the calendar, the season before, and what is planned for it.

    A planned feature is used at the horizons at which the futures tell it at all, and left unknown at random as often
    as it is unknown there, so that training looks like tonight.
    """

    def __init__(self, panel: Panel, horizon: int, seed: int) -> None:
        self.panel, self.horizon, self.seed = panel, horizon, seed
        self.names = sorted(panel.known)
        self.share = {name: np.mean(~np.isnan(panel.known[name]), axis=1) for name in self.names}
        starts = panel.periods.start(panel.first + np.arange(panel.length + horizon))
        month = starts.astype("datetime64[M]")
        day_of_month = (starts - month.astype("datetime64[D]")).astype("int64")
        year = starts.astype("datetime64[Y]").astype("datetime64[D]")
        self.calendar = [(starts - year).astype("float64") / 366.0] if panel.length > 1.5 * panel.season else []
        if panel.periods.frequency == "daily":
            self.calendar += [(starts.astype("int64") + 3) % 7, day_of_month]
        elif panel.periods.frequency == "weekly":
            self.calendar.append(day_of_month // 7)  # wages and benefits are paid, and spent, by the calendar

    def columns(self, origin: int, horizon: np.ndarray, node: np.ndarray, level: np.ndarray, spread: np.ndarray):
        """(rows, columns) for the pairs of horizon (1-based) and node at an origin; level and spread are the rows'."""
        panel, season = self.panel, self.panel.season
        target = origin + horizon
        columns = [horizon.astype("float64"), *(np.asarray(part)[target] for part in self.calendar)]
        back = season * ((horizon + season - 1) // season)
        source = target - back
        same = np.where(source >= 0, panel.clean[np.maximum(source, 0), node], np.nan)
        columns.append(np.clip((same - level) / spread, -CLIP, CLIP))
        around, count = np.zeros(len(node)), np.zeros(len(node))
        for turn in range(1, 5):
            place = target - back - (turn - 1) * season if season <= 24 else source + (turn - 2)
            usable = (place >= 0) & (place <= origin)
            value = np.where(usable, panel.clean[np.clip(place, 0, origin), node], np.nan)
            around += np.nan_to_num(value)
            count += ~np.isnan(value)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns.append(np.clip((around / count - level) / spread, -CLIP, CLIP))
        for name in self.names:
            columns.append(self._planned(name, origin, horizon, node))
        return np.stack([np.asarray(c, dtype="float32") for c in columns], axis=1)

    def _planned(self, name: str, origin: int, horizon: np.ndarray, node: np.ndarray) -> np.ndarray:
        panel, target = self.panel, origin + horizon
        past = target < panel.length
        value = np.where(past, panel.features[name][np.minimum(target, panel.length - 1), node], np.nan)
        ahead = panel.known[name][np.clip(target - panel.length, 0, self.horizon - 1), node]
        draws = np.random.default_rng((self.seed, origin)).random(len(node))
        masked = np.where(draws < self.share[name][horizon - 1], value, np.nan)
        return np.where(past, masked, ahead)
