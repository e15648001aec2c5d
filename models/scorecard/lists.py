"""Grade lists of recommended products by what was bought afterwards, beside popularity and personal frequency.

The baselines are worked out here from what was bought up to as_of, so no night has to keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ..judging import binary, ranking
from .grade import ALL, SCORECARD_COLUMNS, About, as_table, not_judged, parts
from .purchases import Purchases
from .settings import ScorecardSettings

_FIGURES = {"recall": "recall", "ndcg": "ndcg", "hit_rate": "hit"}


def grade_lists(
    abouts: Sequence[About],
    answers: dict[str, pd.DataFrame],
    purchases: Purchases,
    groups: pd.DataFrame,
    settings: ScorecardSettings | None = None,
) -> pd.DataFrame:
    """Scorecard of the lists of one date.

    Args:
        abouts: tasks of one date: `next_basket` (the products of the first day with an order) and `new_product` (all
            products of the horizon that the customer had not bought up to as_of).
        answers: by task, customer_id, product_id and rank.
        purchases: everything bought, at least to the end of the horizon.
        groups: customer_id and one text column per dimension; may be empty.
        settings: on how many customers lists are judged at most.

    Customers count who had ordered by as_of and bought something to judge by within the horizon; one of them without
    a list counts as 0. When there is nobody, the metric `not_judged` is the only row.
    """
    settings = settings or ScorecardSettings()
    if not abouts:
        return pd.DataFrame(columns=SCORECARD_COLUMNS)
    purchases.known(abouts[0].as_of, settings.most_list_customers)
    tables = [
        as_table(_grade(about, answers[about.task.name], purchases, groups, settings), settings) for about in abouts
    ]
    return pd.concat(tables, ignore_index=True)


def _grade(
    about: About, answers: pd.DataFrame, purchases: Purchases, groups: pd.DataFrame, settings: ScorecardSettings
) -> list[dict[str, object]]:
    is_new = about.task.name == "new_product"
    bought = (purchases.new_products if is_new else purchases.next_basket)(about.as_of, about.horizon_days)
    if not len(bought["customer"]):
        return [not_judged(about, len(answers), len(answers))]
    length, own = about.task.length, purchases.codes(answers)
    lists = {"": own, "popularity": purchases.popular(length, is_new)}
    if not is_new:
        lists["personal_frequency"] = purchases.frequent(length)
    judged = {
        name: ranking.judge(one["customer"], one["product"], one["rank"], bought["customer"], bought["product"], length)
        for name, one in lists.items()
    }
    table = pd.DataFrame({"customer_id": purchases.customers[judged[""].customer]})
    table = table.merge(groups, on="customer_id", how="left", validate="one_to_one")
    rows = []
    for dimension, member, part in parts(table, [name for name in groups if name != "customer_id"], settings):
        overall = dimension == ALL
        rows += [
            about.row(dimension, member, **one)
            for one in _figures(judged, part.index.to_numpy(), length, overall, settings)
        ]
    sold = purchases.sold()
    covered = ranking.coverage(own["product"], sold)
    rows.append(about.row(ALL, ALL, metric="catalogue_coverage", value=covered, population=len(sold)))
    return rows


def _figures(
    judged: dict[str, ranking.Judged], places: np.ndarray, length: int, overall: bool, settings: ScorecardSettings
) -> Iterator[dict[str, object]]:
    """Each figure of the customers at `places`, once beside each baseline."""
    draws = np.random.default_rng(settings.seed)
    drawn = [draws.integers(0, len(places), len(places)) for _ in range(settings.resamples if overall else 0)]
    for metric, name in _FIGURES.items():
        own = getattr(judged[""], name)[places]
        lower, upper = binary.interval(np.array([own[one].mean() for one in drawn]), settings.level)
        for baseline in [one for one in judged if one]:
            yield {
                "metric": f"{metric}_at_{length}",
                "value": own.mean(),
                "lower": lower,
                "upper": upper,
                "baseline": baseline,
                "baseline_value": getattr(judged[baseline], name)[places].mean(),
                "population": len(places),
            }
