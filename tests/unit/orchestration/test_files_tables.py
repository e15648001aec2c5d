"""Parquet and Excel drops: types that fit together, text as a person reads it, and every way a file can be broken."""

import math
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.raw.files import excel
from orchestration.raw.files.excel import as_text
from orchestration.raw.files.refusal import FileRefused
from tests.unit.orchestration.file_drops import good, read, read_table

HOSTILE = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def parquet(folder: Path, columns: dict, **options: object) -> Path:
    pq.write_table(pa.table(columns), folder / "people.parquet", **options)
    return folder / "people.parquet"


def workbook(folder: Path, *rows: list, sheet: str = "Data", first_row: int = 0, name: str = "people.xlsx") -> Path:
    path = folder / name
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(first_row + number, place, value)
                elif value is not None:
                    page.write(first_row + number, place, value)
    return path


@pytest.mark.parametrize("form", ["parquet", "csv", "excel"])
def test_another_spelling_of_an_optional_column_is_refused(tmp_path, form):
    """In the lake it would land in that column, without what is declared of it: a token, for one."""
    if form == "excel":
        path = workbook(tmp_path, ["id", "homePhone"], ["1", "5"])
    elif form == "csv":
        path = tmp_path / "people.csv"
        path.write_text("id,homePhone\n1,5\n")
    else:
        path = parquet(tmp_path, {"id": ["1"], "homePhone": ["5"]})
    with pytest.raises(FileRefused, match=r"^has homePhone where home_phone is declared"):
        read_table(path, format=form, columns=["id", "home_phone"], optional=["home_phone"])


@pytest.mark.parametrize("held_bytes", [0, 2**28])
def test_parquet_types_fit_together_whatever_wrote_them(tmp_path, held_bytes):
    columns = {
        "id": pa.array([1, 2], pa.int8()),
        "name": pa.array(["a", None]).dictionary_encode(),
        "big": pa.array([2**64 - 1, 0], pa.uint64()),
        "share": pa.array([0.5, math.nan], pa.float32()),
        "nested": [{"x": 1, "y": ["é", None]}, None],
        "many": [[1, 2], []],
        "at": pa.array([datetime(2024, 3, 1, 1, 2, 3), None], pa.timestamp("ms", tz="UTC")),
        "price": pa.array([Decimal("1.50"), None]),
        "nothing": pa.nulls(2),
    }
    rows = read_table(parquet(tmp_path, columns), format="parquet", held_bytes=held_bytes)
    assert [(field.name, str(field.type)) for field in rows.schema] == [
        ("id", "int64"),
        ("name", "string"),
        ("big", "decimal128(20, 0)"),
        ("share", "double"),
        ("nested", "string"),
        ("many", "string"),
        ("at", "timestamp[us, tz=UTC]"),
        ("price", "decimal128(3, 2)"),
        ("_unreadable", "string"),
    ]
    first = rows.to_pylist()[0]
    assert (first["nested"], first["many"], first["big"]) == ('{"x":1,"y":["é",null]}', "[1,2]", 2**64 - 1)
    assert first["at"] == datetime(2024, 3, 1, 1, 2, 3, tzinfo=UTC)


