"""Customer ids that last: tonight's clusters meet last night's ids.

An id is never renumbered and never given to somebody else, nor when a night is run again. Where people
merge the oldest id stays, where one splits the larger part keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from ..grades import as_day
from .history import days_up_to, in_memory, pairs_of, to_table

EVENT_COLUMNS = ["as_of", "event", "customer_id", "other_customer_id", "record_count"]
BEGINNING = date(1900, 1, 1)


@dataclass(frozen=True)
class Assignment:
    """current: one row per record. events: created, merged, split and vanished customers of this night.

    merged: other_customer_id went up in customer_id. split: customer_id came out of other_customer_id.
    The events are all of the night, seen from the night before; of a night run again they also tell of
    ids that an earlier attempt published and that are gone, and so replace the events of that attempt.
    """

    current: pd.DataFrame
    events: pd.DataFrame


def last_known(history: Any, as_of: object) -> pd.DataFrame:
    """Each record's newest customer_id before the night of `as_of`, from the identity history.

    Columns record_key, customer_id, since (first day the id was ever used) and is_current. Rows that
    began on or after `as_of` are not looked at, so that a night run twice is seen from the same state.
    A record that was missing for some nights is in it, and so comes back to its id.
    """
    with in_memory(history=to_table(history)) as connection:
        connection.execute("set variable night = $night", {"night": as_day(as_of)})
        return connection.sql(f"{_newest(_BEFORE)} order by record_key").to_arrow_table().to_pandas()


_BEFORE = """
    select record_key, customer_id, valid_from,
        case when valid_to < getvariable('night') then valid_to end as valid_to
    from history where valid_from < getvariable('night')
"""


def _newest(rows: str) -> str:
    """Query for each record's row that held last; an empty interval counts only where nothing held later."""
    return f"""
        with rows as ({rows}),
        first_days as (select customer_id, min(valid_from) as since from rows group by customer_id)
        select record_key, customer_id, since, valid_to is null as is_current
        from (
            select *, row_number() over (
                partition by record_key order by valid_to desc nulls first, valid_from desc, customer_id desc
            ) as place
            from rows
        ) inner join first_days using (customer_id)
        where place = 1
    """


def assign_ids(
    clusters: Any, previous: Any, retired: Iterable[str] | Any, as_of: object, prefix: str = "C"
) -> Assignment:
    """Give every cluster a lasting customer_id.

    `clusters` as from `resolve`. `previous` has record_key and customer_id of the night before, or is
    the identity history itself (then `since`, returning records and a night run again are understood).
    `retired` are all ids ever used, as a set or a table with customer_id (the history again will do).
    New ids are `prefix` and 15 hexadecimal digits. Tables may be pandas or Arrow.

    A night run again starts from the ids it published before: the same clusters give the same result,
    others are merged and split as on any night. Raises ValueError if the history goes on after `as_of`.
    """
    night = as_day(as_of)
    table = clusters if isinstance(clusters, pa.Table) else pa.Table.from_pandas(clusters, preserve_index=False)
    with in_memory(clusters=table, used=_ids(retired)) as connection:
        connection.execute("set variable night = $night", {"night": night})
        _load_states(connection, previous, night)
        connection.execute(_HEIRS)
        _name_the_new(connection, prefix)
        current = connection.sql(_CURRENT).to_arrow_table()
        return Assignment(current.to_pandas(), _events(connection))


def night_events(history: Any, as_of: object) -> pd.DataFrame:
    """The events of the night of `as_of`, told again from a history that ends with it."""
    night = as_day(as_of)
    rows = days_up_to(history, night)
    with in_memory(history=rows) as connection:
        connection.execute("set variable night = $night", {"night": night})
        _load_states(connection, rows, night)
        connection.execute(
            "create temp table now as select record_key, customer_id from history where valid_to is null"
        )
        return _events(connection)


def _ids(retired: Iterable[str] | Any) -> pa.Table:
    if isinstance(retired, pa.Table | pd.DataFrame):
        return pa.table({"customer_id": pa.array(retired["customer_id"], pa.string())})
    return pa.table({"customer_id": pa.array(list(retired), pa.string())})


def _load_states(connection: duckdb.DuckDBPyConnection, previous: Any, night: date) -> None:
    """Tables known (newest ids), before (those before the night) and published (all of this night)."""
    columns = previous.column_names if isinstance(previous, pa.Table) else list(previous.columns)
    if "valid_from" in columns:
        connection.register("history", days_up_to(previous, night))
        connection.execute(f"create temp table known as {_newest('from history')}")
        connection.execute(f"create temp table before as {_newest(_BEFORE)}")
        tonight = "select distinct record_key, customer_id from history where valid_from = getvariable('night')"
        connection.execute(f"create temp table published as {tonight}")
        return
    connection.register("pairs", pairs_of(previous))
    connection.execute(
        "create temp table known as"
        f" select record_key, customer_id, date '{BEGINNING}' as since, true as is_current from pairs"
    )
    connection.execute("create temp table before as from known")
    connection.execute("create temp table published as select record_key, customer_id from known limit 0")


