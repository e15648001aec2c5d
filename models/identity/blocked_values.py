"""Values that name nobody: placeholders, and contact points shared by more people than any family or flat-share.

They are found anew every night over all records and set to missing before records are compared, so that neither a
switchboard's number nor test@test.com links strangers, and no block of candidates is made of one.
"""

from __future__ import annotations

from math import ceil

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .settings import IdentitySettings

# kind: columns of features that fall with a value of it.
KINDS: dict[str, tuple[str, ...]] = {
    "email": ("email", "email_digits", "mailbox"),
    "mailbox": ("mailbox",),
    "phone": ("phone",),
    "birth_date": ("birth_date",),
    "address": ("address", "house_number", "street", "unit"),
    "national_id": ("national_id",),
    "loyalty_card": ("loyalty_card",),
    "device_id": ("device_id",),
}
SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("value", pa.string()),
        ("records", pa.int64()),
        ("people", pa.int64()),
        ("reason", pa.string()),
    ]
)
PLACEHOLDER = "placeholder"
# Among few values the most shared hundredth is no value at all, and a switchboard would be its own measure.
_FEWEST_LEFT_OUT = 3

_NOBODY = (
    "test|tests|tester|testing|test[0-9]+|no-?reply|do-?not-?reply|none|na|n/a|null|nil|unknown|nobody|no-?e?mail|noone"
    "|asdf+|qwerty|abc|abcd|abc123|xxx*|aaa+|123+[0-9]*|dummy|fake|placeholder|anonymous|noname|notprovided|notavailable"
)
_RUNS = "0?12345678?9?0?|0?1234567|9876543210?"
# kind: SQL condition on `value` in standard form.
_PLACEHOLDERS = {
    "email": (
        f"regexp_matches(value, '^({_NOBODY})@|@({_NOBODY})([.]|$)')"
        " or substr(value, 2, 1) = '@' and left(value, 1) = substr(value, 3, 1) and substr(value, 4, 1) in ('.', '')"
    ),
    "mailbox": f"regexp_full_match(value, '{_NOBODY}')",
    # The last seven digits alike, or nothing but a run up or down behind the country code.
    "phone": (
        f"replace(right(value, 7), right(value, 1), '') = '' or regexp_matches(value, '^[+]?[1-9]?[0-9]?({_RUNS})$')"
    ),
    "birth_date": "false",  # the known ones never become a standard form; see `standardise.dates`
    "address": (
        "regexp_matches(value, '^(unknown|none|test|same|various|general delivery|no fixed (address|abode)|homeless"
        "|not (given|known|provided|available)|address unknown|confidential|withheld|tba|tbd)([ |]|$)')"
    ),
    "national_id": f"regexp_full_match(value, '{_RUNS}|078051120|219099999|TEST|NONE|UNKNOWN|NULL|REFUSED')",
    "loyalty_card": f"regexp_full_match(value, '{_RUNS}|TEST|NONE|UNKNOWN|NULL|NOCARD|GUEST')",
    "device_id": "regexp_full_match(value, '[0-]+|test|none|unknown|null|undefined|nan')",
}


def blocked_values(features: pa.Table, settings: IdentitySettings | None = None) -> pa.Table:
    """Values of `features` that name nobody, as in `SCHEMA`, ordered by kind and value.

    People are counted by their names (records without a name add none), so that one person in thirty systems blocks
    nothing. How many are too many is found per kind: beyond `blocked_tail` times what the most shared hundredth of its
    values has, and never fewer than `least_people_blocked`. Among values of one to three people that is the least; a
    birth date, which forty of a million people share by chance, is only blocked when hundreds do.
    """
    settings = settings or IdentitySettings()
    connection = duckdb.connect(":memory:", config={"threads": 2})
    try:
        connection.register("features", features.select(["name_key", "given", "family", *KINDS]))
        # Numbers are counted several times faster than texts; what they point at is counted again by its text.
        numbers = ", ".join(f"case when {kind} is not null then hash({kind}) end as {kind}" for kind in KINDS)
        connection.execute(f"create temp table numbered as select {_PERSON} as person, {numbers} from features")
        most = {kind: _most(connection, kind, settings) for kind in KINDS}
        found = [connection.sql(_query(kind, most[kind])).to_arrow_table() for kind in KINDS]
        return pa.concat_tables([table.cast(SCHEMA) for table in found])
    finally:
        connection.close()


_PERSON = "hash(coalesce(name_key, family, given))"


def _most(connection: duckdb.DuckDBPyConnection, kind: str, settings: IdentitySettings) -> int:
    """How many people a value of the kind may have; leaves those of values with more in `people_<kind>`."""
    connection.execute(f"""
        create temp table people_{kind} as
        select {kind} as value, count(*) as people
        from (select distinct {kind}, person from numbered where {kind} is not null)
        group by {kind}
    """)
    sizes = connection.sql(f"select people, count(*) from people_{kind} group by people order by people").fetchall()
    most = max(settings.least_people_blocked, ceil(settings.blocked_tail * _hundredth(sizes)))
    connection.execute(f"delete from people_{kind} where people <= {most}")
    return most


def _hundredth(sizes: list[tuple[int, int]]) -> int:
    """People of the least shared value within the most shared hundredth; of (people, values), ordered by people."""
    rest = max(_FEWEST_LEFT_OUT, sum(values for _, values in sizes) // 100)
    for people, values in reversed(sizes):
        rest -= values
        if rest < 0:
            return people
    return 0


def _query(kind: str, most: int) -> str:
    return f"""
        select '{kind}' as kind, {kind} as value, count(*) as records,
            count(distinct coalesce(name_key, family, given)) as people,
            case when bool_or(is_placeholder) then '{PLACEHOLDER}'
                 else 'shared by ' || count(distinct coalesce(name_key, family, given)) || ' people, more than {most}'
            end as reason
        from (
            select {kind}, name_key, family, given, ({_PLACEHOLDERS[kind].replace("value", kind)}) as is_placeholder
            from features where {kind} is not null
        )
        where is_placeholder or hash({kind}) in (select value from people_{kind})
        group by {kind}
        having bool_or(is_placeholder) or people > {most}
        order by {kind}
    """


def effective(features: pa.Table, blocked: pa.Table) -> pa.Table:
    """`features` with the blocked values, and the columns that say the same, set to missing."""
    for kind, columns in KINDS.items():
        values = blocked["value"].filter(pc.equal(blocked["kind"], kind))
        if not len(values):
            continue
        names_nobody = pc.is_in(features[kind], value_set=values.combine_chunks())
        for column in columns:
            at = features.schema.get_field_index(column)
            cleared = pc.if_else(names_nobody, pa.scalar(None, pa.string()), features[column])
            features = features.set_column(at, features.schema.field(column), cleared)
    return features
