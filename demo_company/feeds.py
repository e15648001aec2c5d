"""The lines of the file drops: JSON and CSV as the dropping system writes them, unreadable lines included."""

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo_company.broken import Broken, sample, spoil
from demo_company.columns import numbered

_BAD_TIMESTAMPS = ("2017-13-45T99:00:00Z", "yesterday", "0000-00-00", "17/2017/03")


def json_lines(rows: pa.Table) -> pa.Table:
    """The feed of a JSON-lines file: `visible_at` and `line`, in the order of the rows."""
    con = duckdb.connect()
    con.register("feed_rows", rows)
    fields = ", ".join(f"{name} := {_written(rows.schema.field(name))}" for name in _own_columns(rows))
    return con.sql(
        f"select visible_at, to_json(struct_pack({fields}))::varchar as line from feed_rows"
    ).to_arrow_table()


def csv_lines(rows: pa.Table) -> pa.Table:
    """The feed of a CSV file: fields quoted where needed, null as empty."""
    con = duckdb.connect()
    con.register("feed_rows", rows)
    fields = " || ',' || ".join(
        f"""coalesce(case when regexp_matches({text}, '[",\\n]') then '"' || replace({text}, '"', '""') || '"'
            else {text} end, '')"""
        for text in (f"({_written(rows.schema.field(name))})::varchar" for name in _own_columns(rows))
    )
    return con.sql(f"select visible_at, {fields} as line from feed_rows").to_arrow_table()


def header(rows: pa.Table) -> str:
    """The first line of the CSV files of a feed."""
    return ",".join(_own_columns(rows))


def _own_columns(rows: pa.Table) -> list[str]:
    return [name for name in rows.column_names if name != "visible_at"]


def _written(field: pa.Field) -> str:
    return f"strftime({field.name}, '%Y-%m-%dT%H:%M:%SZ')" if pa.types.is_timestamp(field.type) else field.name


def event_lines(broken: Broken, events: pa.Table) -> pa.Table:
    """The web events with what goes wrong in transport: bad timestamps, lines cut off, lines sent twice."""
    good = json_lines(events)
    bad = sample(broken, events, "bad timestamps", 0.0015)
    keys = numbered("E97", bad.num_rows, 6)
    written = np.resize(np.array(_BAD_TIMESTAMPS, dtype=object), bad.num_rows)
    broken.note("web", "events", keys, "bad_timestamp", bad["visible_at"])
    bad = spoil(bad, event_id=keys)
    bad = bad.set_column(bad.schema.get_field_index("occurred_at"), "occurred_at", pa.array(written))
    cut = sample(broken, events, "cut off", 0.0010)
    keys = numbered("E98", cut.num_rows, 6)
    broken.note("web", "events", keys, "malformed_json", cut["visible_at"])
    cut = json_lines(spoil(cut, event_id=keys))
    length = pc.utf8_length(cut["line"]).to_numpy()
    kept = [
        line[: 30 + place % max(1, end - 40)]
        for place, (line, end) in enumerate(zip(cut["line"].to_pylist(), length.tolist(), strict=True))
    ]
    cut = cut.set_column(1, "line", pa.array(kept))
    twice = sample(broken, events, "sent twice", 0.0020)
    broken.note("web", "events", twice["event_id"], "duplicate", twice["visible_at"])
    return by_time(good, json_lines(bad), cut, json_lines(twice))


def member_lines(broken: Broken, members: pa.Table) -> pa.Table:
    """The loyalty members with one row that has a column too many."""
    good = csv_lines(members)
    inside = members.filter(pc.greater(members["visible_at"], pa.scalar(datetime(2017, 1, 5))))
    wrong = sample(broken, inside if inside.num_rows else members, "members", 0.0, 1)
    keys = numbered("2900000", 1, 6)
    broken.note("loyalty", "members", keys, "wrong_number_of_columns", wrong["visible_at"])
    line = csv_lines(spoil(wrong, card_number=keys))
    return by_time(good, line.set_column(1, "line", pc.binary_join_element_wise(line["line"], "unexpected", ",")))


def by_time(*feeds: pa.Table) -> pa.Table:
    """Feeds together in the order of time; earlier feeds first where the time is the same."""
    return pa.concat_tables(feeds).sort_by([("visible_at", "ascending")])
