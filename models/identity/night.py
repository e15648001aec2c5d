"""Records to scored pairs: all of them the first time, afterwards only what a night has changed.

A standardised row depends on its record and the frozen word statistics; a pair's score on its two effective
rows and the frozen model. So a pair neither of whose rows has changed is kept as it is, and the result is the
same as from scratch with the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .alignment import Alignment, moved
from .blocked_values import counted, counted_again, effective, with_other_values
from .changes import Changes
from .clustering.groups import CHOICES_SCHEMA, GROUPS_SCHEMA, Groups
from .clustering.households import SHARED
from .clustering.rare_names import TELLING
from .database import in_pieces, room
from .digest import after
from .kinds import find_kinds
from .scoring import PAIR_SCHEMA, fit_and_score, keys_of, meetings, score_again
from .settings import IdentitySettings
from .standardise import get_ready, standardise
from .standardise.tables import as_text
from .state import ENDS_SCHEMA, State
from .threads import in_threads

KEY = "record_key"
# Columns of all records that clusters and households are made by.
WHOLE = list(dict.fromkeys([KEY, "name_key", *TELLING, *SHARED]))


def _with_texts(records: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """The records with their key written as in the features, and so all numbers with a point: 7, not 7.0.

    How such a column is written depends on all of it, so that it can't be told from some of its rows.
    """
    for kind, name in kinds.items():
        at = records.column_names.index(name)
        if kind == KEY or pa.types.is_floating(records[name].type):
            records = records.set_column(at, name, as_text(records[name]))
    return records


def _made_with(records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None) -> str:
    """Everything but the rows that a state depends on, as text."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    for one in fields(settings):
        if one.metadata.get("clusters_only"):
            del values[one.name]
    return repr((sorted(values.items()), sorted((kinds or {}).items()), sorted(records.column_names)))


def _reads_as_before(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State
) -> bool:
    """Whether the settings are those of `last`, and the columns that are read of the records.

    Other columns may come and go. Which are read is only asked where the names differ: the values may change every
    night, and what a column is taken for by them must not.
    """
    now, no_columns = _made_with(records, settings, kinds), _made_with(records.select([]), settings, kinds)
    if last.made_with == now:
        return True
    same_settings = last.made_with.startswith(no_columns.removesuffix("[])"))
    return same_settings and find_kinds(records, kinds) == dict(last.kinds)


def why_refit(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State | None
) -> str | None:
    """Why the model of `last` can't be used tonight; None if it can."""
    if last is None:
        return "no state of an earlier night"
    if not last.is_whole():
        return "the stored state is not whole, or of another version of the code"
    if not _reads_as_before(records, settings, kinds, last):
        return "settings, kinds or columns have changed"
    count, then = records.num_rows, int(last.model.trained_on["records"])
    if abs(count - then) > settings.refit_growth * max(then, 1):
        return f"{count:,} records, the model was fitted on {then:,}"
    return None


def _by_key(records: pa.Table, key: str) -> tuple[pa.Array, np.ndarray]:
    """(keys in order, the rows of `records` in that order). Raises ValueError where one is missing or there twice."""
    keys = records[key].combine_chunks()
    if not keys.null_count and pc.all(pc.less(keys[:-1], keys[1:])).as_py() is not False:
        return keys, np.arange(len(keys))
    order = pc.sort_indices(keys).to_numpy().astype(np.int64)
    keys = keys if (np.diff(order) == 1).all() else keys.take(pa.array(order))
    if keys.null_count or pc.any(pc.equal(keys[1:], keys[:-1])).as_py():
        raise ValueError("records: record_key must be present and unique")
    return keys, order


