"""The ERP's stock: what lies in a shop, what is on its way, and when a shelf was empty.

The purchases are real and stay as they are; the stock around them is simulated: shops order once a week up to a level,
deliveries come after the lead time, a few of them a week late. A shelf is only ever empty on days without a sale, and a
sale that the simulated stock could not serve came out of a transfer from another shop.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from demo_company.broken import Broken, sample, spoil
from demo_company.columns import generator, numbered, pick, table
from demo_company.journey import FIRST_DAY, LAST_DAY, Journey

_PAIRS, _ALL_HOUSEHOLDS = 3000, 2469
_DAYS = (LAST_DAY - FIRST_DAY).days + 1
_FIRST = np.datetime64(FIRST_DAY)
# Goods sold by measure (fuel, in thousandths) lie in no shelf.
_LARGEST_QUANTITY = 100
_REVIEW_DAYS = 7
_LATE_SHARE, _LATE_DAYS = 0.06, 7
_Z = {0.90: 1.2816, 0.95: 1.6449, 0.98: 2.0537}


@dataclass
class _Shelves:
    """One shelf per product and shop (n of them); `sold` is n by days."""

    product: np.ndarray
    store: np.ndarray
    sold: np.ndarray
    lead_days: np.ndarray
    pack: np.ndarray
    service: np.ndarray
    review_day: np.ndarray


def stock_tables(journey: Journey, broken: Broken, seed: int) -> dict[str, pa.Table]:
    """erp_stock_levels (a count every Sunday) and erp_stock_outs (opened when a shelf is empty, closed later)."""
    shelves = _shelves(journey, generator(seed, "stock"))
    on_hand, on_order, next_due, empty = _year(shelves, generator(seed, "deliveries"))
    levels = _levels(shelves, on_hand, on_order, next_due)
    return {"erp_stock_levels": _with_mistakes(broken, levels), "erp_stock_outs": _stock_outs(shelves, empty)}


def _shelves(journey: Journey, draws: np.random.Generator) -> _Shelves:
    """The pairs that sell on most days; as many as the slice has households for."""
    most = max(60, round(_PAIRS * journey.count / _ALL_HOUSEHOLDS))
    rows = journey.read(f"""
        with daily as (
            select product_id::varchar as product, baskets.store_id::varchar as store,
                   date_diff('day', date '{FIRST_DAY}', baskets.ordered_at::date) as day,
                   sum(quantity)::double as units, max(quantity) as largest
            from transactions inner join baskets using (basket_id) group by all
        ), pairs as (
            select product, store, row_number() over (order by count(*) desc, product, store) - 1 as place
            from daily group by product, store having max(largest) <= {_LARGEST_QUANTITY}
            order by place limit {most}
        )
        select place, product, store, day, units from daily inner join pairs using (product, store)
        order by place, day""")
    size = int(rows["place"].max()) + 1
    first = np.searchsorted(rows["place"], np.arange(size))
    sold = np.zeros((size, _DAYS))
    sold[rows["place"], rows["day"]] = rows["units"]
    daily = sold.mean(axis=1)
    return _Shelves(
        rows["product"][first],
        rows["store"][first],
        sold,
        draws.integers(2, 11, size),
        np.where(daily > 2, 24, np.where(daily > 0.5, 12, 6)) // pick(draws, (1, 2), size).astype(int),
        pick(draws, tuple(_Z), size, (1, 2, 1)).astype(float),
        draws.integers(0, 7, size),
    )


def _year(shelves: _Shelves, draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """At each Sunday's end: on hand, on order, day of the next delivery (-1: none); and each day's empty shelves.

    Periodic review up to a level (R, S): mean demand of lead time and review, plus the service level's z deviations.
    """
    size = len(shelves.pack)
    days = shelves.lead_days + _REVIEW_DAYS
    z = np.array([_Z[round(float(level), 2)] for level in shelves.service])
    target = np.ceil(shelves.sold.mean(axis=1) * days + z * shelves.sold.std(axis=1) * np.sqrt(days))
    due = np.zeros((_DAYS + 64, size))
    on_hand, coming = np.ceil(target * draws.uniform(0.5, 1.0, size)), np.zeros(size)
    late = draws.random((_DAYS, size)) < _LATE_SHARE
    empty = np.zeros((_DAYS, size), dtype=bool)
    counts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for day, sold in enumerate(shelves.sold.T):
        was_empty, delivered = on_hand <= 0, due[day]
        on_hand, coming = on_hand + delivered, coming - delivered
        lacking = np.maximum(sold - on_hand, 0)
        on_hand = on_hand + np.ceil(lacking / shelves.pack) * shelves.pack - sold
        orders = np.flatnonzero((day % 7 == shelves.review_day) & (on_hand + coming < target))
        units = np.ceil((target - on_hand - coming)[orders] / shelves.pack[orders]) * shelves.pack[orders]
        arrives = day + shelves.lead_days[orders] + np.where(late[day, orders], _LATE_DAYS, 0)
        due[arrives, orders] += units
        coming[orders] += units
        empty[day] = was_empty & (on_hand <= 0) & (sold == 0) & (delivered == 0)
        if day % 7 == 0:  # the year began on a Sunday
            ahead = due[day + 1 : day + 20] > 0
            counts.append((on_hand, coming.copy(), np.where(ahead.any(axis=0), day + 1 + ahead.argmax(axis=0), -1)))
    return *(np.array(part) for part in zip(*counts, strict=True)), empty.T


def _levels(shelves: _Shelves, on_hand: np.ndarray, on_order: np.ndarray, next_due: np.ndarray) -> pa.Table:
    """A row per shelf and Sunday, counted after closing."""
    sundays = np.arange(0, _DAYS, 7)
    size = len(shelves.pack)
    counted = _FIRST + sundays.astype("timedelta64[D]") + np.timedelta64(86_399, "s")
    next_day = np.where(next_due < 0, np.datetime64("NaT"), _FIRST + next_due.astype("timedelta64[D]"))
    return table(
        product_id=np.tile(shelves.product, len(sundays)),
        store_id=np.tile(shelves.store, len(sundays)),
        on_hand=on_hand.ravel().astype(int),
        on_order=on_order.ravel().astype(int),
        next_delivery_on=next_day.ravel().astype("M8[D]"),
        lead_time_days=np.tile(shelves.lead_days, len(sundays)),
        review_days=np.full(size * len(sundays), _REVIEW_DAYS),
        pack_size=np.tile(shelves.pack, len(sundays)),
        service_level=np.tile(shelves.service, len(sundays)),
        updated_at=np.repeat(counted, size),
    )


def _stock_outs(shelves: _Shelves, empty: np.ndarray) -> pa.Table:
    """Two versions of each period: opened on its first day, closed on the day after its last one."""
    edges = np.diff(np.pad(empty.astype(int), ((0, 0), (1, 1))), axis=1)
    shelf, first = np.nonzero(edges == 1)
    last = np.nonzero(edges == -1)[1] - 1
    morning = np.timedelta64(6 * 3600, "s")
    began = _FIRST + first.astype("timedelta64[D]")
    ended = _FIRST + last.astype("timedelta64[D]")
    over = last < _DAYS - 1
    versions = [
        (shelf, began, np.full(len(shelf), np.datetime64("NaT"), dtype="M8[D]"), began + morning),
        (shelf[over], began[over], ended[over], ended[over] + np.timedelta64(1, "D") + morning),
    ]
    which, out_from, out_until, updated = (np.concatenate(part) for part in zip(*versions, strict=True))
    return table(
        product_id=shelves.product[which],
        store_id=shelves.store[which],
        out_from=out_from.astype("M8[D]"),
        out_until=out_until.astype("M8[D]"),
        updated_at=updated,
    )


def _with_mistakes(broken: Broken, levels: pa.Table) -> pa.Table:
    """Counts below nothing, articles nobody knows, service levels above one; on shelves with numbers of their own."""
    added = []
    for defect, key, changes in (
        ("negative_stock", "store_id", {"on_hand": -7}),
        ("unknown_product", "product_id", {}),
        ("impossible_service_level", "store_id", {"service_level": 1.7}),
    ):
        copied = sample(broken, levels.slice(0, min(levels.num_rows, _PAIRS)), "stock " + defect, 0.001)
        rows = spoil(copied, **{key: numbered("99", copied.num_rows, 5)}, **changes)
        added.append(rows)
        products, stores = (rows[name].to_numpy(zero_copy_only=False) for name in ("product_id", "store_id"))
        broken.note("erp", "stock_levels", products + "|" + stores, defect, rows["updated_at"])
    return pa.concat_tables([levels, *added])
