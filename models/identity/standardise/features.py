"""Records as comparable columns: one row per record, ordered by record_key.

Plain forms are worked out for a whole column at once, all others once per distinct value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import address, codes, dates, email, names, phone
from .name_order import NameOrder, WordPairs, learn_domains, learn_words, swapped
from .tables import are_keys, as_arrow, as_text
from .text import each, each_row, listed, plain

TEXT = pa.string()
SCHEMA = pa.schema(
    [(name, TEXT) for name in ["record_key", "source", "given", "middle", "family", "hanzi", "given_root"]]
    + [("given_roots", pa.list_(TEXT))]
    + [
        (name, TEXT)
        for name in listed(
            "name_key email mailbox email_digits phone birth_date house_number street unit city region postcode "
            "country address gender national_id loyalty_card device_id company"
        )
    ]
    + [("has_plain_order", pa.bool_())]
)
DEFAULT_REGION = "US"
# Longer than any name, e-mail (254) or line of an address; comparing letters takes time with the square of this.
LONGEST = 300


def standardise(
    records: Any,
    kinds: Mapping[str, str] | None = None,
    order: NameOrder | None = None,
    default_region: str = DEFAULT_REGION,
) -> tuple[pa.Table, NameOrder]:
    """(features, the word statistics used). A row of features is a function of its record and of the statistics alone.

    Args:
        records: pandas, Arrow or a DuckDB relation, one row per record.
        kinds: kind of value to column, see `models.identity.kinds.find_kinds`, which is asked without it.
        order: statistics learnt before; learnt from `records` without it.
        default_region: ISO 3166 code whose phone plan holds where the record names no country.

    Returns:
        features as in `SCHEMA`, ordered by record_key, missing is null and never ''. has_plain_order: the writing
        itself shows which part of the name is which (characters, pinyin), so that the two are never swapped.

    Raises:
        ValueError: a record_key is missing or there twice.
    """
    from ..kinds import find_kinds  # kinds reads standard forms itself

    table = as_arrow(records)
    kinds = find_kinds(table, kinds) if kinds is None else {kind: at for kind, at in kinds.items() if at}
    keys = as_text(table[kinds["record_key"]]) if "record_key" in kinds else None
    if keys is None or not are_keys(keys):
        raise ValueError("records: record_key must be present and unique")
    by_key = pc.sort_indices(keys)
    keys = keys.take(by_key)

    @cache
    def column(kind: str) -> pa.Array:
        return _cut(as_text(table[kinds[kind]])).take(by_key) if kind in kinds else pa.nulls(len(keys), TEXT)

    columns = {"record_key": keys, "source": column("source")}
    columns["country"] = each(column("country"), codes.country)
    addresses = email.standard_column(column("email"))
    learnt = order or _learn_dates_and_domains(column, columns["source"], addresses)
    columns |= _emails(addresses, learnt)
    # Names take as long as all the rest, which needs nothing of them; Arrow lets go of Python while it works.
    with ThreadPoolExecutor(max_workers=1) as beside:
        others = beside.submit(_all_but_names, column, columns["source"], columns["country"], learnt, default_region)
        named, words = _names(column, columns["mailbox"], order)
        columns |= named | others.result()
    learnt = learnt if words is None else NameOrder(words, learnt.domains, learnt.day_first)
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA), learnt


def _all_but_names(
    column: Callable[[str], pa.Array], source: pa.Array, country: pa.Array, order: NameOrder, default_region: str
) -> dict[str, pa.Array]:
    """Columns of phones, dates, addresses and numbers."""
    found = {"phone": _phones(column, default_region), "birth_date": _birth_dates(column, source, order)}
    found |= _addresses(column, country)
    for kind in ("national_id", "loyalty_card", "device_id"):
        found[kind] = each(column(kind), codes.code if kind != "device_id" else plain)
    return found | {kind: each(column(kind), getattr(codes, kind)) for kind in ("gender", "company")}


def _cut(texts: pa.Array) -> pa.Array:
    """Texts with their first LONGEST characters: what is longer is no value but a document in the wrong field."""
    if (pc.max(pc.binary_length(texts)).as_py() or 0) <= LONGEST:
        return texts
    return pc.utf8_slice_codeunits(texts, 0, LONGEST)


def _learn_dates_and_domains(column: Callable[[str], pa.Array], source: pa.Array, emails: pa.Array) -> NameOrder:
    return NameOrder(
        {}, learn_domains(emails), dates.learn_day_first(column("birth_date"), column("birth_date_text"), source)
    )


def _emails(found: pa.Array, order: NameOrder) -> dict[str, pa.Array]:
    if order.domains:
        found = email.corrected(found, order.domains)
    # No digits are '' and not missing: an address without digits is known to have none.
    return {"email": found, "mailbox": email.mailbox_letters(found), "email_digits": email.digits(found)}


def _phones(column: Callable[[str], pa.Array], default: str) -> pa.Array:
    country, language = column("country"), column("language")
    context = each_row([country, language], lambda *text: phone.places(*text, default), [TEXT, TEXT])
    return phone.standard_column(column("phone"), *context, default)


def _birth_dates(column: Callable[[str], pa.Array], source: pa.Array, order: NameOrder) -> pa.Array:
    written = pc.coalesce(column("birth_date"), column("birth_date_text"))
    month_first = each(written, dates.standard)
    if not order.day_first:
        return month_first
    is_day_first = pc.is_in(pc.fill_null(source, ""), value_set=pa.array(sorted(order.day_first), TEXT))
    return pc.if_else(is_day_first, each(written, lambda text: dates.standard(text, day_first=True)), month_first)


def _addresses(column: Callable[[str], pa.Array], country: pa.Array) -> dict[str, pa.Array]:
    parts = address.parse_columns(column("street"), column("house_number"), column("unit"))
    number, street, unit, region, city = parts
    code = each_row([column("postcode"), country], lambda *text: (address.postcode(*text),), [TEXT])[0]
    city = pc.coalesce(each(column("city"), address.city), city)
    region = pc.coalesce(each(column("region"), codes.region), region)
    lines = pc.binary_join_element_wise(
        pc.fill_null(number, ""), pc.fill_null(street, ""), pc.fill_null(unit, ""), " ", null_handling="replace"
    )
    lines = pc.utf8_trim_whitespace(pc.replace_substring(lines, "  ", " "))
    key = pc.binary_join_element_wise(lines, pc.coalesce(code, city), "|", null_handling="replace")
    return {
        "house_number": number,
        "street": street,
        "unit": unit,
        "city": city,
        "region": region,
        "postcode": code,
        "address": pc.if_else(pc.is_valid(street), key, pa.scalar(None, TEXT)),
    }


def _names(
    column: Callable[[str], pa.Array], mailbox: pa.Array, order: NameOrder | None
) -> tuple[dict[str, pa.Array], dict[str, tuple[int, int]] | None]:
    """Columns of the names, and the words learnt where `order` is None."""
    written = [each(column(kind), names.prepared) for kind in ("full_name", "given", "family", "middle")]
    given, middle, family, hanzi, declared, plain_order = names.parse_columns(*written)
    is_open = pc.invert(pc.fill_null(plain_order, True))
    none = pa.scalar(None, TEXT)
    both = [pc.if_else(is_open, side, none) for side in (given, family)]
    pairs = WordPairs.of(*both, pc.fill_null(declared, False))
    words = learn_words(pairs) if order is None else None
    turned = pa.array(swapped(pairs, NameOrder(words) if order is None else order))
    given, family = pc.if_else(turned, family, given), pc.if_else(turned, given, family)
    family = _family_from_mailbox(given, family, mailbox)
    # Short forms are an English habit: Lu is no Lucy in a Chinese name.
    root = pc.if_else(is_open, each(given, names.root), given)
    return {
        "given": given,
        "middle": middle,
        "family": family,
        "hanzi": hanzi,
        "given_root": root,
        "given_roots": each(given, names.roots, pa.list_(TEXT)),
        "name_key": _name_key(given, root, family),
        "has_plain_order": pc.fill_null(plain_order, False),
    }, words


def _name_key(given: pa.Array, root: pa.Array, family: pa.Array) -> pa.Array:
    """Both names, sorted, where both are more than an initial: the same for either order."""
    is_whole = pc.and_(*(pc.greater(pc.utf8_length(side), 1) for side in (given, family)))
    first, second = pc.min_element_wise(root, family), pc.max_element_wise(root, family)
    key = pc.binary_join_element_wise(first, second, " ")
    return pc.if_else(pc.fill_null(is_whole, False), key, pa.scalar(None, TEXT))


def _family_from_mailbox(given: pa.Array, family: pa.Array, mailbox: pa.Array) -> pa.Array:
    """Family names completed from the record's own e-mail: Nora S., nora.stokes@ is Nora Stokes.

    Only where the family name is missing or an initial, the mailbox is the given name with something
    of three letters or more after it, and the initial agrees.
    """
    short = pc.less_equal(pc.utf8_length(pc.fill_null(family, "")), 1)
    can = pc.and_(pc.and_(short, pc.greater_equal(pc.utf8_length(given), 3)), pc.is_valid(mailbox))
    at = np.flatnonzero(pc.fill_null(can, False).to_numpy(zero_copy_only=False))
    if not len(at):
        return family
    found: list[str | None] = []
    for name, start, mail in zip(
        *(side.take(pa.array(at)).to_pylist() for side in (given, family, mailbox)), strict=True
    ):
        rest = mail.removeprefix(name)
        found.append(rest if rest != mail and len(rest) >= 3 and rest.startswith(start or "") else start)
    mask = np.zeros(len(family), dtype=bool)
    mask[at] = True
    return pc.replace_with_mask(family, pa.array(mask), pa.array(found, TEXT))