# Every old id goes to the cluster that holds most of its records; those that held it last night count before those
# that were missing then and come back. Of the ids that go to one cluster the oldest stays, then the one with most
# records.
_HEIRS = """
create temp table sizes as
select cluster_id, count(*) as records, min(record_key) as first_key from clusters group by cluster_id;

create temp table named as
with claims as (
    select known.customer_id, clusters.cluster_id, count(*) as records,
        count(*) filter (where known.is_current) as held, min(known.since) as since
    from clusters inner join known using (record_key)
    group by all
),
heirs as (
    select claims.*, row_number() over (
        partition by customer_id order by held desc, claims.records desc, first_key
    ) as place
    from claims inner join sizes using (cluster_id)
),
ranked as (
    select *, row_number() over (partition by cluster_id order by since, records desc, customer_id) as rank
    from heirs where place = 1
)
select sizes.cluster_id, sizes.first_key, ranked.customer_id
from sizes left join ranked on sizes.cluster_id = ranked.cluster_id and ranked.rank = 1;
"""
_CURRENT = """
select clusters.record_key, now.customer_id, clusters.match_probability, clusters.match_rule,
    cast(clusters.cluster_size as bigint) as cluster_size
from clusters inner join now using (record_key)
order by clusters.record_key
"""


def _name_the_new(connection: duckdb.DuckDBPyConnection, prefix: str) -> None:
    """Ids for clusters without one, from their smallest record key; counted on while an id was ever used."""
    connection.execute(
        """
        create temp table taken as select customer_id from used union select customer_id from known;
        create temp table waiting as select cluster_id, first_key from named where customer_id is null;
        create temp table fresh as select cluster_id, first_key as customer_id from waiting limit 0;
        """
    )
    attempt = 0
    while connection.execute("select count(*) from waiting").fetchone() != (0,):
        text = "first_key" if attempt == 0 else f"first_key || '|{attempt}'"
        connection.execute(
            f"""
            create or replace temp table found as
            select cluster_id, '{prefix}' || left(md5({text}), 15) as made from waiting
            qualify made not in (from taken) and row_number() over (partition by made order by first_key) = 1;
            insert into fresh from found;
            insert into taken select made from found;
            delete from waiting where cluster_id in (select cluster_id from found);
            """
        )
        attempt += 1
    connection.execute(
        """
        create temp table now as
        select record_key, coalesce(named.customer_id, fresh.customer_id) as customer_id
        from clusters inner join named using (cluster_id) left join fresh using (cluster_id)
        """
    )


# With tonight's own ids in it, a run again with the same clusters sees the same and tells the same.
_EVENTS = """
with tonight as (
    from published union select record_key, customer_id from now
),
in_use as (
    select customer_id, min(record_key) as first_key from now group by customer_id
),

-- Merged and vanished: ids of the night before, or published this night, that nobody has now.
gone as (
    select customer_id from before where is_current union select customer_id from tonight
    except select customer_id from in_use
),
holders as (
    select record_key, customer_id, bool_or(held) as held
    from (
        select record_key, customer_id, is_current as held from before
        union all select record_key, customer_id, true from tonight
    )
    where customer_id in (from gone)
    group by all
),
went as (
    select holders.customer_id, now.customer_id as heir, count(*) as records,
        count(*) filter (where holders.held) as held
    from holders inner join now using (record_key)
    group by all
),
merged as (
    select went.customer_id, heir, records, row_number() over (
        partition by went.customer_id order by held desc, records desc, first_key
    ) as place
    from went inner join in_use on went.heir = in_use.customer_id
    qualify place = 1
),
vanished as (
    select customer_id, count(*) filter (where held) as records from holders
    where customer_id not in (select customer_id from merged) group by customer_id
),

-- Created and split: ids first published this night, also those that are gone again.
fresh as (
    from tonight where customer_id not in (select customer_id from before)
),
members as (
    from now where customer_id in (select customer_id from fresh)
    union all from fresh where customer_id not in (select customer_id from in_use)
),
-- It came out of the id most of its records had the night before, else of one they had earlier this night; but not
-- out of one that it took in or exchanged records with.
came as (
    select now.customer_id, tonight.customer_id as origin
    from now inner join tonight using (record_key)
    where now.customer_id <> tonight.customer_id
),
other_way as (
    select origin as customer_id, customer_id as origin from came
    union select heir, customer_id from merged
),
parents as (
    select members.customer_id, before.customer_id as origin, count(*) as records, 0 as place
    from members inner join before using (record_key) group by all
    union all
    select customer_id, origin, count(*), 1
    from (from came anti join other_way using (customer_id, origin))
    group by all
),
parent as (
    select * from parents
    qualify row_number() over (partition by customer_id order by place, records desc, origin) = 1
),
born as (
    select customer_id, count(*) as records from members group by customer_id
)

select getvariable('night') as as_of, *
from (
    select 'merged' as event, heir as customer_id, customer_id as other_customer_id, records as record_count from merged
    union all select 'vanished', customer_id, null, records from vanished
    union all
    select case when origin is null then 'created' else 'split' end, born.customer_id, origin, born.records
    from born left join parent using (customer_id)
)
order by event, customer_id, other_customer_id nulls last
"""


def _events(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Events of the night from the tables now, before and published."""
    table = connection.sql(_EVENTS).to_arrow_table()
    events = table.to_pandas()
    events["as_of"] = pd.Series(table["as_of"].to_pandas(date_as_object=True).to_numpy(), dtype=object)
    other = events["other_customer_id"].astype(object)
    events["other_customer_id"] = other.where(other.notna(), None)
    return events[EVENT_COLUMNS]
