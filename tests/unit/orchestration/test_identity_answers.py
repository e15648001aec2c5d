"""Answers end up in the file of decisions, whatever program wrote it; questions that follow are not asked."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from models.identity.known import Known
from models.identity.overrides import COLUMNS, read_overrides
from orchestration.identity import answers as answers_module
from orchestration.identity.answers import AnswersError, answered, append_answer
from orchestration.identity.label import _take_sheet, ask, side_by_side
from orchestration.identity.queue import for_the_ui, write_sheet

_RECORDS = pa.table({"record_key": list("abc"), "source_system": ["crm", "crm", "erp"], "source_key": ["1", "2", "3"]})
_ANSWER = dict(
    zip(COLUMNS, ("same", "crm", "1", "erp", "3", "李明", "2024-03-31", "same; phone, as told"), strict=True)
)
_OLD = "different,crm,1,crm,2,Ann,2024-01-01,two people"
_QUEUE = pd.DataFrame(
    [(1, "unsure", "crm", "1", "crm", "2", "a", "b"), (2, "unsure", "crm", "2", "erp", "3", "b", "c"),
     (3, "unsure", "crm", "1", "erp", "3", "a", "c")],
    columns=["rank", "why", "source_system_a", "source_key_a", "source_system_b", "source_key_b", "record_key_l",
             "record_key_r"],
)  # fmt: skip
_ROWS = pd.DataFrame(
    {"full_name": ["Ann Lee", "Ann Lee", "A\x1b[2J Lee"], "phone": [None, None, "1"]}, index=list("abc")
)


def test_a_new_file_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "overrides" / "identity.csv"
    append_answer(path, _ANSWER)
    append_answer(path, _ANSWER | {"decision": "different", "source_key_a": "2"})
    read = read_overrides(path.read_bytes(), _RECORDS)
    assert not read.problems
    assert read.decisions.decision.tolist() == ["same", "different"]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["", "\r\n"])
def test_it_keeps_the_form_of_the_file(tmp_path: Path, separator: str, encoding: str, end: str) -> None:
    path = tmp_path / "identity.csv"
    old = _OLD.replace("two people", "两个人")
    text = ("\r\n".join([",".join(COLUMNS), old]) + end).replace(",", separator)
    path.write_bytes(text.encode(encoding))
    append_answer(path, _ANSWER)
    read = read_overrides(path.read_bytes(), _RECORDS)
    assert not read.problems
    assert sorted(read.decisions.decided_by) == ["Ann", "李明"]
    assert "same; phone, as told" in read.decisions.reason.tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"decision,who\n", "source_system_a"),
        (",".join(COLUMNS).encode() + b"\r\n" + _OLD.encode() + b" \xe9,\x80", "cp1252"),
    ],
)
def test_what_can_not_be_written_is_said_and_leaves_the_file_alone(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "identity.csv"
    path.write_bytes(content)
    with pytest.raises(AnswersError, match=said):
        append_answer(path, _ANSWER)
    assert path.read_bytes() == content


def _ask(tmp_path: Path, typed: list[str]) -> tuple[int, list[str], Path]:
    path, said, lines = tmp_path / "identity.csv", [], iter(typed)

    def read(prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    return ask(_QUEUE, _ROWS, Known(), path, "Ann", read, said.append), said, path


def test_each_answer_is_written_before_the_next_question(tmp_path: Path) -> None:
    count, said, path = _ask(tmp_path, ["what?", "Y, same phone", "s"])
    assert count == 1
    assert any("please y, n, s or q" in line for line in said)
    read = read_overrides(path.read_bytes(), _RECORDS)
    assert (read.decisions.decision.tolist(), read.decisions.reason.tolist()) == (["same"], ["same phone"])


def test_what_follows_is_not_asked(tmp_path: Path) -> None:
    """a is b, b is not c: so a is not c."""
    count, said, _ = _ask(tmp_path, ["y", "n"])
    assert count == 2
    assert not any(line.startswith("\n3 of 3") for line in said)


def test_quitting_and_the_end_of_input_write_nothing_more(tmp_path: Path) -> None:
    for typed in ([], ["q"]):
        count, _, path = _ask(tmp_path, typed)
        assert count == 0
        assert not path.exists()


def test_values_can_not_steer_the_terminal() -> None:
    lines = side_by_side(_ROWS, next(_QUEUE.iloc[[1]].itertuples(index=False)))
    assert not any("\x1b" in line for line in lines)
    assert any("A?[2J Lee" in line for line in lines)


def test_a_sheet_with_answers_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identity_to_review.csv"
    extra = {"match_probability": 0.5, "evidence": "x"} | dict.fromkeys(
        ("decision", "decided_by", "decided_on", "reason"), ""
    )
    queue = _QUEUE.assign(**extra)
    write_sheet(path, queue)
    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    assert answered(path.read_bytes()) == []
    assert len(pd.read_csv(path)) == 3
    filled = queue.assign(decision=["same", "", ""], decided_by="Ann", decided_on="2024-03-31", reason="known")
    write_sheet(path, filled)
    assert [row["source_key_b"] for row in answered(path.read_bytes())] == ["2"]
    assert "make review TAKE=" in write_sheet(path, queue)
    assert len(answered(path.read_bytes())) == 1
    unfinished = filled.assign(reason="")
    path.unlink()
    write_sheet(path, unfinished)
    with pytest.raises(AnswersError, match="lacks reason"):
        answered(path.read_bytes())


def test_the_ui_is_shown_questions_without_keys() -> None:
    queue = _QUEUE.assign(source_key_b=["ann.lee@mail.example", "4929", "4930"], match_probability=0.4, evidence="")
    table = for_the_ui(queue)
    assert table["rank"].tolist() == [1, 2, 3]
    assert not any(key in table.to_csv() for key in queue.source_key_b)


def _sheet(path: Path, answers: list[dict[str, str]]) -> Path:
    pd.DataFrame(answers)[list(COLUMNS)].to_csv(path, index=False)
    return path


@pytest.mark.parametrize("die_at", ["append", "rename"])
def test_a_sheet_whose_taking_was_killed_is_taken_once(tmp_path: Path, die_at: str) -> None:
    """The process dies after the first answer, or after the last and before the sheet is put away."""
    answers = [_ANSWER, _ANSWER | {"decision": "different", "source_key_a": "2", "reason": "“two”, as told"}]
    sheet, decisions = _sheet(tmp_path / "queue.csv", answers), tmp_path / "identity.csv"
    append_answer(decisions, _ANSWER | {"decided_on": "2023-01-01"})  # the same answer on another day stays another
    child = os.fork()
    if not child:
        left = iter(range(1))
        write = answers_module.append_answer

        def append_one(path: Path, answer: dict[str, str]) -> None:
            if next(left, None) is None:
                os._exit(9)
            write(path, answer)

        try:
            if die_at == "append":
                answers_module.append_answer = append_one
            else:
                Path.rename = lambda *_: os._exit(9)
            _take_sheet(sheet, decisions)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert sheet.exists()
    assert len(decisions.read_text("utf-8-sig").splitlines()) == {"append": 3, "rename": 4}[die_at]
    _take_sheet(sheet, decisions)
    assert not sheet.exists()
    read = read_overrides(decisions.read_bytes(), _RECORDS)
    assert not read.problems
    assert read.decisions.decided_on.tolist().count("2024-03-31") == 2
    assert len(decisions.read_text("utf-8-sig").splitlines()) == 4
