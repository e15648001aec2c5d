"""Strays brought home by a name nobody else bears.

A helpdesk user with a work e-mail and nothing else shares no contact point with the rest of the
person's records. If exactly one other customer bears the name, they may well be the same; how likely
is read off the data. Well-known customers show how often two people bear one name; so many of the
strays would find a bearer by chance. Where hardly more find one than that, as in a large town of people with one
record each, a name is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..database import in_pieces, room

RULE = "only bearer of the name"
# Where both sides know these and none agrees, it is somebody else: people move, but a stray that has
# an address of its own can find its people by that. On the demo one of 13 such strays with a device of its
# own was the same person, of the others 97 in a hundred.
TELLING = ["address", "loyalty_card", "birth_date", "device_id"]


@dataclass(frozen=True)
class Strays:
    """left (below) and right: ids of a stray and of the first record of its home that bears the name.
    probability: that a name borne by one other customer means the same person."""

    left: np.ndarray
    right: np.ndarray
    probability: float


# One row per name (as a number: texts take longer to count) and cluster that bears it: first record of the name there,
# size of the cluster.
_BEARERS = """
    create temp table bearers as
    select hash(name_key) as name, label, min(id) as id, any_value(size) as size
    from named where name_key is not null group by hash(name_key), label
"""
# Per name the customers that bear it, and those of them with two records or more.
_NAMES = """
    create temp table names as
    select name, count(*) as customers, count(*) filter (size > 1) as known from bearers group by name
"""
# Share of customers of two records or more whose name another such customer bears; one is added to each
# side, so that few customers never prove that names are unique. Names of two bearers of which one is a stray. Strays,
# and customers, with a name; customers of two records or more and how many of them share theirs with exactly one
# other: rare names are shared in proportion to the customers there are.
_COUNTS = """
    select (coalesce(sum(known) filter (known > 1), 0) + 1) / (coalesce(sum(known), 0) + 2),
        count(*) filter (customers = 2 and known < 2),
        sum(customers - known), sum(customers), sum(known), sum(known) filter (known = 2)
    from names
"""
_PAIRS = """
    create temp table pairs as
    select arg_min(id, (size, label)) as stray, arg_max(id, (size, label)) as home,
        arg_max(label, (size, label)) as label
    from bearers semi join (select name from names where customers = 2 and known < 2) using (name) group by name
"""


def _by_chance(strays: int, customers: int, known: int, shared: int) -> float:
    """Strays that find exactly one bearer of their name among other people. One is added to each side of the share."""
    return strays * (shared + 1) / (known + 2) * customers / max(known, 1)


def bring_home(
    effective: pa.Table, labels: np.ndarray, most_namesakes: float, link_probability: float, decimals: int
) -> Strays:
    """Strays of tonight and their homes: at most one per stray, none where a name is less of a proof than any link.

    `effective` are the features in the order of `labels`. Only names with two bearers in all, one of them
    a single record, are looked at, and only where both don't know different homes, cards or birth dates.
    """
    nothing = np.zeros(0, dtype=np.int64)
    table = effective.select(["name_key", *TELLING])
    sizes = np.bincount(labels, minlength=len(labels))[labels]
    for name, values in (("id", np.arange(len(labels))), ("label", labels), ("size", sizes)):
        table = table.append_column(name, pa.array(values))
    with room() as connection:
        connection.register("named", in_pieces(table))
        connection.execute(_BEARERS)
        connection.execute(_NAMES)
        rate, pairs, *counts = connection.sql(_COUNTS).fetchone()
        probability = 1 - _by_chance(*(int(one or 0) for one in counts)) / max(pairs, 1)
        if rate > most_namesakes or probability < link_probability:
            return Strays(nothing, nothing, 0.0)
        connection.execute(_PAIRS)
        disagree = " or ".join(
            f"any_value(own.{c}) is not null and bool_or(theirs.{c} is not null)"
            f" and not coalesce(bool_or(theirs.{c} = own.{c}), false)"
            for c in TELLING
        )
        found = connection.sql(f"""
            select least(stray, home) as l, greatest(stray, home) as r
            from pairs
            inner join named as own on own.id = pairs.stray
            inner join named as theirs on theirs.label = pairs.label
            group by stray, home having not ({disagree}) order by l, r
        """).fetchnumpy()
    return Strays(found["l"].astype(np.int64), found["r"].astype(np.int64), round(probability, decimals))
