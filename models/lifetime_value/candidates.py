"""The candidates for one horizon: fitted from what was known by a day, ready to foresee any customer from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from . import baselines, boosted, parametric
from .history import PurchaseHistory
from .outlook import Outlook
from .settings import LifetimeValueSettings

PUBLISHED, BOOSTED = "bg_nbd_gamma_gamma", "boosted_trees"

# Half the trees, half the last period: forecasts that err in different ways err less together (J. Bates, C. Granger
# 1969, The Combination of Forecasts). Where past days are few, the trees know the level less well than the last period.
COMBINED = "boosted_trees_with_last_period"
CHALLENGERS = (BOOSTED, COMBINED)
BASELINES = (baselines.LAST_PERIOD, baselines.AVERAGE_RATE)


@dataclass(frozen=True)
class Past:
    """A day as it looked then: its customers, and the published models fitted to what they had bought by then."""

    origin: date
    customers: pd.DataFrame
    published: parametric.Published | None


class Pasts:
    """Past days of one history, each worked out once."""

    def __init__(self, history: PurchaseHistory, settings: LifetimeValueSettings) -> None:
        self.history, self.settings = history, settings
        self._known: dict[date, Past] = {}

    def at(self, origin: date) -> Past:
        """The day, from the sample of customers."""
        if origin not in self._known:
            rows = self.history.at(origin, self.settings.horizons_days, self.settings.sample_customers)
            self._known[origin] = Past(origin, rows, parametric.fit(rows, self.settings))
        return self._known[origin]

    def ended_by(self, day: date, ahead: int, most: int) -> list[date]:
        """Newest first, at most so many days whose horizon had ended by `day`, with enough purchases before them.

        All steps are counted from the day of the history, so that a day is worked out once for all its uses.
        """
        if self.history.first_day is None:
            return []
        first = self.history.first_day + timedelta(days=self.settings.min_history_days)
        latest = self.history.as_of - timedelta(days=ahead)
        found: list[date] = []
        while latest >= first and len(found) < most:
            if latest + timedelta(days=ahead) <= day:
                found.append(latest)
            latest -= timedelta(days=self.settings.step_days)
        return found


@dataclass(frozen=True)
class Candidates:
    """What can be asked for one horizon; a model that could not be fitted is missing."""

    ahead: int
    published: parametric.Published | None
    trees: boosted.Boosted | None
    settings: LifetimeValueSettings

    def means(self, customers: pd.DataFrame) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], Outlook, Outlook]:
        """Expected purchases and spend by candidate, and the outlooks whose shape all of them share.

        Without the published models the shape is that of an exponential around the average rate.
        """
        answers = baselines.forecasts(customers, self.ahead, self.settings)
        if self.published is None:
            around = [Outlook(mean, mean**2 + mean, np.exp(-mean)) for mean in answers[baselines.AVERAGE_RATE]]
            return answers, around[0], Outlook(around[1].mean, around[1].mean ** 2, around[0].none)
        purchases, spend = self.published.outlook(customers, self.ahead)
        answers[PUBLISHED] = purchases.mean, spend.mean
        if self.trees is not None:
            table = boosted.inputs(customers, self.published.alive(customers), purchases, spend, self.ahead)
            answers[BOOSTED] = self.trees.means(table, purchases, spend)
            halves = zip(answers[BOOSTED], answers[baselines.LAST_PERIOD], strict=True)
            answers[COMBINED] = tuple((trees + last) / 2 for trees, last in halves)
        return answers, purchases, spend


def learnt_by(pasts: Pasts, now: Past, ahead: int) -> Candidates:
    """The candidates as they could have been fitted on the day `now`."""
    settings = pasts.settings
    lessons = [pasts.at(day) for day in pasts.ended_by(now.origin, ahead, settings.training_origins)]
    lessons = [past for past in lessons if past.published is not None]
    tables, expected, happened = [], [], []
    for past in lessons:
        assert past.published is not None
        purchases, spend = past.published.outlook(past.customers, ahead)
        alive = past.published.alive(past.customers)
        tables.append(boosted.inputs(past.customers, alive, purchases, spend, ahead))
        expected.append((purchases.mean, spend.mean))
        happened.append([past.customers[f"{what}_next_{ahead}d"].to_numpy() for what in ("purchases", "spend")])
    trees = None
    enough = len(lessons) >= settings.min_training_origins and sum(map(len, tables)) >= settings.min_training_rows
    if now.published is not None and enough:
        outcomes = np.concatenate(happened, axis=1)
        if (outcomes > 0).any(axis=1).all():
            trees = boosted.fit(np.concatenate(tables), np.concatenate(expected, axis=1), outcomes, settings)
    return Candidates(ahead, now.published, trees, settings)
