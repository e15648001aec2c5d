"""Pulls that break off: whatever fails on the way, in the end each row of the API is there, and none twice."""

import copy
import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Asked, Loopback, Reply, loopback, rest_source

from orchestration.paths import DataDir
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from orchestration.raw.rest import limits
from orchestration.raw.rest.auth import login_of
from orchestration.raw.rest.connector import Endpoint
from orchestration.raw.rest.http import Http

PER_PAGE = 3
PAGINGS = {
    "opaque": {"type": "cursor", "next": "next", "parameter": "after"},
    "number": {"type": "cursor", "next": "next", "parameter": "page"},
    "address": {"type": "cursor", "next": "next"},
    "counted": {"type": "page_number"},
    "link": {"type": "link_header"},
}


@pytest.fixture(scope="module")
def server():
    with loopback() as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(limits, "sleep", lambda seconds: None)


class Api:
    """A list ordered by change, paged in any of the ways, that fails as it is told, request by request."""

    def __init__(self, server: Loopback, paging: str) -> None:
        self.paging, self.url = paging, server.url
        self.rows = [{"id": number, "changed": f"2024-01-{number // 2 + 1:02d}"} for number in range(10)]
        self.rows += [{"id": 10, "changed": None}, {"id": 11, "changed": "soon"}]
        self.failures: list[str] = []
        server.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        failure = self.failures.pop(0) if self.failures else "none"
        page = int(asked.query.get("page") or asked.query.get("after", "c1").removeprefix("c"))
        if failure == "expired" and page > 1:
            return Reply(status=410)
        if failure == "unavailable":
            self.failures[:0] = ["error"] * (limits.ATTEMPTS - 1)
        if failure in ("error", "unavailable"):
            return Reply(status=503)
        if failure == "reset":
            return Reply(is_reset=True)
        since = asked.query.get("since", "")
        rows = [row for row in self.rows if str(row["changed"]) >= since]
        here = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
        following = page + 1 if page * PER_PAGE < len(rows) else None
        address = f"/users?page={following}&since={since}"
        shown = {"opaque": f"c{following}", "number": following, "address": address}.get(self.paging)
        reply = Reply({"data": here, "next": shown if following else None})
        if self.paging == "link" and following:
            reply.headers["Link"] = f'<{address}>; rel="next"'
        if failure == "cut":
            reply.wrong_length = len(reply.content) + 10
        if failure == "garbage":
            reply.body = reply.content[: len(reply.content) // 2]
        return reply


class Lake:
    """What has landed, and the notes that landed with it: as dlt keeps both or neither."""

    def __init__(self, api: Api, **table: str) -> None:
        cursor = {"cursor": "changed", "cursor_parameter": "since"}
        self.declaration = rest_source(api.url, cursor | table, paging=PAGINGS[api.paging])
        self.rows: list[tuple[str, str | None]] = []
        self.state: dict = {}

    def pull(self, killed_after: int | None = None) -> bool:
        """One pull; whether it was whole."""
        http = Http(self.declaration.location, login_of(self.declaration), limits.Pace())
        interruptions: list[SourceError] = []
        endpoint = Endpoint(self.declaration, "users", self.declaration.tables["users"], http, interruptions)
        state, landed = copy.deepcopy(self.state), []
        try:
            for count, table in enumerate(endpoint.new_rows(state, str.lower)):
                if count == killed_after:
                    return False
                landed += zip(table["id"].to_pylist(), table["changed"].to_pylist(), strict=True)
        except SourceError:
            return False
        self.rows, self.state = self.rows + landed, state
        return not interruptions


def expected(api: Api) -> set[tuple[str, str | None]]:
    return {(str(row["id"]), row["changed"]) for row in api.rows}


FAILURES = st.sampled_from(["none", "none", "none", "error", "unavailable", "reset", "cut", "garbage", "expired"])


@settings(max_examples=30, deadline=None)
@given(
    paging=st.sampled_from(sorted(PAGINGS)),
    failures=st.lists(FAILURES, max_size=25),
    kills=st.lists(st.none() | st.integers(0, 3), max_size=3),
    changed=st.lists(st.integers(0, 9), max_size=3),
)
def test_whatever_fails_on_the_way_each_row_arrives(server, paging, failures, kills, changed):
    api = Api(server, paging)
    lake = Lake(api)
    api.failures = list(failures)
    for kill in kills:
        lake.pull(kill)
    while not lake.pull():
        pass
    assert set(lake.rows) == expected(api)
    if "expired" not in failures:  # then a window is read again from its start, which staging undoes by key
        assert max(Counter(lake.rows).values()) == 1
    assert Counter(lake.rows)["10", None] == Counter(lake.rows)["11", "soon"] == 1  # these have no version to undo

    before = len(lake.rows)
    for number in changed:
        api.rows[number] = {"id": number, "changed": "2024-02-01"}
    api.rows.sort(key=lambda row: str(row["changed"]))
    api.failures = list(reversed(failures))
    while not lake.pull():
        pass
    api.failures.clear()
    assert set(lake.rows[before:]) >= {(str(number), "2024-02-01") for number in changed}
    assert lake.pull() and lake.state.get("window") is None
    landed = len(lake.rows)
    assert lake.pull() and len(lake.rows) == landed


def test_a_counted_place_that_moved_is_not_gone_on_from(server):
    api = Api(server, "counted")
    lake = Lake(api)
    api.failures = ["none", "none", *["error"] * limits.ATTEMPTS]
    assert not lake.pull()
    assert len(lake.rows) == 6
    api.rows[0]["changed"] = "2024-03-01"  # the first row goes to the end, and all others move up by one
    api.rows.append(api.rows.pop(0))
    assert lake.pull()
    assert ("6", "2024-01-04") in lake.rows
    assert set(lake.rows) >= expected(api)


def test_a_place_that_keeps_failing_is_given_up(server):
    api = Api(server, "opaque")
    lake = Lake(api)
    plain = api.answer
    server.answer = lambda asked: Reply(status=500) if asked.query.get("after") == "c2" else plain(asked)
    for _ in range(8):
        assert not lake.pull()
    assert server.asked[-1].query.get("after") == "c2" and "window" in lake.state
    starts = [asked for asked in server.asked[-5 * limits.ATTEMPTS :] if "after" not in asked.query]
    assert starts  # the window was begun again
    server.answer = plain
    assert lake.pull() and set(lake.rows) == expected(api)


def test_another_declaration_starts_the_window_again(server):
    api = Api(server, "opaque")
    lake = Lake(api)
    api.failures = ["none", *["error"] * limits.ATTEMPTS]
    assert not lake.pull()
    again = Lake(api, path="/people")
    again.state, again.rows = lake.state, lake.rows
    assert again.pull()
    assert set(again.rows) == expected(api)


def test_what_was_read_before_a_failure_lands_and_the_next_pull_goes_on(server, tmp_path):
    api = Api(server, "opaque")
    source = Lake(api).declaration
    data = DataDir(tmp_path)
    api.failures = ["none", "none", *["error"] * limits.ATTEMPTS]
    with pytest.raises(SourceError, match=r"^desk\.users: /users answers HTTP 503") as caught:
        pull(source, data)
    assert caught.value.is_transient
    assert len(_landed(data)) == 6
    server.asked.clear()
    assert pull(source, data).rows == {"users": 6}
    assert [asked.query.get("after") for asked in server.asked] == ["c3", "c4"]
    assert Counter(_landed(data)) == Counter(expected(api))


def test_a_killed_pull_loses_nothing(server, tmp_path):
    api = Api(server, "opaque")
    reached, plain = threading.Event(), api.answer

    def hang_at_page_3(asked: Asked) -> Reply:
        if asked.query.get("after") == "c3":
            reached.set()
            threading.Event().wait(20)
        return plain(asked)

    server.answer = hang_at_page_3
    declaration = Lake(api).declaration
    code = (
        "import sys; sys.path[:0] = ['.']\nfrom pathlib import Path\n"
        "from orchestration.paths import DataDir\nfrom orchestration.raw.load import pull\n"
        "from orchestration.raw.declaration import validate_declaration\n"
        f"pull(validate_declaration({declaration.model_dump()!r}), DataDir(Path({str(tmp_path)!r})))"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        assert reached.wait(60)
        os.kill(process.pid, signal.SIGKILL)
    server.answer = plain
    data = DataDir(tmp_path)
    assert pull(declaration, data).rows == {"users": 12}
    assert Counter(_landed(data)) == Counter(expected(api))


def _landed(data: DataDir) -> list[tuple[str, str | None]]:
    return duckdb.sql(f"select id, changed from read_parquet('{data.raw}/desk/users/*.parquet')").fetchall()
