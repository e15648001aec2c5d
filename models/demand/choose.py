"""Which candidate serves whom: by rolling-origin errors that were known at the time of the choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..judging import series as judging
from .candidates import ALLOWED, BASELINES, BOOSTED, MEANS, Origins
from .classes import CLASSES, MODELLED, classify
from .panel import Panel
from .reconcile import Trust, bottom_up, coherent, least_squares, measured, reconcile
from .settings import DemandSettings

ZERO = "zero"
BOTTOM_UP, STRUCTURE, VARIANCE, MEASURED = "bottom-up", "by structure", "by variance", "by measured trust"
COMPARED = ["tier", "series_class", "candidate", "rmsse", "series", "origins", "chosen"]


# (tier, class) to the reason; tier 0 are series, 1 sums.
Demoted = Mapping[tuple[int, str], str]

# Squared errors below it are no numbers any more: a weight by their inverse would drown every other series.
_LEAST_SCALE = 1e-200


@dataclass(frozen=True)
class Rolled:
    """Everything that was forecast and what came of it: arrays (origins, horizon, nodes).

    scale, worth, spread, nothing: (origins, nodes), the scale of squared errors, the weight, the recent spread and the
    share of periods without demand of each node, as known at each origin.
    """

    panel: Panel
    origins: Origins
    made: dict[str, np.ndarray]
    actual: np.ndarray
    scale: np.ndarray
    worth: np.ndarray
    spread: np.ndarray
    nothing: np.ndarray

    def known_at(self, place: int) -> np.ndarray:
        """Actual amounts of older origins as they were known at the origin of `place`; NaN otherwise."""
        horizon = self.actual.shape[1]
        target = self.origins.at[:place, None] + np.arange(1, horizon + 1)
        return np.where((target <= self.origins.at[place])[..., None], self.actual[:place], np.nan)


@dataclass
class Choice:
    """What serves each node from one refit on.

    classes: of each node. first: what its group chose (a tuple of candidates to average). reason: of each node, why
    another serves than the first choice; empty where the first choice does. method, trust: how sums are reconciled.
    """

    classes: np.ndarray
    first: list[tuple[str, ...]]
    served: list[tuple[str, ...]]
    reason: list[str]
    method: str = BOTTOM_UP
    trust: Trust | None = None
    compared: list[tuple] = field(default_factory=list)


def scores(actual: np.ndarray, predicted: np.ndarray, scale: np.ndarray, worth: np.ndarray, clip: float) -> float:
    """Mean RMSSE, each at most `clip`, of a group over its nodes and origins; half by worth, half each node alike.

    By worth alone one large series would choose for all, by head alone the small ones would.
    """
    errors = np.minimum(judging.rmsse(actual, predicted, scale), clip)
    told = ~np.isnan(errors)
    if not told.any():
        return np.nan
    weight = np.where(told, worth, 0.0)
    total = weight.sum()
    share = 0.5 / told.sum() + (0.5 * weight / total if total > 0 else 0.5 / told.sum())
    return float(np.sum(np.where(told, errors * share, 0.0)))


def choose(rolled: Rolled, place: int, settings: DemandSettings, demoted: Demoted | None = None) -> Choice:
    """The choice at the origin of `place`, from errors known by then.

    demoted: of (tier, class), why its best baseline must serve in place of the models.
    """
    panel = rolled.panel
    classes = classify(panel.clean[: rolled.origins.at[place] + 1], settings)
    known = rolled.known_at(place)
    tier = np.minimum(panel.tree.level, 1)
    choice = Choice(classes, [()] * len(classes), [()] * len(classes), [""] * len(classes))
    for name in CLASSES:
        for above in (0, 1):
            nodes = np.flatnonzero((classes == name) & (tier == above))
            if len(nodes):
                group = _group(rolled, known, classes, tier, name, above, nodes, settings)
                best, table = _best(rolled, known, group, name, place, settings)
                label = "sums" if above else "series"
                choice.compared += [(label, name, *row) for row in table]
                _serve(choice, rolled, place, nodes, best, table, (demoted or {}).get((above, name), ""))
    _reconciliation(choice, rolled, place, known, settings)
    return choice


def _group(rolled, known, classes, tier, name, above, nodes, settings) -> np.ndarray:
    """Nodes whose errors choose for a class: its own of the tier, else of both, else of all modelled ones."""

    def count(some: np.ndarray) -> int:
        return int((~np.isnan(known[:, :, some])).sum())

    modelled = np.isin(classes, MODELLED)
    wider = [nodes, np.flatnonzero(classes == name)]
    if name in MODELLED:
        wider += [np.flatnonzero(modelled & (tier == above)), np.flatnonzero(modelled)]
    return next((some for some in wider if count(some) >= settings.least_errors), wider[-1])


def _best(rolled, known, group, name, place, settings) -> tuple[tuple[str, ...], list[tuple]]:
    """The best candidate or average of a group and the table of all: (candidate, rmsse, series, origins, chosen)."""
    if name in ("zero", "ended"):
        return (ZERO,), []
    if name == "new":
        return (MEANS[4],), []
    actual, scale, worth = known[:, :, group], rolled.scale[:place, group], rolled.worth[:place, group]
    judged = int((~np.isnan(actual)).any(axis=(1, 2)).sum())
    found = {}
    made = {c: rolled.made[c][:place, :, group] for c in ALLOWED[name] if c in rolled.made}
    for candidate, forecast in made.items():
        usual = made[MEANS[8]]
        found[(candidate,)] = scores(
            actual, np.where(np.isnan(forecast), usual, forecast), scale, worth, settings.error_clip
        )
    found = {key: score for key, score in found.items() if not np.isnan(score)}
    if not found:
        return (MEANS[8],), []
    ranked = sorted(found, key=lambda key: found[key])
    for count in range(2, min(settings.most_averaged, len(ranked)) + 1):
        members = tuple(key[0] for key in ranked[:count])
        found[members] = scores(actual, _mean(made, members), scale, worth, settings.error_clip)
    least = min(found.values())
    best = next(key for key in found if found[key] <= least * (1 + settings.least_gain))
    table = [(said(key), score, len(group), judged, key == best) for key, score in found.items()]
    return best, table


def said(members: tuple[str, ...]) -> str:
    """How a choice is named."""
    return members[0] if len(members) == 1 else "mean of " + ", ".join(members)


def _mean(made: dict[str, np.ndarray], members: tuple[str, ...]) -> np.ndarray:
    """Simple average of those that tell; of one that does not, the mean of eight periods."""
    parts = [np.where(np.isnan(made[m]), made[MEANS[8]], made[m]) for m in members]
    return sum(parts[1:], parts[0]) / len(parts)


def _serve(choice, rolled, place, nodes, best, table, demoted) -> None:
    """Who serves each node: the group's choice, or the best baseline where that is demoted or cannot tell."""
    baselines = {row[0]: row[1] for row in table if row[0] in BASELINES}
    baseline = (min(baselines, key=baselines.get),) if baselines else (MEANS[8],)
    mute = np.zeros(len(nodes), dtype=bool)
    for member in best:
        if member != ZERO:
            mute |= np.isnan(rolled.made[member][place][:, nodes]).any(axis=0)
    rule = {
        "zero": "never sold so far",
        "ended": "no sale for many times its usual interval",
        "new": "new: too few periods for a model",
    }
    for node, silent in zip(nodes, mute, strict=True):
        name = choice.classes[node]
        choice.first[node] = best
        choice.served[node] = best
        if name in rule:
            choice.reason[node] = rule[name]
        elif not table:
            choice.reason[node] = "no judged origin yet: too little history to choose a model"
        elif demoted and best[0] not in BASELINES:
            choice.served[node], choice.reason[node] = baseline, demoted
        elif silent:
            left = tuple(m for m in best if m != BOOSTED)
            choice.served[node] = left or baseline
            choice.reason[node] = f"{BOOSTED} cannot tell a series that never changed or lately never sold"


