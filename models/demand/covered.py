"""How often intervals held at judged origins, and the intervals that hold as often as intended because of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .choose import Rolled
from .intervals import GRID, SHARES

# Judged horizons that do not overlap, of which half the correction is believed.
BELIEVED = 2.0
# Judged origins after which one counts half as much: errors grow and shrink with the season.
HALF_LIFE = 4.0
# Amounts of a tier from which its own coverage is read.
LEAST_COVERED = 300


@dataclass
class Covered:
    """How often bounds of each share of the grid held at judged origins, as it was known at later ones.

    Conformal bounds assume that tomorrow errs like yesterday; where errors grow or shrink, those of the last weeks
    say by how much. So the share that covered 80 % there is asked for in place of 80 %.
    """

    rolled: Rolled
    judged: list[tuple[int, np.ndarray]] = field(default_factory=list)

    def add(self, place: int, bounds: np.ndarray) -> None:
        """Note the bounds of a judged origin: (shares, grid, 2, horizon, nodes)."""
        actual = self.rolled.actual[place]
        within = (actual >= bounds[:, :, 0]) & (actual <= bounds[:, :, 1])
        self.judged.append((place, within))

    def at(self, place: int, bounds: np.ndarray) -> np.ndarray:
        """Bounds (shares, 2, horizon, nodes) that cover as intended by what is known at the origin of `place`."""
        out = np.empty((len(SHARES), *bounds.shape[2:]))
        tier = np.minimum(self.rolled.panel.tree.level, 1)
        for above in (0, 1):
            curves, count = self._curves(place, tier == above)
            for where, share in enumerate(SHARES):
                asked, wide = share, bounds[where]
                if count:
                    needed = float(np.interp(share, np.maximum.accumulate(curves[where]), GRID))
                    asked = share + (needed - share) * count / (count + BELIEVED)
                high = min(int(np.searchsorted(GRID, asked)), len(GRID) - 1)
                low = max(high - 1, 0)
                part = (asked - GRID[low]) / (GRID[high] - GRID[low]) if high > low else 1.0
                mixed = wide[low] + np.clip(part, 0.0, 1.0) * (wide[high] - wide[low])
                out[where][..., tier == above] = mixed[..., tier == above]
        out[:, 0] = np.minimum.accumulate(out[:, 0], axis=0)  # the wider holds the narrower
        out[:, 1] = np.maximum.accumulate(out[:, 1], axis=0)
        return out

    def _curves(self, place: int, mine: np.ndarray) -> tuple[np.ndarray, float]:
        """Share covered, (shares, grid), and how many separate horizons say so; 0 where too few."""
        at = self.rolled.origins.at
        inside, total, origins, amounts = np.zeros((len(SHARES), len(GRID))), 0.0, 0.0, 0
        for other, within in self.judged:
            reach = min(int(at[place] - at[other]), within.shape[1])
            if other >= place or reach < 1:
                continue
            told = ~np.isnan(self.rolled.actual[other][:reach]) & mine
            weight = 0.5 ** ((place - other - 1) / HALF_LIFE)
            inside += weight * within[:, :, :reach][..., told].sum(axis=-1)
            total += weight * told.sum()
            origins += weight
            amounts += int(told.sum())
        if len(at) > 1:
            origins *= min(float(at[-1] - at[-2]) / self.rolled.actual.shape[1], 1.0)
        return (inside / total, origins) if amounts >= LEAST_COVERED else (inside, 0.0)
