"""The mistakes people really make in customer records, one pure function per kind.

Each function takes a text (or a date) and a draw `u` in [0, 1) that decides where and how it goes wrong,
so that the same draw always makes the same mistake. Which record suffers which kind is decided in
`mistakes`; this module only knows how a mistake looks.
"""

from datetime import date
from functools import cache

from opencc_purepy import OpenCC
from pypinyin import lazy_pinyin

from demo_company.names import NICKNAMES

KINDS = (
    "typo",
    "nickname",
    "swapped_names",
    "full_width",
    "script_variant",
    "pinyin",
    "missing_field",
    "phone_format",
    "email_case",
    "email_typo",
    "swapped_day_month",
    "default_birth_date",
    "shared_email",
    "shared_phone",
    "moved_house",
    "former_name",
)
DEFAULT_BIRTH_DATE = date(1900, 1, 1)

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_NEIGHBOURS = {key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _KEY_ROWS for at, key in enumerate(row)}
_DOMAIN_TYPOS = {"example": "exmaple", "mail": "mial", "post": "psot", "inbox": "inbxo", "office": "ofice"}


def _split(u: float, choices: int) -> tuple[int, float]:
    """One draw gives a choice below `choices` and what is left of the draw, again in [0, 1)."""
    scaled = u * choices
    return int(scaled), scaled - int(scaled)


def typo(text: str, u: float) -> str:
    """Hit the neighbouring key, drop, double or swap a letter; never the first one, never a no-op."""
    if len(text) < 3:
        return text + text[-1] if text else text
    how, rest = _split(u, 4)
    at = 1 + _split(rest, len(text) - 2)[0]
    letter, after = text[at], text[at + 1]
    if how == 0 and letter.lower() in _NEIGHBOURS:
        near = _NEIGHBOURS[letter.lower()]
        return text[:at] + near[_split(rest * 7 % 1, len(near))[0]] + text[at + 1 :]
    if how == 1 and letter != after:
        return text[:at] + after + letter + text[at + 2 :]
    if how == 2:
        return text[:at] + text[at + 1 :]
    return text[:at] + letter + text[at:]


def nickname(given: str, u: float) -> str:
    """The short form people go by; the name itself where it has none."""
    choices = NICKNAMES.get(given)
    return choices[_split(u, len(choices))[0]] if choices else given


def full_width(text: str) -> str:
    """ASCII letters, digits and signs as a Chinese or Japanese keyboard in full-width mode types them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")


@cache
def traditional(text: str) -> str:
    """Simplified characters written in traditional ones."""
    return _to_traditional().convert(text)


@cache
def pinyin(text: str) -> str:
    """Hanzi in Latin letters without tones, as one capitalised word: 小明 gives Xiaoming."""
    return "".join(lazy_pinyin(text)).capitalize()


def odd_phone(digits: str, u: float) -> str:
    """Ten digits written in one of the ways no system asked for."""
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    how = _split(u, 6)[0]
    return (
        f"001{area}{exchange}{line}",
        f"1 {area} {exchange}{line}",
        f"{area}/{exchange}.{line}",
        f"({area}){exchange}-{line} ext 1",
        f"tel:+1-{area}-{exchange}-{line}",
        f"{area} {exchange[0]} {exchange[1:]} {line[:2]} {line[2:]}",
    )[how]


def email_case(email: str, u: float) -> str:
    """Shouted, or written like a name, or with a blank left at the end."""
    how = _split(u, 3)[0]
    return (email.upper(), email.title(), email[0].upper() + email[1:] + " ")[how]


def email_typo(email: str, u: float) -> str:
    """A slip in the mailbox or in the domain: the message would bounce."""
    mailbox, domain = email.split("@")
    how, rest = _split(u, 3)
    head = domain.split(".")[0]
    if how == 0 and head in _DOMAIN_TYPOS:
        return f"{mailbox}@{_DOMAIN_TYPOS[head]}.{domain.split('.', 1)[1]}"
    if how == 1:
        return f"{mailbox}@{domain[:-1]}"
    return f"{typo(mailbox, rest)}@{domain}"


def swapped_day_month(born: date) -> date:
    """The day read as the month. Only possible up to the twelfth; otherwise the date is unchanged."""
    return date(born.year, born.day, born.month) if born.day <= 12 else born
