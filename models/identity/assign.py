"""Customer ids that last: tonight's clusters meet last night's ids.

An id is never renumbered and never given to somebody else, nor when a night is run again. Where people
merge the oldest id stays, where one splits the larger part keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ..grades import as_day
from .history import days_up_to

CURRENT_COLUMNS = ["record_key", "customer_id", "match_probability", "match_rule", "cluster_size"]
EVENT_COLUMNS = ["as_of", "event", "customer_id", "other_customer_id", "record_count"]
BEGINNING = pd.Timestamp("1900-01-01")


@dataclass(frozen=True)
class Assignment:
    """current: one row per record. events: created, merged, split and vanished customers of this night.

    merged: other_customer_id went up in customer_id. split: customer_id came out of other_customer_id.
    The events are all of the night, seen from the night before; of a night run again they also tell of
    ids that an earlier attempt published and that are gone, and so replace the events of that attempt.
    """

    current: pd.DataFrame
    events: pd.DataFrame


def last_known(history: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """Each record's newest customer_id before the night of `as_of`, from the identity history.

    Columns record_key, customer_id, since (first day the id was ever used) and is_current. Rows that
    began on or after `as_of` are not looked at, so that a night run twice is seen from the same state.
    A record that was missing for some nights is in it, and so comes back to its id.
    """
    night = pd.Timestamp(as_day(as_of))
    rows = history[pd.to_datetime(history["valid_from"]) < night]
    ends = pd.to_datetime(rows["valid_to"])
    return _newest(rows.assign(valid_to=ends.where(ends < night)))


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Each record's row that held last; an empty interval counts only where nothing held later."""
    rows = rows.assign(
        valid_from=pd.to_datetime(rows["valid_from"]).astype("datetime64[us]"),
        valid_to=pd.to_datetime(rows["valid_to"]).astype("datetime64[us]"),
    )
    rows = rows.assign(since=rows.groupby("customer_id").valid_from.transform("min"), is_current=rows.valid_to.isna())
    rows = rows.sort_values(["record_key", "valid_to", "valid_from", "customer_id"], na_position="last", kind="stable")
    newest = rows.drop_duplicates("record_key", keep="last")
    return newest[["record_key", "customer_id", "since", "is_current"]].reset_index(drop=True)


