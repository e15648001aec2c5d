"""Lines of any length and blocks cut anywhere: nothing is lost, and no line takes its neighbours with it."""

import gzip
import resource

from hypothesis import given
from hypothesis import strategies as st

from orchestration.raw.files.text import MARK, blocks_of_lines, lines_of
from tests.unit.orchestration.file_drops import good, read, unreadable


@given(
    content=st.binary(max_size=60) | st.text(st.sampled_from(list("ab\n\r表\0")), max_size=40).map(str.encode),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=10),
)
def test_where_blocks_are_cut_changes_nothing(content, cuts):
    def lines(blocks: list[bytes]) -> list[str]:
        return [line for block in blocks_of_lines(blocks, "utf-8") for line in lines_of(block).to_pylist()]

    blocks, start = [], 0
    while start < len(content):
        size = cuts[len(blocks) % len(cuts)]
        blocks.append(content[start : start + size])
        start += size
    assert lines(blocks) == lines([content])
    if not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        plain = content.removesuffix(b"\n")
        assert len(lines([content])) == (plain.count(b"\n") + 1 if content else 0)


@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    block=st.integers(1, 9),
)
def test_a_line_over_the_limit_is_shortened_and_no_other(sizes, block):
    content = b"".join(b"x" * size + b"\n" for size in sizes)
    blocks = [content[start : start + block] for start in range(0, len(content), block)]
    told = [line for part in blocks_of_lines(blocks, "utf-8", longest=20) for line in lines_of(part).to_pylist()]
    assert len(told) == len(sizes)
    for size, line in zip(sizes, told, strict=True):
        assert line == "x" * size if size <= 20 else line.startswith(MARK) and f"[a line of {size} bytes" in line


def test_a_line_of_300_mb_costs_itself_and_little_memory(tmp_path):
    """In a gzip of 300 kB: what unpacks to more than a machine holds is read all the same."""
    path = tmp_path / "people.csv"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"id,name\n1,a\n2,")
        for _ in range(300):
            stream.write(b"x" * 1024 * 1024)
        stream.write(b"\n3,c\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = read(path, format="csv")
    assert [row["id"] for row in good(rows)] == ["1", "3"]
    (line,) = unreadable(rows)
    assert line.startswith("2,xxx")
    assert line.endswith("[a line of 314,572,802 bytes, of which 65,536 are kept]")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
