"""What the tests of new_source share: a declaration, and tables as a look at a source would find them."""

from orchestration.new_source.found import FoundColumn, FoundTable

SHOP = {
    "source": "shop",
    "description": "The shop: what it sells.",
    "connector": "files",
    "owner": "shop@example.com",
    "party_data_class": "first",
    "location": "/nowhere",
}


def found_table(
    name: str, columns: dict[str, str | tuple[str, ...]], key: tuple[str, ...] = ("id",), **more
) -> FoundTable:
    """Columns by name: their type, or (text) some of their values."""
    found = tuple(
        FoundColumn(name, name.lower(), kind)
        if isinstance(kind, str)
        else FoundColumn(name, name.lower(), "varchar", kind)
        for name, kind in columns.items()
    )
    return FoundTable(name, found, key=key, **more)
