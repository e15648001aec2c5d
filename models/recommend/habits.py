"""What each customer used to buy as of a date, and what sold: everything that the models look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .history import History
from .order import ranked
from .settings import RecommendSettings


@dataclass(frozen=True)
class Habits:
    """As of a number of days before the history's end; one row per customer and product bought by then.

    customer, product: codes, ascending. starts: first row of each customer, with the end last. place: of the product
    among the customer's by `recent`, 0 the first. times: orders with the product. recent, short, long: those orders,
    each counted with a weight that halves with the customer's later orders; fresh: with days. last_orders, last_days,
    first_days: orders and days since the newest and first purchase. orders: orders per customer. weight: what `recent`
    would be for a product in every order. sold: per product, orders with it in the last four weeks, all customers.
    is_sold: whether anybody bought it lately.
    """

    customer: np.ndarray
    product: np.ndarray
    starts: np.ndarray
    place: np.ndarray
    times: np.ndarray
    recent: np.ndarray
    short: np.ndarray
    long: np.ndarray
    fresh: np.ndarray
    last_orders: np.ndarray
    last_days: np.ndarray
    first_days: np.ndarray
    orders: np.ndarray
    weight: np.ndarray
    sold: np.ndarray
    is_sold: np.ndarray

    def gap(self) -> np.ndarray:
        """Mean days from one purchase of the product to the next; NaN after a single one."""
        return np.where(self.times > 1, (self.first_days - self.last_days) / np.maximum(self.times - 1, 1), np.nan)


NOBODY = np.empty(0, np.int64)


def habits(
    history: History,
    days_ago: int,
    settings: RecommendSettings,
    among: np.ndarray | None = None,
    known: Habits | None = None,
) -> Habits:
    """The habits as they were known `days_ago` days before the history's end; nothing later is looked at.

    Args:
        history: purchases.
        days_ago: how long before its end.
        settings: half-lives and windows.
        among: codes of the customers whose products are worked out, ascending; all by default. `orders`, `weight`,
            `sold` and `is_sold` are of everybody in any case, and a row never depends on who else is asked for.
        known: habits of the same day, from which what is of everybody is taken instead of counting it again.
    """
    customers, products = len(history.customers), len(history.products)
    rows = _rows_of(history, among)
    seen = history.age[rows] >= days_ago
    customer, product = history.customer[rows][seen], history.product[rows][seen]
    order, age = history.order[rows][seen], history.age[rows][seen] - days_ago
    first = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]]) if len(customer) else np.empty(0, np.int64)
    newest = np.maximum.reduceat(order, first) if len(first) else order
    owner = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(customer)]))
    ago = newest[owner] - order

    key = owner * max(products, 1) + product
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)
    ends = np.r_[starts[1:], len(key)] - 1 if len(key) else starts

    def faded(values: np.ndarray, half_life: float) -> np.ndarray:
        table = np.exp2(-np.arange(int(values.max(initial=0)) + 1) / half_life)
        return np.add.reduceat(table[values], starts) if len(starts) else np.empty(0)

    half_life = settings.half_life_orders
    orders, sold, is_sold = (
        _of_everybody(history, days_ago, settings) if known is None else (known.orders, known.sold, known.is_sold)
    )
    recent = faded(ago, half_life)
    by_recent, within = ranked(owner[starts], recent)
    place = np.empty(len(by_recent), np.int32)
    place[by_recent] = within
    return Habits(
        customer[starts],
        product[starts],
        np.r_[0, np.cumsum(np.bincount(customer[starts], minlength=customers))],
        place,
        (ends - starts + 1).astype(np.int32),
        recent,
        faded(ago, settings.short_half_life_orders),
        faded(ago, settings.long_half_life_orders),
        faded(age, settings.half_life_days),
        ago[ends],
        age[ends],
        age[starts],
        orders,
        (1 - np.exp2(-orders / half_life)) / (1 - np.exp2(-1 / half_life)) if known is None else known.weight,
        sold,
        is_sold,
    )


def _rows_of(history: History, among: np.ndarray | None) -> slice | np.ndarray:
    """Rows of the history that belong to the customers `among`; those of neighbouring customers are one piece."""
    if among is None:
        return slice(None)
    if not len(among):
        return slice(0, 0)
    begins = np.searchsorted(history.customer, among.astype(history.customer.dtype), side="left")
    ends = np.searchsorted(history.customer, among.astype(history.customer.dtype), side="right")
    if among[-1] - among[0] + 1 == len(among):
        return slice(int(begins[0]), int(ends[-1]))
    sizes = ends - begins
    return np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _of_everybody(
    history: History, days_ago: int, settings: RecommendSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders per customer; orders with each product in the last weeks, and whether anybody bought it lately."""
    customers, products = len(history.customers), len(history.products)
    seen = history.age >= days_ago
    customer, order = history.customer[seen], history.order[seen]
    # Numbers of orders start late where a customer's oldest were left out: only differences are used.
    orders = np.zeros(customers, np.int64)
    if len(customer):
        first = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])
        orders[customer[first]] = np.maximum.reduceat(order, first) - np.minimum.reduceat(order, first) + 1
    lately = seen & (history.age < days_ago + settings.popular_days)
    sold = np.bincount(history.product[lately], minlength=products)
    window = seen & (history.age < days_ago + settings.unsold_days)
    is_sold = np.bincount(history.product[window], minlength=products) > 0
    if not is_sold.any():  # the shop was closed: nothing can be said
        is_sold = np.ones(products, bool)
    return orders, sold, is_sold


def next_orders(history: History, days_ago: int, settings: RecommendSettings) -> tuple[np.ndarray, np.ndarray]:
    """What each customer bought in the first order within the horizon after that date: customer, product codes."""
    inside = (history.age < days_ago) & (history.age >= days_ago - settings.horizon_days)
    customer, product, order = history.customer[inside], history.product[inside], history.order[inside]
    if not len(customer):
        return customer, product
    starts = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])
    first = np.repeat(np.minimum.reduceat(order, starts), np.diff(np.r_[starts, len(customer)]))
    return customer[order == first], product[order == first]


def later_purchases(history: History, days_ago: int, settings: RecommendSettings) -> tuple[np.ndarray, np.ndarray]:
    """Everything each customer bought within the horizon after that date."""
    inside = (history.age < days_ago) & (history.age >= days_ago - settings.horizon_days)
    return history.customer[inside], history.product[inside]
