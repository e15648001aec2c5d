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


def habits(history: History, days_ago: int, settings: RecommendSettings) -> Habits:
    """The habits as they were known `days_ago` days before the history's end; nothing later is looked at."""
    customers, products = len(history.customers), len(history.products)
    known = history.age >= days_ago
    customer, product = history.customer[known], history.product[known]
    order, age = history.order[known], history.age[known] - days_ago
    # Numbers of orders start late where a customer's oldest were left out: only differences are used.
    newest, orders = np.zeros(customers, np.int64), np.zeros(customers, np.int64)
    if len(customer):
        first = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])
        newest[customer[first]] = np.maximum.reduceat(order, first)
        orders[customer[first]] = newest[customer[first]] - np.minimum.reduceat(order, first) + 1
    ago = newest[customer] - order

    key = customer.astype(np.int64) * max(products, 1) + product
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)
    ends = np.r_[starts[1:], len(key)] - 1 if len(key) else starts

    def faded(values: np.ndarray, half_life: float) -> np.ndarray:
        table = np.exp2(-np.arange(int(values.max(initial=0)) + 1) / half_life)
        return np.add.reduceat(table[values], starts) if len(starts) else np.empty(0)

    half_life = settings.half_life_orders
    lately = age < settings.popular_days
    sold = np.bincount(product[lately], minlength=products)
    window = age < settings.unsold_days
    is_sold = np.bincount(product[window], minlength=products) > 0
    if not is_sold.any():  # the shop was closed: nothing can be said
        is_sold = np.ones(products, bool)
    pair_customer, recent = customer[starts], faded(ago, half_life)
    begins = np.searchsorted(pair_customer, np.arange(customers + 1))
    by_recent, within = ranked(pair_customer, recent)
    place = np.empty(len(by_recent), np.int32)
    place[by_recent] = within
    return Habits(
        pair_customer,
        product[starts],
        begins,
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
        (1 - np.exp2(-orders / half_life)) / (1 - np.exp2(-1 / half_life)),
        sold,
        is_sold,
    )


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
