"""Errors and coverage beside seasonal naive and single statsforecast models: `python -m benchmarks.demand.accuracy`.

At each origin the whole step runs on nothing but what was known; what came after is compared. The statsforecast models
are fitted to every series and sum of their own, which spares them the coherence that ours keeps.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.demand import sets
from models.demand import DemandSettings, hierarchy, naive, panel, run, tables
from models.judging import series as judging

MODELS = ("SeasonalNaive", "AutoETS", "AutoTheta", "CrostonSBA", "TSB", "ADIDA", "IMAPA")
SETS = ("complete_journey", "complete_journey_days", "tourism", "m5")
BELOW_NAIVE, COVERED = 0.10, (0.77, 0.83)


@dataclass(frozen=True)
class Judged:
    """What happened after one origin, nodes in the panel's order: (horizon, nodes); scale, weights: (nodes,)."""

    actual: np.ndarray
    scale: np.ndarray
    change: np.ndarray
    weights: np.ndarray
    levels: np.ndarray

    def wrmsse(self, predicted: np.ndarray) -> float:
        """WRMSSE of forecasts (horizon, nodes)."""
        return judging.weighted(judging.rmsse(self.actual, predicted, self.scale), self.weights, self.levels)


def origins(given: sets.Series) -> Iterator[tuple[pd.Timestamp, panel.Panel, panel.Panel]]:
    """(as_of, panel known by then, panel of the whole history) per origin."""
    settings = DemandSettings()
    periods = tables.read(given.history, "2999-01-01", DemandSettings(most_periods=10**6)).periods
    dates = np.unique(given.history["date"].to_numpy().astype("datetime64[D]"))
    for back in given.back:
        place = len(dates) - back
        as_of = pd.Timestamp(dates[place]) - pd.Timedelta(days=1)
        yield as_of, _panel(given, as_of, settings), _panel(given, _end(periods, dates[-1]), settings)


def _end(periods, last: np.datetime64) -> pd.Timestamp:
    return pd.Timestamp(periods.start(periods.number(np.array([last])) + 1)[0]) - pd.Timedelta(days=1)


def _panel(given: sets.Series, as_of: pd.Timestamp, settings: DemandSettings) -> panel.Panel:
    rows = tables.read(given.history, as_of, settings)
    return panel.build(rows, hierarchy.build(rows.series, given.hierarchy, settings.bottom_level), {}, settings)


def judged(known: panel.Panel, whole: panel.Panel, horizon: int) -> Judged:
    """What happened after the known panel, for its own nodes."""
    names = pd.MultiIndex.from_arrays([known.tree.level, known.tree.names])
    place = pd.MultiIndex.from_arrays([whole.tree.level, whole.tree.names]).get_indexer(names)
    first = known.first + known.length - whole.first
    last = np.array([known.length - 1])
    happened = np.where(place >= 0, whole.actual[first : first + horizon][:, place], np.nan)
    return Judged(
        happened,
        known.scale[-1],
        known.change_at(last)[0],
        known.worth_at(last)[0],
        known.tree.level,
    )


def statsforecast(known: panel.Panel, name: str, horizon: int) -> tuple[np.ndarray, float]:
    """Forecasts (horizon, nodes) of one statsforecast model fitted to each node, and its processor seconds."""
    from statsforecast import models as library

    season = known.season if known.season <= 24 else 1
    made = {
        "SeasonalNaive": lambda: library.SeasonalNaive(season_length=season),
        "AutoETS": lambda: library.AutoETS(season_length=season),
        "AutoTheta": lambda: library.AutoTheta(season_length=season),
        "CrostonSBA": library.CrostonSBA,
        "TSB": lambda: library.TSB(alpha_d=0.1, alpha_p=0.1),
        "ADIDA": library.ADIDA,
        "IMAPA": library.IMAPA,
    }[name]()
    out = np.zeros((horizon, known.clean.shape[1]))
    began = time.process_time()
    for node in range(out.shape[1]):
        values = known.clean[:, node]
        values = values[~np.isnan(values)]
        if len(values) < 3 or not values.any():
            out[:, node] = values.mean() if len(values) else 0.0
            continue
        try:
            out[:, node] = np.maximum(np.nan_to_num(made.forecast(values, horizon)["mean"]), 0.0)
        except Exception:  # what it refuses is served by the mean, to its favour
            out[:, node] = values[-8:].mean()
    return out, time.process_time() - began


