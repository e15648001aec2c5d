"""Rows and files as a company sends them by accident: text that looks like code, impossible dates, drowning amounts."""

from pathlib import Path
from typing import Any

SQL, FORMULA = "Robert'); drop table marts.customers;--", "=cmd|' /C calc'!A0"
LONG = "x" * (1 << 20)
_NOW = "2017-12-19 10:00:00+00"
_KNOWN_ACCOUNT, _KNOWN_STORE, _KNOWN_PRODUCT = "A000001", "364", "844165"
# What must appear in no line and no record of the run.
PEOPLE = ("evil.quote@x.example", "nokey@x.example", "oddkey@x.example", "lead.person@x.example", "utf16@x.example",
          "gbk@x.example", "欧阳娜娜", "nul@x.example", "wide@x.example", "formula@x.example")  # fmt: skip

Statement = tuple[str, list[Any]]


def _account(key: str, name: str, email: str | None = None, phone: str | None = None, **more: Any) -> Statement:
    values = {"account_id": key, "account_name": name, "email": email, "phone": phone} | more
    values |= {"created_at": _NOW, "updated_at": _NOW}
    places = ", ".join(["%s"] * len(values))
    return f"insert into erp.accounts ({', '.join(values)}) values ({places})", list(values.values())


def _order(key: str, ordered_at: str, account: str = _KNOWN_ACCOUNT, store: str = _KNOWN_STORE) -> Statement:
    columns = "order_id, account_id, store_id, ordered_at, updated_at, channel"
    values = [key, account, store, ordered_at, _NOW]
    return f"insert into erp.orders ({columns}) values (%s, %s, %s, %s, %s, 'store')", values


def _line(order: str, number: int, quantity: int, sales: str, product: str = _KNOWN_PRODUCT) -> Statement:
    values = [order, number, product, quantity, sales, _NOW]
    columns = "order_id, line_number, product_id, quantity, sales_value, updated_at"
    columns += ", retail_disc, coupon_disc, coupon_match_disc"
    return f"insert into erp.order_lines ({columns}) values (%s, %s, %s, %s, %s, %s, 0, 0, 0)", values


