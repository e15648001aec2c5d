from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

from .standardise import standardise as _old

TEXT = ["record_key", "source", "given", "middle", "family", "hanzi", "given_root", "name_key", "email", "mailbox", "email_digits", "phone", "birth_date", "house_number", "street", "unit", "city", "region", "postcode", "country", "address", "gender", "national_id", "loyalty_card", "device_id", "company"]
BLOCKABLE = ("email", "mailbox", "phone", "device_id", "loyalty_card", "address")


@dataclass(frozen=True)
class NameOrder:
    def to_json(self): return "{}"
    @classmethod
    def from_json(cls, text): return cls()


def learn_order(records, kinds=None): return NameOrder()


def standardise(records, kinds=None, order=None):
    frame = records.to_pandas()
    table = _old(frame)
    source = dict(zip(frame.record_key.astype(str), frame.source_system)) if "source_system" in frame else {}
    table["source"] = table.record_key.map(source).astype(object) if source else None
    columns = {}
    for c in TEXT:
        v = table[c] if c in table else pd.Series([None] * len(table), dtype=object)
        columns[c] = pa.array(v.astype(object).where(v.notna(), None), pa.string())
    columns["given_roots"] = pa.array([list(x) if x is not None else None for x in table.given_roots], pa.list_(pa.string()))
    columns["has_plain_order"] = pa.array([False] * len(table))
    return pa.table(columns)


def blocked_values(features, settings):
    with duckdb.connect(":memory:") as c:
        c.register("f", features)
        parts = [f"select '{n}' as \"column\", {n} as value from f where {n} is not null group by {n} having count(*) > {settings.most_records_per_value}" for n in BLOCKABLE]
        return c.sql(" union all ".join(parts) + " order by all").to_arrow_table()


def without_blocked(features, blocked):
    import pyarrow.compute as pc
    for n in BLOCKABLE:
        bad = blocked.filter(pc.equal(blocked["column"], n))["value"]
        if len(bad):
            i = features.column_names.index(n)
            col = features[n]
            col = pc.if_else(pc.is_in(col, value_set=bad.combine_chunks()), pa.scalar(None, col.type), col)
            features = features.set_column(i, n, col)
    return features