def ours(given: sets.Series, known: panel.Panel, as_of: pd.Timestamp) -> tuple[dict[str, np.ndarray], float]:
    """Forecast, naive and bounds (horizon, nodes) of the whole step, and its processor seconds."""
    past = given.history[given.history["date"] <= as_of]
    futures = None
    if given.planned:
        futures = given.history.loc[given.history["date"] > as_of, ["series_id", "date", *given.planned]]
    began = time.process_time()
    result = run(past, as_of, futures, given.hierarchy, DemandSettings(horizon=given.horizon))
    spent = time.process_time() - began
    place = {
        (known.tree.levels[lv], name): n
        for n, (lv, name) in enumerate(zip(known.tree.level, known.tree.names, strict=True))
    }
    node = [place[key] for key in zip(result.forecast["level"], result.forecast["series_id"], strict=True)]
    made = {}
    for column in ("forecast", "naive", "lower_80", "upper_80", "lower_95", "upper_95"):
        made[column] = np.full((given.horizon, len(known.tree.names)), np.nan)
        made[column][result.forecast["horizon"] - 1, node] = result.forecast[column]
    return made, spent


def naive_bounds(known: panel.Panel, horizon: int, share: float) -> np.ndarray:
    """The seasonal naive forecast plus its own error quantiles at older origins, (2, horizon, nodes)."""
    last = known.length - 1
    at = np.arange(max(last - 25 - horizon, 0), last + 1)
    made = naive.seasonal(known.clean, at, horizon, known.season)
    target = at[:, None] + np.arange(1, horizon + 1)
    actual = np.where((target <= last)[..., None], known.actual[np.minimum(target, last)], np.nan)
    ends = np.nanquantile(actual - made, [(1 - share) / 2, (1 + share) / 2], axis=(0, 1))
    return np.maximum(made[-1] + ends[:, None], 0.0)


def compare(given: sets.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per model: WRMSSE over the origins, processor seconds; and per intended share how our intervals did."""
    scores: dict[str, list[tuple[float, float]]] = {"80": [], "95": []}
    errors: dict[str, list[float]] = {}
    seconds: dict[str, float] = {}
    inside: dict[str, list[np.ndarray]] = {"80": [], "95": []}
    for as_of, known, whole in origins(given):
        truth = judged(known, whole, given.horizon)
        made, spent = ours(given, known, as_of)
        seconds["ours"] = seconds.get("ours", 0.0) + spent
        errors.setdefault("ours", []).append(truth.wrmsse(made["forecast"]))
        errors.setdefault("naive of the step", []).append(truth.wrmsse(made["naive"]))
        for share, kept in inside.items():
            told = ~np.isnan(truth.actual)
            within = (truth.actual >= made[f"lower_{share}"]) & (truth.actual <= made[f"upper_{share}"])
            kept.append(within[told])
            wide = int(share) / 100
            pairs = ((made[f"lower_{share}"], made[f"upper_{share}"]), naive_bounds(known, given.horizon, wide))
            scored = [judging.interval_score(truth.actual, low, high, wide, truth.change) for low, high in pairs]
            scores[share].append(tuple(float(np.nanmean(one)) for one in scored))
        for name in MODELS:
            forecast, spent = statsforecast(known, name, given.horizon)
            seconds[name] = seconds.get(name, 0.0) + spent
            errors.setdefault(name, []).append(truth.wrmsse(forecast))
    table = pd.DataFrame(
        [(name, float(np.mean(found)), seconds.get(name, 0.0)) for name, found in errors.items()],
        columns=["model", "wrmsse", "processor_s"],
    )
    held = pd.DataFrame(
        [(float(np.concatenate(inside[s]).mean()), *np.mean(scores[s], axis=0)) for s in inside],
        index=list(inside),
        columns=["coverage", "interval_score", "naive_interval_score"],
    )
    return table, held


def main() -> int:
    """Print each set's table and its bars; 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)} (default: all)")
    missed = []
    for name in parser.parse_args().sets or SETS:
        try:
            given = getattr(sets, name)()
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there (SHARED_DIR says where the shared data lie)")
            continue
        table, held = compare(given)
        print(f"\n{name}: {given.history['series_id'].nunique():,} series, {len(given.back)} origins")
        print(table.sort_values("wrmsse").to_string(index=False, float_format=lambda v: f"{v:.4f}"))
        print(held.to_string(float_format=lambda v: f"{v:.3f}"))
        error = table.set_index("model")["wrmsse"]
        best = error[list(MODELS[1:])].min()
        bars = {
            "10 % below seasonal naive": error["ours"] <= (1 - BELOW_NAIVE) * error["naive of the step"],
            "not above the best single statsforecast model": error["ours"] <= best,
            "80 % intervals cover 77 to 83 %": COVERED[0] <= held.coverage["80"] <= COVERED[1],
            "better interval scores than the naive's": (held.interval_score < held.naive_interval_score).all(),
        }
        missed += [f"{name}: {bar}" for bar, met in bars.items() if not met]
    print("Missed: " + "; ".join(missed) if missed else "Every set meets its bars.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
