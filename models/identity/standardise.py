"""Customer records as comparable columns: one row per record, ordered by record_key.

Every transformation runs once per distinct value, not once per record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pandas as pd

from . import contacts
from .name_order import settle
from .names import Name, parse, plain, root, roots


def _text(records: pd.DataFrame, column: str) -> pd.Series:
    """The column as object text with None for missing, or all missing when the source has no such column."""
    if column not in records:
        return pd.Series([None] * len(records), index=records.index, dtype=object)
    values = records[column].astype(object)
    return values.where(values.notna(), None)


def _each(values: pd.Series, how: Callable[[object], object]) -> pd.Series:
    """`how` applied once per distinct value; missing stays missing."""
    codes, distinct = pd.factorize(values)
    made = np.empty(len(distinct) + 1, dtype=object)
    made[: len(distinct)] = [how(value) for value in distinct]
    made[-1] = None  # factorize gives the code -1 to what is missing
    return pd.Series(made[codes], index=values.index, dtype=object)


def _or_none(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna() & (values != ""), None)


def _names(records: pd.DataFrame) -> pd.DataFrame:
    columns = ("full_name", "given_name", "family_name")
    parts = pd.DataFrame({c: _each(_text(records, c), plain).fillna("") for c in columns}, dtype=object)
    distinct = parts.drop_duplicates()
    parsed = pd.DataFrame(
        [parse(*row) for row in distinct.itertuples(index=False)],
        index=distinct.index,
        columns=[field.name for field in fields(Name)],
    )
    table = parts.merge(distinct.join(parsed), on=list(parts.columns), how="left")
    table["can_swap"] = ~table.is_pinyin.astype(bool) & (table.hanzi == "")
    return table[["hanzi", "can_swap"]].join(settle(table))


def _family_from_mailbox(given: pd.Series, family: pd.Series, mailbox: pd.Series) -> pd.Series:
    """Family names completed from the record's own e-mail: Nora S., nora.stokes@ is Nora Stokes.

    Only where the family name is missing or an initial, the mailbox is the given name with something
    of three letters or more after it, and the initial agrees.
    """
    parts = {"given": given.fillna(""), "family": family.fillna(""), "mailbox": mailbox.fillna("")}
    table = pd.DataFrame(parts, dtype=object)
    open_ = (table.family.str.len() <= 1) & (table.given.str.len() >= 3) & (table.mailbox != "")
    found = [
        mail[len(name) :] if mail.startswith(name) and mail[len(name) :].startswith(start) else ""
        for name, start, mail in table[open_].itertuples(index=False)
    ]
    completed = pd.Series(found, index=table.index[open_], dtype=object)
    completed = completed[completed.str.len() >= 3]
    out = family.copy()
    out[completed.index] = completed
    return out


def standardise(records: pd.DataFrame) -> pd.DataFrame:
    """Comparable columns of `records` (the customer_records table), ordered by record_key.

    record_key, given, family, hanzi, given_root, given_roots (list), name_key (both parts, sorted),
    email, mailbox (its letters), email_digits, phone, birth_date (ISO text), address (street and postcode), postcode,
    loyalty_card, device_id. Missing is None.
    Raises ValueError when a record_key is missing or double.
    """
    if records["record_key"].isna().any() or records["record_key"].duplicated().any():
        raise ValueError("customer_records: record_key must be present and unique")
    records = records.sort_values("record_key", kind="stable", ignore_index=True)
    names = _names(records)
    out = pd.DataFrame({"record_key": records["record_key"].astype(str)})
    out["given"], out["family"], out["hanzi"] = (_or_none(names[c]) for c in ("given", "family", "hanzi"))
    out["email"] = _each(_text(records, "email"), contacts.email)
    out["mailbox"] = _each(out.email, contacts.mailbox_letters)
    out["email_digits"] = _each(out.email, lambda address: re.sub(r"[^0-9]", "", str(address)))
    out["family"] = _family_from_mailbox(out.given, out.family, out.mailbox)
    # Short forms are an English habit: Lu is no Lucy in a Chinese name.
    out["given_root"] = _each(out.given, root).where(names.can_swap, out.given)
    out["given_roots"] = _each(out.given, roots)
    both = out.given_root.notna() & out.family.notna() & (out.given.str.len() > 1) & (out.family.str.len() > 1)
    pairs = pd.Series([None] * len(out), dtype=object)
    pairs[both] = [" ".join(sorted(pair)) for pair in zip(out.given_root[both], out.family[both], strict=True)]
    out["name_key"] = pairs
    out["phone"] = _each(_text(records, "phone"), contacts.phone)
    born = _text(records, "birth_date")
    out["birth_date"] = _each(born.where(born.notna(), _text(records, "birth_date_raw")), contacts.birth_date)
    out["postcode"] = _each(_text(records, "postcode"), contacts.postcode)
    street = _each(_text(records, "street"), contacts.street)
    out["address"] = _or_none((street.fillna("") + "|" + out.postcode.fillna("")).where(street.notna(), ""))
    for column in ("loyalty_card", "device_id"):
        out[column] = _or_none(_each(_text(records, column), lambda value: plain(str(value))))
    return out
