"""Customer ids that last: tonight's clusters meet last night's ids.

An id is never renumbered and never given to somebody else. Where people merge the oldest id stays,
where one splits the larger part keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ..grades import as_day

CURRENT_COLUMNS = ["record_key", "customer_id", "match_probability", "match_rule", "cluster_size"]
EVENT_COLUMNS = ["as_of", "event", "customer_id", "other_customer_id", "record_count"]
BEGINNING = pd.Timestamp("1900-01-01")


@dataclass(frozen=True)
class Assignment:
    """current: one row per record. events: created, merged, split and vanished customers of this night.

    merged: other_customer_id went up in customer_id. split: customer_id came out of other_customer_id.
    """

    current: pd.DataFrame
    events: pd.DataFrame


def last_known(history: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """Each record's newest customer_id before the night of `as_of`, from the identity history.

    Columns record_key, customer_id, since (first day the id was ever used) and is_current. Rows that
    began on or after `as_of` are not looked at, so that a night run twice starts from the same state.
    A record that was missing for some nights is in it, and so comes back to its id.
    """
    night = pd.Timestamp(as_day(as_of))
    rows = history.assign(
        valid_from=pd.to_datetime(history["valid_from"]).astype("datetime64[us]"),
        valid_to=pd.to_datetime(history["valid_to"]).astype("datetime64[us]"),
    )
    rows = rows[rows.valid_from < night]
    rows = rows.assign(
        since=rows.groupby("customer_id").valid_from.transform("min"),
        is_current=rows.valid_to.isna() | (rows.valid_to >= night),
    )
    newest = rows.sort_values(["record_key", "valid_from"], kind="stable").drop_duplicates("record_key", keep="last")
    return newest[["record_key", "customer_id", "since", "is_current"]].reset_index(drop=True)


def _previous(previous: pd.DataFrame, night: date) -> pd.DataFrame:
    if "valid_from" in previous:
        return last_known(previous, night)
    known = previous.copy()
    if "since" not in known:
        known["since"] = BEGINNING
    if "is_current" not in known:
        known["is_current"] = True
    return known[["record_key", "customer_id", "since", "is_current"]]


def _used(retired: Iterable[str] | pd.DataFrame, night: date) -> set[str]:
    if not isinstance(retired, pd.DataFrame):
        return set(retired)
    if "valid_from" in retired:
        retired = retired[pd.to_datetime(retired["valid_from"]) < pd.Timestamp(night)]
    return set(retired["customer_id"])


def _new_id(first_key: str, used: set[str]) -> str:
    """An id from the cluster's smallest record key; counted on while that id was ever used."""
    attempt = 0
    while True:
        text = first_key if attempt == 0 else f"{first_key}|{attempt}"
        made = "C" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15]
        if made not in used:
            return made
        attempt += 1


def assign_ids(
    clusters: pd.DataFrame, previous: pd.DataFrame, retired: Iterable[str] | pd.DataFrame, as_of: object
) -> Assignment:
    """Give every cluster a lasting customer_id.

    `clusters` as from `resolve`. `previous` has record_key and customer_id of the night before, or is
    the identity history itself (then `since` and returning records are understood). `retired` are all
    ids ever used, as a set or a table with customer_id (the history again will do).
    """
    night = as_day(as_of)
    known = _previous(previous, night)
    used = _used(retired, night) | set(known.customer_id)
    size = clusters.groupby("cluster_id").agg(records=("record_key", "size"), first_key=("record_key", "min"))

    # Every old id goes to the cluster that holds most of its records; those that held it last night
    # count before those that were missing then and come back ...
    claims = clusters[["record_key", "cluster_id"]].merge(known, on="record_key", how="inner")
    claims = (
        claims.groupby(["customer_id", "cluster_id"])
        .agg(records=("record_key", "size"), held=("is_current", "sum"), since=("since", "min"))
        .reset_index()
    )
    claims["first_key"] = claims.cluster_id.map(size.first_key)
    claims = claims.sort_values(
        ["customer_id", "held", "records", "first_key"], ascending=[True, False, False, True], kind="stable"
    )
    heirs = claims.drop_duplicates("customer_id")
    # ... and of the ids that go to one cluster the oldest stays, then the one with most records.
    ranked = heirs.sort_values(["cluster_id", "since", "records", "customer_id"], ascending=[True, True, False, True])
    kept = ranked.drop_duplicates("cluster_id").set_index("cluster_id").customer_id
    merged = ranked[ranked.duplicated("cluster_id")]

    ids = kept.reindex(size.index)
    fresh = size[ids.isna()].sort_values("first_key")
    for cluster_id, first_key in fresh.first_key.items():
        ids[cluster_id] = _new_id(first_key, used)
        used.add(ids[cluster_id])

    current = clusters.assign(customer_id=clusters.cluster_id.map(ids))
    current = current.sort_values("record_key", kind="stable", ignore_index=True)[CURRENT_COLUMNS]
    return Assignment(current, _events(claims, merged, ids, fresh, size, known, night))


def _events(
    claims: pd.DataFrame,
    merged: pd.DataFrame,
    ids: pd.Series,
    fresh: pd.DataFrame,
    size: pd.DataFrame,
    known: pd.DataFrame,
    night: date,
) -> pd.DataFrame:
    # The old id most of a fresh cluster's records had: a split; without any: created.
    parents = claims.sort_values(["cluster_id", "records", "customer_id"], ascending=[True, False, True], kind="stable")
    parents = parents.drop_duplicates("cluster_id").set_index("cluster_id").customer_id.reindex(fresh.index)
    born = pd.DataFrame(
        {
            "event": parents.notna().map({True: "split", False: "created"}),
            "customer_id": ids.reindex(fresh.index),
            "other_customer_id": parents,
            "record_count": fresh.records,
        }
    )
    current_ids = set(known.customer_id[known.is_current])
    joined = merged[merged.customer_id.isin(current_ids)]
    gone = pd.DataFrame(
        {
            "event": "merged",
            "customer_id": joined.cluster_id.map(ids).to_numpy(),
            "other_customer_id": joined.customer_id.to_numpy(),
            "record_count": joined.records.to_numpy(),
        }
    )
    missing = known[known.is_current & ~known.customer_id.isin(set(claims.customer_id))]
    vanished = missing.groupby("customer_id").size()
    lost = pd.DataFrame(
        {
            "event": "vanished",
            "customer_id": vanished.index.to_numpy(),
            "other_customer_id": None,
            "record_count": vanished.to_numpy(),
        }
    )
    events = pd.concat([part.astype(object) for part in (born, gone, lost) if len(part)] or [born.astype(object)])
    events.insert(0, "as_of", night)
    events = events.sort_values(["event", "customer_id", "other_customer_id"], kind="stable", ignore_index=True)
    events["other_customer_id"] = events.other_customer_id.where(events.other_customer_id.notna(), None)
    return events[EVENT_COLUMNS].astype({"record_count": "int64"})
