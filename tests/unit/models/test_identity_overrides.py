"""Decisions of people: every usable row is obeyed, every other one is told in one line with its number."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.overrides import COLUMNS, OverridesError, read_overrides, shown, to_table

RECORDS = pa.table(
    {
        "record_key": [f"k{n}" for n in range(8)],
        "source_system": ["crm", "erp"] * 4,
        "source_key": ["1", "1", "2", "2", "3", "3", "007", "007"],
    }
)
HEAD = ",".join(COLUMNS)


def row(decision: str, a: str, b: str, on: str = "2024-03-31", why: str = "phoned them") -> str:
    one, two = a.split(":"), b.split(":")
    return ",".join([decision, *one, *two, "a steward", on, why])


def read(*rows: str, head: str = HEAD, encoding: str = "utf-8"):
    return read_overrides("\n".join([head, *rows]).encode(encoding), RECORDS)


def obeyed(found) -> set[tuple[str, str, str]]:
    table = found.decisions
    return set(zip(table.decision, table.record_key_l, table.record_key_r, strict=True))


SAME, DIFFERENT = row("same", "crm:1", "erp:1"), row("different", "erp:2", "crm:1")
BOTH = {("same", "k0", "k1"), ("different", "k0", "k3")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_of_spreadsheets_are_read_as_they_come(encoding, separator) -> None:
    why = "café" if encoding == "cp1252" else "同一个人"
    lines = [HEAD, "", row("Same ", "crm:1", "erp:1", why=why), ",,,,,,,", DIFFERENT]
    text = "\r\n".join(line.replace(",", separator) for line in lines)
    found = read_overrides(text.encode(encoding), RECORDS)
    assert obeyed(found) == BOTH
    assert found.problems == ()
    assert found.decisions.reason[0] == why
    assert found.decisions.line.tolist() == [3, 5]


def test_a_hint_of_the_separator_and_other_columns_do_no_harm() -> None:
    head = "note;" + HEAD.upper().replace(",", ";")
    found = read_overrides(f'sep=;\n{head}\n"a; b";{SAME.replace(",", ";")}'.encode(), RECORDS)
    assert obeyed(found) == {("same", "k0", "k1")}
    assert found.decisions.line.tolist() == [3]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("sme", "crm:1", "erp:1"), "neither same nor different"),
        (row("same", "crm:1", "erp:1", on="31.03.2024"), "decided_on is no date"),
        (row("same", "crm:1", "erp:1", on="2024-02-30"), "decided_on is no date"),
        (row("same", "crm:1", "erp:9"), "there is no record erp:9"),
        (row("same", "crm:7", "erp:1"), "leading zeros"),
        (row("same", "shop:1", "erp:1"), "It is one of crm, erp"),
        (row("same", "crm:1", "crm:1"), "compared with itself"),
        (row("same", "crm:1", "erp:1", why=""), "reason is empty"),
        (row("same", "crm:1", "erp:1") + ",more", "another number of cells"),
        ("same,crm,1", "another number of cells"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_others_are_obeyed(bad, said) -> None:
    found = read(SAME, bad, DIFFERENT)
    assert obeyed(found) == BOTH
    (problem,) = found.problems
    assert problem.line == 3
    assert said in str(problem)
    assert "steward" not in str(problem)
    assert found.not_obeyed == 1
    assert str(problem) in found.in_short()


def test_of_two_answers_about_one_pair_the_newest_holds_whichever_way_round_it_is_written() -> None:
    earlier, later = row("same", "crm:1", "erp:1", on="2024-3-9"), row("different", "erp:1", "crm:1", on="2024/03/10")
    for rows in ((earlier, later), (later, earlier)):
        found = read(*rows)
        assert obeyed(found) == {("different", "k0", "k1")}
        (problem,) = found.problems
        assert problem.is_obeyed
        assert "crm:1 - erp:1" in problem.what or "erp:1 - crm:1" in problem.what
        assert found.not_obeyed == 0
    undone = row("same", "crm:1", "erp:1", on="2024-03-10T09:30:00+02:00")
    assert obeyed(read(earlier, later, undone)) == {("same", "k0", "k1")}


def test_same_in_a_chain_that_joins_a_different_pair_is_told_with_both_lines() -> None:
    found = read(
        row("same", "crm:1", "erp:1", on="2024-01-01"),
        row("same", "erp:1", "crm:2", on="2024-01-02"),
        row("different", "crm:1", "crm:2", on="2023-01-01"),
    )
    assert obeyed(found) == {("same", "k1", "k2"), ("different", "k0", "k2")}
    (problem,) = found.problems
    assert problem.line == 2
    assert "crm:1 - crm:2, different by line 4" in problem.what


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "no text file"),
        (b"PK\x03\x04\x00\x00", "no text file"),
        (HEAD.replace(",decided_by", "").encode(), "column decided_by is missing"),
        ((HEAD + ",reason").encode(), "there twice"),
        ((HEAD + "\n" + SAME + '\nsame,"crm,1\n').encode(), "from line 3 on"),
    ],
)
def test_what_is_no_table_of_decisions_raises_for_nothing_of_it_could_be_obeyed(content, said) -> None:
    with pytest.raises(OverridesError, match=said):
        read_overrides(content, RECORDS)


def test_a_key_of_two_records_cannot_be_decided_on() -> None:
    twice = pa.concat_tables([RECORDS, RECORDS.slice(0, 1).set_column(0, "record_key", pa.array(["again"]))])
    found = read_overrides(f"{HEAD}\n{SAME}".encode(), twice)
    assert found.decisions.empty
    assert "crm:1 is the key of 2 records" in found.problems[0].what


def test_keys_that_are_addresses_are_not_spelt_out() -> None:
    assert shown("web", "jo.b@home.example") == "web:xx.x@xxxx.xxxxxxx"
    assert shown("web", "W1") == "web:W1"


ANY_ROW = st.builds(
    row,
    st.sampled_from(["same", "different", "?"]),
    *(st.sampled_from(["crm:1", "crm:2", "crm:3", "erp:1", "erp:2", "erp:9"]) for _ in range(2)),
    st.sampled_from(["2024-01-01", "2024-01-02", "2024-01-03", "soon"]),
)


@settings(max_examples=40)
@given(st.lists(ANY_ROW, max_size=12))
def test_what_is_obeyed_never_contradicts_itself_and_nothing_is_left_out_in_silence(rows) -> None:
    found = read(*rows)
    table = found.decisions
    home = {key: {key} for key in RECORDS["record_key"].to_pylist()}
    for same in table[table.decision == "same"].itertuples():
        joined = home[same.record_key_l] | home[same.record_key_r]
        home |= dict.fromkeys(joined, joined)
    for apart in table[table.decision == "different"].itertuples():
        assert apart.record_key_r not in home[apart.record_key_l]
    # Every row holds, is told, or says what a row that holds or is told says.
    told = {problem.line for problem in found.problems} | set(table.line)
    pairs = {frozenset(rows[line - 2].split(",")[i] for i in (1, 2, 3, 4)) for line in told}
    for at, one in enumerate(rows):
        assert at + 2 in told or frozenset(one.split(",")[1:5]) in pairs
    assert len(to_table(found.problems)) == len(found.problems)
