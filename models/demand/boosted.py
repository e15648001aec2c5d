"""One gradient-boosted model over all nodes and horizons (direct, not recursive)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .features import Origin, Planned, at_origin
from .panel import Panel
from .settings import DemandSettings

NAME = "gradient boosting"


def load() -> None:
    """Import what the trees need; to be called before threads are limited, for a library loaded later takes all."""
    import sklearn.ensemble  # noqa: F401


@dataclass(frozen=True)
class Fitted:
    """Trees and the columns they learnt from: those that were known at all and not always the same."""

    regressor: Any
    columns: np.ndarray

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Distances from the level in spreads, one per row."""
        return self.regressor.predict(rows[:, self.columns])


@dataclass
class Boosted:
    """Fits and forecasts on one panel; measures at an origin are made once."""

    panel: Panel
    horizon: int
    settings: DemandSettings

    def __post_init__(self) -> None:
        self.planned = Planned(self.panel, self.horizon, self.settings.seed)
        self._measures: dict[int, Origin] = {}

    def measures(self, origin: int) -> Origin:
        """`at_origin`, remembered."""
        if origin not in self._measures:
            self._measures[origin] = at_origin(self.panel, origin)
        return self._measures[origin]

    def rows(self, origin: int, horizon: np.ndarray, node: np.ndarray) -> np.ndarray:
        """Inputs (rows, columns) of pairs of horizon and node at an origin."""
        known = self.measures(origin)
        ahead = self.planned.columns(origin, horizon, node, known.level[node], known.spread[node])
        return np.concatenate([known.inputs[node], ahead], axis=1)

    def usable(self, origin: int) -> np.ndarray:
        """Nodes that can be told in their own units at an origin."""
        known = self.measures(origin)
        return np.isfinite(known.spread) & np.isfinite(known.level) & (known.level > 0)

    def training(self, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of a fixed sample of origins, nodes and horizons whose target period is not after `last`.

        Every level of the hierarchy gets an equal share of each origin's rows, as far as it has nodes.
        """
        first = min(self.settings.short_periods, max(last - 1, 0))
        origins = np.unique(np.linspace(first, last - 1, self.settings.most_origins).round().astype("int64"))
        origins = origins[(origins >= 0) & (origins < last)]
        rows = min(self.settings.most_rows, self.settings.node_rows * self.panel.clean.shape[1])
        inputs, targets = [], []
        for origin in origins[::-1]:
            draws = np.random.default_rng((self.settings.seed, int(origin)))
            reach = min(self.horizon, last - int(origin))
            node, horizon = self._pairs(self.usable(int(origin)), reach, rows // len(origins), draws)
            known = self.measures(int(origin))
            target = (self.panel.clean[origin + horizon, node] - known.level[node]) / known.spread[node]
            told = ~np.isnan(target)
            if told.any():
                inputs.append(self.rows(int(origin), horizon[told], node[told]))
                targets.append(target[told])
        if not inputs:
            return np.empty((0, 0)), np.empty(0)
        clip = self.settings.target_clip
        return np.concatenate(inputs), np.clip(np.concatenate(targets), -clip, clip)

    def _pairs(
        self, usable: np.ndarray, reach: int, quota: int, draws: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        levels = [np.flatnonzero(usable & (self.panel.tree.level == k)) for k in range(len(self.panel.tree.levels))]
        pairs = []
        left, share = quota, len(levels)
        for nodes in sorted(levels, key=len):
            take = min(len(nodes) * reach, max(left // share, 1))
            chosen = (
                draws.permutation(len(nodes) * reach)[:take]
                if len(nodes) * reach <= 4 * take
                else np.unique(draws.integers(0, len(nodes) * reach, take))
            )
            pairs.append(
                np.stack([nodes[chosen // reach], chosen % reach + 1]) if len(nodes) else np.empty((2, 0), int)
            )
            left, share = left - len(chosen), share - 1
        node, horizon = np.concatenate(pairs, axis=1)
        order = np.lexsort((horizon, node))
        return node[order], horizon[order]

    def fit(self, last: int) -> Fitted | None:
        """Trees fitted on what was known at period `last`; None when that was too little."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        inputs, target = self.training(last)
        if len(target) < self.settings.least_rows:
            return None
        regressor = HistGradientBoostingRegressor(
            loss="squared_error",
            max_iter=self.settings.trees,
            learning_rate=self.settings.learning_rate,
            max_leaf_nodes=self.settings.leaves,
            min_samples_leaf=min(self.settings.least_leaf_rows, max(5, len(target) // 20)),
            max_bins=self.settings.input_steps,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self.settings.seed,
        )
        least, most = np.nanmin(inputs, axis=0, initial=np.inf), np.nanmax(inputs, axis=0, initial=-np.inf)
        columns = np.flatnonzero(most > least)
        return Fitted(regressor.fit(inputs[:, columns], target), columns)

    def forecast(self, fitted: Fitted | None, origins: np.ndarray) -> np.ndarray:
        """Forecasts (origins, horizon, nodes), NaN where a node cannot be told in its own units."""
        nodes = self.panel.clean.shape[1]
        out = np.full((len(origins), self.horizon, nodes), np.nan)
        if fitted is None:
            return out
        for place, origin in enumerate(origins):
            node = np.flatnonzero(self.usable(int(origin)))
            known = self.measures(int(origin))
            if not len(node):
                continue
            ahead = np.tile(np.arange(1, self.horizon + 1), len(node))
            each = np.repeat(node, self.horizon)
            distance = fitted.predict(self.rows(int(origin), ahead, each))
            out[place, ahead - 1, each] = np.maximum(known.level[each] + distance * known.spread[each], 0.0)
        return out
