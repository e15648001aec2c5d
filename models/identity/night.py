"""Records to scored pairs: all of them the first time, afterwards only what a night has changed.

A standardised row depends on its record and the frozen word statistics; a pair's score on its two effective
rows and the frozen model. So a pair neither of whose rows has changed is kept as it is, and the result is the
same as from scratch with the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .interim import NameOrder, blocked_values, learn_order, standardise, without_blocked
from .scoring import Model, fit, score
from .settings import IdentitySettings
from .state import State

KEY = "record_key"


def row_hashes(table: pa.Table, name: str) -> pa.Table:
    """record_key and a 64-bit hash of all columns of its row, ordered by record_key; their order does not matter."""
    quoted = ", ".join('"{}"'.format(column.replace('"', '""')) for column in sorted(table.column_names))
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", table)
        return connection.sql(
            f"select cast({KEY} as varchar) as {KEY}, hash({quoted}) as {name} from rows order by 1"
        ).to_arrow_table()


def _made_with(records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None) -> str:
    """Everything but the rows that a state depends on, as text."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings) if not one.metadata.get("clusters_only")}
    return repr((sorted(values.items()), sorted((kinds or {}).items()), sorted(records.column_names)))


def why_refit(last: State | None, made_with: str, count: int, growth: float) -> str | None:
    """Why the model of `last` can't be used tonight; None if it can."""
    if last is None:
        return "no state of an earlier night"
    if not last.is_whole():
        return "the stored state is not whole, or of another version of the code"
    if last.made_with != made_with:
        return "settings, kinds or columns have changed"
    then = int(last.model.trained_on["records"])
    if abs(count - then) > growth * max(then, 1):
        return f"{count:,} records, the model was fitted on {then:,}"
    return None


def _rows(table: pa.Table, keys: pa.Array, keep: bool = True, column: str = KEY) -> pa.Table:
    """The rows whose key is (or is not) among `keys`."""
    found = pc.is_in(table[column], value_set=keys.cast(table[column].type))
    return table.filter(found if keep else pc.invert(found))


def changed_keys(now: pa.Table, then: pa.Table, name: str) -> tuple[pa.Array, pa.Array]:
    """(keys that are new or whose hash `name` differs, keys that are gone)."""
    with duckdb.connect(":memory:") as connection:
        connection.register("tonight", now)
        connection.register("last", then)
        new = connection.sql(
            f"select {KEY} from tonight anti join last using ({KEY}, {name}) order by 1"
        ).to_arrow_table()
        gone = connection.sql(f"select {KEY} from last anti join tonight using ({KEY}) order by 1").to_arrow_table()
    return new[KEY].combine_chunks(), gone[KEY].combine_chunks()


def from_scratch(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, like: State | None = None
) -> State:
    """All records standardised and scored, with the order and the model of `like`, or new ones without it."""
    order = like.order if like else learn_order(records, kinds)
    features = standardise(records, kinds, order)
    blocked = blocked_values(features, settings)
    effective = without_blocked(features, blocked)
    model = like.model if like else fit(effective, settings, order)
    hashes = _hashes(row_hashes(records, "raw_hash"), effective)
    made_with = _made_with(records, settings, kinds)
    return _sealed(features, hashes, blocked, score(effective, model, settings), order, model, made_with, effective)


def next_night(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State
) -> tuple[State, int]:
    """(tonight's state, how many records were scored again); equals `from_scratch(..., like=last)`."""
    raw = row_hashes(records, "raw_hash")
    changed, gone = changed_keys(raw, last.hashes, "raw_hash")
    fresh = standardise(_rows(records, changed), kinds, last.order)
    left_alone = _rows(last.features, pa.concat_arrays([changed, gone.cast(changed.type)]), keep=False)
    features = pa.concat_tables([left_alone, fresh.cast(left_alone.schema)]).sort_by(KEY).combine_chunks()
    blocked = blocked_values(features, settings)
    effective = without_blocked(features, blocked)
    hashes = _hashes(raw, effective)
    touched, gone = changed_keys(hashes, last.hashes, "effective_hash")
    kept = last.pairs
    for side in ("l", "r"):
        kept = _rows(kept, pa.concat_arrays([touched, gone.cast(touched.type)]), keep=False, column=f"{KEY}_{side}")
    scored = score(effective, last.model, settings, touched)
    pairs = pa.concat_tables([kept, scored.cast(kept.schema)])
    pairs = pairs.sort_by([(f"{KEY}_l", "ascending"), (f"{KEY}_r", "ascending")]).combine_chunks()
    made_with = _made_with(records, settings, kinds)
    state = _sealed(features, hashes, blocked, pairs, last.order, last.model, made_with, effective)
    return state, len(touched)


def work_out(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State | None
) -> tuple[State, tuple[str, ...]]:
    """Tonight's state, and in words whether the model was kept or fitted and how much was worked out again."""
    why = why_refit(last, _made_with(records, settings, kinds), records.num_rows, settings.refit_growth)
    if why is not None or last is None:
        return from_scratch(records, settings, kinds), (f"model fitted: {why}",)
    state, again = next_night(records, settings, kinds, last)
    return state, ("model kept", f"{again:,} of {records.num_rows:,} records scored again")


def _hashes(raw: pa.Table, effective: pa.Table) -> pa.Table:
    """The hashes of a state; both tables have the same keys."""
    made = row_hashes(effective, "effective_hash")
    return raw.append_column("effective_hash", made["effective_hash"])


def _sealed(
    features: pa.Table,
    hashes: pa.Table,
    blocked: pa.Table,
    pairs: pa.Table,
    order: NameOrder,
    model: Model,
    made_with: str,
    effective: pa.Table,
) -> State:
    state = State(features, hashes, blocked, pairs, order, model, made_with).sealed()
    state.__dict__["effective"] = effective  # known already: saves the cached property its work
    return state
