"""Pictures of lifetime value for the UI: what was foreseen beside what came, and who still buys by BG/NBD."""

from __future__ import annotations

import dagster as dg
import numpy as np

from models.lifetime_value.bg_nbd import BGNBD, probability_alive
from orchestration.intelligence.plots import _as_markdown, _figure, drawn


@drawn
def deciles(pairs: np.ndarray, title: str) -> dg.MarkdownMetadataValue:
    """Mean spend foreseen and come true, by tenths of customers; `pairs` of `models.judging.amounts.deciles`."""
    figure, axes = _figure()
    at = np.arange(1, len(pairs) + 1)
    axes.bar(at - 0.2, pairs[:, 0], width=0.4, color="#3b6ea5", label="foreseen")
    axes.bar(at + 0.2, pairs[:, 1], width=0.4, color="#c8553d", label="came true")
    axes.set(xlabel="tenth of customers by what was foreseen", ylabel="mean spend, USD", title=title)
    axes.set_xticks(at)
    axes.legend(frameon=False)
    return _as_markdown(figure, f"{title}: foreseen and come true by tenths")


@drawn
def alive(model: BGNBD, known_days: float, most_purchases: int) -> dg.MarkdownMetadataValue:
    """Heat map of P(alive) by repeat purchases and day of the last one, for a customer known for `known_days`.

    As in Fader, Hardie & Lee (2005), RFM and CLV: a long silence means most after many purchases.
    """
    count, last = np.arange(0, most_purchases + 1), np.linspace(0, known_days, 61)
    x, t_x = (axis.ravel().astype("float64") for axis in np.meshgrid(count, last))
    shares = probability_alive(model, x, np.where(x > 0, t_x, 0.0), np.full(len(x), known_days))
    figure, axes = _figure(height_inches=3.4)
    shape = (len(last), len(count))
    picture = axes.pcolormesh(count, last, shares.reshape(shape), vmin=0, vmax=1, cmap="viridis", shading="nearest")
    title = f"probability that a customer of {known_days:.0f} days still buys"
    axes.set(xlabel="repeat purchases", ylabel="days from the first to the last purchase", title=title)
    figure.colorbar(picture, ax=axes)
    return _as_markdown(figure, title)
