"""JSON lines: every value arrives as it was said, and a line that can't be used costs itself alone."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.raw.files.refusal import FileRefused
from tests.unit.orchestration.file_drops import good, read, unreadable

HOSTILE = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, *lines: str | bytes, name: str = "people.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
    return path


@HOSTILE
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "id": st.one_of(st.none(), st.integers(), st.text()),
                "name": st.one_of(st.text(), st.booleans(), st.lists(st.integers(), max_size=3)),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_it_says_exactly_what_the_source_said(tmp_path, rows):
    lines = [json.dumps(row, ensure_ascii=False).encode(errors="surrogatepass") for row in rows]
    said = read(write(tmp_path, *lines), format="jsonl", held_bytes=0)
    assert len(said) == len(rows)
    for row, got in zip(rows, said, strict=True):
        for column in ("id", "name"):
            value = row[column]
            expected = value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            assert got[column] == expected


@HOSTILE
@given(content=st.binary(max_size=60) | st.text(st.sampled_from(list('{}[]":,id\n\0 1'))).map(str.encode))
def test_any_bytes_are_rows_or_unreadable(tmp_path, content):
    path = tmp_path / "people.jsonl"
    path.write_bytes(content)
    try:
        rows = read(path, format="jsonl", encoding="latin-1", optional=["name"], key=[], columns=["id", "name"])
    except FileRefused as refused:
        assert content.startswith((b"\x1f\x8b", b"\x28\xb5")) or "column id is missing" in str(refused)
        return
    if not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        assert len(rows) == sum(bool(line.strip(b" \t\r")) for line in content.split(b"\n"))


def test_what_is_no_object_is_kept_whole_in_its_place(tmp_path):
    lines = ['{"id": 1, "name": "a"}', '{"id": 2, "na', "[1]", "", '{"id": 3, "name": "b", "more": 5}']
    content = b"".join(line.encode() + b"\n" for line in lines) + b'{"id":4,"name":"\xff"}\n{"id":5,"name":"\x00"}\n'
    for name, packed in (
        ("a.jsonl", content),
        ("b.jsonl.gz", gzip.compress(content)),
        ("no_ending", gzip.compress(content)),
        ("c.jsonl.zst", pa.compress(content, codec="zstd", asbytes=True)),
    ):
        (tmp_path / name).write_bytes(packed)
        rows = read(tmp_path / name, format="jsonl")
        assert [row["id"] for row in rows] == ["1", None, None, "3", None, None]
        assert unreadable(rows) == [lines[1], "[1]", '{"id":4,"name":"\\xff"}', '{"id":5,"name":"\\x00"}']
        assert rows[3]["more"] == "5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9" * 400, "9" * 400),
        ("100000000000000000.5", "100000000000000000.5"),
        ("0.12345678901234567890", "0.12345678901234567890"),
        ('{"a": [1.00000000000000000001, "é", null, true]}', '{"a":[1.00000000000000000001,"é",null,true]}'),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ('{"a":{"b":[1,2]}}', '{"a":{"b":[1,2]}}'),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
        (r'"\u0041\ud83d\ude00"', "A😀"),
        ("null", None),
    ],
)
def test_a_value_is_text_as_it_was_written(tmp_path, value, text):
    assert good(read(write(tmp_path, f'{{"id": 1, "name": {value}}}'), format="jsonl")) == [{"id": "1", "name": text}]


def test_odd_keys_cost_their_lines(tmp_path):
    odd = [
        '{"id":1,"name":"a","":1}',
        '{"id":1,"name":"a","_unreadable":1}',
        '{"id":1,"name":"a","Name":"b"}',
        '{"id":1,"id":2,"name":"a"}',
        json.dumps({"id": 1, "name": "a"} | {f"key{number}": 1 for number in range(10_000)}),
    ]
    lines = ['{"id":2,"name":"b","a.b":1,"q\\"t\'":2,"~/*":3}', '{"id":3,"name":"c","First":1}', '{"id":4,"first":1}']
    rows = read(write(tmp_path, *odd, *lines), format="jsonl")
    assert sorted(unreadable(rows)) == sorted([*odd, lines[2]])
    assert good(rows) == [
        {"id": "2", "name": "b", "First": None, "a.b": "1", "q\"t'": "2", "~/*": "3"},
        {"id": "3", "name": "c", "First": "1", "a.b": None, "q\"t'": None, "~/*": None},
    ]


def test_keys_that_never_end_cost_lines_and_no_columns(tmp_path):
    """Values used as keys would else make a column each."""
    lines = [json.dumps({"id": 1, "name": "a", f"user{number}": 1}) for number in range(1200)]
    rows = read(write(tmp_path, *lines), format="jsonl")
    assert len(rows) == 1200
    assert len(rows[0]) == 1001
    assert len(good(rows)) == 998


def test_a_key_that_no_line_has_is_missing_unless_it_is_optional(tmp_path):
    path = write(tmp_path, '{"id":1,"full_name":"a"}', '{"id":2}')
    with pytest.raises(FileRefused, match=r"^column name is missing in people\.jsonl; full_name is new"):
        read(path, format="jsonl")
    assert [row["name"] for row in good(read(path, format="jsonl", optional=["name"]))] == [None, None]
    assert read(write(tmp_path), format="jsonl") == []


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "latin-1"])
def test_an_encoding(tmp_path, encoding):
    name = "é" if encoding == "latin-1" else "表"
    path = write(tmp_path, f'{{"id":1,"name":"{name}"}}'.encode(encoding))
    path.write_bytes(f'{{"id":1,"name":"{name}"}}\n'.encode(encoding))
    assert good(read(path, format="jsonl", encoding=encoding)) == [{"id": "1", "name": name}]
