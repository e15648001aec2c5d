"""Values that name nobody: placeholders, and contact points shared by more people than any family or flat-share.

They are found anew every night over all records and set to missing before records are compared, so that neither a
switchboard's number nor test@test.com links strangers, and no block of candidates is made of one.
"""

from __future__ import annotations

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

_NOBODY = (
    "test|tests|tester|testing|test[0-9]+|no-?reply|do-?not-?reply|none|na|n/a|null|nil|unknown|nobody|no-?e?mail|noone"
    "|asdf+|qwerty|abc|abcd|abc123|xxx*|aaa+|123+[0-9]*|dummy|fake|placeholder|anonymous|noname|notprovided|notavailable"
)
_RUNS = "'1234567', '12345678', '123456789', '1234567890', '0123456789', '987654321', '9876543210', '01234567890'"
# kind: SQL condition on `value` in standard form.
_PLACEHOLDERS = {
    "email": (
        f"regexp_full_match(value, '({_NOBODY})@.*') or regexp_full_match(value, '[^@]*@({_NOBODY})([.].*)?')"
        " or regexp_full_match(value, '(.)@(.)([.].*)?') and left(value, 1) = substr(value, 3, 1)"
    ),
    "mailbox": f"regexp_full_match(value, '{_NOBODY}')",
    # The last seven digits alike, or nothing but a run up or down behind the country code.
    "phone": (
        "replace(right(value, 7), right(value, 1), '') = ''"
        f" or ltrim(value, '+') in ({_RUNS}) or regexp_replace(value, '^[+][1-9]', '') in ({_RUNS})"
        f" or regexp_replace(value, '^[+][1-9][0-9]', '') in ({_RUNS})"
    ),
    "birth_date": "false",  # the known ones never become a standard form; see `standardise.dates`
    "address": (
        "regexp_matches(value, '^(unknown|none|test|same|various|general delivery|no fixed (address|abode)|homeless"
        "|not (given|known|provided|available)|address unknown|confidential|withheld|tba|tbd)([ |]|$)')"
    ),
    "national_id": f"value in ({_RUNS}, '078051120', '219099999', 'TEST', 'NONE', 'UNKNOWN', 'NULL', 'REFUSED')",
    "loyalty_card": f"value in ({_RUNS}, 'TEST', 'NONE', 'UNKNOWN', 'NULL', 'NOCARD', 'GUEST')",
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
        connection.execute("set preserve_insertion_order = false")
        found = [connection.sql(_query(kind, settings)).to_arrow_table() for kind in KINDS]
        return pa.concat_tables([table.cast(SCHEMA) for table in found])
    finally:
        connection.close()


def _query(kind: str, settings: IdentitySettings) -> str:
    return f"""
        with named as (
            select {kind} as value, coalesce(name_key, family, given) as person from features where {kind} is not null
        ),
        by_value as (select value, count(*) as records from named group by value),
        shared as (
            select named.value, count(distinct named.person) as people
            from named semi join (select value from by_value where records > 1) as several using (value)
            group by named.value
        ),
        counted as (
            select by_value.value, by_value.records, coalesce(shared.people, 1) as people
            from by_value left join shared using (value)
        ),
        most as (
            select greatest({settings.least_people_blocked},
                            cast(ceil({settings.blocked_tail} * quantile_disc(people, 0.99)) as bigint)) as people
            from counted
        ),
        judged as (
            select value, records, counted.people, most.people as most, ({_PLACEHOLDERS[kind]}) as is_placeholder
            from counted, most
        )
        select '{kind}' as kind, value, records, people,
            case when is_placeholder then '{PLACEHOLDER}'
                 else 'shared by ' || people || ' people, more than ' || most end as reason
        from judged where is_placeholder or people > most
        order by value
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
