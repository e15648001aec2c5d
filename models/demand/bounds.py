"""How high a forecast may be: as high as series of that age have ever risen above all that they had sold before."""

from __future__ import annotations

import numpy as np

from .panel import Panel

# Ages in observed periods from which a series is told apart; young ones break their records more often.
AGES = (1, 2, 4, 8, 16, 32)
# Of all rises over the highest so far, the share that the bound lets through.
SHARE = 0.995
# Few rises say nothing of a rare one: under so many the bound of the next younger age serves.
LEAST = 200
# Without any to learn from.
DEFAULT = 2.0


def caps(panel: Panel, origin: int, horizon: int) -> np.ndarray:
    """Highest justified amount of each node for the periods after `origin`, from rises that had ended by then.

    The node's highest amount so far, times the 99.5 % quantile over all nodes and earlier origins of (highest of the
    next `horizon` periods / highest before), by age, at least 1. A node that never sold has the bound 0.
    """
    highest, age = panel.highest[: origin + 1], np.cumsum(~np.isnan(panel.clean[: origin + 1]), axis=0)
    factor = np.full(highest.shape[1], DEFAULT)
    before = highest[: max(len(highest) - horizon, 0)]
    # The highest so far only grows, so what the next periods reach beyond it is the highest after them.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        rise = np.where(before > 0, highest[horizon:] / before, np.nan) if len(before) else before
    now = age[-1] if len(age) else np.zeros(len(factor))
    serving = DEFAULT
    for place, young in enumerate(AGES):
        old = AGES[place + 1] if place + 1 < len(AGES) else np.inf
        if len(before):
            mine = rise[(age[: len(before)] >= young) & (age[: len(before)] < old)]
            mine = mine[~np.isnan(mine)]
            if len(mine) >= LEAST:
                serving = max(float(np.quantile(mine, SHARE)), 1.0)
        factor = np.where((now >= young) & (now < old), serving, factor)
    return highest[-1] * factor if len(highest) else factor * 0
