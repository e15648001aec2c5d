"""Which page comes next, as a place that can be written down, so that the next pull can go on from it.

A place is {"parameters": {...}} or {"url": "..."}: JSON, without secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from orchestration.raw.declaration.rest import LinkHeader, NextPage, PageNumber, Paging
from orchestration.raw.rest.answer import found
from orchestration.raw.rest.http import Answer
from orchestration.raw.rest.trouble import Trouble

Place = dict[str, Any]

_CHECK_PAGING = "check paging in {file}"
_COUNTED = re.compile(r"page|page_?(no|num|number|index)|p|offset|skip|start|start_?(index|at)|from", re.IGNORECASE)


def first_place(paging: Paging) -> Place:
    """Where a list begins."""
    return {"parameters": {paging.parameter: str(paging.first)} if isinstance(paging, PageNumber) else {}}


def next_place(
    paging: Paging, here: Place, answer: Answer, body: Any, is_empty: bool, own: Callable[[str, str], str]
) -> Place | None:
    """The place after `here`; None at the end.

    Args:
        is_empty: whether this page had no rows.
        own: makes an address of the answer absolute, or refuses it.

    Raises:
        Trouble: the answer names it in a way that is not declared.
    """
    if isinstance(paging, PageNumber):
        number = int(here["parameters"][paging.parameter])
        return {"parameters": {paging.parameter: str(number + 1)}} if _goes_on(paging, number, body, is_empty) else None
    if isinstance(paging, NextPage):
        if paging.has_more and not _flag(paging.has_more, body):
            return None
        return _reference(paging, found(paging.next, body), answer, own)
    if isinstance(paging, LinkHeader):
        links = {link.get("rel"): link["url"] for link in _links(answer)}
        return {"url": own(links["next"], answer.address)} if links.get("next") else None
    return None


def is_counted(place: Place) -> bool:
    """Whether the place is a number of pages or rows: then it is another page once a row before it comes or goes."""
    pairs = place["parameters"].items() if "parameters" in place else parse_qsl(urlsplit(place["url"]).query)
    is_address = "url" in place
    return any(str(value).isdigit() and (not is_address or _COUNTED.fullmatch(name)) for name, value in pairs)


def _goes_on(paging: PageNumber, number: int, body: Any, is_empty: bool) -> bool:
    if paging.has_more:
        return _flag(paging.has_more, body)
    if paging.total_pages:
        total = found(paging.total_pages, body)
        if isinstance(total, bool) or not re.fullmatch(r"[0-9]{1,12}", str(total)):
            raise Trouble(f"answers without a number named {paging.total_pages}", _CHECK_PAGING)
        return not is_empty and number - paging.first + 1 < int(total)
    return not is_empty


def _flag(path: str, body: Any) -> bool:
    value = found(path, body)
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false", "1", "0"):
        return str(value).lower() in ("true", "1")
    raise Trouble(f"answers without true or false named {path}", _CHECK_PAGING)


def _reference(paging: NextPage, value: Any, answer: Answer, own: Callable[[str, str], str]) -> Place | None:
    if value is None or value is False or value == "" or (value == 0 and not isinstance(value, str)):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Trouble(f"names no page in {paging.next}", _CHECK_PAGING)
    if paging.parameter is None or re.match(r"https?://", str(value)):
        return {"url": own(str(value), answer.address)}
    return {"parameters": {paging.parameter: str(value)}}


def _links(answer: Answer) -> list[dict[str, str]]:
    return requests.utils.parse_header_links(answer.headers.get("Link", ""))
