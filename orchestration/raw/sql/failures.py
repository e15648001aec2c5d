"""What a database's own error means: one line that says what happened and what to do, and whether to try again.

The codes are the databases' (SQLSTATE, MySQL error numbers), which do not depend on the language of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy

from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.redact import without_values

_LOGIN = {"28P01", "28000", 1045, 1698}
_MANY = {"53300", 1040, 1203, 1226}
_TIMEOUT = {"57014", "55P03", "25P03", 3024, 1969, 1205}
_RIGHTS = {"42501", 1142, 1143, 1044, 1227}
_DATABASE = {"3D000", 1049}
_GONE = {"42P01", "42703", "3F000", 1146, 1054}
_TLS = {2026, 3159}
_CONNECTION = {"57P01", "57P02", "57P03", 2002, 2003, 2005, 2006, 2013, 1053, 1927, 4031}
_MOMENT = {"40001", "40P01", 1213}
_TLS_WORDS = re.compile(r"\b(SSL|TLS|certificate)\b", re.IGNORECASE)
_LOGIN_WORDS = re.compile(r"authentication failed|no pg_hba\.conf entry|password", re.IGNORECASE)


def explained_by_database(
    declaration: SourceDeclaration, table: str, error: BaseException, url: sqlalchemy.URL
) -> SourceError:
    """One line for an error of a database driver.

    Args:
        declaration: the source's declaration.
        table: the table that was read; "*" before any was.
        error: what the driver raised.
        url: the database's address; host, port, database and user are named, never the password.
    """
    if isinstance(error, SourceError):
        return error
    code, text = _code(error), " ".join(str(part) for part in _chain(error))
    server, file = f"{url.host}:{url.port or 'default port'}/{url.database}", f"{declaration.source}.yml"
    login = f"check the user and password in the variable behind {file}: location"
    is_transient = False
    if code in _TLS or (code in (None, *_CONNECTION, *_LOGIN) and _TLS_WORDS.search(text)):
        what = f"{server} and this machine do not agree on an encrypted connection (TLS)"
        remedy = "set sslmode (PostgreSQL) or ssl_ca (MySQL) in the address as the server wants it"
    elif isinstance(error, FileNotFoundError):
        what, remedy = "a file that its address names is not there", f"correct the variable behind {file}: location"
    elif code in _LOGIN or (code is None and _LOGIN_WORDS.search(text)):
        what, remedy = f"{url.host} refuses the user {url.username} or its password", login
    elif code in _MANY or (code is None and re.search(r"too many (clients|connections)|connection slots", text)):
        what, is_transient = f"{url.host} has too many connections", True
        remedy = "try again later, or have the server's owner raise the limit for this user"
    elif code in _TIMEOUT or isinstance(error, TimeoutError):
        what, is_transient = f"{url.host} stopped a query that took too long or waited for a lock", True
        remedy = "index the cursor column, pull at a quieter hour, or have the time limit of this user raised"
    elif code in _RIGHTS:
        what, remedy = f"the user {url.username} may not read it", "grant select on it to this user"
    elif code in _DATABASE:
        what, remedy = f"{url.host} has no database {url.database}", login.replace("user and password", "database")
    elif code in _GONE:
        what = "a table or column went away while it was read"
        remedy, is_transient = f"pull again; if it stays away, change {file} and its staging model", True
    elif code in _MOMENT:
        what, is_transient = f"{url.host} gave other work precedence (deadlock or replica conflict)", True
        remedy = "the next pull reads it again"
    elif code in _CONNECTION or str(code).startswith("08") or (code is None and _is_operational(error)):
        what, is_transient = f"no connection to {server}", True
        remedy = "check that the server runs, the host, port and database name, and the network"
    else:
        what = f"the database reports error {code or type(error).__name__}: {without_values(_first_line(error))}"
        remedy = f"ask {declaration.owner} what changed in the database"
    return SourceError(declaration.source, table, what, remedy, is_transient=is_transient)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = getattr(current, "orig", None) or current.__cause__ or current.__context__


def _code(error: BaseException) -> str | int | None:
    for part in _chain(error):
        if type(part).__module__.startswith("pymysql"):  # its SQLSTATE says less than its number
            return part.args[0] if part.args and isinstance(part.args[0], int) else None
        if getattr(part, "sqlstate", None):
            return part.sqlstate
    return None


def _is_operational(error: BaseException) -> bool:
    return any(type(part).__name__ in ("OperationalError", "InterfaceError") for part in _chain(error)) or isinstance(
        error, ConnectionError
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