def _raw_hashes(records: pa.Table, kinds: Mapping[str, str], order: np.ndarray) -> np.ndarray:
    """Hashes (uint64) of what is read of each record; other columns (when it was last loaded) may be as they like."""
    read = records.select([kinds[kind] for kind in sorted(kinds)])
    numbered = [f"c{at}" for at in range(read.num_columns)]  # DuckDB takes Email and email for one name
    rows = read.rename_columns(numbered)
    with room() as connection:
        connection.register("rows", in_pieces(rows))
        found = connection.sql(f"select hash({', '.join(numbered)}) as raw_hash from rows").to_arrow_table()
    return found["raw_hash"].to_numpy()[order]


def _hashes(raw: np.ndarray, keys: pa.Table) -> pa.Table:
    return pa.table({"raw_hash": pa.array(raw, pa.uint64())} | {name: keys[name] for name in keys.column_names})


def _ends(keys: pa.Array, pairs: pa.Table) -> pa.Table:
    """Rows in `keys` of the two records of each pair."""
    sides = (pc.index_in(pairs[f"{KEY}_{side}"], value_set=keys) for side in "lr")
    return pa.table(list(sides), schema=ENDS_SCHEMA).combine_chunks()


def from_scratch(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, like: State | None = None
) -> State:
    """All records standardised and scored, with the kinds, the words and the model of `like`, or new ones."""
    found = like.kinds if like else find_kinds(records, kinds)
    features, order = standardise(
        _with_texts(records, found), found, like.order if like else None, settings.default_region
    )
    blocked, shared = counted(features, settings)
    rows = effective(features, blocked)
    model, pairs, keys = fit_and_score(rows, settings, like.model if like else None)
    records = _with_texts(records, found)
    raw = _raw_hashes(records, found, _by_key(records, found[KEY])[1])
    ends = _ends(features[KEY].combine_chunks(), pairs)
    tables = (features, _hashes(raw, keys), blocked, shared, pairs, ends, *_NOT_GROUPED)
    state = State(*tables, order, model, found, _made_with(records, settings, kinds))
    state.__dict__["effective"] = rows  # known already: saves the cached property its work
    state.get_ready(rows)
    return state


_NOT_GROUPED = (GROUPS_SCHEMA.empty_table(), CHOICES_SCHEMA.empty_table())


def next_night(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State
) -> tuple[State, Changes]:
    """(tonight's state, what has changed); the state equals `from_scratch(..., like=last)`."""
    with ThreadPoolExecutor(1) as aside:
        return _next_night(records, settings, kinds, last, aside)


