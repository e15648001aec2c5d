"""CSV drops: every dialect comes back as it was said, and what is broken costs itself alone."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.raw.files.records import Grammar, records_of
from orchestration.raw.files.refusal import FileRefused
from tests.unit.orchestration.file_drops import good, read, unreadable

HOSTILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, content: bytes | str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pairs(rows: list[dict]) -> list[tuple]:
    return [(row["id"], row["name"]) for row in good(rows)]


def test_every_row_and_every_unreadable_line_is_kept(tmp_path):
    content = '\ufeffid,name\n1,王小明\n2,"quoted ""name"", with comma"\n3,too,many\n4\n'.encode()
    rows = read(write(tmp_path, content + b"5,\xff\xfe\n6,\n\n7,\x00\n"), format="csv")
    assert pairs(rows) == [("1", "王小明"), ("2", 'quoted "name", with comma'), ("6", None)]
    assert sorted(unreadable(rows)) == ["3,too,many", "4", "5,\\xff\\xfe", "7,\\x00"]
    assert all(row["id"] is None for row in rows if row["_unreadable"])


def test_an_unclosed_quote_costs_its_line_and_no_other(tmp_path):
    lines = ["id,name", '1,"never closed', *(f"{number},x" for number in range(2, 50)), '50,"closed"', "51,y"]
    rows = read(write(tmp_path, "\n".join(lines)), format="csv")
    assert unreadable(rows) == ['1,"never closed']
    assert [row["id"] for row in good(rows)] == [str(number) for number in range(2, 52)]


def test_an_unclosed_quote_in_the_last_line_is_kept(tmp_path):
    rows = read(write(tmp_path, 'id,name\n1,a\n2,"open\n3,b'), format="csv")
    assert (pairs(rows), unreadable(rows)) == ([("1", "a"), ("3", "b")], ['2,"open'])


def test_a_quote_that_would_close_far_below_joins_nothing_of_another_width(tmp_path):
    rows = read(write(tmp_path, 'id,name\n1,"open\n2,b\n3,c",x,y\n4,d\n'), format="csv")
    assert pairs(rows) == [("2", "b"), ("4", "d")]
    assert sorted(unreadable(rows)) == ['1,"open', '3,c",x,y']


def test_a_value_over_several_lines_is_one_value(tmp_path):
    rows = read(write(tmp_path, 'id,name\r\n1,"a\r\nb ""c""\r\n\r\nd"\r\n2,"x",\r\n3,"e\nf"\n'), format="csv")
    assert pairs(rows) == [("1", 'a\r\nb "c"\r\n\r\nd'), ("3", "e\nf")]
    assert unreadable(rows) == ['2,"x",']


def test_a_broken_line_within_a_value_costs_the_whole_record(tmp_path):
    rows = read(write(tmp_path, b'id,name\n1,"a\n\xff\nb,c",d\n2,"a\n\xff\nb"\n3,c\n'), format="csv")
    assert pairs(rows)[-1] == ("3", "c")
    assert '2,"a\n\\xff\nb"' in unreadable(rows)
    assert not any("a" in (name or "") for _, name in pairs(rows))


def test_quotes_and_returns_that_mean_nothing_stay_characters(tmp_path):
    rows = read(write(tmp_path, 'id,name\n1,5" pipe\n2,a\rb\n3,"q"x\n4,x"\n5,"c\rd"\n'), format="csv")
    assert sorted(pairs(rows)) == [("1", '5" pipe'), ("2", "a\rb"), ("5", "c\rd")]
    assert sorted(unreadable(rows)) == ['3,"q"x', '4,x"']


@pytest.mark.parametrize(
    ("content", "table"),
    [
        ("id;name\n1;a,b\n", {"delimiter": ";"}),
        ("id\tname\n1\ta,b\n", {"delimiter": "\t"}),
        ("id|name\n1|a,b\n", {"delimiter": "|"}),
        ('1,"a,b"\n', {"has_header": False}),
        ('id,name\r1,"a,b"\r', {}),
        ('\n\r\n"id" , name\n1,"a,b"\n'.replace('"id" ', '"id"'), {}),
    ],
)
def test_a_declared_dialect(tmp_path, content, table):
    assert pairs(read(write(tmp_path, content), format="csv", **table)) == [("1", "a,b")]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-16-le"),
        ("gb18030", "gb18030"),
        ("shift_jis", "shift_jis"),
        ("big5", "big5"),
    ],
)
def test_an_encoding(tmp_path, encoding, declared):
    path = write(tmp_path, "id,name\n1,表一\n2,二\n".encode(encoding))
    assert pairs(read(path, format="csv", encoding=declared)) == [("1", "表一"), ("2", "二")]


def test_bytes_that_an_encoding_lacks_cost_their_line(tmp_path):
    rows = read(write(tmp_path, b"id,name\n1,caf\xe9\n2,\x81\n3,c\n"), format="csv", encoding="cp1252")
    assert (pairs(rows), unreadable(rows)) == ([("1", "café"), ("3", "c")], ["2,\\x81"])
    half = "id,name\n1,a\n2,b".encode("utf-16")[:-1]
    rows = read(write(tmp_path, half), format="csv")
    assert (pairs(rows), len(unreadable(rows))) == ([("1", "a")], 1)
    lone = "id,name\n1,a\n2,".encode("utf-16") + b"\x00\xd8" + "\n3,c\n".encode("utf-16-le")
    rows = read(write(tmp_path, lone), format="csv")
    assert (pairs(rows), len(unreadable(rows))) == ([("1", "a"), ("3", "c")], 1)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty: not even its header is there"),
        (b"\n\n", "has no header line that can be read"),
        (b'"id,name\n1,a\n', "has no header line that can be read"),
        (b"id,nom\n1,a\n", "column name is missing in people.csv"),
        (b"id,name,ID\n1,a,b\n", "has the same name for its columns 1 and 3"),
        (b"id,name,first name,First_Name\n", "has the same name for its columns 3 and 4"),
        (b"id,name,_unreadable\n", "has a name for column 3 that no column can have"),
        (b"id,name," + b",".join(b"c%d" % n for n in range(2000)), "has 2,002 columns, more than 1,000"),
    ],
)
def test_a_header_that_can_not_be_used_is_told(tmp_path, content, what):
    with pytest.raises(FileRefused) as caught:
        read(write(tmp_path, content), format="csv")
    assert caught.value.what == what


def test_headers_in_any_script_are_names_of_their_own(tmp_path):
    (tmp_path / "people.csv").write_text("id,name,姓名,电话\n1,a,王小明,5\n", encoding="utf-8")
    assert good(read(tmp_path / "people.csv", format="csv")) == [
        {"id": "1", "name": "a", "姓名": "王小明", "电话": "5"}
    ]


def test_what_is_optional_may_be_absent_and_an_empty_name_is_numbered(tmp_path):
    assert read(write(tmp_path, "id,\n1,x\n"), format="csv", optional=["name"]) == [
        {"id": "1", "column_2": "x", "name": None, "_unreadable": None}
    ]
    assert read(write(tmp_path, "id,name\n"), format="csv") == []


@HOSTILE
@given(
    rows=st.lists(
        st.lists(
            st.none()
            | st.text(st.characters(exclude_characters="\0", codec="utf-8"))
            | st.text(st.sampled_from(list('",;\t\r\n a'))),
            min_size=3,
            max_size=3,
        ),
        max_size=8,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    has_header=st.booleans(),
)
def test_any_table_of_texts_comes_back(tmp_path, rows, delimiter, ending, encoding, has_header):
    columns = ["id", "name", "text"]
    lines = ([columns] if has_header else []) + rows
    quoted = [["" if value is None else '"' + value.replace('"', '""') + '"' for value in line] for line in lines]
    path = write(tmp_path, "".join(delimiter.join(line) + ending for line in quoted).encode(encoding))
    said = read(
        path, format="csv", delimiter=delimiter, encoding=encoding, has_header=has_header, columns=columns, held_bytes=0
    )
    assert [[row[column] for column in columns] for row in good(said)] == rows
    assert unreadable(said) == []


@HOSTILE
@given(content=st.binary(max_size=80) | st.text(st.sampled_from(list('",\r\nab\0é'))).map(str.encode))
def test_any_bytes_are_rows_or_unreadable(tmp_path, content):
    """Nothing is lost: lines in = rows + unreadable lines, and with quotes in play every letter is still there."""
    path = write(tmp_path, content)
    try:
        rows = read(path, format="csv", has_header=False, encoding="latin-1")
    except FileRefused:
        assert content.startswith((b"\x1f\x8b", b"\x28\xb5"))
        return
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return
    said = content.decode("latin-1")
    seen = "".join(value or "" for row in rows for value in row.values())
    assert all(seen.count(letter) >= said.count(letter) for letter in "abé")
    if '"' not in said and "\r" not in said:
        assert len(rows) == sum(bool(line) for line in said.split("\n"))


@HOSTILE
@given(
    lines=st.lists(st.text(st.sampled_from(list('",ab'))).filter(bool), min_size=1, max_size=12),
    cut=st.integers(1, 11),
)
def test_where_a_block_ends_changes_nothing(lines, cut):
    grammar = Grammar(",")

    def told(blocks: list[list[str]]) -> tuple[list[str], list[str]]:
        rest, whole, broken = b"", [], []
        for place, block in enumerate(blocks):
            joined = rest + "".join(line + "\n" for line in block).encode()
            if joined:
                records = records_of(joined, grammar, 2, is_last=place == len(blocks) - 1)
                whole.append(records.whole.decode())
                broken += records.broken
                rest = records.rest
        return "".join(whole), broken

    assert told([lines]) == told([lines[:cut], lines[cut:]])
