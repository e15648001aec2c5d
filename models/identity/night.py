"""Records to scored pairs: all of them the first time, afterwards only what a night has changed.

A standardised row depends on its record and the frozen word statistics; a pair's score on its two effective
rows and the frozen model. So a pair neither of whose rows has changed is kept as it is, and the result is the
same as from scratch with the same model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .blocked_values import blocked_values, effective
from .kinds import find_kinds
from .scoring import fit, score
from .settings import IdentitySettings
from .standardise import standardise
from .standardise.tables import as_text
from .state import State

KEY = "record_key"


def row_hashes(table: pa.Table, key: str, columns: Iterable[str], name: str) -> pa.Table:
    """record_key (column `key` as text) and a 64-bit hash `name` of `columns`, ordered by record_key."""
    asked = table.select([key, *columns])
    numbered = [f"c{at}" for at in range(asked.num_columns)]  # DuckDB takes Email and email for one name
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", asked.rename_columns(numbered))
        return connection.sql(
            f"select cast(c0 as varchar) as {KEY}, hash({', '.join(numbered[1:])}) as {name} from rows order by 1"
        ).to_arrow_table()


def _with_text_key(records: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """The records with their key written as in the features: 7, not 7.0."""
    at = records.column_names.index(kinds[KEY])
    return records.set_column(at, kinds[KEY], as_text(records[kinds[KEY]]))


def _made_with(records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None) -> str:
    """Everything but the rows that a state depends on, as text."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    for one in fields(settings):
        if one.metadata.get("clusters_only"):
            del values[one.name]
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
    found = pc.is_in(table[column].cast(pa.string()), value_set=keys)
    return table.filter(found if keep else pc.invert(found))


def _differences(now: pa.Table, then: pa.Table, name: str) -> tuple[pa.Array, pa.Array]:
    """(keys that are new or whose hash `name` differs, keys that are gone)."""
    with duckdb.connect(":memory:") as connection:
        connection.register("tonight", now)
        connection.register("last", then)
        new = connection.sql(
            f"select {KEY} from tonight anti join last using ({KEY}, {name}) order by 1"
        ).to_arrow_table()
        gone = connection.sql(f"select {KEY} from last anti join tonight using ({KEY}) order by 1").to_arrow_table()
    return tuple(one[KEY].cast(pa.string()).combine_chunks() for one in (new, gone))


def _raw_hashes(records: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """Hashes of what is read of each record; other columns (when it was last loaded) may change as they like."""
    return row_hashes(records, kinds[KEY], [kinds[kind] for kind in sorted(kinds)], "raw_hash")


def _sealed(
    raw: pa.Table, features: pa.Table, blocked: pa.Table, effective_rows: pa.Table, pairs: pa.Table, *learnt: Any
) -> State:
    columns = [name for name in effective_rows.column_names if name != KEY]
    made = row_hashes(effective_rows, KEY, columns, "effective_hash")
    hashes = raw.append_column("effective_hash", made["effective_hash"])
    state = State(features, hashes, blocked, pairs, *learnt).sealed()
    state.__dict__["effective"] = effective_rows  # known already: saves the cached property its work
    return state


def from_scratch(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, like: State | None = None
) -> State:
    """All records standardised and scored, with the kinds, the words and the model of `like`, or new ones."""
    found = like.kinds if like else find_kinds(records, kinds)
    records = _with_text_key(records, found)
    features, order = standardise(records, found, like.order if like else None, settings.default_region)
    blocked = blocked_values(features, settings)
    rows = effective(features, blocked)
    model = like.model if like else fit(rows, settings)
    pairs = score(rows, model, settings)
    made_with = _made_with(records, settings, kinds)
    return _sealed(_raw_hashes(records, found), features, blocked, rows, pairs, order, model, found, made_with)


def next_night(
    records: pa.Table, settings: IdentitySettings, kinds: Mapping[str, str] | None, last: State
) -> tuple[State, int]:
    """(tonight's state, how many records were scored again); equals `from_scratch(..., like=last)`."""
    records = _with_text_key(records, last.kinds)
    raw = _raw_hashes(records, last.kinds)
    changed, gone = _differences(raw, last.hashes, "raw_hash")
    parts = [_rows(last.features, pa.concat_arrays([changed, gone]), keep=False)]
    if len(changed):
        fresh, _ = standardise(
            _rows(records, changed, column=last.kinds[KEY]), last.kinds, last.order, settings.default_region
        )
        parts.append(fresh)
    features = pa.concat_tables(parts).sort_by(KEY).combine_chunks()
    blocked = blocked_values(features, settings)
    rows = effective(features, blocked)
    columns = [name for name in rows.column_names if name != KEY]
    touched, gone = _differences(row_hashes(rows, KEY, columns, "effective_hash"), last.hashes, "effective_hash")
    kept = last.pairs
    for side in ("l", "r"):
        kept = _rows(kept, pa.concat_arrays([touched, gone]), keep=False, column=f"{KEY}_{side}")
    pairs = pa.concat_tables([kept, score(rows, last.model, settings, touched)])
    pairs = pairs.sort_by([(f"{KEY}_l", "ascending"), (f"{KEY}_r", "ascending")]).combine_chunks()
    made_with = _made_with(records, settings, kinds)
    state = _sealed(raw, features, blocked, rows, pairs, last.order, last.model, last.kinds, made_with)
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
