"""Rows broken on purpose, as real systems have them. They are added to the good rows, which stay as they are.

Every function returns the rows to add and notes each of them for the truth: source, table, key and defect.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo_company.columns import generator, numbered, table

_EIGHTY_TWO_YEARS = np.timedelta64(82 * 365 + 20, "D")  # from 2017 to 2099, with its leap days


@dataclass
class Broken:
    """Collects the broken rows; `visible_at` says from when on a row can be seen in its system."""

    seed: int
    notes: list[pa.Table] = field(default_factory=list)

    def note(self, source: str, name: str, keys: np.ndarray, defect: str, visible_at: object) -> None:
        size = len(keys)
        self.notes.append(
            table(
                source_system=np.full(size, source, dtype=object),
                table_name=np.full(size, name, dtype=object),
                source_key=keys,
                defect=np.full(size, defect, dtype=object),
                visible_at=visible_at,
            )
        )

    def truth(self) -> pa.Table:
        """The table truth/broken_rows, with `visible_at`."""
        return pa.concat_tables(self.notes)


def sample(broken: Broken, rows: pa.Table, topic: str, share: float, least: int = 2) -> pa.Table:
    """Some rows of a table, to be copied and spoilt; in the order of the table."""
    draws = generator(broken.seed, "broken " + topic)
    size = min(rows.num_rows, max(least, round(rows.num_rows * share)))
    return rows.take(np.sort(draws.choice(rows.num_rows, size, replace=False)))


def spoil(rows: pa.Table, **changes: object) -> pa.Table:
    """A copy with some columns replaced, their types kept; a scalar fills the column, None empties it."""
    for name, values in changes.items():
        kind = rows.schema.field(name).type
        if values is None or not hasattr(values, "__len__") or isinstance(values, str):
            made = pa.array([values] * rows.num_rows, kind)
        else:
            made = pc.cast(values, kind) if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, kind)
        rows = rows.set_column(rows.schema.get_field_index(name), name, made)
    return rows


def orders_and_lines(broken: Broken, orders: pa.Table, lines: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Orders of unknown accounts and of the year 2099, each with its lines; negative and orphaned lines."""
    bad_orders, bad_lines = [], []
    for place, (defect, share) in enumerate((("unknown_account", 0.0012), ("ordered_in_2099", 0.0010))):
        copied = sample(broken, orders, defect, share)
        keys = numbered(f"98{place}", copied.num_rows, 8)
        changes: dict[str, object] = {"order_id": keys}
        if defect == "unknown_account":
            changes["account_id"] = numbered("A", 990_000 + np.arange(copied.num_rows), 6)
        else:
            moved = copied["ordered_at"].to_numpy() + _EIGHTY_TWO_YEARS
            changes["ordered_at"] = pa.array(moved)
        bad_orders.append(spoil(copied, **changes))
        broken.note("erp", "orders", keys, defect, copied["updated_at"])
        of = np.repeat(np.arange(copied.num_rows), 2)
        bought = sample(broken, lines, defect + " lines", len(of) / lines.num_rows, len(of)).slice(0, len(of))
        of = of[: bought.num_rows]
        number = np.arange(len(of)) % 2 + 1
        at = copied["updated_at"].take(of)
        bad_lines.append(spoil(bought, order_id=keys[of], line_number=number, updated_at=at))
        broken.note("erp", "order_lines", _line_keys(keys[of], number), "order_" + defect, at)
    negative = sample(broken, lines, "negative", 0.0008)
    negative = negative.filter(pc.and_(pc.greater(negative["quantity"], 0), pc.greater(negative["sales_value"], 0)))
    number = 900 + np.arange(negative.num_rows) % 90
    value = pc.cast(pc.negate(negative["sales_value"]), negative.schema.field("sales_value").type)
    bad_lines.append(spoil(negative, line_number=number, sales_value=value))
    broken.note(
        "erp",
        "order_lines",
        _line_keys(negative["order_id"].to_numpy(zero_copy_only=False), number),
        "negative_sales_value",
        negative["updated_at"],
    )
    orphans = sample(broken, lines, "orphans", 0.0007)
    keys, number = numbered("979", orphans.num_rows, 8), np.ones(orphans.num_rows, dtype=int)
    bad_lines.append(spoil(orphans, order_id=keys, line_number=number))
    broken.note("erp", "order_lines", _line_keys(keys, number), "unknown_order", orphans["updated_at"])
    return pa.concat_tables([orders, *bad_orders]), pa.concat_tables([lines, *bad_lines])


def _line_keys(order_id: np.ndarray, number: np.ndarray) -> np.ndarray:
    return order_id + "-" + number.astype(str).astype(object)


def empty_people(
    broken: Broken, rows: pa.Table, name: str, key: str, prefix: str, blank: tuple[str, ...], share: float
) -> pa.Table:
    """Records without a name and without any contact point: nobody can tell whose they are."""
    copied = sample(broken, rows, name, share)
    keys = numbered(prefix + "99", copied.num_rows, 4)
    broken.note("crm", name, keys, "no_name_no_contact_point", copied["updated_at"])
    return spoil(copied, **{key: keys}, **dict.fromkeys(blank))


def resolved_too_early(broken: Broken, tickets: pa.Table) -> pa.Table:
    """Tickets resolved a day before they were opened."""
    opened = tickets.filter(pc.equal(tickets["status"], "open"))
    copied = sample(broken, opened, "tickets", 0.004)
    keys = numbered("K99", copied.num_rows, 4)
    broken.note("helpdesk", "tickets", keys, "resolved_before_created", copied["visible_at"])
    before = pa.array(copied["created_at"].to_numpy() - np.timedelta64(86_400, "s"))
    return spoil(copied, ticket_id=keys, status="solved", first_response_at=before, resolved_at=before)


def negative_durations(broken: Broken, calls: pa.Table) -> pa.Table:
    """Calls that ended before they began."""
    copied = sample(broken, calls, "calls", 0.004)
    keys = numbered("CA99", copied.num_rows, 4)
    broken.note("callcentre", "calls", keys, "negative_duration", copied["visible_at"])
    return spoil(copied, call_id=keys, duration_s=pc.negate(copied["duration_s"]))


def impossible_scores(broken: Broken, responses: pa.Table) -> pa.Table:
    """NPS answers above ten, and words where a number belongs."""
    copied = sample(broken, responses.filter(pc.equal(responses["survey"], "nps")), "responses", 0.010, 4)
    keys = numbered("R99", copied.num_rows, 4)
    words = np.arange(copied.num_rows) % 2 == 1
    for defect, rows in (("nps_above_10", ~words), ("text_in_score", words)):
        broken.note("survey", "responses", keys[rows], defect, copied["visible_at"].filter(pa.array(rows)))
    high = (11 + np.arange(copied.num_rows) % 5).astype(str)
    return spoil(copied, response_id=keys, score=np.where(words, "very good", high).astype(object))