def base_forecasts(rolled: Rolled, choice: Choice, first: int, end: int) -> np.ndarray:
    """What the choice would serve at the origins of places first..end-1, before reconciliation."""
    shape = rolled.actual[first:end].shape
    out = np.zeros(shape)
    groups: dict[tuple[str, ...], list[int]] = {}
    for node, members in enumerate(choice.served):
        groups.setdefault(members, []).append(node)
    for members, nodes in groups.items():
        if members == (ZERO,):
            continue
        made = {m: rolled.made[m][first:end][:, :, nodes] for m in (*members, MEANS[8])}
        out[:, :, nodes] = _mean(made, members)
    return out


def _reconciliation(choice: Choice, rolled: Rolled, place: int, known: np.ndarray, settings: DemandSettings) -> None:
    """Chooses how sums and series are made to agree, by the WRMSSE over the known errors."""
    tree = rolled.panel.tree
    choice.trust = bottom_up(tree)
    if not tree.nested or np.isnan(known).all():
        return
    base = base_forecasts(rolled, choice, 0, place)
    variance = _variance(choice, rolled, place, known - base)
    scale, worth = rolled.scale[:place], rolled.worth[:place]
    told = scale > _LEAST_SCALE
    weight = np.where(told, worth / np.where(told, scale, 1.0), 0.0)
    found = {
        BOTTOM_UP: choice.trust,
        STRUCTURE: least_squares(tree, tree.add_up(np.ones(tree.bottom))),
        VARIANCE: least_squares(tree, variance),
        MEASURED: measured(tree, base, known, weight, variance),
    }
    judged = {
        method: judging.wrmsse(known, reconcile(tree, base, trust), scale, worth, tree.level, settings.error_clip)
        for method, trust in found.items()
    }
    if np.isnan(judged[BOTTOM_UP]):
        return
    choice.method = min(judged, key=lambda method: judged[method])
    choice.trust = found[choice.method]
    for method, error in judged.items():
        row = ("all", "reconciliation", method, error, len(tree.level), place, method == choice.method)
        choice.compared.append(row)


def _variance(choice: Choice, rolled: Rolled, place: int, error: np.ndarray) -> np.ndarray:
    """Mean squared error of each node's own forecasts, kept off zero; 0 for series that are over."""
    told = ~np.isnan(error)
    count = told.sum(axis=(0, 1))
    usual = np.nan_to_num(rolled.scale[place])
    own = np.where(told, error**2, 0.0).sum(axis=(0, 1)) / np.maximum(count, 1)
    own = np.where(count > 0, np.maximum(own, 0.02 * usual), usual)
    return np.where(np.isin(choice.classes, ("zero", "ended")) & (rolled.panel.tree.level == 0), 0.0, own)


def serve(
    rolled: Rolled, choice: Choice, first: int, end: int, cap: np.ndarray, decimals: int | None = None
) -> np.ndarray:
    """Coherent forecasts of the choice at the origins of places first..end-1, within 0 and the cap."""
    tree = rolled.panel.tree
    base = base_forecasts(rolled, choice, first, end)
    if tree.nested:
        base = reconcile(tree, base, choice.trust)
    return coherent(tree, base[..., : tree.bottom], cap[: tree.bottom], decimals)


def comparison(choice: Choice) -> pd.DataFrame:
    """One row per class and candidate with its cross-validated error."""
    return pd.DataFrame(choice.compared, columns=COMPARED)
