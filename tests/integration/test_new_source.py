"""The README's "Your own systems", step by step: its YAML, its commands, on a shop the pipeline has never seen.

In a copy of the project, so that what is written does not land here. Beside the shop there is an ERP that numbers its
customers, products and orders 1, 2, 3 as the shop does.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
import yaml

from demo_company.postgres import Postgres
from demo_company.schema import TABLES
from orchestration.paths import PROJECT_DIR

PASSWORD = "not-a-secret"
_COPIED = ("Makefile", "requirements.lock", "orchestration", "models", "report", "dbt_project")

_SHOP = """
create table customers (id bigserial primary key, first_name text, last_name text, email text, phone_number text,
    address_line1 text, city text, zip text, country_code char(2), birthday date, is_deleted boolean not null,
    created_at timestamptz not null, updated_at timestamptz not null);
create table products (id bigserial primary key, name text not null, category text, price numeric(10, 2) not null,
    "order" int, updated_at timestamptz not null);
create table orders (id bigserial primary key, customer_id bigint not null references customers,
    placed_at timestamptz not null, status text, total numeric(12, 2), is_deleted boolean not null,
    updated_at timestamptz not null);
create table order_items (id bigserial primary key, order_id bigint not null references orders,
    product_id bigint not null references products, qty int not null, unit_price numeric(10, 2) not null,
    discount numeric(10, 2) not null, updated_at timestamptz not null);
create table carts (id bigserial primary key);
insert into customers (first_name, last_name, email, phone_number, address_line1, city, zip, country_code, birthday,
    is_deleted, created_at, updated_at) values
    ('伟', '王', 'wang.wei@example.com', '+8613800138000', '人民路 1 号', '上海', '200001', 'CN', '1980-01-02', false,
        '2017-01-01', '2017-01-01'),
    ('Zoë', 'Müller', 'zoe.mueller@example.com', '+49 30 123456', 'Hauptstraße 5', 'Köln', '50667', 'DE', '1990-03-04',
        false, '2017-01-01', '2017-01-01'),
    ('José', 'Núñez', 'jose@example.com', null, 'Calle Ñ 3', 'Madrid', '28001', 'ES', null, true,
        '2017-02-01', '2017-02-01');
insert into products (name, category, price, "order", updated_at) values
    ('茶', 'Tea', 3.50, 1, '2017-01-01'), ('Kaffee', 'Coffee', 7.25, 2, '2017-01-01'),
    ('Cup', 'Cups', 12, 3, '2017-01-01');
insert into orders (customer_id, placed_at, status, total, is_deleted, updated_at) values
    (1, '2017-11-01 10:00+00', 'paid', 14.00, false, '2017-11-01 10:00+00'),
    (2, '2017-12-01 10:00+00', 'paid', 25.49, false, '2017-12-01 10:00+00'),
    (3, '2017-12-02 10:00+00', 'paid', 3.50, false, '2017-12-02 10:00+00'),
    (3, '2017-12-02 11:00+00', 'test', 96.00, true, '2017-12-02 11:00+00');
insert into order_items (order_id, product_id, qty, unit_price, discount, updated_at) values
    (1, 1, 4, 3.50, 0, '2017-11-01 10:00+00'), (2, 2, 2, 7.25, 0, '2017-12-01 10:00+00'),
    (2, 3, 1, 12.00, 1.01, '2017-12-01 10:00+00'), (3, 1, 1, 3.50, 0, '2017-12-02 10:00+00'),
    (4, 3, 8, 12.00, 0, '2017-12-02 11:00+00');
"""

_ERP_ROWS = """
insert into erp.accounts (account_id, account_name, email, updated_at) values
    ('1', 'Anne Smith', 'anne@example.com', '2017-01-01'), ('2', 'Bob Jones', 'bob@example.com', '2017-01-01');