def test_parquet_that_is_broken_is_refused(tmp_path):
    path = parquet(
        tmp_path, {"id": list(range(1000)), "name": ["n"] * 1000}, write_page_checksum=True, use_dictionary=False
    )
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[200] ^= 1
    for content in (whole[:-100], whole[:500], b"", b"PAR1", whole[200:], bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(FileRefused, match=r"^can't be read as parquet \("):
            read(path, format="parquet")


@HOSTILE
@given(place=st.integers(4, 1500), bit=st.integers(0, 7))
def test_a_flipped_bit_of_parquet_is_refused_or_harmless(tmp_path, place, bit):
    path = parquet(tmp_path, {"id": list(range(50)), "name": ["n"] * 50}, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 << bit
    path.write_bytes(bytes(content))
    try:
        rows = read(path, format="parquet")
    except FileRefused:
        return
    assert len(rows) <= 50  # a flip in a note of the footer, such as who wrote the file


def test_columns_that_collide_or_hold_no_text_are_refused(tmp_path):
    with pytest.raises(FileRefused, match=r"^has the same name for its columns 2 and 3$"):
        read(parquet(tmp_path, {"id": [1], "name": ["a"], "Name": ["b"]}), format="parquet")
    bad = pa.array([b"\xff"], pa.binary()).view(pa.string())
    with pytest.raises(FileRefused, match=r"can't be read as parquet \(ArrowInvalid"):
        read(parquet(tmp_path, {"id": [1], "name": bad}), format="parquet")


def test_excel_says_what_a_person_sees(tmp_path):
    path = workbook(
        tmp_path,
        ["Members, as of March"],
        [],
        ["id", "", "name", "", "seen"],
        [1, None, "  王 \n", "extra", date(2024, 3, 1)],
        [],
        [12.5, None, True, None, datetime(2024, 3, 1, 12, 30, 1)],
        [0.1 + 0.2, None, "007", None, time(8, 30)],
        [1e21],
    )
    assert good(read(path, format="excel")) == [
        {"id": "1", "name": "  王 \n", "column_d": "extra", "seen": "2024-03-01"},
        {"id": "12.5", "name": "TRUE", "column_d": None, "seen": "2024-03-01 12:30:01"},
        {"id": "0.3", "name": "007", "column_d": None, "seen": "08:30:00"},
        {"id": "1" + "0" * 21, "name": None, "column_d": None, "seen": None},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.500000000000002, "12.5"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (datetime(2024, 3, 1, 11, 59, 59, 999_997), "2024-03-01 12:00:00"),
        (timedelta(hours=36, minutes=5), "36:05:00"),
        (12345678901234567, "12345678901234567"),
        ("", None),
    ],
)
def test_a_cell(value, text):
    assert as_text(value) == text


@HOSTILE
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1), min_size=2, max_size=2),
        max_size=6,
    )
)
def test_any_table_of_texts_comes_back_from_excel(tmp_path, rows):
    path = workbook(tmp_path, ["id", "name"], *rows)
    assert [[row["id"], row["name"]] for row in good(read(path, format="excel"))] == rows


def test_a_sheet_by_name_and_every_way_a_workbook_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path, ["id", "name"], ["1", "a"], sheet="会员")
    assert good(read(path, format="excel", sheet="会员")) == [{"id": "1", "name": "a"}]
    with pytest.raises(FileRefused, match=r"^has no sheet Others$"):
        read(path, format="excel", sheet="Others")
    content = path.read_bytes()
    for broken in (b"", content[:200], content[:-60], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000):
        path.write_bytes(broken)
        with pytest.raises(FileRefused, match=r"^can't be read as excel \("):
            read(path, format="excel")
    with pytest.raises(FileRefused, match=r"^is empty: not even its header is there$"):
        read(workbook(tmp_path), format="excel")
    with pytest.raises(FileRefused, match=r"^has the same name for its columns 1 and 3$"):
        read(workbook(tmp_path, ["id", "name", "ID"], ["1", "a", "b"]), format="excel")
    with pytest.raises(FileRefused, match=r"^column name is missing in people\.xlsx"):
        read(workbook(tmp_path, ["id", "nom"], ["1", "a"]), format="excel")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", b"")
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(b" " * 2 * 1024 * 1024)
    monkeypatch.setattr(excel, "_MOST_UNPACKED_BYTES", 1024 * 1024)
    with pytest.raises(FileRefused, match=r"^is too large for a workbook$"):
        read(path, format="excel")


def test_an_open_document_sheet(tmp_path):
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    cells = [["id", "name"], ["1", "王"]]
    table = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in row)
        + "</table:table-row>"
        for row in cells
    )
    names = "".join(f' xmlns:{name}="{office}{name}:1.0"' for name in ("office", "table", "text"))
    path = tmp_path / "people.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    assert good(read(path, format="excel")) == [{"id": "1", "name": "王"}]
