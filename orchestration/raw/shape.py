"""The columns a source must bring: what is missing is refused at the door, with the likely new name of it.

Belongs here: comparing names of columns. Does not belong here: reading a source, or what a column means.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.errors import SourceError

# On 618 pairs of neighbouring columns of the demo's sources, which are all different things, 1 reaches this; of 33
# renames as people make them 25 do (2026-11-22). Values tell more than names, where they are at hand.
ALIKE = 0.72
# Columns of fewer different values are equal by chance; a shared third of many values is not.
_FEW_VALUES, _EQUAL = 20, 0.3
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
# A CSV that lost its header line has somebody's values for names: only what is shaped like a name is ever repeated.
_A_NAME = re.compile(r"[^\W\d][\w .-]{0,62}")
_SAME_WORD = {
    **dict.fromkeys(("at", "on", "date", "time", "timestamp", "ts", "dt"), "time"),
    **dict.fromkeys(("id", "key", "no", "nr", "num", "number", "code"), "id"),
    **dict.fromkeys(("telephone", "tel", "mobile"), "phone"),
    **dict.fromkeys(("mail", "emailaddress"), "email"),
    **dict.fromkeys(("first", "fore"), "given"),
    **dict.fromkeys(("last", "sur"), "family"),
    **dict.fromkeys(("zip", "postal", "zipcode", "postcode"), "post"),
    **dict.fromkeys(("modified", "changed", "update"), "updated"),
    **dict.fromkeys(("amount", "amt"), "value"),
    **dict.fromkeys(("qty",), "quantity"),
    **dict.fromkeys(("client", "cust"), "customer"),
}
# Words that say what kind of thing a column is, not which one: two columns of different kinds are never the same.
_KINDS = {"time", "id", "name", "type", "category"}


class MissingColumnsError(SourceError):
    """Declared columns that a table does not bring.

    Args:
        declaration: the source's declaration.
        table: name of the table in it.
        missing: declared columns that are not there.
        candidates: columns that are there and were not declared.
        where: where it was looked for, such as orders_2.csv, schema erp or /api/tickets.
        renamed: the likely new name of a missing column.
        sample: rows of the delivery, where the connector had them at hand.
    """

    def __init__(
        self,
        declaration: SourceDeclaration,
        table: str,
        missing: Sequence[str],
        candidates: Sequence[str],
        where: str,
        renamed: dict[str, str],
        sample: pa.Table | None = None,
    ) -> None:
        self.declaration, self.where, self.sample = declaration, where, sample
        self.missing, self.candidates, self.renamed = list(missing), list(candidates), dict(renamed)
        what = (
            f"column {missing[0]} is missing in {where}"
            if len(missing) == 1
            else f"columns {', '.join(missing)} are missing in {where}"
        )
        for old, new in renamed.items():
            what += f"; {new} is new and looks like {'it' if len(missing) == 1 else old}: was it renamed?"
        remedy = f"ask {declaration.owner} to bring {'it' if len(missing) == 1 else 'them'} back, or change"
        super().__init__(declaration.source, table, what, f"{remedy} {declaration.source}.yml and its staging model")


def require_columns(
    declaration: SourceDeclaration,
    table_name: str,
    found: Sequence[str],
    where: str,
    sample: pa.Table | None = None,
) -> None:
    """Make sure that every declared column of a table is there.

    Args:
        declaration: the source's declaration.
        table_name: name of the table in the declaration.
        found: the columns that tonight's delivery has.
        where: where they were looked for, for the message: orders_2.csv, schema erp, /api/tickets.
        sample: rows of the delivery, where they are at hand: values tell a rename more surely than names.

    Raises:
        MissingColumnsError: a SourceError that names what is missing and what it may be called now.
    """
    declared = declaration.tables[table_name].columns
    missing = [column for column in declared if column not in set(found)]
    if missing:
        candidates = [column for column in found if column not in set(declared) and _A_NAME.fullmatch(column)]
        raise MissingColumnsError(
            declaration, table_name, missing, candidates, where, likely_renames(missing, candidates), sample
        )


def likely_renames(
    missing: Sequence[str],
    new: Sequence[str],
    values: Mapping[tuple[str, str], tuple[Sequence[str], Sequence[str]]] | None = None,
) -> dict[str, str]:
    """The likely new name of each missing column; the most alike pairs first, no column used twice.

    Args:
        missing: names that are gone.
        new: names that came.
        values: different values, as text, of a missing and a new column, by (missing, new), where both are at hand.
    """
    likeness = {(old, name): alike(old, name) for old in missing for name in new}
    for pair, (held, said) in (values or {}).items():
        likeness[pair] = _with_values(likeness[pair], held, said)
    scored = sorted((-likeness[old, name], old, name) for old in missing for name in new)
    renamed: dict[str, str] = {}
    for negative, old, name in scored:
        if -negative >= ALIKE and old not in renamed and name not in renamed.values():
            renamed[old] = name
    return {old: renamed[old] for old in missing if old in renamed}


def alike(one: str, other: str) -> float:
    """How alike two names of columns are, 0 to 1: words in common, else letters in common.

    `phone` and `phone_number` share what is not the kind of a column; `phoneNumber` and `phone_number` are equal.
    """
    words, others = _words(one), _words(other)
    if words == others:
        return 1.0
    if not words or not others:
        return 0.0
    kinds, other_kinds = set(words) & _KINDS, set(others) & _KINDS
    if kinds and other_kinds and not kinds & other_kinds:
        return 0.0
    which = [word for word in words if word not in _KINDS]
    which_other = [word for word in others if word not in _KINDS]
    if not which or not which_other:  # `name` and `full_name`
        return 0.75 if kinds & other_kinds else 0.0
    shared = len(set(which) & set(which_other)) / min(len(set(which)), len(set(which_other)))
    letters = difflib.SequenceMatcher(None, "".join(which), "".join(which_other), autojunk=False).ratio()
    return max(letters, (0.9 if kinds == other_kinds else 0.6) * shared)


def _with_values(names: float, held: Sequence[str], said: Sequence[str]) -> float:
    """The likeness of two columns by name, corrected by their values: equal ones, else ones of the same shape."""
    if len(said) < _FEW_VALUES or len(held) < _FEW_VALUES:
        return names  # flags and codes are equal by chance
    equal = len(set(held) & set(said)) / min(len(set(held)), len(set(said)))
    shapes, shapes_said = {_shape(value) for value in held}, [_shape(value) for value in said]
    same_shape = sum(shape in shapes for shape in shapes_said) / len(shapes_said)
    if equal >= _EQUAL:
        return max(names, 0.9)
    return min(1.0, names + 0.25) if same_shape >= 0.9 else 0.5 * names


def _shape(value: str) -> str:
    """What a value looks like: letters as x, digits as 9, each run once, so that 555-1234 is 9-9."""
    return re.sub(r"9+", "9", re.sub(r"x+", "x", re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", value))))


def _words(name: str) -> list[str]:
    """`contactE-Mail` as [contact, email]: words in lower case, synonyms made one."""
    joined = re.sub(r"(?i)(?<![a-z])e[-_ ]mail", "email", name)
    return [_SAME_WORD.get(word.lower(), word.lower()) for word in _WORD.findall(joined)]