insert into erp.stores (store_id, store_name, updated_at) values ('1', 'High Street', '2017-01-01');
insert into erp.products (product_id, product_category, brand, updated_at) values
    ('1', 'MILK', 'Private', '2017-01-01'), ('2', 'BREAD', 'National', '2017-01-01');
insert into erp.orders (order_id, account_id, store_id, ordered_at, channel, updated_at) values
    ('1', '1', '1', '2017-11-05 10:00+00', 'store', '2017-11-05 10:00+00'),
    ('2', '2', '1', '2017-12-03 10:00+00', 'store', '2017-12-03 10:00+00');
insert into erp.order_lines (order_id, line_number, product_id, quantity, sales_value, updated_at) values
    ('1', 1, '1', 1, 1.01, '2017-11-05 10:00+00'), ('1', 2, '2', 2, 2.02, '2017-11-05 10:00+00'),
    ('2', 1, '1', 1, 5.05, '2017-12-03 10:00+00');
"""


@dataclass
class Readme:
    """What the README tells a reader to write and to type."""

    declaration: str
    commands: dict[str, str]


@pytest.fixture(scope="module")
def readme() -> Readme:
    section = (PROJECT_DIR / "README.md").read_text(encoding="utf-8").split("## Your own systems")[1].split("\n## ")[0]
    [declaration] = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    lines = "".join(re.findall(r"```bash\n(.*?)```", section, re.DOTALL)).splitlines()
    return Readme(declaration, {line.split()[1]: line for line in lines if line.startswith("make ")})


@dataclass
class Company:
    """A copy of the project with the reader's own systems, and what its commands said."""

    project: Path
    environment: dict[str, str]

    def type(self, command: str) -> str:
        """A line of the README, in the copy; the environment is installed already."""
        result = subprocess.run(
            command.replace("make ", "make -o .venv/.installed ", 1),
            shell=True,
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


@pytest.fixture(scope="module")
def company(readme) -> Iterator[Company]:
    """The shop and the ERP in one server, a copy of the project without the demo's other systems."""
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        project = Path(folder) / "project"
        project.mkdir()
        for name in _COPIED:
            copy = shutil.copytree if (PROJECT_DIR / name).is_dir() else shutil.copy2
            copy(PROJECT_DIR / name, project / name)
        (project / ".venv").symlink_to(sys.prefix)
        server = Postgres(Path(folder) / "postgres", PASSWORD)
        server.start()
        try:
            with server.connect("postgres", autocommit=True) as connection:
                connection.execute(_SHOP)
                _make_erp(connection)
            url = server.url("company_admin", PASSWORD, "postgres")
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
                "SHOP_DATABASE_URL": url,
                "ERP_DATABASE_URL": url,
                "PIPELINE_TOKEN_KEY": "always the same, and long enough to be a secret",
                "PIPELINE_DATA_DIR": str(Path(folder) / "data"),
            }
            yield Company(project, environment)
        finally:
            server.stop()


def _make_erp(connection: psycopg.Connection) -> None:
    connection.execute("create schema erp")
    for table in TABLES:
        if table.schema == "erp":
            columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
            connection.execute(f"create table erp.{table.name} ({columns}, primary key ({', '.join(table.key)}))")
    connection.execute(_ERP_ROWS)


@pytest.fixture(scope="module")
def said(company, readme) -> str:
    """What `make new-source` said, after the declaration was written as the README has it and the demo taken out."""
    (company.project / "orchestration/raw/sources/shop.yml").write_text(readme.declaration, encoding="utf-8")
    company.type(readme.commands["remove-source"].replace(" erp", ""))  # this company has an ERP
    return company.type(readme.commands["new-source"])


