"""All identifiers in one text, where they stand, and the text with tokens in their place."""

from __future__ import annotations

import re
from typing import NamedTuple

from models.privacy.accounts import find_ibans
from models.privacy.cards import find_cards
from models.privacy.documents import find_documents
from models.privacy.national_ids import find_national_ids
from models.privacy.searchable import searchable
from models.privacy.tokens import KINDS, Tokens

_TOKEN = re.compile(rf"(?:{'|'.join(KINDS)}):[a-z2-7]{{26}}(?![0-9A-Za-z])")


class Found(NamedTuple):
    """An identifier in a text: text[start:end] is replaced, `identifier` is what its token is made of."""

    start: int
    end: int
    kind: str
    identifier: str


def find(text: str) -> list[Found]:
    """The identifiers of a text from left to right, none overlapping; tokens made earlier are left alone.

    Where two readings overlap, the one with the stronger proof wins: checksums before keywords.
    """
    search = searchable(text)
    taken = [match.span() for match in _TOKEN.finditer(text)]
    found: list[Found] = []
    for kind, start, end, identifier in _candidates(search.text):
        first, last = search.span(start, end)
        if not any(first < until and since < last for since, until in taken):
            taken.append((first, last))
            found.append(Found(first, last, kind, identifier))
    return sorted(found)


def _candidates(text: str) -> list[tuple[str, int, int, str]]:
    documents = list(find_documents(text))
    lines = [document for document in documents if document.end - document.start >= 30]
    return [
        *lines,
        *(("bank_account", start, end, text[start:end]) for start, end in find_ibans(text)),
        *(("national_id", start, end, text[start:end]) for start, end in find_national_ids(text)),
        *(("card_number", start, end, text[start:end]) for start, end in find_cards(text)),
        *(document for document in documents if document not in lines),
    ]


def replace(text: str, tokens: Tokens) -> tuple[str, int]:
    """`text` with a token in place of each identifier, and how many there were.

    Looked through again until nothing is found: a number that stood beside another is plain to see once that is gone.
    """
    count = 0
    while found := find(text):
        parts, place = [], 0
        for identifier in found:
            parts += [text[place : identifier.start], tokens.token(identifier.kind, identifier.identifier)]
            place = identifier.end
        text = "".join([*parts, text[place:]])
        count += len(found)
    return text, count
