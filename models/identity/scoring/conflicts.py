"""Which pairs of records cannot be one person, whatever else agrees."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from ..database import room
from .birth import BIRTH_NEAR, YEARS_APART
from .comparison import letters_apart
from .contact import NATIONAL_ID_SLIP
from .model import Model
from .names import CROSSED, FAMILY_NEAR, GIVEN_NEAR, PREFIX, SWAPPED_HALF
from .prepare import load

# Short words with a slip, words with several: not the same by that, but not two names either.
_DAMAGED = (
    "not (given_is_common_l and given_is_common_r) and ("
    f"{letters_apart('given_l', 'given_r')} <= 2 or jaro_winkler_similarity(given_l, given_r) >= 0.7)"
)
# Given names that cannot be one person's: no common root, no slip, no initial, no part of the other, no swap.
# As a chain of cases, for the cheap tests come first and end it.
_GIVEN = " ".join(
    f"when {condition} then false"
    for condition in (
        "given_l is null or given_r is null or given_l = given_r or least(length(given_l), length(given_r)) = 1",
        GIVEN_NEAR,
        _DAMAGED,
        "given_l = family_r or family_l = given_r",
        f"{PREFIX} or {SWAPPED_HALF} or {CROSSED}",
    )
)
GIVEN_CONFLICT = f"(case {_GIVEN} else true end)"
# Father and son of one name: born a generation apart, and no slip makes the dates the same.
LEAST_GENERATION_YEARS = 12
BIRTH_CONFLICT = (
    f"(case when {YEARS_APART} >= {LEAST_GENERATION_YEARS} then (case when {BIRTH_NEAR} then false else true end)"
    " else false end)"
)
# A number that the state gives to one person settles it: then the name or the date is wrong.
SAME_BY_LAW = f"(national_id_l = national_id_r or {NATIONAL_ID_SLIP})"


def is_conflict(contradictions_hold: bool) -> str:
    """SQL: the two records contradict each other; never where that is a mere error (see `contradictions_hold`)."""
    if not contradictions_hold:
        return "false"
    return f"(case when {SAME_BY_LAW} then false when {GIVEN_CONFLICT} then true else {BIRTH_CONFLICT} end)"


# Fewer pairs than this show nothing.
LEAST_PAIRS = 10


def contradictions_hold(connection: duckdb.DuckDBPyConnection, pairs: str) -> bool:
    """Whether two given names of one family at one address are two people, and not one that was misnamed.

    Where households are recorded, such pairs have different birth dates nearly always, and the few on one
    day are twins. Where most of them share the birth date, nobody shares a home: names and dates are
    wrong there, and the probability alone decides. Without birth dates or addresses to tell, they hold.
    """
    read = (*COLUMNS, "house_number", "street", "family")
    same, other = connection.sql(
        f"with both_sides as ({sides(pairs, tuple(dict.fromkeys(read)))})"
        " select count(*) filter (birth_date_l = birth_date_r), count(*) filter (birth_date_l <> birth_date_r)"
        " from both_sides where house_number_l = house_number_r and street_l = street_r"
        f" and coalesce({FAMILY_NEAR}, false) and {GIVEN_CONFLICT}"
    ).fetchone()
    return not (same >= LEAST_PAIRS and same > other)


COLUMNS = (
    "given", "family", "given_root", "given_roots", "given_roots_bits", "birth_date", "birth_year", "birth_month",
    "birth_day", "national_id", "given_is_common", "family_is_common", "given_letters", "family_letters",
    "national_id_letters", "has_plain_order",
)  # fmt: skip


def sides(table: str, columns: tuple[str, ...], of_pairs: tuple[str, ...] = ()) -> str:
    """SQL selecting both sides of `columns` for pairs (row_id_l, row_id_r) of `table`, from records.

    of_pairs: columns of `table` to select too.
    """
    both = ", ".join([*(f"pairs.{c}" for c in of_pairs), *(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in columns)])
    return (
        f"select pairs.row_id_l, pairs.row_id_r, {both} from {table} as pairs"
        " inner join records as l on l.row_id = pairs.row_id_l"
        " inner join records as r on r.row_id = pairs.row_id_r"
    )


def conflicting(pairs: pa.Table, features: pa.Table, model: Model) -> pa.Table:
    """The rows of `pairs` (record_key_l, record_key_r) whose records contradict each other, ordered."""
    if not pairs.num_rows:
        return pairs.select(["record_key_l", "record_key_r"])
    with room() as connection:
        connection.register("asked", pairs.select(["record_key_l", "record_key_r"]))
        connection.register("features", features)
        connection.execute(
            "create table of_interest as select features.* from features semi join"
            " (select record_key_l as record_key from asked union select record_key_r from asked) using (record_key)"
        )
        load(connection, "of_interest", model)
        connection.execute(
            "create table numbered as select l.row_id as row_id_l, r.row_id as row_id_r, asked.* from asked"
            " inner join records as l on l.record_key = asked.record_key_l"
            " inner join records as r on r.record_key = asked.record_key_r"
        )
        return connection.sql(
            f"with both_sides as ({sides('numbered', COLUMNS)})"
            " select record_key_l, record_key_r from numbered"
            " inner join (select row_id_l, row_id_r from both_sides"
            f" where {is_conflict(model.contradictions_hold)}) using (row_id_l, row_id_r)"
            " order by all"
        ).to_arrow_table()
