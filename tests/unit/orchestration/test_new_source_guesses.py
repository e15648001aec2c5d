"""What a look at a table leads to: which entity it is, what its columns mean, and the model that says so."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.new_source.contract import load_contracts
from orchestration.new_source.found import FoundColumn, FoundTable
from orchestration.new_source.guess import guess_entity, guess_mapping
from orchestration.new_source.keys import likely_cursor, likely_key, references_by_name, singular
from orchestration.new_source.model import Writer
from orchestration.raw.declaration import validate_declaration
from tests.unit.orchestration.found_tables import SHOP, found_table

CONTRACTS = load_contracts()


def _guessed(table: FoundTable, entity: str) -> dict[str, tuple[str, ...]]:
    mapping = guess_mapping(table, entity, CONTRACTS[entity])
    return {name: tuple(found.name for found in guess.columns) for name, guess in mapping.items()}


def _write(
    *tables: FoundTable, entities: dict[str, str | None], prefixes: dict[str, str] | None = None
) -> dict[str, str]:
    declared = {table.name: {"description": "", "path": "x", "format": "csv", "columns": ["id"]} for table in tables}
    writer = Writer(validate_declaration({**SHOP, "tables": declared}), CONTRACTS, entities, prefixes or {})
    return {table.name: writer.write(table).sql for table in references_by_name(tables)}


@pytest.mark.parametrize(
    ("name", "columns", "entity"),
    [
        ("customers", {"id": "bigint"}, "customer_records"),
        ("wp_users", {"id": "bigint", "login": "varchar"}, "customer_records"),
        ("order_items", {"id": "bigint", "order_id": "bigint", "qty": "bigint"}, "order_lines"),
        ("sales_order", {"id": "bigint", "customer_id": "bigint"}, "orders"),
        ("categories", {"id": "bigint", "name": "varchar"}, None),
        ("carts", {"id": "bigint", "customer_id": "bigint", "created_at": "timestamp"}, None),
        ("t_017", {"id": "bigint", "vorname": "varchar", "nachname": "varchar", "plz": "varchar"}, "customer_records"),
        ("reviews", {"id": "bigint", "stars": "bigint", "author": "varchar"}, "mentions"),
    ],
)
def test_a_table_is_known_by_its_name_or_by_three_of_its_columns(name, columns, entity):
    assert guess_entity(found_table(name, columns), CONTRACTS) == entity


def test_columns_are_known_by_their_names_in_several_tongues():
    table = found_table(
        "customers",
        {
            "id": "bigint",
            "Vorname": "varchar",
            "lname": "varchar",
            "customer_email": "varchar",
            "zip_code": "varchar",
            "dob": "date",
            "modified": "timestamp",
        },
    )
    assert _guessed(table, "customer_records") == {
        "given_name": ("Vorname",),
        "family_name": ("lname",),
        "email": ("customer_email",),
        "postcode": ("zip_code",),
        "birth_date": ("dob",),
        "updated_at": ("modified",),
    }


def test_an_address_is_known_by_its_looks_and_a_number_that_looks_like_none_is_not():
    table = found_table(
        "customers",
        {
            "id": "bigint",
            "reach": ("a@example.com", "b@example.com", "nonsense", "c@example.cn", "d@example.org", "e@example.org"),
            "ring": ("+49 30 123456", "(555) 123-4567"),
            "seen_from": ("192.168.100.1", "10.0.0.1"),
            "day": ("2017-01-02", "2017-01-03"),
            "article": ("4006381333931", "4006381333948"),
        },
    )
    assert _guessed(table, "customer_records") == {"email": ("reach",), "phone": ("ring",)}


def test_a_name_alone_does_not_make_a_number_or_a_time():
    table = found_table("orders", {"id": "bigint", "date": ("soon", "later"), "customer_id": ("7", "8")})
    assert _guessed(table, "orders") == {"account_key": ("customer_id",)}


@pytest.mark.parametrize(
    ("columns", "sales"),
    [
        ({"qty": "bigint", "unit_price": "decimal(10, 2)", "line_total": "decimal(10, 2)"}, ("line_total",)),
        ({"qty": "bigint", "unit_price": "decimal(10, 2)"}, ("qty", "unit_price")),
        ({"qty": "bigint", "price": "double", "discount": "double"}, ("qty", "price", "discount")),
        ({"unit_price": "decimal(10, 2)"}, None),
    ],
)
def test_the_money_of_a_line_is_its_total_or_worked_out(columns, sales):
    assert _guessed(found_table("order_items", {"id": "bigint", **columns}), "order_lines").get("sales_usd") == sales


_NAMES = "id name email price qty total date created_at updated_at type status text source value score amount city"
_WORDS = st.sampled_from(_NAMES.split())


@given(
    st.dictionaries(_WORDS, st.sampled_from(["varchar", "bigint", "timestamp", "decimal(10, 2)"]), min_size=1),
    st.sampled_from(sorted(CONTRACTS)),
)
def test_no_column_means_two_things(columns, entity):
    table = found_table("things", columns, key=tuple(list(columns)[:1]))
    mapping = guess_mapping(table, entity, CONTRACTS[entity])
    used = [found.name for name, guess in mapping.items() if len(guess.columns) == 1 for found in guess.columns]
    assert len(used) == len(set(used))
    sql = _write(table, entities={"things": entity})["things"]
    given_columns = re.findall(r"(?:as |^ {8})(\w+),?$", re.sub(r" -- .*", "", sql), re.MULTILINE)
    assert [name for name in given_columns if name in {column.name for column in CONTRACTS[entity]}] == [
        column.name for column in CONTRACTS[entity]
    ]


def test_ids_are_the_sources_own_and_accounts_are_named_as_they_are():
    customers = found_table("customers", {"id": "bigint"})
    orders = found_table("orders", {"id": "bigint", "customer_id": "bigint"})
    items = found_table("order_items", {"order_id": "bigint", "product_id": "bigint"}, key=("order_id", "product_id"))
    written_models = _write(
        customers,
        orders,
        items,
        entities={"customers": "customer_records", "orders": "orders", "order_items": "order_lines"},
    )
    assert "{{ own_id('shop', 'id') }} as order_id," in written_models["orders"]
    assert "'shop' as account_system,\n" in written_models["orders"]
    assert "{{ as_text('customer_id') }} as account_key, -- the key of customers" in written_models["orders"]
    assert "{{ own_id('shop', 'source_key') }} as order_line_id," in written_models["order_items"]
    assert "{{ own_id('shop', 'order_id') }} as order_id," in written_models["order_items"]
    assert "guess: numbers of its own" in written_models["order_items"], "nobody says whose products these are"


def test_two_tables_for_one_entity_do_not_share_keys():
    users, guests = found_table("users", {"id": "bigint"}), found_table("guests", {"id": "bigint"})
    cases = found_table("tickets", {"id": "bigint", "guest_id": "bigint"})
    models = _write(
        users,
        guests,
        cases,
        entities={"users": "customer_records", "guests": "customer_records", "tickets": "support_cases"},
        prefixes={"guests": "guests:"},
    )
    assert "'guests:' || source_key as source_key," in models["guests"]
    assert "'guests:' || {{ as_text('guest_id') }} as account_key," in models["tickets"]


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("boolean", "not coalesce(deleted, false)"),
        ("bigint", "coalesce(deleted, 0) = 0"),
        ("timestamp", "deleted is null"),
    ],
)
def test_what_is_deleted_is_left_out_unless_others_refer_to_it(kind, condition):
    columns = {"id": "bigint", "deleted": kind}
    models = _write(
        found_table("orders", columns),
        found_table("products", columns),
        entities={"orders": "orders", "products": "products"},
    )
    assert f"where {condition} -- guess" in models["orders"]
    assert "where" not in models["products"]


def test_a_column_named_like_a_word_of_sql_is_quoted():
    sql = _write(found_table("opportunities", {"id": "bigint", "order": "varchar"}), entities={"opportunities": None})
    assert "{{ adapter.quote('order') }}," in sql["opportunities"]


def test_text_is_parsed_and_kept_where_it_can_not_be_read():
    table = found_table("calls", {"id": ("1", "2"), "started_at": ("2017-01-01T10:00:00Z",), "duration": ("60", "70")})
    sql = _write(table, entities={"calls": "calls"})["calls"]
    assert "{{ parse_timestamp('started_at') }} as occurred_at," in sql
    assert "{{ raw_if_unread('started_at', parse_timestamp) }} as occurred_at_raw," in sql
    assert "{{ to_integer('duration') }} as duration_s," in sql


def test_keys_and_cursors_are_told_by_name_and_by_values():
    id_, number = (
        FoundColumn("id", "id", "varchar", ("1", "1")),
        FoundColumn("order_no", "order_no", "varchar", ("7", "8")),
    )
    assert likely_key("orders", (id_, number), 2) == ("order_no",), "an id that comes twice is no key"
    assert likely_key("orders", (FoundColumn("email", "email", "varchar", ("a", "b")), number), 3) == ()
    assert likely_cursor((FoundColumn("created_at", "created_at", "timestamp"),)) is None, "it misses changes"
    assert likely_cursor((FoundColumn("Modified", "modified", "timestamp"),)) == "Modified"


@pytest.mark.parametrize(
    ("plural", "one"),
    [("orders", "order"), ("categories", "category"), ("addresses", "address"), ("boxes", "box"), ("press", "press")],
)
def test_one_of_many(plural, one):
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("name", "entity", "heeded"), [("orders", "orders", ["status", "Currency"]), ("tickets", "support_cases", [])]
)
def test_what_changes_the_meaning_of_rows_is_told_and_written_beside_them(name, entity, heeded):
    declared = {name: {"description": "", "path": "x", "format": "csv", "columns": ["id"]}}
    writer = Writer(validate_declaration({**SHOP, "tables": declared}), CONTRACTS, {name: entity}, {})
    columns = {"id": "bigint", "status": "varchar", "Currency": "varchar", "note": "varchar"}
    model = writer.write(found_table(name, columns))
    assert list(model.heed) == heeded
    assert [f"-- Heed {column}: " in model.sql for column in columns] == [column in heeded for column in columns]
    assert max(len(line) for line in model.sql.splitlines()) <= 100
