"""Who lives together: customers grouped by the homes and contact points they share. No customer is merged.

What few customers share is a home's: an address, a family's e-mail, phone, card or device. A dormitory's or an
office's address is shared by many and joins only those who share a family name there too. Moves do not part a
household: any of a customer's records may show what is shared.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from ..settings import IdentitySettings
from .components import by_component, components
from .merge import STRAY, Bridges, Rules, merge

CONTACTS = ("email", "phone", "loyalty_card", "device_id")
ADDRESS = "address"

# What two customers or more share: column, value, customer.
_SHARED = """
    select distinct '{column}' as kind, "{column}" as value, label from records semi join (
        select "{column}" from records where "{column}" is not null group by 1 having min(label) < max(label)
    ) as several using ("{column}")
"""
# Pairs of customers by what they share, and how firmly that holds (3 most): where a group is too large for a
# household, the loosest go first. A value of many bearers says something only together with the name.
_TIES = """
    with few as (select * from shared qualify count(*) over (partition by kind, value) <= $most),
    contacts as (
        select one.label as l, other.label as r, count(distinct one.kind) as kinds,
            bool_or(one.kind = 'address') as home
        from few as one inner join few as other on one.kind = other.kind and one.value = other.value
        where one.label < other.label group by l, r
    ),
    families as (
        select distinct shared.value, family, shared.label
        from shared inner join records on records.label = shared.label and records.address = shared.value
        where kind = 'address' and length(family) > 1
        qualify count(*) over (partition by shared.value, family) between 2 and $most
    ),
    relatives as (
        select distinct one.label as l, other.label as r
        from families as one inner join families as other on one.value = other.value and one.family = other.family
        where one.label < other.label
    )
    select coalesce(contacts.l, relatives.l) as l, coalesce(contacts.r, relatives.r) as r,
        case when relatives.l is not null or kinds > 1 then 3 when home then 1 else 2 end as firmness
    from contacts full join relatives on contacts.l = relatives.l and contacts.r = relatives.r
    order by firmness desc, l, r
"""


def _ties(effective: pa.Table, labels: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(left, right, firmness) of customers that share something, the firmest first."""
    table = effective.select([ADDRESS, *CONTACTS, "family"]).append_column("label", pa.array(labels))
    with duckdb.connect(":memory:") as connection:
        connection.register("features", table)
        connection.execute("create temp table records as select * from features")
        shared = " union all ".join(_SHARED.format(column=column) for column in (ADDRESS, *CONTACTS))
        connection.execute(f"create temp table shared as {shared}")
        found = connection.execute(_TIES, {"most": most}).fetchnumpy()
    return found["l"].astype(np.int64), found["r"].astype(np.int64), found["firmness"].astype(np.int64)


def homes(left: np.ndarray, right: np.ndarray, count: int, most: int) -> np.ndarray:
    """Household of each of `count` ids, its smallest id; ties come firmest first, no household is over `most`."""
    labels = components(count, left, right)
    large = (np.bincount(labels, minlength=count) > most)[labels]
    if not large.any():
        return labels
    members, within = np.flatnonzero(large), np.flatnonzero(large[left])
    whole = labels.copy()
    for _, (own, between) in by_component(whole, members, left[within]):
        ids, ties = members[own], within[between]
        links = ((a, b, STRAY, 0.0) for a, b in zip(left[ties].tolist(), right[ties].tolist(), strict=True))
        home, _ = merge(ids.tolist(), links, (), Rules(most), Bridges(0.0, 0.0))
        first: dict[int, int] = {}
        for one in ids.tolist():
            labels[one] = first.setdefault(home[one], one)
    return labels


def households(effective: pa.Table, labels: np.ndarray, settings: IdentitySettings) -> pd.DataFrame:
    """cluster_id and household (the smallest cluster_id in it), one row per cluster, ordered.

    `effective` are the features, blocked values null, in the order of `labels`.
    """
    most = settings.most_customers_per_household
    left, right, _ = _ties(effective, labels, most)
    customers = np.unique(labels)
    home = homes(np.searchsorted(customers, left), np.searchsorted(customers, right), len(customers), most)
    keys = effective["record_key"].combine_chunks()
    return pa.table(
        {"cluster_id": keys.take(pa.array(customers)), "household": keys.take(pa.array(customers[home]))}
    ).to_pandas()


__all__ = ["homes", "households"]
