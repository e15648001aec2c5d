"""What a declared segment may ask of a customer: the columns of the customer's profile, with types and meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type, what it says, and its values where they are few and fixed.

    of: the table it comes from: view_360, lifecycle, groups, features, behaviour, churn or lifetime_value.
    """

    of: str
    type: str
    meaning: str
    values: tuple[str, ...] = ()


STAGES = ("prospect", "new", "active", "loyal", "at risk", "lapsed", "won back")
RFM = (
    *("champions", "loyal", "slipping away", "big baskets", "new", "promising"),
    *("needs attention", "at risk", "asleep"),
)

PROFILE: dict[str, Column] = {
    "customer_kind": Column("view_360", "varchar", "customer, lead or prospect", ("customer", "lead", "prospect")),
    "language": Column("view_360", "varchar", "preferred language, two letters"),
    "country": Column("view_360", "varchar", "country as recorded"),
    "age_band": Column("view_360", "varchar", "age in years", ("19-24", "25-34", "35-44", "45-54", "55-64", "65+")),
    "income_band": Column("view_360", "varchar", "income of the household, thousand US dollars"),
    "household_size": Column("view_360", "varchar", "people in the household"),
    "first_order_date": Column("view_360", "date", "day of the first order"),
    "last_order_date": Column("view_360", "date", "day of the last order"),
    "orders": Column("view_360", "bigint", "orders ever"),
    "sales_usd": Column("view_360", "double", "money received ever"),
    "sales_84d_usd": Column("view_360", "double", "money received in the last 84 days"),
    "recency_days": Column("view_360", "bigint", "days since the last order"),
    "tenure_days": Column("view_360", "bigint", "days since the first order"),
    "basket_usd": Column("view_360", "double", "money per order ever"),
    "web_sessions": Column("view_360", "bigint", "visits to the web site ever"),
    "tickets": Column("view_360", "bigint", "tickets at the helpdesk ever"),
    "complaints": Column("view_360", "bigint", "complaints ever"),
    "calls": Column("view_360", "bigint", "calls ever"),
    "campaign_touches": Column("view_360", "bigint", "campaign messages sent ever"),
    "last_nps": Column("view_360", "bigint", "last answer to the NPS question, 0 to 10"),
    "last_csat": Column("view_360", "bigint", "last answer to the CSAT question, 1 to 5"),
    "rfm_segment": Column("view_360", "varchar", "RFM group", RFM),
    "lifecycle_stage": Column("lifecycle", "varchar", "stage by the customer's own rhythm", STAGES),
    "usual_gap_days": Column("lifecycle", "double", "mean days between days with an order"),
    "frequency_group": Column("groups", "varchar", "how often they buy", ("frequent", "occasional", "former", "never")),
    "demographic_segment": Column("groups", "varchar", "age and home in words"),
    "income_level": Column("groups", "varchar", "income in words", ("lower", "middle", "upper", "unknown")),
    "category_segment": Column("groups", "varchar", "category with most of the money"),
    "interest_segment": Column("groups", "varchar", "category that sets the customer apart most"),
    "orders_28d": Column("features", "double", "orders in the last 28 days"),
    "orders_84d": Column("features", "double", "orders in the last 84 days"),
    "spend_28d": Column("features", "double", "money in the last 28 days"),
    "spend_84d": Column("features", "double", "money in the last 84 days"),
    "spend_prior_84d": Column("features", "double", "money in the 84 days before those"),
    "gap_ratio": Column("features", "double", "days since the last order, in the customer's own gaps"),
    "distinct_categories_84d": Column("features", "double", "categories bought in the last 84 days"),
    "discount_share_84d": Column("features", "double", "discount as a share of the undiscounted value, 0 to 1"),
    "coupon_share_84d": Column("features", "double", "share of orders with a coupon, 0 to 1"),
    "private_brand_share_84d": Column("features", "double", "share of money on private brands, 0 to 1"),
    "weekend_share_84d": Column("features", "double", "share of orders at weekends, 0 to 1"),
    "online_share_84d": Column("features", "double", "share of orders made online, 0 to 1"),
    "returned_share_364d": Column("features", "double", "money returned as a share of the money, 0 to 1"),
    "web_sessions_84d": Column("features", "double", "visits to the web site in the last 84 days"),
    "complaints_84d": Column("features", "double", "complaints in the last 84 days"),
    "open_rate_84d": Column("features", "double", "messages opened per sent"),
    "click_rate_84d": Column("features", "double", "messages clicked per sent"),
    "behaviour_segment_id": Column("behaviour", "bigint", "number of the behaviour group"),
    "behaviour_segment": Column("behaviour", "varchar", "name of the behaviour group"),
    "churn_probability": Column("churn", "double", "probability to leave, 0 to 1"),
    "is_at_risk": Column("churn", "boolean", "true when the churn model says act"),
    "expected_loss_usd": Column("churn", "double", "churn probability times expected spend"),
    "probability_alive": Column("lifetime_value", "double", "probability to buy ever again, 0 to 1"),
    "expected_spend_30d_usd": Column("lifetime_value", "double", "expected spend of the next 30 days"),
    "expected_spend_90d_usd": Column("lifetime_value", "double", "expected spend of the next 90 days"),
    "expected_spend_365d_usd": Column("lifetime_value", "double", "expected spend of the next 365 days"),
}
