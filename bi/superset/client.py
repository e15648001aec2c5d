"""Superset's REST API as far as needed: log in, connect databases, make datasets, charts and dashboards, ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from bi.superset.server import Superset, SupersetError

_PATIENCE_S = 120


class Client:
    """Logged in as the administrator. What is there already under the same name is found, not made twice."""

    def __init__(self, superset: Superset) -> None:
        self._api = f"{superset.address}/api/v1"
        self._session = requests.Session()
        self._session.trust_env = False  # loopback: no proxy, no netrc
        login = {"username": superset.user, "password": superset.password, "provider": "db", "refresh": False}
        token = self._ask("post", "security/login", login)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["X-CSRFToken"] = self._ask("get", "security/csrf_token/")["result"]
        self._session.headers["Referer"] = superset.address

    def database(self, name: str, address: str, connect_args: Mapping[str, Any]) -> int:
        """A connection, tried by Superset itself as it is made; nobody may write through it."""
        given = {
            "database_name": name,
            "sqlalchemy_uri": address,
            "expose_in_sqllab": True,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "extra": json.dumps({"engine_params": {"connect_args": dict(connect_args)}}),
        }
        found = self._found("database", "database_name", name)
        if found is None:
            return self._ask("post", "database/", given)["id"]
        self._ask("put", f"database/{found}", given)  # its address may have changed: another port, another folder
        return found

    def dataset(self, database: int, schema: str, name: str, sql: str | None = None) -> int:
        """A table of the schema, or with `sql` a question as if it were one."""
        filters = [
            {"col": "table_name", "opr": "eq", "value": name},
            {"col": "database", "opr": "rel_o_m", "value": database},
        ]
        found = self._search("dataset", filters)
        if found is not None:
            return found
        given = {"database": database, "schema": schema, "table_name": name} | ({"sql": sql} if sql else {})
        return self._ask("post", "dataset/", given)["id"]

    def chart(self, name: str, given: Mapping[str, Any]) -> int:
        """A saved chart; `given` as the API takes it."""
        found = self._found("chart", "slice_name", name)
        return self._ask("post", "chart/", {"slice_name": name, **given})["id"] if found is None else found

    def dashboard(self, title: str, given: Mapping[str, Any]) -> tuple[int, bool]:
        """A dashboard, and whether it is new."""
        found = self._found("dashboard", "dashboard_title", title)
        if found is not None:
            return found, False
        return self._ask("post", "dashboard/", {"dashboard_title": title, **given})["id"], True

    def link(self, chart: int, dashboard: int) -> None:
        """Show a chart on a dashboard."""
        self._ask("put", f"chart/{chart}", {"dashboards": [dashboard]})

    def saved_question(self, chart: int) -> dict[str, Any]:
        """The question that is saved with a chart, as Superset keeps it."""
        return json.loads(self._ask("get", f"chart/{chart}")["result"]["query_context"])

    def data(self, question: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a question, never from a cache."""
        (answer,) = self._ask("post", "chart/data", {**question, "force": True})["result"]
        if answer.get("error"):
            raise SupersetError(f"Superset could not ask: {str(answer['error']).splitlines()[0]}")
        return answer["data"]

    def forget(self, kind: str, ids: Iterable[int]) -> None:
        """Take charts, datasets and the like out again."""
        self._ask("delete", f"{kind}/?q={json.dumps(list(ids))}")

    def refuses(self, database: int, sql: str) -> str | None:
        """Why SQL typed by a person is refused; None when it was carried out."""
        given = {"database_id": database, "sql": sql, "schema": "marts", "runAsync": False, "queryLimit": 10}
        answer = self._session.post(f"{self._api}/sqllab/execute/", json=given, timeout=_PATIENCE_S)
        if answer.ok:
            return None
        errors = answer.json().get("errors") or [{}]
        return str(errors[0].get("message") or answer.reason).splitlines()[0][:120]

    def _found(self, kind: str, column: str, value: str) -> int | None:
        return self._search(kind, [{"col": column, "opr": "eq", "value": value}])

    def _search(self, kind: str, filters: list[dict[str, Any]]) -> int | None:
        answer = self._ask("get", f"{kind}/?q={json.dumps({'filters': filters})}")
        return answer["result"][0]["id"] if answer["result"] else None

    def _ask(self, verb: str, path: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._session.request(verb, f"{self._api}/{path}", json=given, timeout=_PATIENCE_S)
        if not answer.ok:
            raise SupersetError(
                f"Superset refused {verb} {path.split('?')[0]} ({answer.status_code}): {answer.text[:500]}"
            )
        return answer.json()