def _next_night(
    records: pa.Table,
    settings: IdentitySettings,
    kinds: Mapping[str, str] | None,
    last: State,
    aside: ThreadPoolExecutor,
) -> tuple[State, Changes]:
    """`next_night`; what need not be waited for is done `aside`, where one thing follows the other."""
    if last.features["hanzi"].null_count < last.features.num_rows:
        aside.submit(get_ready)
    made_with = _made_with(records, settings, kinds)
    records = _with_texts(records, last.kinds)
    keys, order = _by_key(records, last.kinds[KEY])
    rows = Alignment.of(keys, last.keys)
    raw = _raw_hashes(records, last.kinds, order)
    changed = rows.is_new
    kept = np.flatnonzero(~changed)
    changed[kept] = raw[kept] != last.hashes["raw_hash"].to_numpy()[rows.then[kept]]
    fresh = last.features.slice(0, 0)
    if changed.any():
        asked = np.zeros(len(keys), bool)
        asked[order[changed]] = True
        fresh, _ = standardise(records.filter(pa.array(asked)), last.kinds, last.order, settings.default_region)
    # All features are put together while a few of them are scored.
    whole = aside.submit(rows.carried, last.features, fresh, changed)
    lost = rows.was(changed)
    blocked, shared = counted_again(whole.result, last.features, fresh, lost, last.blocked, last.shared, settings)
    touched = changed.copy()
    bearing = with_other_values(last.features, blocked, last.blocked).to_numpy(zero_copy_only=False)
    touched[~changed] |= bearing[rows.then[~changed]]

    def some(wanted: np.ndarray) -> pa.Table:
        return effective(rows.picked(last.features, fresh, changed, wanted), blocked)

    looked = some(touched)
    own = keys_of(looked, last.model)
    former_keys = last.hashes.drop_columns(["raw_hash"])
    block_keys = aside.submit(rows.carried, former_keys, own, touched)
    clustered = aside.submit(lambda: effective(whole.result().select(WHOLE), blocked))
    features_digest = aside.submit(lambda: after(last.digest("features"), last.features.filter(pa.array(lost)), fresh))
    others = np.where(rows.was(touched), -1, rows.now)
    left, right = meetings(former_keys, others, own, np.flatnonzero(touched))
    near = np.zeros(len(keys), bool)
    near[left] = near[right] = True
    among = np.flatnonzero(near)
    found, left, right = score_again(
        some(near), last.model, settings, np.searchsorted(among, left), np.searchsorted(among, right)
    )
    pairs, ends, was_met, gone = _merged(last, rows, touched, found, (among[left], among[right]))
    pairs_digest = aside.submit(after, last.digest("pairs"), gone, found)
    former = last.features.filter(pa.array(rows.was(touched)))
    groups = Groups.from_tables(last.groups, last.choices) if last.groups.num_rows == len(rows.now) else None
    state = State(
        whole.result(), _hashes(raw, block_keys.result()), blocked, shared, pairs, ends, *_NOT_GROUPED,
        last.order, last.model, last.kinds, made_with,
    )  # fmt: skip
    state.get_ready(clustered.result())
    state._digests["order"] = last.digest("order")
    state._digests.update(features=features_digest.result(), pairs=pairs_digest.result())
    return state, Changes(rows, touched, touched | was_met, former, groups, last.grouped_with)


def _merged(
    last: State, rows: Alignment, touched: np.ndarray, found: pa.Table, new: tuple[np.ndarray, np.ndarray]
) -> tuple[pa.Table, pa.Table, np.ndarray, pa.Table]:
    """(tonight's pairs, their ends, mask of records that have lost a pair, pairs that are gone).

    `found` are the pairs with a record of mask `touched`; `new` has the rows of their records, left and right.
    """
    left, right = (moved(last.ends[side].to_numpy(), rows.now) for side in ("left", "right"))
    kept = (left >= 0) & (right >= 0)
    kept[kept] &= ~touched[left[kept]] & ~touched[right[kept]]
    lost = np.r_[left[~kept], right[~kept]]
    has_lost = np.zeros(len(touched), bool)
    has_lost[lost[lost >= 0]] = True
    left, right = np.r_[left[kept], new[0]], np.r_[right[kept], new[1]]
    # Both parts are in order already, which this sort makes use of.
    order = np.argsort(left * len(touched) + right, kind="stable")
    at = pa.array(np.r_[np.flatnonzero(kept), last.pairs.num_rows + np.arange(found.num_rows)][order])

    def column(name: str) -> pa.Array:
        parts = [*last.pairs[name].chunks, *found[name].chunks]
        return pa.chunked_array(parts, PAIR_SCHEMA.field(name).type).combine_chunks().take(at)

    pairs = pa.table(in_threads(column, last.pairs.column_names), schema=PAIR_SCHEMA)
    ends = pa.table([pa.array(side[order], pa.int32()) for side in (left, right)], schema=ENDS_SCHEMA)
    return pairs, ends, has_lost, last.pairs.filter(pa.array(~kept))


def work_out(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State | None
) -> tuple[State, Changes | None, tuple[str, ...]]:
    """Tonight's state, and in words whether the model was kept or fitted and how much was worked out again."""
    why = why_refit(records, settings, kinds, last)
    if why is not None or last is None:
        return from_scratch(records, settings, kinds), None, (f"model fitted: {why}",)
    state, changes = next_night(records, settings, kinds, last)
    again = int(changes.touched.sum())
    return state, changes, ("model kept", f"{again:,} of {records.num_rows:,} records scored again")