STATEMENTS: tuple[Statement, ...] = (
    _account("H1", SQL, "evil.quote@x.example", "'; drop table x; --", street=FORMULA, city="\U0001f600 中文"),
    _account("H2", LONG, LONG[:5000] + "@x.example", "1" * 100_000, street=LONG),
    _account("H3", "\u200b\u202e\ufeff", "\U0001f4a9@x.example", "\u0661\u0662\u0663", birth_date="1900-01-01"),
    _account("H4", "Z\u0335a\u0300l" * 50, birth_date="2999-12-31"),
    _account("H5", "<script>alert(1)</script>", "a@b.example", street="{{ 7*7 }} %s {0}"),
    _account("", "no key at all", "nokey@x.example"),
    _account("H6\nH7\t,\"'", "odd key", "oddkey@x.example"),
    *(_order(f"HO-{at}", at) for at in ("1900-01-01", "2999-12-31", "infinity", "-infinity", "4713-01-01 BC")),
    _order("HO1", "2017-12-18 10:00+00"),
    _order("HO2", "2017-12-18 10:00+00", "H1"),
    _order("HO3'; drop table orders;--", "2017-12-18 10:00+00", "H1"),
    _order("HO4", "2017-12-18 10:00+00", "H2", "no such \U0001f600 store"),
    _line("HO1", 1, 1, "-5"),
    _line("HO1", 2, 10**18, "5.00"),
    _line("HO1", 3, -(10**18), "5.00"),
    _line("HO1", 2_147_483_647, 1, "9999999999.99"),
    _line("HO1", -7, 1, "1.00"),
    _line("HO2", 1, 1, "5.00"),
    _line("HO2", 2, 0, "0"),
    _line("HO3'; drop table orders;--", 1, 2, "3.00"),
    _line("HO4", 1, 2, "3.00", FORMULA),
    ("insert into crm.contacts (contact_id, given_name, family_name, email, birth_date, created_at, updated_at)"
     " values ('HC1', %s, %s, 'formula@x.example', '31/02/1999', 'infinity', %s)", [SQL, FORMULA, _NOW]),
    ("insert into crm.leads (lead_id, full_name, email, phone, company, stage, lead_source, expected_value,"
     " created_at, updated_at) values ('HL1', 'Hostile Lead', 'lead.person@x.example', null, null, 'no such stage',"
     " 'x', -1, '1900-01-01', %s)", [_NOW]),
    ("insert into erp.stock_levels (product_id, store_id, on_hand, on_order, next_delivery_on, lead_time_days,"
     " review_days, pack_size, service_level, updated_at) values ('HP', '364', 2147483647, -2147483648, '2999-01-01',"
     " 2147483647, -5, 0, 'NaN', %s)", [_NOW]),
    ("insert into erp.products (product_id, manufacturer_id, department, list_price, updated_at)"
     " values ('HP', '=1+1', 'GROCERY', -5, %s)", [_NOW]),
)  # fmt: skip
# After the night the systems are as they were.
TAKEN_BACK = (
    "delete from erp.order_lines where order_id like 'HO%'",
    "delete from erp.orders where order_id like 'HO%'",
    "delete from erp.accounts where account_id = '' or account_id like 'H%'",
    "delete from crm.contacts where contact_id = 'HC1'",
    "delete from crm.leads where lead_id = 'HL1'",
    "delete from erp.stock_levels where product_id = 'HP'",
    "delete from erp.products where product_id = 'HP'",
)
# (entity, rule): rows that tonight's hostile rows add to what is set aside.
SET_ASIDE = {
    ("customer_records", "no_key"): 1,
    ("customer_records", "unreadable_line"): 2,
    ("opportunities", "too_old"): 1,
    ("order_lines", "impossible_amount"): 3,
    ("order_lines", "negative_sale"): 1,
    ("orders", "from_the_future"): 2,
    ("orders", "too_old"): 3,
    ("products", "negative_price"): 1,
    ("stock_levels", "negative_stock"): 1,
    ("calls", "unreadable_duration"): 1,
}


def deliver(drop: Path) -> None:
    """Files beside the honest ones."""
    _write(drop, "survey/responses/responses_2017-12-19.csv",
           "response_id,card_number,email,survey,question,score,comment,answered_at\n"
           "HX1,,utf16@x.example,nps,q,9,très bien,2017-12-18T10:00:00Z\n", "utf-16")  # fmt: skip
    _write(drop, "loyalty/members/members_2017-12-19.csv",
           "card_number,member_name,email,phone,street,city,postcode,birth_date,joined_at,updated_at\n"
           "999000111222,欧阳娜娜,gbk@x.example,,中山路一号,北京,1,1980-01-01,2017-12-18T00:00:00Z,"
           "2017-12-18T00:00:00Z\n", "gbk")  # fmt: skip
    _write(drop, "web/accounts/accounts_2017-12-19.csv",
           "web_account_id,display_name,email,phone,device_id,registered_at,updated_at\n"
           "HW1,nul\0in\0name,nul@x.example,,d-1,2017-12-18T00:00:00Z,2017-12-18T00:00:00Z\n"
           f'HW2,"{LONG}",wide@x.example,,d-1,2017-12-18T00:00:00Z,2017-12-18T00:00:00Z\n'
           'HW3,"=HYPERLINK(""http://x"")",,,d-2,0000-00-00T00:00:00Z,9999-99-99\n')  # fmt: skip
    _write(drop, "callcentre/calls/calls_2017-12-19.jsonl",
           '{"call_id": "HC1", "contact_id": {"x": 1}, "caller_phone": [1], "agent": null, "duration_s": -1e18,'
           ' "started_at": "2017-12-18T00:00:00Z", "reason": "x", "language": 3, "transcript": [],'
           ' "post_call_score": 1e400}\n')  # fmt: skip


def _write(drop: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (drop / name).write_bytes(text.encode(encoding))
