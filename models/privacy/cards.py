"""Payment card numbers in text: 13 to 19 digits, a network's first digits and length, and the Luhn digit.

First digits and lengths as the networks publish them, collected in Wikipedia's "Payment card number" (2026-11):
ISO/IEC 7812-1 gives a network its first digits, not its lengths. UATP (first digit 1) is left out: airlines alone
issue it, and every fifteen-digit code that begins with 1 would be a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.privacy import checksums

# (first, last) leading digits, and the lengths that a network gives out.
_NETWORKS = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "649", (16, 19)),
    ("65", "65", (16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("8100", "8171", (16, 17, 18, 19)),
    ("5018", "5018", (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("5020", "5020", (13, 14, 15, 16, 17, 18, 19)),
    ("5038", "5038", (13, 14, 15, 16, 17, 18, 19)),
    ("5893", "5893", (13, 14, 15, 16, 17, 18, 19)),
    ("6304", "6304", (13, 14, 15, 16, 17, 18, 19)),
    ("6759", "6763", (13, 14, 15, 16, 17, 18, 19)),
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("508", "508", (16,)),  # RuPay
    ("60", "60", (16,)),
    ("5067", "5067", (16,)),  # Elo
    ("5060", "5061", (16, 18, 19)),  # Verve
    ("5078", "5079", (16, 18, 19)),
    ("509", "509", (16,)),
    ("636", "639", (16,)),  # Elo, InstaPayment
    ("9792", "9792", (16,)),  # Troy
)
_RUN = re.compile(r"[0-9](?:[ .-]{0,4}[0-9]){12,}")
_GROUP = re.compile(r"[0-9]+")
_AMEX_AND_DINERS = ((4, 6, 5), (4, 6, 4), (6, 13))  # as embossed: American Express, Diners Club, UnionPay's 19


def has_network(digits: str) -> bool:
    """Whether a network gives out numbers with these first digits and this length."""
    return any(len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _NETWORKS)


def is_card(digits: str) -> bool:
    """Whether these digits are a plausible card number.

    Thirteen digits are an article's EAN far more often than one of the Visa cards that once were so short: when
    the EAN's own check digit fits as well, it is taken for an EAN.
    """
    return has_network(digits) and checksums.luhn(digits) and not checksums.ean13(digits)


def find_cards(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand in a searchable text, from left to right, the longest first."""
    for run in _RUN.finditer(text):
        groups = [(run.start() + group.start(), run.start() + group.end()) for group in _GROUP.finditer(run[0])]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is None:
                first += 1
            else:
                yield groups[first][0], groups[last][1]
                first = last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    if not _may_begin(text, groups[first][0]):
        return None
    lengths = [end - start for start, end in groups[first : first + 19]]
    for last in reversed(range(len(lengths))):
        if 13 <= sum(lengths[: last + 1]) <= 19 and _is_grouping(lengths[: last + 1]):
            digits = "".join(text[start:end] for start, end in groups[first : first + last + 1])
            if is_card(digits) and _may_end(text, groups[first + last][1]):
                return first + last
    return None


def _is_grouping(lengths: list[int]) -> bool:
    """Whether people write card numbers so: in groups of four or more, or of one length; phones have other groups."""
    equal = all(length == lengths[0] for length in lengths[:-1]) and lengths[-1] <= lengths[0]
    return equal or min(lengths[:-1]) >= 4 or tuple(lengths) in _AMEX_AND_DINERS


def _may_begin(text: str, start: int) -> bool:
    """Not behind a decimal point, nor behind one or two letters as a tracking number's; a whole word may be glued."""
    before = re.search(r"(?:[0-9][.]|(?:^|[^A-Za-z])[A-Za-z]{1,2}|[0-9][A-Za-z]+|_)$", text[max(0, start - 24) : start])
    return before is None


def _may_end(text: str, end: int) -> bool:
    return re.match(r"(?:[A-Za-z]{1,2}(?![A-Za-z])|_|[A-Za-z]+[0-9])", text[end : end + 24]) is None
