"""Guesses: which entity a table is, and which of its columns is which column of the contract.

By names first, by values where the name says nothing (an e-mail address looks like one). A guess is written as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.new_source import words
from orchestration.new_source.contract import Column
from orchestration.new_source.found import FoundColumn, FoundTable
from orchestration.new_source.keys import singular

_ENOUGH = 3
_BY_NAME = 3  # a table's name weighs as much as three of the entity's own columns
_MOST = 0.8  # share of the values that must look alike; the rest are the mistakes people make

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}[T ][0-9:.]+(Z|\+00:?00)?")
_NUMBER = re.compile(r"\s*[+-]?\d{1,15}([.]\d{1,6})?\s*")
_JSON = re.compile(r"\s*[{\[].*[}\]]\s*", re.DOTALL)
_PHONE = re.compile(r"[+0][0-9 ()/-]{7,18}|\(?[0-9]{3}\)?[ -][0-9 -]{6,12}")
_TYPES_THAT_FIT = {
    "date": ("date", "timestamp"),
    "timestamp": ("timestamp", "date"),
    "boolean": ("boolean", "bigint"),
}


_OWN_IDS = {
    "products": "product_id",
    "stores": "store_id",
    "orders": "order_id",
    "order_lines": "order_line_id",
    "campaigns": "campaign_id",
    "coupon_redemptions": "redemption_id",
    "campaign_touches": "touch_id",
    "web_events": "event_id",
    "support_cases": "ticket_id",
    "calls": "call_id",
    "survey_responses": "response_id",
    "mentions": "mention_id",
    "opportunities": "lead_id",
    "consents": "consent_id",
}


@dataclass(frozen=True)
class Guess:
    """One column of a contract and where it comes from.

    Args:
        columns: the source's columns it is made of: one, or a quantity, a price and perhaps a discount.
        why: in words for a person; empty when the names are the same.
    """

    columns: tuple[FoundColumn, ...]
    why: str = ""


def guess_entity(table: FoundTable, contracts: Mapping[str, Sequence[Column]]) -> str | None:
    """The entity that a table seems to be; None when nothing fits."""
    scores = {entity: _score(table, entity, contract) for entity, contract in contracts.items()}
    best = max(scores, key=lambda entity: scores[entity])
    return best if scores[best] >= _ENOUGH else None


def _score(table: FoundTable, entity: str, contract: Sequence[Column]) -> float:
    told = words.TABLES[entity].split()
    name = table.name
    names = {name, singular(name), *(singular("_".join(name.split("_")[at:])) for at in range(1, name.count("_") + 1))}
    exact = {name, singular(name)} & set(told)
    by_name = _BY_NAME + 1 if exact else _BY_NAME if names & set(told) else 0
    core = set(words.CORE[entity].split())
    mapped = guess_mapping(table, entity, [column for column in contract if column.name in core])
    return by_name + len(mapped) / (1 if len(mapped) >= _ENOUGH or by_name else 2)


def guess_mapping(
    table: FoundTable, entity: str, contract: Sequence[Column], known: Mapping[str, FoundColumn] | None = None
) -> dict[str, Guess]:
    """For each column of the contract that something fits, what fits best. No column is used for two.

    The entity's own key is left to the writer. `known` is what needs no guess: contract column -> the source's.
    """
    own_key = table.key if len(table.key) == 1 else ()  # of several, each may be a reference
    free = {column.lake_name: column for column in table.columns if column.name not in own_key}
    by_short = {_short(column.lake_name, table.name): column for column in free.values()}
    mapping = {name: Guess((column,)) for name, column in (known or {}).items()}
    for guess in mapping.values():
        free.pop(guess.columns[0].lake_name, None)
    wanted = [column for column in contract if not column.name.endswith("_raw") and column.name != "account_system"]
    wanted = [column for column in wanted if column.name != own_id(entity)]
    for column in wanted:  # the very same name first, so that no other column takes it
        found = free.get(column.name) if column.name not in mapping else None
        if found and _fits(found, column):
            mapping[column.name] = Guess((found,))
            free.pop(found.lake_name, None)
    for column in wanted:
        if column.name in mapping:
            continue
        for word in _words(entity, column):
            found = free.get(word) or by_short.get(word)
            if found and found.lake_name in free and _fits(found, column):
                mapping[column.name] = Guess((found,), "by its name")
                free.pop(found.lake_name)
                break
    _add_by_values(mapping, wanted, free)
    _add_products(mapping, wanted, free)
    return mapping


def own_id(entity: str) -> str | None:
    """The contract's column for the entity's own key, made of the source's key; None where it has none of its kind."""
    return _OWN_IDS.get(entity)


