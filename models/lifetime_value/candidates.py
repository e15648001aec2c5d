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

# Half a model, half the last period: forecasts that err in different ways err less together (J. Bates, C. Granger
# 1969, The Combination of Forecasts). The models know the customer's whole history, the last period what is new.
WITH_LAST_PERIOD = "_with_last_period"
CHALLENGERS = (BOOSTED, BOOSTED + WITH_LAST_PERIOD)
MODELS = (PUBLISHED, PUBLISHED + WITH_LAST_PERIOD, *CHALLENGERS)
BASELINES = (baselines.LAST_PERIOD, baselines.AVERAGE_RATE)


@dataclass(frozen=True)
class Past:
    """A day as it looked then: its customers, and the published models fitted to what they had bought by then."""

    origin: date
    customers: pd.DataFrame
    published: parametric.Published | None


@dataclass(frozen=True)
class Lesson:
    """A past day as the challenger learns from it: inputs, and (purchases, spend) expected and come true."""

    inputs: np.ndarray
    expected: tuple[np.ndarray, np.ndarray]
    happened: tuple[np.ndarray, np.ndarray]


class Pasts:
    """Past days of one history, each worked out once."""

    def __init__(self, history: PurchaseHistory, settings: LifetimeValueSettings) -> None:
        self.history, self.settings = history, settings
        self._known: dict[date, Past] = {}
        self._lessons: dict[tuple[date, int], Lesson | None] = {}

    def at(self, origin: date) -> Past:
        """The day, from the sample of customers."""
        if origin not in self._known:
            rows = self.history.at(origin, self.settings.horizons_days, self.settings.sample_customers)
            self._known[origin] = Past(origin, rows, parametric.fit(rows, self.settings))
        return self._known[origin]

    def lesson(self, origin: date, ahead: int) -> Lesson | None:
        """What the day teaches for a horizon that has ended; None where the published models could not be fitted."""
        if (origin, ahead) not in self._lessons:
            self._lessons[origin, ahead] = self._learn(self.at(origin), ahead)
        return self._lessons[origin, ahead]

    def _learn(self, past: Past, ahead: int) -> Lesson | None:
        if past.published is None:
            return None
        purchases, spend = past.published.outlook(past.customers, ahead)
        table = boosted.inputs(past.customers, past.published.alive(past.customers), purchases, spend, ahead)
        return Lesson(table, (purchases.mean, spend.mean), happened(past.customers, ahead))

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
        for name in (PUBLISHED, BOOSTED):
            if name in answers:
                halves = zip(answers[name], answers[baselines.LAST_PERIOD], strict=True)
                answers[name + WITH_LAST_PERIOD] = tuple((model + last) / 2 for model, last in halves)
        return answers, purchases, spend


def happened(customers: pd.DataFrame, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Purchases and spend in USD of the days ahead, of rows whose horizon has ended."""
    return customers[f"purchases_next_{ahead}d"].to_numpy(), customers[f"spend_next_{ahead}d"].to_numpy()


def learnt_by(pasts: Pasts, now: Past, ahead: int) -> Candidates:
    """The candidates as they could have been fitted on the day `now`."""
    settings = pasts.settings
    days = pasts.ended_by(now.origin, ahead, settings.training_origins)
    lessons = [lesson for lesson in (pasts.lesson(day, ahead) for day in days) if lesson is not None]
    enough = len(lessons) >= settings.min_training_origins
    if now.published is None or not enough or sum(len(one.inputs) for one in lessons) < settings.min_training_rows:
        return Candidates(ahead, now.published, None, settings)
    expected, outcomes = (
        tuple(np.concatenate([getattr(one, what)[place] for one in lessons]) for place in (0, 1))
        for what in ("expected", "happened")
    )
    if not all((outcome > 0).any() for outcome in outcomes):
        return Candidates(ahead, now.published, None, settings)
    trees = boosted.fit(np.concatenate([one.inputs for one in lessons]), expected, outcomes, settings)
    return Candidates(ahead, now.published, trees, settings)
