"""Values that name nobody: placeholders, and contact points shared by more people than any family or flat-share.

They are found anew every night over all records and set to missing before records are compared, so that neither a
switchboard's number nor test@test.com links strangers, and no block of candidates is made of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .database import room
from .settings import IdentitySettings
from .threads import in_threads

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
SHARED_SCHEMA = pa.schema([("kind", pa.string()), ("people", pa.int64()), ("values", pa.int64())])
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
    return counted(features, settings or IdentitySettings())[0]


def counted(features: pa.Table, settings: IdentitySettings) -> tuple[pa.Table, pa.Table]:
    """(`blocked_values`, how many values of each kind so many people share: `SHARED_SCHEMA`, ordered)."""
    with room() as connection:
        _number(connection, features, tuple(KINDS))
        sizes = {kind: _sizes(connection, kind) for kind in KINDS}
        found = [_found(connection, kind, _most(sizes[kind], settings)) for kind in KINDS]
    return pa.concat_tables(found), _as_table(sizes)


def counted_again(
    now: Callable[[], pa.Table],
    then: pa.Table,
    added: pa.Table,
    removed: np.ndarray,
    blocked: pa.Table,
    shared: pa.Table,
    settings: IdentitySettings,
) -> tuple[pa.Table, pa.Table]:
    """The same as `counted(now())`, from what it said of the features `then`: without `added`, with `removed` rows.

    removed: mask over `then`. `now` is only asked where all is counted, for it may still be on its way.
    Only values that another set of records bears are counted; with a new bound for a kind, all values of that kind.
    """
    before = {kind: Counter[int]() for kind in KINDS}
    for row in shared.to_pylist():
        before[row["kind"]][row["people"]] = row["values"]
    lost = then.select(_READ).filter(pa.array(removed))

    def again(kind: str) -> tuple[Counter[int], pa.Table]:
        sizes = Counter(before[kind])
        kept = blocked.filter(pc.equal(blocked["kind"], kind))
        if added[kind].null_count == len(added) and lost[kind].null_count == len(lost):
            return sizes, kept
        with room() as connection:
            connection.register("added", added.select([*_NAMES, kind]))
            connection.register("removed", lost.select([*_NAMES, kind]))
            touched = _touched(connection, kind)
            if len(touched):
                rows = pc.indices_nonzero(pc.is_in(then[kind], value_set=touched))
                bearing, stays = then.select([*_NAMES, kind]).take(rows), ~removed[rows.to_numpy()]
                _number(connection, bearing, (kind,))
                sizes.subtract(_sizes(connection, kind))
                bearing = pa.concat_tables([bearing.filter(pa.array(stays)), _bearing(added, kind, touched)])
                _number(connection, bearing, (kind,))
                sizes.update(_sizes(connection, kind))
            most = _most(sizes, settings)
            if most != _most(before[kind], settings):
                _number(connection, now(), (kind,))
                _sizes(connection, kind)
                kept = _found(connection, kind, most)
            elif len(touched):
                kept = kept.filter(pc.invert(pc.is_in(kept["value"], value_set=touched)))
                kept = pa.concat_tables([kept, _found(connection, kind, most)]).sort_by("value")
        return sizes, kept

    sizes, found = zip(*in_threads(again, KINDS), strict=True)
    return pa.concat_tables(found).combine_chunks(), _as_table(dict(zip(KINDS, sizes, strict=True)))


_NAMES = ("name_key", "family", "given")
_READ = [*_NAMES, *KINDS]
_NAME = f"coalesce({', '.join(_NAMES)})"
_PERSON = f"case when {_NAME} is not null then hash({_NAME}) end"


def _touched(connection: duckdb.DuckDBPyConnection, kind: str) -> pa.Array:
    """Values of the kind whose bearers differ between the tables `added` and `removed`, each record once."""
    parts = (
        f"select {kind}, {', '.join(_NAMES)} from {one} where {kind} is not null except all"
        f" select {kind}, {', '.join(_NAMES)} from {other} where {kind} is not null"
        for one, other in (("added", "removed"), ("removed", "added"))
    )
    found = connection.sql(f"select distinct {kind} as value from (({') union all ('.join(parts)}))").to_arrow_table()
    return found["value"].cast(pa.string()).combine_chunks()


def _bearing(features: pa.Table, kind: str, values: pa.Array) -> pa.Table:
    """The rows of `features` with one of the `values`."""
    return features.select([*_NAMES, kind]).filter(pc.is_in(features[kind], value_set=values))


def _number(connection: duckdb.DuckDBPyConnection, features: pa.Table, kinds: tuple[str, ...]) -> None:
    """Create `numbered` (person and each kind as numbers) of the table `bearing`, which are the features.

    Numbers are counted several times faster than texts; what they point at is counted again by its text.
    """
    connection.register("bearing", features.select([*_NAMES, *kinds]))
    numbers = ", ".join(f"case when {kind} is not null then hash({kind}) end as {kind}" for kind in kinds)
    connection.execute(f"create or replace temp table numbered as select {_PERSON} as person, {numbers} from bearing")


def _sizes(connection: duckdb.DuckDBPyConnection, kind: str) -> Counter[int]:
    """How many values of the kind so many people share, of `numbered`; leaves the people of each in `people_<kind>`."""
    connection.execute(f"""
        create or replace temp table people_{kind} as
        select {kind} as value, count(person) as people
        from (select distinct {kind}, person from numbered where {kind} is not null)
        group by {kind}
    """)
    return Counter(dict(connection.sql(f"select people, count(*) from people_{kind} group by people").fetchall()))


def _as_table(sizes: Mapping[str, Counter[int]]) -> pa.Table:
    rows = [(kind, people, sizes[kind][people]) for kind in KINDS for people in sorted(+sizes[kind])]
    return pa.table([list(column) for column in zip(*rows, strict=True)] or [[], [], []], schema=SHARED_SCHEMA)


def _most(sizes: Counter[int], settings: IdentitySettings) -> int:
    """How many people a value may have."""
    return max(settings.least_people_blocked, ceil(settings.blocked_tail * _hundredth(sorted((+sizes).items()))))


def _hundredth(sizes: list[tuple[int, int]]) -> int:
    """People of the least shared value within the most shared hundredth; of (people, values), ordered by people."""
    rest = max(_FEWEST_LEFT_OUT, sum(values for _, values in sizes) // 100)
    for people, values in reversed(sizes):
        rest -= values
        if rest < 0:
            return people
    return 0


def _found(connection: duckdb.DuckDBPyConnection, kind: str, most: int) -> pa.Table:
    """Blocked values of the kind in the table `bearing`, counted by their texts."""
    return (
        connection.sql(f"""
        select '{kind}' as kind, {kind} as value, count(*) as records,
            count(distinct {_NAME}) as people,
            case when bool_or(is_placeholder) then '{PLACEHOLDER}'
                 else 'shared by ' || count(distinct {_NAME}) || ' people, more than {most}'
            end as reason
        from (
            select {kind}, name_key, family, given, ({_PLACEHOLDERS[kind].replace("value", kind)}) as is_placeholder
            from bearing where {kind} is not null
        )
        where is_placeholder or hash({kind}) in (select value from people_{kind} where people > {most})
        group by {kind}
        having bool_or(is_placeholder) or people > {most}
        order by {kind}
    """)
        .to_arrow_table()
        .cast(SCHEMA)
    )


def effective(features: pa.Table, blocked: pa.Table) -> pa.Table:
    """`features` with the blocked values, and the columns that say the same, set to missing.

    Of a table with some of the columns only, those that another column takes with it must come with that one.
    """
    for kind, columns in KINDS.items():
        values = blocked["value"].filter(pc.equal(blocked["kind"], kind))
        if not len(values) or kind not in features.column_names:
            continue
        names_nobody = pc.is_in(features[kind], value_set=values.combine_chunks())
        for column in columns:
            at = features.schema.get_field_index(column)
            if at < 0:
                continue
            cleared = pc.if_else(names_nobody, pa.scalar(None, pa.string()), features[column])
            features = features.set_column(at, features.schema.field(column), cleared)
    return features


def with_other_values(features: pa.Table, blocked: pa.Table, before: pa.Table) -> pa.Array:
    """Mask over `features`: they bear a value that is blocked in one of the two tables only."""
    met = pc.is_null(features["record_key"])  # none: keys are never missing
    for kind in KINDS:
        one, two = (
            set(table["value"].filter(pc.equal(table["kind"], kind)).to_pylist()) for table in (blocked, before)
        )
        if one != two:
            met = pc.or_(met, pc.is_in(features[kind], value_set=pa.array(sorted(one ^ two), pa.string())))
    return met
