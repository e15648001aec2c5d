"""The customer models on any orders table: from a notebook, a benchmark, another company's export.

An orders table goes into a warehouse of its own, in which the project's dbt models work out features and outcomes as
they do every night; whatever reads the warehouse of a night reads this one too. No rule is written here twice: only
what a column is called, and which rows can't be read, is decided in this package.
"""

from orchestration.any_orders.columns import OrderColumns, OrdersError
from orchestration.any_orders.features import OrderFeatures, features_from_orders
from orchestration.any_orders.warehouse import order_warehouse

__all__ = ["OrderColumns", "OrderFeatures", "OrdersError", "features_from_orders", "order_warehouse"]
