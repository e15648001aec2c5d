"""What can be set about recommendations, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecommendSettings:
    """Settings of the recommendation models; days are calendar days, orders are a customer's own orders."""

    # Lists are as long as they are judged: recall@20 and NDCG@20 are what the literature reports.
    basket_size: int = 20
    # A new product is an idea, not a shopping list: five leave room for exclusions further down the road.
    new_products: int = 5

    # Outcomes: the first order within four weeks; the same window as churn's, so that both mature together.
    horizon_days: int = 28

    # Half-lives, in orders, with which a past purchase fades. 30 was the best single one on The Complete Journey
    # (recall@20 0.302; 10: 0.293, 100: 0.296); the ranker sees all three.
    half_life_orders: float = 30.0
    short_half_life_orders: float = 10.0
    long_half_life_orders: float = 100.0
    half_life_days: float = 45.0

    # Older orders have faded to 1 %; a customer with ten thousand orders costs no more than one with 200.
    max_orders: int = 200
    max_days: int = 728

    # Own products that can be recommended again, best first; all beyond had no hit among the first 20.
    own_candidates: int = 60
    # Products of similar customers, and popular ones, that a customer has not bought.
    new_candidates: int = 25
    popular_candidates: int = 40
    popular_days: int = 28

    # TIFU-KNN (Hu et al., 2020): share of the own habits in the score, the rest is the neighbours'. Flat between
    # 0.5 and 0.8 on The Complete Journey.
    own_share: float = 0.6
    neighbours: int = 100
    # Neighbours are looked for among at most so many customers, chosen by a hash of their id: a larger pool finds
    # hardly better ones and costs in proportion.
    pool: int = 2000
    pool_min_orders: int = 3
    # Products per customer that similarity is measured on, and that a neighbour passes on.
    profile_products: int = 50
    # An average neighbour buys it in fewer than four of 1,000 orders: no recommendation, and most of the arithmetic.
    neighbour_floor: float = 0.004

    # Item similarity: products most like each, from customers of the pool.
    similar_products: int = 30

    # Ranker: customers whose candidates it learns from (some 130 rows each; 4,000 ranked no better), L2 strength.
    training_customers: int = 2000
    min_training_customers: int = 100
    inverse_regularisation: float = 1.0
    # Boosted trees rank each customer's first fifty by TIFU-KNN again, and learn from as many.
    shortlist: int = 50
    trees: int = 60
    learning_rate: float = 0.1
    leaves: int = 16
    min_leaf_rows: int = 200
    leaf_regularisation: float = 5.0
    share_of_inputs: float = 0.5
    # Values that a column is told apart by; 48, 64 and 128 ranked alike, and the histograms cost in proportion.
    bins: int = 64
    seed: int = 2017
    # Customers who ordered in the judged window; fewer make the comparison of models a matter of luck.
    min_judged_customers: int = 50
    max_judged_customers: int = 20000

    # Exclusions. Just bought: within two days, unless the customer usually buys it again within three weeks: leaving
    # those out as well cost a tenth of the recall. Not sold any more: nobody bought it for eight weeks.
    just_bought_days: int = 2
    again_soon_days: float = 21.0
    unsold_days: int = 56

    # Customers scored at a time: bounds memory, changes no score.
    block_customers: int = 10000
    threads: int = 2
    decimals: int = 6