@pytest.fixture(scope="module")
def marts(company, readme, said) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published tables after the night."""
    company.type(readme.commands["nightly"])
    with duckdb.connect(f"{company.environment['PIPELINE_DATA_DIR']}/serving.duckdb", read_only=True) as connection:
        yield connection


def test_columns_keys_and_cursors_are_found_and_comments_stay(company, said):
    text = (company.project / "orchestration/raw/sources/shop.yml").read_text(encoding="utf-8")
    assert text.startswith("# orchestration/raw/sources/shop.yml\n")
    orders = yaml.safe_load(text)["tables"]["orders"]
    assert (orders["key"], orders["cursor"]) == (["id"], "updated_at")
    assert orders["columns"] == ["id", "customer_id", "placed_at", "status", "total", "is_deleted", "updated_at"]


def test_every_table_feeds_its_entity_and_no_value_is_told(company, said):
    feeds = yaml.safe_load((company.project / "dbt_project/dbt_project.yml").read_text())["vars"]["feeds"]
    assert feeds["customer_records"] == ["stg_erp__accounts", "stg_shop__customers"]
    assert feeds["order_lines"] == ["stg_erp__order_lines", "stg_shop__order_items"]
    assert feeds["calls"] == []
    written = "".join(path.read_text() for path in (company.project / "dbt_project/models/staged/shop").iterdir())
    for value in ("wang.wei", "伟", "Zoë", "Hauptstraße", "+49", "Kaffee", "7.25", PASSWORD):
        assert value not in said + written


def test_what_the_readme_shows_is_what_is_written(company, said):
    [shown] = re.findall(r"```sql\n(.*?)```", (PROJECT_DIR / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    model = (company.project / "dbt_project/models/staged/shop/stg_shop__orders.sql").read_text()
    assert {line.strip() for line in shown.splitlines()} <= {line.strip() for line in model.splitlines()}


def test_the_money_of_both_is_there_to_the_cent_and_of_each_its_own(marts):
    found = marts.sql("select order_id, sales_usd, line_count from marts.orders order by order_id").fetchall()
    assert found == [
        ("1", Decimal("3.03"), 2),
        ("2", Decimal("5.05"), 1),
        ("shop:1", Decimal("14.00"), 1),
        ("shop:2", Decimal("25.49"), 2),  # as its total says: two coffees and a cup, less 1.01
        ("shop:3", Decimal("3.50"), 1),
    ]
    categories = marts.sql("select distinct order_id, product_category from marts.order_lines order by all").fetchall()
    assert ("1", "MILK") in categories
    assert ("shop:1", "Tea") in categories
    assert ("shop:1", "MILK") not in categories


def test_five_people_bought_each_what_they_bought(marts):
    """Account 1 of the ERP and customer 1 of the shop are two people; one who left still bought."""
    owners = marts.sql("select order_id, customer_id from marts.orders").fetchall()
    assert len({customer for _, customer in owners if customer}) == 5
    assert marts.sql("select count(*) from marts.customers").fetchone() == (5,)


def test_what_no_source_feeds_is_there_and_empty(marts):
    assert marts.sql("select count(*) from marts.campaign_performance").fetchone() == (0,)


def test_a_deleted_order_is_left_out_and_its_line_set_aside(marts):
    assert marts.sql("select entity, rows from marts.quarantine_summary").fetchall() == [("order_lines", 1)]


def test_again_is_harmless_adds_what_is_new_and_leaves_what_was_edited(company, readme, said, marts):
    staged = company.project / "dbt_project/models/staged/shop"
    orders = staged / "stg_shop__orders.sql"
    edited = orders.read_text().replace("{{ not_given('text') }} as channel, -- not in the source", "'web' as channel,")
    orders.write_text(edited)
    declaration = company.project / "orchestration/raw/sources/shop.yml"
    declaration.write_text(
        declaration.read_text() + "  carts:\n    description: Carts.\n    cursor: id\n    columns: [id]\n"
    )
    again = company.type(readme.commands["new-source"])
    assert orders.read_text() == edited
    assert "stg_shop__orders.sql: edited by hand" in again
    assert "stg_shop__customers.sql: unchanged" in again
    assert "feeds nothing" in (staged / "stg_shop__carts.sql").read_text()
    assert "name: carts" in (staged / "_shop__sources.yml").read_text()
