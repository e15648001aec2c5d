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
    # Amounts and counts are compressed by a logarithm first: they are skewed a hundredfold.
    logged: tuple[str, ...] = (
        "orders_84d",
        "spend_84d",
        "basket_usd",
        "distinct_categories_84d",
        "recency_days",
        "web_sessions_84d",
    )

    # How much and how often say more about tomorrow than the style of buying, which is noisy for a
    # customer with few orders: style counts less in the distance between two customers.
    style_columns: tuple[str, ...] = (
        "discount_share_84d",
        "coupon_share_84d",
        "private_brand_share_84d",
        "weekend_share_84d",
        "web_sessions_84d",
    )
    style_weight: float = 0.2

    # Fewer than four groups say no more than active, quiet or gone; more than six nobody keeps apart.
    smallest_k: int = 4
    largest_k: int = 6
    # Two fits on different halves of the customers must agree at least this well (adjusted Rand
    # index); among the k that do, the best silhouette wins. 0.6 is "clearly the same grouping".
    wanted_stability: float = 0.6
    stability_repeats: int = 3
    # A group below 2 % of customers is a handful of outliers, not a segment.
    smallest_share: float = 0.02
    # Scaled values beyond this are cut, so that one outlier cannot become a segment.
    clip: float = 3.0

    # Fewer customers than this per possible group: one segment for everybody.
    min_customers_per_segment: int = 10
    # k-means starts; ten find the same optimum on the demo from any seed.
    starts: int = 10
    # The silhouette is taken on at most this many customers (its cost is quadratic).
    silhouette_sample: int = 2000
    seed: int = 2017