def _words(entity: str, column: Column) -> list[str]:
    if column.name == "occurred_at":
        return words.WHEN[entity].split()
    told = [column.name, *words.COLUMNS.get(column.name, "").split()]
    if column.type == "id":  # order_id is also called order_no, order_number, order, …
        thing = column.name.removesuffix("_id").removesuffix("_upc")
        told += [f"{thing}_{ending}" for ending in ("no", "number", "nr", "key", "code", "uuid")] + [thing]
    if column.type in ("money", "cost"):
        told += [column.name.removesuffix("_usd")]
    return told


def _short(name: str, table: str) -> str:
    """`customer_email` in customers is email."""
    return name.removeprefix(f"{singular(table)}_")


def _fits(found: FoundColumn, column: Column) -> bool:
    values = found.values
    if column.type in _TYPES_THAT_FIT:
        if found.type in _TYPES_THAT_FIT[column.type]:
            return True
        looks = {"date": _DAY, "timestamp": _MOMENT}.get(column.type)
        return found.is_text and (
            looks is None or not values or _mostly(values, looks) or column.name in found.lake_name
        )
    if column.type in ("integer", "money", "cost"):
        is_number = found.type in ("bigint", "double") or found.type.startswith("decimal")
        return is_number or (found.is_text and (not values or _mostly(values, _NUMBER)))
    if column.name == "email":
        return found.is_text and (not values or _mostly(values, _EMAIL))
    if column.type == "id" or column.name == "account_key":
        return found.is_text or found.type == "bigint" or found.type.startswith("decimal")
    is_list = column.name == "transcript"  # the one column of a contract that holds JSON, and nothing else
    is_text = found.is_text and (not values or _mostly(values, _JSON) == is_list)
    return is_text or found.type == "bigint"


def _mostly(values: Sequence[str], looks: re.Pattern[str]) -> bool:
    return sum(bool(looks.fullmatch(value.strip())) for value in values) >= _MOST * len(values)


def _add_by_values(mapping: dict[str, Guess], wanted: Sequence[Column], free: dict[str, FoundColumn]) -> None:
    for name, looks, said in (("email", _EMAIL, "e-mail addresses"), ("phone", _PHONE, "phone numbers")):
        if name in mapping or name not in {column.name for column in wanted}:
            continue
        alike = [
            column for column in free.values() if column.is_text and column.values and _mostly(column.values, looks)
        ]
        if len(alike) == 1 and not (name == "phone" and _mostly(alike[0].values, _DAY)):
            mapping[name] = Guess((free.pop(alike[0].lake_name),), f"its values look like {said}")


def _add_products(mapping: dict[str, Guess], wanted: Sequence[Column], free: dict[str, FoundColumn]) -> None:
    """Money of a line where only the price of one unit is kept."""
    if "sales_usd" in mapping or "quantity" not in mapping or "sales_usd" not in {column.name for column in wanted}:
        return
    for word in words.EACH.split():
        if word in free and _fits(free[word], Column("sales_usd", "money", "")):
            each = free.pop(word)
            quantity, why = mapping["quantity"].columns[0], f"{mapping['quantity'].columns[0].name} times {each.name}"
            less = mapping.get("retail_discount_usd")
            if less:
                mapping["sales_usd"] = Guess((quantity, each, less.columns[0]), f"{why} less {less.columns[0].name}")
            else:
                mapping["sales_usd"] = Guess((quantity, each), why)
            return
