"""Connector `sheet`: Google Sheets, published as CSV or through the API. A sheet is a snapshot: it lands whole, as one
delivery named after its table, when its content changed.

Every value arrives as the text a person sees, except dates and times of the API: they come in ISO form, because what
is shown depends on the sheet's country. The service account's token is in `google_login.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

import dlt
import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import APIKeyAuth

from orchestration.raw.declaration.rest import RateLimit
from orchestration.raw.declaration.sheet import PublishedCsv, ServiceAccount, Sheet, SheetSource
from orchestration.raw.errors import SourceError
from orchestration.raw.google_login import ServiceAccountLogin
from orchestration.raw.notes import SOURCE_FILE
from orchestration.raw.rest.answer import as_text, decoded, digest, require_names
from orchestration.raw.rest.auth import StaticLogin
from orchestration.raw.rest.http import Answer, Http, Login
from orchestration.raw.rest.limits import Pace
from orchestration.raw.rest.trouble import Trouble
from orchestration.raw.shape import require_columns
from orchestration.raw.spreadsheet import column_letters

_QUOTA = RateLimit(requests=60, per="1 minute")  # Google's quota of reads per minute and user, 2026-11
_DAY_ZERO = datetime(1899, 12, 30)  # of Sheets' serial numbers
_FIRST_DATE = 367  # 1901-01-01: a smaller serial number is a time of day or a duration
_LAST_DATE = 2_958_466  # 10000-01-01

Rows = list[list[Any]]


def sheet_resources(declaration: SheetSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared sheet.

    Raises:
        SourceError: a variable is not set, or the account's key can't be read.
    """
    access = declaration.access
    login: Login = Login()
    if isinstance(access, ServiceAccount):
        login = ServiceAccountLogin(declaration, declaration.resolve(access.credentials))
    elif not isinstance(access, PublishedCsv):
        key = declaration.resolve(access.key).strip()
        login = StaticLogin(APIKeyAuth(name="key", api_key=key, location="query"), secret_parameter="key")
    home = declaration.resolve(declaration.location).strip().rstrip("/")
    pace = Pace(None if isinstance(access, PublishedCsv) else _QUOTA)
    reader = _Reader(declaration, home, Http(home, login, pace), getattr(login, "address", None))
    for name, sheet in declaration.tables.items():
        yield dlt.resource(_changed, name=name, write_disposition="append")(reader, name, sheet)


def _changed(reader: _Reader, name: str, sheet: Sheet) -> Iterator[pa.Table]:
    state = dlt.current.resource_state()
    rows = reader.table(name, sheet)
    content = digest([rows.column_names, rows.to_pydict()])
    if content == state.get("sha256"):
        return
    if rows.num_rows:
        yield rows.append_column(SOURCE_FILE, pa.repeat(pa.scalar(name), rows.num_rows))
    elif state.get("rows"):
        raise reader.explained(
            name,
            Trouble(
                f"has no rows any more; the last pull found {state['rows']}",
                "bring its rows back from the sheet's version history, or check that it is the right sheet",
            ),
        )
    state["sha256"], state["rows"] = content, rows.num_rows


