"""The parts of the connector `rest` that need no server: cursors by meaning, what is new, rows as text, waiting."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.raw.declaration import DeclarationError, validate_declaration
from orchestration.raw.declaration.rest import RateLimit
from orchestration.raw.rest import limits
from orchestration.raw.rest.answer import as_table, decoded
from orchestration.raw.rest.http import Answer
from orchestration.raw.rest.position import position
from orchestration.raw.rest.trouble import Trouble
from orchestration.raw.rest.window import Window


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (9, 10), ("9", "10"), (9, "10.5"), ("1700000000", "1700000000.5"), (1_700_000_000_000, 1_700_000_000_001),
        ("2024-01-02T00:00:00+08:00", "2024-01-02T00:00:00Z"), ("2024-01-01T17:00:00Z", "2024-01-02T02:00:00+08:00"),
        ("2024-01-02", "2024-01-02 00:00:01"), ("2024-01-02T00:00:00.1Z", "2024-01-02T00:00:00.12Z"), ("a9", "b1"),
    ],
)  # fmt: skip
def test_cursors_are_compared_by_meaning(earlier, later):
    one, other = position(earlier), position(later)
    assert one.kind == other.kind and one.is_before(other) and not other.is_before(one)


@pytest.mark.parametrize("value", [None, "", "  ", True, [], {}, ["2024-01-01"], float("nan"), float("inf")])
def test_what_is_no_cursor_has_no_position(value):
    assert position(value) is None


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.datetimes(datetime(1950, 1, 2), datetime(2100, 1, 1)), st.timedeltas(timedelta(0), timedelta(2)), zones, zones
)
def test_times_order_the_same_in_any_zone(moment, later, zone, other_zone):
    start = moment.replace(tzinfo=UTC)
    one, other = start.astimezone(zone).isoformat(), (start + later).astimezone(other_zone).isoformat()
    assert position(one).is_before(position(other)) == (later > timedelta(0))


def rows(*values: object) -> list[dict]:
    return [{"id": number, "changed": value} for number, value in enumerate(values)]


def test_the_cursor_is_kept_as_the_source_wrote_it():
    state: dict = {}
    window = Window("changed", state)
    assert len(window.new_rows(rows("2024-01-02T00:00:00+08:00", "2024-01-01T20:00:00Z"))) == 2
    assert "cursor" not in state
    window.complete()
    assert state["cursor"] == "2024-01-01T20:00:00Z"
    again = Window("changed", state)
    known = rows("2024-01-02T00:00:00+08:00", "2024-01-01T20:00:00Z")
    same_moment = {"id": 7, "changed": "2024-01-02T04:00:00+08:00"}
    assert again.new_rows([*known, same_moment, {"id": 8, "changed": "2024-01-02"}]) == [
        same_moment,
        {"id": 8, "changed": "2024-01-02"},
    ]


def test_rows_without_a_readable_cursor_land_once_and_move_nothing():
    state: dict = {}
    odd = rows(None, "soon", True, [1])
    for expected in (6, 0):
        window = Window("changed", state)
        assert len(window.new_rows([*odd, {"changed": 5}, {"changed": "6"}])) == expected
        window.complete()
        assert state["cursor"] == "6"
    window = Window("changed", state)
    assert window.new_rows([odd[0] | {"name": "new"}]) == [odd[0] | {"name": "new"}]


def test_a_mistyped_year_does_not_end_all_pulls():
    state: dict = {}
    mistyped = {"id": 1, "changed": "9999-12-31"}
    window = Window("changed", state)
    assert len(window.new_rows([mistyped, {"id": 2, "changed": "2024-01-01"}])) == 2
    window.complete()
    assert state["cursor"] == "2024-01-01"
    assert Window("changed", state).new_rows([mistyped]) == []


def test_a_window_broken_off_keeps_its_start():
    state = {"cursor": "5"}
    window = Window("changed", state)
    window.new_rows(rows(8))
    window.note({"next": "p2"})
    assert state["cursor"] == "5"
    window = Window("changed", json.loads(json.dumps(state)))
    assert (window.since, window.noted) == ("5", {"next": "p2"})
    assert window.new_rows(rows(6)) == rows(6)  # less than what was seen, but part of the same window


def test_values_are_kept_as_text():
    content = '{"a": 12345678901234567.890, "b": 1e5, "c": true, "d": {"x": [1, "中"]}, "e": "\\ud800!", "f": null}'
    row = decoded(Answer(content.encode(), {}, ""))
    table = as_table([row, {"g": "only here"}], ["z", "a"], str.lower)
    assert table.column_names == ["z", "a", "b", "c", "d", "e", "f", "g"]
    assert [value[0] for value in table.to_pydict().values()] == [
        None, "12345678901234567.890", "1e5", "true", '{"x":[1,"中"]}', "\ufffd!", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("keys", [["Name", "name"], ["_loaded_at"], ["_dlt_load_id"], ["_source_file"], [" "]])
def test_keys_that_the_lake_can_not_hold_are_refused(keys):
    with pytest.raises(Trouble, match="^has "):
        as_table([{key: 1} for key in keys], [], str.lower)


@given(st.integers(1, 5), st.lists(st.floats(0, 30), max_size=40))
def test_no_more_requests_than_declared_fit_into_any_minute(most, pauses):
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(limits, "now_s", lambda: clock[0])
        patched.setattr(limits, "sleep", wait)
        pace, sent = limits.Pace(RateLimit(requests=most, per="1 minute")), []
        for pause in pauses:
            clock[0] += pause
            pace.take_turn()
            sent.append(clock[0])
    assert all(later - first >= 60 - 1e-6 for first, later in zip(sent, sent[most:], strict=False))


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3), (" 0 ", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None), ("-1", None)]
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert limits.retry_after_s({"Retry-After": text}) == seconds


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cursor_parameter": "since"}, "tables.users.cursor_parameter: it takes the values of a cursor"),
        ({"records": "a..b["}, "tables.users.records: a JSON path is expected"),
        ({"paging": {"type": "page_number", "total_pages": "]"}}, "a JSON path is expected"),
    ],
)
def test_mistakes_in_a_declaration_are_named(change, expected):
    users = {"description": "", "path": "/users", "columns": ["id"]} | change
    declared = {
        "source": "desk",
        "description": "",
        "connector": "rest",
        "owner": "desk@example.com",
        "party_data_class": "first",
        "location": "https://desk.example.com",
        "paging": {"type": "single"},
        "tables": {"users": users},
    }
    with pytest.raises(DeclarationError, match=expected):
        validate_declaration(declared)
