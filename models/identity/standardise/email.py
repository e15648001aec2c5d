"""E-mail addresses in one form: one mailbox has one text, whatever was typed. Providers' rules are listed here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from .text import all_but, each, listed, no_empty, plain

# Domains of one provider that are one mailbox: jo@googlemail.com is jo@gmail.com. Hotmail, Outlook and Live are not
# here: jo@hotmail.com and jo@outlook.com may be two people.
_SAME_MAILBOX = {
    "googlemail.com": "gmail.com",
    "google.com.mail": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
}
_DOTS_DO_NOT_MATTER = frozenset({"gmail.com"})
_TAGGED = frozenset(
    listed(
        "gmail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr live.com msn.com icloud.com proton.me "
        "fastmail.com fastmail.fm yandex.ru zoho.com"
    )
)
# Well-known domains whose misspellings are corrected; each long enough that one slip stays recognisable.
_WELL_KNOWN = listed(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de hotmail.com hotmail.co.uk hotmail.fr "
    "outlook.com icloud.com protonmail.com comcast.net verizon.net sbcglobal.net bellsouth.net bigpond.com "
    "btinternet.com t-online.de freenet.de wanadoo.fr orange.fr foxmail.com rediffmail.com"
)
# Real domains one slip away from a well-known one.
_REAL = frozenset(
    listed(
        "mail.com ymail.com email.com gmx.com fmail.com hmail.com qmail.com zmail.com gail.com hotmail.co "
        "hotmail.de hotmail.fr hotmail.it hotmail.es yahoo.co yahoo.it yahoo.es yahoo.ca yahoo.cn yahoo.in "
        "outlook.co outlook.fr outlook.de outlook.it outlook.es outlook.jp icloud.co orange.es comcast.com "
        "verizon.com protonmail.ch proton.me live.co rocketmail.com"
    )
)
_TOP_SLIPS = {
    ending: "com" for ending in ("con", "cmo", "ocm", "comm", "vom", "xom", "cpm", "coom", "ccom", "cim", "c0m", "om")
} | {"ner": "net", "nte": "net", "nett": "net", "ogr": "org", "rog": "org", "orgg": "org"}
_ANGLES = re.compile(r"<([^<>]*@[^<>]*)>")
_ORDINARY = re.compile(r"[a-z0-9_.+-]*[a-z0-9_+-]@[a-z0-9][a-z0-9.-]*[a-z0-9]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-."


def _slips(text: str) -> set[str]:
    """Everything one slip of the keyboard away: a sign more, less, other, or two changed about."""
    cuts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    other = {a + sign + b[1:] for a, b in cuts if b for sign in _LETTERS}
    more = {a + sign + b for a, b in cuts for sign in _LETTERS}
    return (less | swapped | other | more) - {text}


@cache
def _misspelt() -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for domain in _WELL_KNOWN:
        for slip in _slips(domain):
            twice |= {slip} if slip in found else set()
            found[slip] = domain
    return {slip: domain for slip, domain in found.items() if slip not in twice | _REAL | set(_WELL_KNOWN)}


def one_slip_apart(a: str, b: str) -> bool:
    """Whether two domains differ by one slip in their letters; mail1 and mail2 are two, not a slip."""
    digits = [re.sub(r"[^0-9]", "", text) for text in (a, b)]
    return a != b and digits[0] == digits[1] and abs(len(a) - len(b)) <= 1 and (a in _slips(b))


@lru_cache(maxsize=10_000)
def domain_of(domain: str) -> str:
    """The domain meant: slips in a well-known one or in .com, .net, .org put right, one name per provider."""
    name, dot, ending = domain.rpartition(".")
    if dot and ending in _TOP_SLIPS:
        domain = f"{name}.{_TOP_SLIPS[ending]}"
    elif not dot and domain.endswith("com") and f"{domain[:-3]}.com" in _WELL_KNOWN:
        domain = f"{domain[:-3]}.com"
    domain = _misspelt().get(domain, domain)
    return _SAME_MAILBOX.get(domain, domain)


def standard(text: str | None, corrections: Mapping[str, str] | None = None) -> str | None:
    """The one form of an e-mail address, or None unless there is one @ with text on both sides.

    Lower case, half width, no blanks; a display name and mailto: are taken off; dots and +tags go where the provider
    ignores them; the domain as `domain_of`, and then as `corrections` (domain typed: domain meant) says.
    """
    if not text:
        return None
    address = plain(text)
    if not _ORDINARY.fullmatch(address):
        if "<" in address and (inside := _ANGLES.search(address)):
            address = inside.group(1)
        address = address.replace(" ", "").removeprefix("mailto:").strip("<>.,;:\"'()[]")
    mailbox, _, domain = address.partition("@")
    if not domain.isalnum():  # most often because of its dot
        domain = domain.strip(".").replace(",", ".")
    if not mailbox or not domain or "@" in domain:
        return None
    return _of_parts(mailbox, domain_of(domain), corrections)


def _of_parts(mailbox: str, domain: str, corrections: Mapping[str, str] | None) -> str:
    if corrections:
        domain = corrections.get(domain, domain)
    if domain in _TAGGED:
        mailbox = mailbox.partition("+")[0] or mailbox
    if domain in _DOTS_DO_NOT_MATTER:
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{domain}"


def standard_column(written: pa.Array) -> pa.Array:
    """`standard` of a column: ordinary addresses all at once, each domain once."""
    lower = pc.ascii_lower(written)
    is_ordinary = pc.match_substring_regex(lower, f"^{_ORDINARY.pattern}$")
    ordinary = pc.if_else(is_ordinary, lower, pa.scalar(None, pa.string()))
    mailbox = pc.replace_substring_regex(ordinary, "@.*", "")
    domain = each(pc.replace_substring_regex(ordinary, ".*@", ""), domain_of)
    has_tag = pc.is_in(domain, pa.array(sorted(_TAGGED)))
    untagged = pc.replace_substring_regex(mailbox.filter(has_tag), r"^([^+]+)[+].*", r"\1")
    mailbox = pc.replace_with_mask(mailbox, has_tag, untagged)
    has_dots = pc.is_in(domain, pa.array(sorted(_DOTS_DO_NOT_MATTER)))
    undotted = no_empty(pc.replace_substring(mailbox.filter(has_dots), ".", ""))
    undotted = pc.replace_with_mask(mailbox, has_dots, undotted)
    plain_ones = pc.binary_join_element_wise(pc.coalesce(undotted, mailbox), domain, "@")
    return all_but(is_ordinary, [plain_ones], [written], lambda text: (standard(text),), [pa.string()])[0]


def corrected(addresses: pa.Array, corrections: Mapping[str, str]) -> pa.Array:
    """Standard addresses with their domains as `corrections` says: `standard` in two steps."""
    domains = pc.replace_substring_regex(addresses, "(?s)^[^@]*@", "")
    at = pc.is_in(domains, pa.array(sorted(corrections), pa.string()))

    def meant(address: str) -> str:
        mailbox, _, domain = address.partition("@")
        return _of_parts(mailbox, domain, corrections)

    return pc.replace_with_mask(addresses, at, each(addresses.filter(at), meant))


def mailbox_letters(addresses: pa.Array) -> pa.Array:
    """The letters before the @, and no digits or dots: a name more often than not; null under six.

    jane.newton@work and janenewton69@home give the same.
    """
    letters = pc.replace_substring_regex(addresses, "(?s)@.*|[^a-z@]+", "")
    return pc.if_else(pc.greater_equal(pc.binary_length(letters), 6), letters, pa.scalar(None, pa.string()))


def digits(addresses: pa.Array) -> pa.Array:
    """The digits of an address: smith@ and smith2@ are two people's, however alike the letters are."""
    return pc.replace_substring_regex(addresses, "[^0-9]+", "")
