"""The groups of a night as a table, one row per segment and column, so that the next night can carry them on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..grades import as_day
from .features import Scaling
from .train import SegmentModel, Word

STATE_COLUMNS = [
    *("place", "behaviour_segment_id", "behaviour_segment", "words", "column_name", "column_place", "centre", "weight"),
    *("values", "ranks", "next_id", "drawn_on", "silhouette", "stability", "looseness"),
]


def state_table(model: SegmentModel) -> pd.DataFrame:
    """Everything of a model; `from_state` makes the same model of it."""
    columns = model.scaling.columns or [""]  # one group of customers who are all alike has no columns
    rows = []
    for place, segment in enumerate(model.ids.tolist()):
        for number, column in enumerate(columns):
            known = column != ""
            rows.append(
                {
                    "place": place,
                    "behaviour_segment_id": segment,
                    "behaviour_segment": model.names[segment],
                    "words": [f"{'+' if word.is_above else '-'}{word.column}" for word in model.words[segment]],
                    "column_name": column,
                    "column_place": number,
                    "centre": float(model.centres[place, number]),
                    "weight": float(model.scaling.weight[number]) if known else 0.0,
                    "values": model.scaling.values[number].tolist() if known else [],
                    "ranks": model.scaling.ranks[number].tolist() if known else [],
                    "next_id": model.next_id,
                    "drawn_on": model.drawn_on,
                    "silhouette": model.silhouette,
                    "stability": model.stability,
                    "looseness": model.looseness,
                }
            )
    return pd.DataFrame(rows, columns=STATE_COLUMNS)


def from_state(table: pd.DataFrame) -> SegmentModel | None:
    """The model of a state table; None of an empty one."""
    if table.empty:
        return None
    table = table.sort_values(["place", "column_place"], kind="stable", ignore_index=True)
    first = table[table.place == table.place.iloc[0]]
    known = first[first.column_name != ""]
    segments = table.drop_duplicates("place")
    ids = segments.behaviour_segment_id.to_numpy(dtype="int64")
    said = dict(zip(ids.tolist(), segments.words, strict=True))
    words = {segment: tuple(Word(word[1:], word[0] == "+") for word in texts) for segment, texts in said.items()}
    one = table.iloc[0]
    return SegmentModel(
        Scaling(
            known.column_name.tolist(),
            [np.asarray(values, dtype="float64") for values in known["values"]],
            [np.asarray(ranks, dtype="float64") for ranks in known["ranks"]],
            known.weight.to_numpy(dtype="float64"),
        ),
        table.centre.to_numpy(dtype="float64").reshape(len(ids), -1),
        ids,
        dict(zip(ids.tolist(), segments.behaviour_segment, strict=True)),
        words,
        int(one.next_id),
        None if pd.isna(one.drawn_on) else as_day(one.drawn_on),
        float(one.silhouette),
        float(one.stability),
        float(one.looseness),
    )
