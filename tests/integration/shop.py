"""The source `shop` of the tests of databases: found through SHOP_URL."""

from typing import Any

from orchestration.raw.declaration import SourceDeclaration, validate_declaration

PASSWORD = "not-a-secret"


def declare_shop(tables: dict[str, Any], **more: object) -> SourceDeclaration:
    """A declaration of the shop with these tables."""
    return validate_declaration(
        {
            "source": "shop",
            "description": "",
            "connector": "sql",
            "owner": "shop@example.com",
            "party_data_class": "first",
            "location": "${SHOP_URL}",
            "tables": tables,
        }
        | more
    )
