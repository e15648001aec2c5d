"""The pages of the report, in the order of its menu: what everybody looks at, then one page per department."""

from . import (
    buying,
    churn,
    customers_value,
    demand,
    identity,
    marketing,
    overview,
    product,
    quality,
    sales,
    scorecard,
    segments,
    service,
)

MENU = [
    ("Company", [overview.page, segments.page, churn.page, customers_value.page, demand.page]),
    ("Departments", [marketing.page, sales.page, service.page, product.page, buying.page]),
    ("Trust", [scorecard.page, identity.page, quality.page]),
]
