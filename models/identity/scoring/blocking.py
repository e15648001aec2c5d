"""Which records meet: rules that follow from the columns, their keys, and the pairs that share one."""

from __future__ import annotations

import duckdb
import pyarrow as pa

# Consonants that sound alike made one digit, vowels gone: the idea of Soundex, without its first-letter rule.
_SOUND = (
    "left(replace(replace(translate({c}, 'bfpvcgjkqsxzdtlmnraeiouyhw', '111122222222334556'),"
    " '11', '1'), '22', '2'), 4)"
)


def _sound(column: str) -> str:
    return f"left({column}, 1) || {_SOUND.format(c=f'substr({column}, 2)')}"


_YEAR = "left(birth_date, 4)"
KEYS: dict[str, tuple[str, ...]] = {
    # One value alone.
    "national_id": ("national_id",),
    "email": ("email",),
    "phone": ("phone",),
    "loyalty_card": ("loyalty_card",),
    "device_id": ("device_id",),
    "name_key": ("name_key",),
    "address": ("address",),
    "mailbox": ("mailbox",),
    "birth_date": ("birth_date",),
    "street": ("street",),
    "city": ("city",),
    "given": ("given_root",),
    "family": ("family",),
    # A birth date and half of something.
    "birth_date+family": ("birth_date", "family"),
    "birth_date+given": ("birth_date", "given_root"),
    "birth_date+initial": ("birth_date", "left(given, 1)"),
    "birth_date+family initial": ("birth_date", "left(family, 1)"),
    "birth_date+postcode": ("birth_date", "postcode"),
    "birth_date+city": ("birth_date", "city"),
    # Names as they sound, held together by something else.
    "sound of name": (_sound("given"), _sound("family")),
    "start of name": ("left(given, 3)", "left(family, 3)"),
    "start of name swapped": ("least(left(given, 3), left(family, 3))", "greatest(left(given, 3), left(family, 3))"),
    "sound of family+year": (_sound("family"), _YEAR),
    "sound of given+year": (_sound("given"), _YEAR),
    "family+month and day": ("family", "right(birth_date, 5)"),
    "given+month and day": ("given_root", "right(birth_date, 5)"),
    "family+year": ("family", _YEAR),
    "given+year": ("given_root", _YEAR),
    "start of e-mail": ("left(email, 7)",),
    "end of e-mail": ("left(email, 1)", "right(email, 12)"),
    "initial+month and day": ("left(given, 1)", "right(birth_date, 5)"),
    "city+year": ("city", _YEAR),
    # Places.
    "postcode+given": ("postcode", "given_root"),
    "postcode+family": ("postcode", "family"),
    "city+given": ("city", "given_root"),
    "city+family": ("city", "family"),
    "street+number": ("street", "house_number"),
    "street+city": ("street", "city"),
    "number+postcode": ("house_number", "postcode"),
    "number+family": ("house_number", "family"),
    "number+given": ("house_number", "given_root"),
    "street+given": ("street", "given_root"),
    "street+family": ("street", "family"),
    "start of national id": ("left(national_id, 5)",),
    "end of national id": ("right(national_id, 5)",),
    "end of phone": ("right(phone, 7)",),
    "start of phone+initial": ("left(phone, length(phone) - 2)", "left(given, 1)"),
}


def parts_of(rule: str) -> tuple[str, ...]:
    """SQL of the parts of a rule's key, null where empty."""
    return tuple(f"nullif({part}, '')" for part in KEYS[rule])


# Part that says how a column sounds: the column.
HEARD = {f"nullif({_sound(column)}, '')": column for column in ("given", "family")}


def key_sql(rule: str) -> str:
    """SQL for the text of a record's key under a rule, null where a part is missing or empty."""
    return " || '|' || ".join(parts_of(rule))


def _hashed(rule: str) -> str:
    """SQL for a number by which records meet under a rule, null where a part is missing; no text is put together."""
    parts = parts_of(rule)
    return f"case when {' and '.join(f'{part} is not null' for part in parts)} then hash({', '.join(parts)}) end"


def make_keys(
    connection: duckdb.DuckDBPyConnection,
    rules: tuple[str, ...],
    oversized: pa.Table,
    *,
    source: str = "records",
    key: str = "row_id",
) -> None:
    """Create `keys` from `source`: its column `key` and per rule b0, b1 … a hash of the text to meet by, or null."""
    connection.register("oversized", oversized)
    parts = []
    with_oversized = set(oversized.column("rule").to_pylist())
    for i, rule in enumerate(rules):
        number = _hashed(rule)
        if rule in with_oversized:
            left_out = f"select key from oversized where rule = '{rule}'"
            number = f"case when {key_sql(rule)} not in ({left_out}) then {number} end"
        parts.append(f"{number} as b{i}")
    connection.execute(f"create or replace table keys as select {key}, {', '.join(parts)} from {source}")
    connection.unregister("oversized")


def make_candidates(connection: duckdb.DuckDBPyConnection, rules: tuple[str, ...], *, one_in: int = 1) -> None:
    """Create `candidates` (row_id_l, row_id_r): each pair that shares a key, once.

    one_in: only blocks whose hash says so, by the first rule that brings a pair up, so that every pair
    has the same chance.
    """
    connection.execute("create or replace table candidates (row_id_l integer, row_id_r integer)")
    for i in range(len(rules)):
        earlier = "".join(f"  and not coalesce(l.b{j} = r.b{j}, false)" for j in range(i))
        sample = f" and l.b{i} % {one_in} = 0" if one_in > 1 else ""
        connection.execute(
            "insert into candidates select l.row_id, r.row_id from keys as l"
            f" inner join keys as r on l.b{i} = r.b{i} and l.row_id < r.row_id where true{sample}{earlier}"
        )
