"""Grade past dates on which shelves were expected to be empty by when they really were."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .grade import ALL, About, as_table, not_judged
from .settings import ScorecardSettings

_SHELF = ["product_id", "store_id"]
_CHANCE = "as many shelves at random"


def grade_stock(
    about: About, answers: pd.DataFrame, outs: pd.DataFrame, settings: ScorecardSettings | None = None
) -> pd.DataFrame:
    """Scorecard of the stock-out dates of one night, over the days of the task's horizon.

    Args:
        about: task, date and place.
        answers: kept rows of that date: product_id, store_id, on_hand_units and stock_out_date (empty: not foreseen).
        outs: product_id, store_id, out_from and out_until (empty: still empty) of all stores, to the horizon's end;
            later ones are not looked at.
        settings: decimals.

    Figures: `stock_outs_foreseen`, of the shelves that ran empty the share expected to; `false_alarms`, of those
    expected to the share that did not; `stock_out_days_off`, the mean of the days between where both were so. The
    first two stand beside what as many shelves picked at random would have reached. Shelves without known stock, and
    those that were empty already, are not judged; none is where no empty shelf was ever written down.
    """
    settings = settings or ScorecardSettings()
    as_of = pd.Timestamp(about.as_of)
    end = as_of + pd.Timedelta(days=about.horizon_days)
    began, until = pd.to_datetime(outs["out_from"]), pd.to_datetime(outs["out_until"])
    known = outs[_SHELF].assign(out_from=began, out_until=until)[began <= end]
    expected = answers[[*_SHELF, "on_hand_units"]].assign(day=pd.to_datetime(answers["stock_out_date"]))
    empty = known[(known["out_from"] <= as_of) & ~(known["out_until"] < as_of)][_SHELF].drop_duplicates()
    rows = expected.merge(empty.assign(is_empty=True), on=_SHELF, how="left")
    rows = rows[(rows["on_hand_units"] > 0) & rows["is_empty"].isna()]
    left_out = not_judged(about, len(answers) - (len(rows) if len(known) else 0), len(answers))
    if rows.empty or known.empty:
        return as_table([left_out], settings)
    first = known[known["out_from"] > as_of].groupby(_SHELF, as_index=False)["out_from"].min()
    rows = rows.merge(first, on=_SHELF, how="left", validate="one_to_one")
    alarmed, happened = (rows["day"] <= end).to_numpy(), rows["out_from"].notna().to_numpy()
    both = alarmed & happened
    off = (rows["day"] - rows["out_from"]).dt.days.abs().to_numpy("float64")[both]

    def figure(metric: str, part: np.ndarray, of: np.ndarray, chance: float) -> dict[str, object]:
        value = float(part[of].mean())
        beside = {"baseline": _CHANCE, "baseline_value": chance}
        return about.row(ALL, ALL, metric=metric, value=value, population=int(of.sum()), **beside)

    scored = []
    if happened.any():
        scored.append(figure("stock_outs_foreseen", alarmed, happened, float(alarmed.mean())))
    if alarmed.any():
        scored.append(figure("false_alarms", ~happened, alarmed, float(1.0 - happened.mean())))
    if both.any():
        scored.append(about.row(ALL, ALL, metric="stock_out_days_off", value=float(off.mean()), population=len(off)))
    return as_table([*scored, left_out], settings)
