"""Sizes and times of a customer's orders: what the trees know of whole baskets, beside single products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .settings import RecommendSettings


@dataclass(frozen=True)
class Baskets:
    """As of a date; per customer code (NaN where not worked out), then per row of the habits.

    usual_size, last_size: logarithm of products per order, faded with later orders, and of the newest order.
    since: days since the newest order. gap: mean days between orders, 0 for a single one.
    light: faded orders with the product, each divided by the root of its size, over the same of all orders: a product
    that comes alone makes up more of a basket than one that comes with fifty. size: mean logarithm of the sizes of the
    orders with the product. first_orders: orders since the first purchase.
    """

    usual_size: np.ndarray
    last_size: np.ndarray
    since: np.ndarray
    gap: np.ndarray
    light: np.ndarray
    size: np.ndarray
    first_orders: np.ndarray


def baskets(
    customer: np.ndarray,
    ago: np.ndarray,
    age: np.ndarray,
    starts: np.ndarray,
    customers: int,
    settings: RecommendSettings,
) -> Baskets:
    """Baskets from purchases by customer, product and time.

    Args:
        customer: code per purchase, ascending.
        ago, age: the customer's later orders, and days, since each.
        starts: first purchase of each row of the habits.
        customers: how many codes there are.
    """
    per_customer = [np.full(customers, np.nan) for _ in range(4)]
    if not len(customer):
        return Baskets(*per_customer, *(np.empty(0) for _ in range(3)))
    first = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])
    owner = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(customer)]))
    orders = np.maximum.reduceat(ago, first).astype(np.int64) + 1
    begins = np.cumsum(orders) - orders
    which = begins[owner] + ago
    size = np.bincount(which, minlength=int(orders.sum()))
    day = np.zeros(len(size), np.int64)
    day[which] = age
    later = np.arange(len(size)) - np.repeat(begins, orders)

    log_size = np.log(size)
    recent = np.exp2(-later / settings.short_half_life_orders)
    light = np.exp2(-later / settings.half_life_orders) / np.sqrt(size)
    oldest = begins + orders - 1
    codes = customer[first]
    figures = (
        np.add.reduceat(recent * log_size, begins) / np.add.reduceat(recent, begins),
        log_size[begins],
        day[begins],
        (day[oldest] - day[begins]) / np.maximum(orders - 1, 1),
    )
    for values, figure in zip(per_customer, figures, strict=True):
        values[codes] = figure
    times = np.diff(np.r_[starts, len(customer)])
    whole = np.add.reduceat(light, begins)[owner[starts]]
    return Baskets(
        *per_customer,
        np.add.reduceat(light[which], starts) / whole,
        np.add.reduceat(log_size[which], starts) / times,
        ago[starts],
    )
