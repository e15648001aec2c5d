"""Who lives together: customers grouped by the homes and contact points they share. No customer is merged.

What few customers share is a home's: an address, a family's e-mail, phone, card or device. A dormitory's or an
office's address is shared by many and joins only those who share a family name there too. Moves do not part a
household: any of a customer's records may show what is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..alignment import moved
from ..changes import Changes
from ..database import room
from ..settings import IdentitySettings
from ..threads import in_threads
from .components import by_component, components
from .merge import STRAY, Bridges, Rules, merge

CONTACTS = ("email", "phone", "loyalty_card", "device_id")
SHARED = ["address", *CONTACTS]

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


def _ties(effective: pa.Table, labels: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """(left, right) of customers that share something, the firmest first."""
    table = effective.select([*SHARED, "family"]).append_column("label", pa.array(labels))
    with room() as connection:
        connection.register("features", table)
        connection.execute("create temp table records as select * from features")
        shared = " union all ".join(_SHARED.format(column=column) for column in SHARED)
        connection.execute(f"create temp table shared as {shared}")
        found = connection.execute(_TIES, {"most": most}).fetchnumpy()
    return found["l"].astype(np.int64), found["r"].astype(np.int64)


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


@dataclass(frozen=True)
class Households:
    """frame: cluster_id and household (the smallest cluster_id in it), one row per cluster, ordered.

    neighbours, household: per record the smallest record of all customers that what they share connects, and of
    those of them that make a household.
    """

    frame: pd.DataFrame
    neighbours: np.ndarray
    household: np.ndarray


def households(
    compared: Callable[..., pa.Table],
    labels: np.ndarray,
    settings: IdentitySettings,
    since: Changes | None = None,
    again: np.ndarray | None = None,
) -> Households:
    """Who lives together; `compared` (of rows, columns) are the effective features, in the order of `labels`.

    Neighbours are what they are by who bears their values. Those of last night stay where none of them has a value that
    a record of mask `again` (whose customer may be another one) has or had, or a touched or lost one had.
    """
    most = settings.most_customers_per_household
    values = compared(None, ["record_key", *SHARED])
    if since is None or since.groups is None or again is None:
        looked = bearing = np.ones(len(labels), bool)
        neighbours, household = labels.copy(), labels.copy()
    else:
        looked = _neighbours_of(values, since, again)
        bearing = _bears(values, values.filter(pa.array(looked))) | looked
        neighbours, household = (
            moved(moved(since.rows.then, one), since.rows.now)
            for one in (since.groups.neighbours, since.groups.household)
        )
    rows = compared(None if bearing.all() else bearing, ["record_key", *SHARED, "family"])
    left, right = _ties(rows, labels[bearing], most)
    inside = looked[left] & looked[right]
    ids = np.flatnonzero(looked & (labels == np.arange(len(labels))))
    left, right = (np.searchsorted(ids, side[inside]) for side in (left, right))
    of = np.searchsorted(ids, labels[looked])
    neighbours[looked] = ids[components(len(ids), left, right)][of]
    household[looked] = ids[homes(left, right, len(ids), most)][of]
    customers = np.flatnonzero(labels == np.arange(len(labels)))
    keys = values["record_key"].combine_chunks()
    columns = {"cluster_id": customers, "household": household[customers]}
    frame = pa.table({name: keys.take(pa.array(of)) for name, of in columns.items()}).to_pandas()
    return Households(frame, neighbours, household)


def _neighbours_of(values: pa.Table, since: Changes, again: np.ndarray) -> np.ndarray:
    """Mask of the records whose neighbours may be others than last night.

    The neighbours of last night of all that bear a value of those of mask `again`, or of one that `since` has changed:
    all that is shared between two customers outside of the mask is shared by the same customers as last night.
    """
    changed = pa.concat_tables([values.filter(pa.array(again)).select(SHARED), since.former.select(SHARED)])
    out = again | _bears(values, changed)
    then = since.rows.then
    known = then >= 0
    hit = np.zeros(len(since.rows.now), bool)
    hit[since.groups.neighbours[then[out & known]]] = True
    hit[since.groups.neighbours[since.rows.is_gone]] = True
    out[known] |= hit[since.groups.neighbours[then[known]]]
    return out


def _bears(values: pa.Table, of: pa.Table) -> np.ndarray:
    """Mask over `values`: the record has one of the values in `of`."""

    def bears(column: str) -> np.ndarray:
        sought = pc.drop_null(pc.unique(of[column]))
        return pc.is_in(values[column], value_set=sought.cast(values[column].type)).to_numpy()

    return np.logical_or.reduce(in_threads(bears, SHARED))


__all__ = ["Households", "homes", "households"]