def _states(previous: pd.DataFrame, night: date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(newest known ids, those before the night, all record_key and customer_id published this night)."""
    pair = ["record_key", "customer_id"]
    if "valid_from" in previous:
        rows = days_up_to(previous, night)
        return _newest(rows), last_known(rows, night), rows.loc[rows.valid_from == night, pair]
    known = previous.copy()
    if "since" not in known:
        known["since"] = BEGINNING
    if "is_current" not in known:
        known["is_current"] = True
    known = known[["record_key", "customer_id", "since", "is_current"]]
    return known, known, known.loc[[], pair]


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
    the identity history itself (then `since`, returning records and a night run again are understood).
    `retired` are all ids ever used, as a set or a table with customer_id (the history again will do).

    A night run again starts from the ids it published before: the same clusters give the same result,
    others are merged and split as on any night. Raises ValueError if the history goes on after `as_of`.
    """
    night = as_day(as_of)
    known, before, published = _states(previous, night)
    used = set(retired["customer_id"] if isinstance(retired, pd.DataFrame) else retired) | set(known.customer_id)
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

    ids = kept.reindex(size.index)
    fresh = size[ids.isna()].sort_values("first_key")
    for cluster_id, first_key in fresh.first_key.items():
        ids[cluster_id] = _new_id(first_key, used)
        used.add(ids[cluster_id])

    current = clusters.assign(customer_id=clusters.cluster_id.map(ids))
    current = current.sort_values("record_key", kind="stable", ignore_index=True)[CURRENT_COLUMNS]
    return Assignment(current, _events(current, before, published, night))


def _events(current: pd.DataFrame, before: pd.DataFrame, published: pd.DataFrame, night: date) -> pd.DataFrame:
    now = current[["record_key", "customer_id"]]
    # With tonight's own ids in it, a run again with the same clusters sees the same and tells the same.
    tonight = pd.concat([published, now]).drop_duplicates()
    ended = _ended(now, before, tonight)
    events = pd.concat([_born(now, before, tonight, ended), ended]).astype(object)
    events.insert(0, "as_of", night)
    events = events.sort_values(["event", "customer_id", "other_customer_id"], kind="stable", ignore_index=True)
    events["other_customer_id"] = events.other_customer_id.where(events.other_customer_id.notna(), None)
    return events[EVENT_COLUMNS].astype({"record_count": "int64"})


def _ended(now: pd.DataFrame, before: pd.DataFrame, tonight: pd.DataFrame) -> pd.DataFrame:
    """Merged and vanished: ids of the night before, or published this night, that nobody has now."""
    gone = set(before.customer_id[before.is_current]) | set(tonight.customer_id)
    gone -= set(now.customer_id)
    holders = pd.concat(
        [before[["record_key", "customer_id"]].assign(held=before.is_current.astype(bool)), tonight.assign(held=True)]
    )
    holders = holders[holders.customer_id.isin(gone)]
    holders = holders.groupby(["record_key", "customer_id"], as_index=False).held.max()
    went = holders.merge(now.rename(columns={"customer_id": "heir"}), on="record_key")
    went = went.groupby(["customer_id", "heir"], as_index=False).agg(
        records=("record_key", "size"), held=("held", "sum")
    )
    went["first_key"] = went.heir.map(now.groupby("customer_id").record_key.min())
    went = went.sort_values(
        ["customer_id", "held", "records", "first_key"], ascending=[True, False, False, True], kind="stable"
    ).drop_duplicates("customer_id")
    lost = holders[~holders.customer_id.isin(set(went.customer_id))].groupby("customer_id").held.sum()
    rows = [("merged", heir, old, n) for heir, old, n in zip(went.heir, went.customer_id, went.records, strict=True)]
    rows += [("vanished", old, None, n) for old, n in lost.items()]
    return pd.DataFrame(rows, columns=EVENT_COLUMNS[1:])


def _born(now: pd.DataFrame, before: pd.DataFrame, tonight: pd.DataFrame, ended: pd.DataFrame) -> pd.DataFrame:
    """Created and split: ids first published this night, also those that are gone again."""
    fresh = tonight[~tonight.customer_id.isin(set(before.customer_id))]
    gone = ~fresh.customer_id.isin(set(now.customer_id))
    members = pd.concat([now[now.customer_id.isin(set(fresh.customer_id))], fresh[gone]])
    size = members.groupby("customer_id").size()
    # It came out of the id most of its records had the night before, else of one they had earlier this
    # night; but not out of one that it took in or exchanged records with.
    came = now.merge(tonight, on="record_key", suffixes=("", "_before"))
    came = came[came.customer_id != came.customer_id_before]
    other_way = set(zip(came.customer_id_before, came.customer_id, strict=True))
    other_way |= set(zip(ended.customer_id, ended.other_customer_id, strict=True))
    pairs = pd.Series(list(zip(came.customer_id, came.customer_id_before, strict=True)), index=came.index, dtype=object)
    parents = _parents(came[~pairs.isin(other_way)])
    parents |= _parents(members.merge(before, on="record_key", suffixes=("", "_before")))
    rows = [("split" if c in parents else "created", c, parents.get(c), n) for c, n in size.items()]
    return pd.DataFrame(rows, columns=EVENT_COLUMNS[1:])


def _parents(came: pd.DataFrame) -> dict[str, str]:
    """Per customer_id the customer_id_before of most of its records."""
    votes = came.groupby(["customer_id", "customer_id_before"]).size().reset_index(name="records")
    votes = votes.sort_values(["customer_id", "records", "customer_id_before"], ascending=[True, False, True])
    votes = votes.drop_duplicates("customer_id")
    return dict(zip(votes.customer_id, votes.customer_id_before, strict=True))
