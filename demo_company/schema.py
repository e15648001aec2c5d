"""The PostgreSQL tables of the ERP and the CRM: columns and keys."""

from typing import NamedTuple


class SourceTable(NamedTuple):
    """A table of a source system; `key` are the columns of its primary key."""

    schema: str
    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def world(self) -> str:
        """Its name in the world folder."""
        return f"{self.schema}_{self.name}"


_PERSON = {
    "email": "text",
    "phone": "text",
    "street": "text",
    "city": "text",
    "postcode": "text",
    "country": "text",
}
_MONEY, _MOMENT = "numeric(12,2)", "timestamptz"
_VERSION = {"created_at": _MOMENT, "updated_at": f"{_MOMENT} not null"}
_UPDATED = {"updated_at": f"{_MOMENT} not null"}

TABLES = (
    SourceTable(
        "erp",
        "accounts",
        {"account_id": "text", "account_name": "text"}
        | _PERSON
        | {"birth_date": "date", "loyalty_card": "text", "national_id": "text"}
        | _VERSION,
        ("account_id",),
    ),
    SourceTable(
        "erp",
        "stores",
        {"store_id": "text", "store_name": "text", "city": "text", "opened_on": "date"} | _UPDATED,
        ("store_id",),
    ),
    SourceTable(
        "erp",
        "products",
        dict.fromkeys(
            (
                "product_id",
                "manufacturer_id",
                "department",
                "brand",
                "product_category",
                "product_type",
                "package_size",
            ),
            "text",
        )
        | {"list_price": _MONEY, "unit_cost": _MONEY}
        | _UPDATED,
        ("product_id",),
    ),
    SourceTable(
        "erp",
        "orders",
        {
            "order_id": "text",
            "account_id": "text",
            "store_id": "text",
            "ordered_at": _MOMENT,
            "channel": "text",
        }
        | _UPDATED,
        ("order_id",),
    ),
    SourceTable(
        "erp",
        "order_lines",
        {
            "order_id": "text",
            "line_number": "integer",
            "product_id": "text",
            "quantity": "bigint",
            "sales_value": _MONEY,
            "retail_disc": _MONEY,
            "coupon_disc": _MONEY,
            "coupon_match_disc": _MONEY,
        }
        | _UPDATED,
        ("order_id", "line_number"),
    ),
    SourceTable(
        "erp",
        "coupons",
        {"coupon_upc": "text", "product_id": "text", "campaign_id": "text"} | _UPDATED,
        ("coupon_upc", "product_id", "campaign_id"),
    ),
    SourceTable(
        "erp",
        "coupon_redemptions",
        {
            "redemption_id": "text",
            "account_id": "text",
            "coupon_upc": "text",
            "campaign_id": "text",
            "redeemed_on": "date",
        }
        | _UPDATED,
        ("redemption_id",),
    ),
    SourceTable(
        "erp",
        "stock_levels",
        {
            "product_id": "text",
            "store_id": "text",
            "on_hand": "integer",
            "on_order": "integer",
            "next_delivery_on": "date",
            "lead_time_days": "integer",
            "review_days": "integer",
            "pack_size": "integer",
            "service_level": "double precision",
        }
        | _UPDATED,
        ("product_id", "store_id"),
    ),
    SourceTable(
        "erp",
        "stock_outs",
        {"product_id": "text", "store_id": "text", "out_from": "date", "out_until": "date"} | _UPDATED,
        ("product_id", "store_id", "out_from"),
    ),
    SourceTable(
        "crm",
        "contacts",
        {"contact_id": "text", "given_name": "text", "family_name": "text"}
        | _PERSON
        | {"birth_date": "text", "gender": "text", "language": "text"}
        | _VERSION,
        ("contact_id",),
    ),
    SourceTable(
        "crm",
        "consents",
        dict.fromkeys(("consent_id", "contact_id", "channel", "purpose", "state"), "text")
        | {"stated_at": _MOMENT}
        | _UPDATED,
        ("consent_id",),
    ),
    SourceTable(
        "crm",
        "campaigns",
        {"campaign_id": "text", "campaign_type": "text", "start_date": "date", "end_date": "date"} | _UPDATED,
        ("campaign_id",),
    ),
    SourceTable(
        "crm",
        "leads",
        {
            "lead_id": "text",
            "full_name": "text",
            "email": "text",
            "phone": "text",
            "company": "text",
            "stage": "text",
            "lead_source": "text",
            "expected_value": _MONEY,
        }
        | _VERSION,
        ("lead_id",),
    ),
)
