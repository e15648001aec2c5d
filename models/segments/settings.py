"""Settings of the behavioural segments, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # What customers are told apart by: how often, how much, how wide, at what price, through which
    # door. Nothing that says who they are, and nothing a campaign of ours causes by itself.
    columns: tuple[str, ...] = (
        "orders_84d",
        "spend_84d",
        "basket_usd",
        "distinct_categories_84d",
        "recency_days",
        "discount_share_84d",
        "coupon_share_84d",
        "private_brand_share_84d",
        "weekend_share_84d",
        "web_sessions_84d",
    )
    # How much and how often say more about tomorrow than the style of buying, which is noisy for a
    # customer with few orders: style counts less in the distance between two customers. On the demo
    # six groups agree by 0.81 to 0.90 (adjusted Rand index of two halves) with weights from 0.2 to 0.4,
    # and by 0.48 with 0.6 (2026-11-22, models.segments.train on three dates).
    style_columns: tuple[str, ...] = (
        "discount_share_84d",
        "coupon_share_84d",
        "private_brand_share_84d",
        "weekend_share_84d",
        "web_sessions_84d",
    )
    style_weight: float = 0.3
    # Points of a column's distribution that are remembered: half a percent of the customers apart.
    quantiles: int = 200

    # Fewer than four groups say no more than active, quiet or gone; more than eight nobody keeps apart.
    smallest_k: int = 4
    largest_k: int = 8
    # Each k is fitted twice on different halves of the customers, so many times; their agreement
    # (adjusted Rand index) is its stability. Six repeats leave a spread of about 0.03.
    stability_repeats: int = 6
    stability_starts: int = 5
    # The steadiest k wins; of those as steady within this, which is about the spread of the measure,
    # the one that tells most groups apart.
    as_steady_within: float = 0.05
    # A k in use stays while its halves agree so well, even where another k does better tonight: what a person
    # has learnt to call six groups must not be four for a difference within the measure's noise.
    kept_above: float = 0.7
    # A group below 2 % of customers is a handful of outliers, not a segment.
    smallest_share: float = 0.02

    # A customer changes segment only where the new centre is nearer by a tenth: who stands on the
    # border would else change sides with every day that passes.
    hysteresis: float = 0.1
    # The groups are drawn anew, from where they stand, when they are this old; people's habits change with the
    # seasons. Between, centres and scales stay as they are.
    redraw_after_days: int = 28
    # ... or at once, when customers are so much further from their centres than they were (mean squared distance).
    redraw_when_looser_by: float = 0.25
    # Of all customers in a new group or in its predecessor, the share that must be in both (Jaccard index): below
    # one half it is another group, and gets an id that was never used.
    same_segment_overlap: float = 0.5
    # A word of a name stands while the group is still so far from the middle, in standard deviations.
    word_holds_above: float = 0.2

    # Fewer customers than this per possible group: one segment for everybody.
    min_customers_per_segment: int = 10
    # k-means starts; ten find the same optimum on the demo from any seed.
    starts: int = 10
    # Groups are drawn on at most so many customers, chosen by their id alone, and all are assigned: beyond it
    # the centres move by less than the hysteresis.
    drawn_on: int = 20_000
    # The silhouette is taken on at most this many customers (its cost is quadratic).
    silhouette_sample: int = 2000
    # Customers assigned at a time, so that memory does not grow with their number.
    batch: int = 100_000
    seed: int = 2017