class _Reader:
    """Reads sheets of one source.

    Args:
        account: the service account's address, for the remedy of a sheet that was not shared with it.
    """

    def __init__(self, declaration: SheetSource, home: str, http: Http, account: str | None) -> None:
        self._declaration, self._home, self._http, self._account = declaration, home, http, account

    def table(self, name: str, sheet: Sheet) -> pa.Table:
        """The sheet's rows below its header, as text.

        Raises:
            SourceError: it can't be had, or its header can't be used.
        """
        try:
            rows = self._published(sheet) if sheet.path is not None else self._from_api(sheet)
            names, columns = _columns(rows)
            require_columns(self._declaration, name, names, "the sheet's first row")
            return pa.table(
                {title: pa.array(values, pa.string()) for title, values in zip(names, columns, strict=True)}
            )
        except Trouble as trouble:
            raise self.explained(name, trouble) from None

    def explained(self, name: str, trouble: Trouble) -> SourceError:
        """The one line a person reads, with what Google's refusals mean."""
        return (self._meant(trouble) or trouble).of(self._declaration, name, "the sheet")

    def _meant(self, trouble: Trouble) -> Trouble | None:
        status = trouble.status
        if trouble.is_transient or status is None:
            return None
        if isinstance(self._declaration.access, PublishedCsv):
            return _not_published(f"HTTP {status}") if status in (400, 401, 403, 404, 410) else None
        if status == 403:
            who = f"share it with {self._account} as a viewer" if self._account else "let anyone with the link view it"
            return Trouble(f"may not be read with this login (HTTP {status})", f"{who}, and enable the Sheets API")
        if status == 404:
            return Trouble(f"is not there (HTTP {status})", "check spreadsheet_id in {file}")
        if status == 400:
            return Trouble(f"can't be asked for (HTTP {status})", "check range and the key of access in {file}")
        return None

    def _published(self, sheet: Sheet) -> Rows:
        path = self._declaration.resolve(sheet.path or "")
        answer = self._http.get(f"{self._home}/{path.lstrip('/')}")
        kind = answer.headers.get("Content-Type", "").lower()
        if "html" in kind or answer.content.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
            raise _not_published("a login page is answered")
        try:
            text = answer.content.decode("utf-8-sig")
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            raise Trouble("answers no CSV in UTF-8", "publish it as comma-separated values (output=csv)") from None

    def _from_api(self, sheet: Sheet) -> Rows:
        """As shown, with ISO dates. A date is a cell that is a number by serial number, and text by date format."""
        shown = self._values(sheet, valueRenderOption="FORMATTED_VALUE")
        serial = self._values(sheet, valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="SERIAL_NUMBER")
        if not any(_is_number(cell) for row in serial for cell in row):
            return shown
        dated = self._values(sheet, valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING")
        if not len(shown) == len(serial) == len(dated):
            raise Trouble("was edited while it was read", "pull again", is_transient=True)
        cells = zip(shown, serial, dated, strict=True)
        return [[_cell(*values) for values in zip_longest(*rows, fillvalue="")] for rows in cells]

    def _values(self, sheet: Sheet, **options: str) -> Rows:
        where = f"{quote(sheet.spreadsheet_id or '', safe='')}/values/{quote(sheet.range or '', safe='')}"
        answer: Answer = self._http.get(f"{self._home}/v4/spreadsheets/{where}", {"majorDimension": "ROWS", **options})
        body = decoded(answer)
        rows = body.get("values", []) if isinstance(body, dict) and "range" in body else None
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise Trouble("answers no values", "check location in {file}")
        return rows


def _cell(shown: Any, serial: Any, dated: Any) -> Any:
    if not _is_number(serial):
        if isinstance(serial, str) and serial != dated:
            raise Trouble("was edited while it was read", "pull again", is_transient=True)
        return shown
    if not isinstance(dated, str) or not _FIRST_DATE <= serial < _LAST_DATE:
        return shown
    moment = _DAY_ZERO + timedelta(seconds=round(float(serial) * 86400))
    return moment.date().isoformat() if float(serial).is_integer() else moment.isoformat(sep=" ")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _columns(rows: Sequence[list[Any]]) -> tuple[list[str], list[list[str | None]]]:
    """Names and values by column: rows padded, blank rows and columns left out, an unnamed column named by its letter.

    Raises:
        Trouble: two columns have one name.
    """
    texts = [[as_text(cell) or None for cell in row] for row in rows]
    header, body = (texts[0] if texts else []), [row for row in texts[1:] if any(row)]
    names, columns, letters = [], [], []
    width = max([len(header), *(len(row) for row in body)])
    by_column = zip_longest(*body) if body else [()] * width
    for position, (title, values) in enumerate(zip_longest(header, by_column, fillvalue=None)):
        title, values = (title or "").strip(), list(values or [None] * len(body))
        if title or any(values):
            letters.append(column_letters(position))
            names.append(" ".join(title.split()) or f"column_{column_letters(position).lower()}")
            columns.append(values)
    require_names(
        names, dlt.current.source_schema().naming.normalize_identifier, shown=[f"column {letter}" for letter in letters]
    )
    return names, columns


def _not_published(sign: str) -> Trouble:
    return Trouble(
        f"is not published ({sign})",
        "in the sheet: File, Share, Publish to web, as CSV; put the end of that address into path in {file}",
    )
