"""Systems that are down and deliveries that are odd: several sources are broken at once, each in its own way.

Each wave is one run of the broken sources (the faults concern stage raw alone) on one folder; deliveries that were
accepted stay.
The last test puts the drop right and runs the whole night once.
"""

import gzip
import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.broken_systems import closed_port, cutting, talking
from tests.faults.catalogue import SOURCES
from tests.faults.fault import Fault
from tests.faults.world import Outcome, World

# The newest file of each set: for events, touches and responses it is new tonight.
_EVENTS, _TOUCHES = "web/events/*.gz", "marketing/touches/*.parquet"
_RESPONSES, _CALLS = "survey/responses/*.csv", "callcentre/calls/*.jsonl"
_MEMBERS, _DEMOGRAPHICS = "loyalty/members/*.csv", "bureau/demographics/*.csv"
_MENTIONS = "social/mentions/*.jsonl"
_WIDE_MB, _MOST_MB = 300, 1000  # of the whole process, some 500 of them its libraries


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _columns(path: Path, query: str, target: Path | None = None) -> None:
    with duckdb.connect() as connection:
        rows = connection.sql(query.format(f"read_csv('{path}', all_varchar = true, header = true)")).fetchall()
        names = connection.sql(query.format(f"read_csv('{path}', all_varchar = true, header = true)")).columns
        lines = [",".join("" if value is None else f'"{value}"' for value in row) for row in rows]
    (target or path).write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")


def _retype(path: Path) -> None:
    table = pq.read_table(path)
    place = table.schema.get_field_index("cost_usd")
    pq.write_table(table.set_column(place, "cost_usd", table["cost_usd"].cast(pa.string())), path)


def _gzip_lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def _wide(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b'{"call_id": "CA-wide", "transcript": "')
        for _ in range(_WIDE_MB):
            stream.write(b"x" * (1 << 20))
        stream.write(b'"}\n')


def _append(line: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(path.read_bytes() + line)


def _many_columns(path: Path) -> None:
    more = ",".join(f'"extra_{number}": {number}' for number in range(10_000))
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([first[:-1] + "," + more + "}", *rest]) + "\n", encoding="utf-8")


def _swap(path: Path) -> None:
    _columns(path, "select * rename (score as comment, comment as score) from {}")


def _add_column(path: Path) -> None:
    _columns(path, "select *, 'gold' as tier from {}", path.with_name("members_2017-12-20.csv"))


def _double(path: Path) -> None:
    path.write_bytes(gzip.compress(b"".join(_gzip_lines(path) * 2)))


def _second_half_only(path: Path) -> None:
    lines = _gzip_lines(path)
    path.write_bytes(gzip.compress(b"".join(lines[len(lines) // 2 :])))


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"agent":"agent', b'"agent":"nobody'))


def _remove_set(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()


# A delivery's fault: the file in the drop (the newest of the pattern) and what is done to it.
DELIVERED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "gzip-truncated": (_EVENTS, _half),
    "parquet-truncated": (_TOUCHES, _half),
    "column-removed": (_MEMBERS, lambda path: _columns(path, "select * exclude (email) from {}")),
    "column-renamed": (_DEMOGRAPHICS, lambda path: _columns(path, "select * rename (home_ownership as owner) from {}")),
    "column-retyped": (_TOUCHES, _retype),
    "files-gone": (_MENTIONS, _remove_set),
    "file-empty": (_RESPONSES, lambda path: path.write_bytes(b"")),
    "column-added": (_MEMBERS, _add_column),
    "columns-reordered": (_DEMOGRAPHICS, lambda path: _columns(path, "select income, * exclude (income) from {}")),
    "delivered-twice": (_RESPONSES, lambda path: shutil.copy(path, path.with_name("responses_2017-12-21.csv"))),
    "rows-twice": (_EVENTS, _double),
    "out-of-order": (_EVENTS, _second_half_only),
    "changed-file": (_CALLS, _change),
    "csv-truncated": (_RESPONSES, lambda path: path.write_bytes(path.read_bytes()[:-30])),
    "broken-encoding": (_MENTIONS, _append(b'{"mention_id": "bad", "text": "\xff\xfe\xc3\x28"}\n')),
    "nuls": (_CALLS, _append(b"\0" * (1 << 20) + b"\n")),
    "wide-row": (_CALLS, _wide),
    "many-columns": (_MENTIONS, _many_columns),
    "columns-swapped": (_RESPONSES, _swap),
}
TALKING = {"api-500": "500", "api-429": "429", "api-html": "html", "api-cut": "cut", "token-expired": "401"}
SET_ASIDE = {"broken-encoding", "nuls", "wide-row", "many-columns"}
CONNECTED = {"wrong-password", "server-down", "cut-mid-pull"}
# What is broken together: at most one fault per source.
WAVES: tuple[tuple[str, ...], ...] = (
    ("wrong-password", "server-down", "api-500", "gzip-truncated", "column-removed", "files-gone", "column-renamed",
     "column-retyped", "file-empty", "wide-row"),
    ("cut-mid-pull", "api-429", "parquet-truncated", "csv-truncated", "rows-twice", "column-added", "broken-encoding",
     "columns-reordered", "nuls"),
    ("api-html", "delivered-twice", "out-of-order", "changed-file", "many-columns"),
    ("api-cut",),
    ("token-expired", "columns-swapped"),
)  # fmt: skip


class Waves:
    """The runs of all waves on one folder, each done when its first fault is asked for."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self._folder = world, folder
        self._outcomes: dict[int, Outcome] = {}
        self._unreadable: dict[int, dict[str, int]] = {}  # by wave and source: lines it set aside

    def of(self, fault: Fault) -> Outcome:
        """The run in which this fault was provoked."""
        [number] = [number for number, wave in enumerate(WAVES) if fault.name in wave]
        if number not in self._outcomes:
            self._outcomes[number] = self._run(number, WAVES[number])
        return self._outcomes[number]

    def newly_unreadable(self, fault: Fault) -> int:
        """How many lines of the fault's source the run set aside as unreadable."""
        [number] = [number for number, wave in enumerate(WAVES) if fault.name in wave]
        return self._unreadable[number][_set_of(fault.name)]

    def _run(self, number: int, wave: tuple[str, ...]) -> Outcome:
        true = self.world.systems.environment
        drop = self._folder / f"drop-{number}"
        shutil.copytree(true["DROP_DIR"], drop)
        environment = {"DROP_DIR": str(drop)}
        with ExitStack() as stack:
            for name in wave:
                if name in DELIVERED:
                    pattern, spoil = DELIVERED[name]
                    spoil(sorted(drop.glob(pattern))[-1])
                elif name in TALKING:
                    environment["HELPDESK_URL"] = stack.enter_context(talking(TALKING[name]))
                elif name == "wrong-password":
                    environment["CRM_DATABASE_URL"] = re.sub(r":[^:@]+@", ":another@", true["CRM_DATABASE_URL"])
                else:
                    url = true["ERP_DATABASE_URL"]
                    real = urlsplit(url).port
                    is_down = name == "server-down"
                    port = closed_port() if is_down else stack.enter_context(cutting(real, 20_000))
                    environment["ERP_DATABASE_URL"] = url.replace(f":{real}/", f":{port}/")
            sets = [_set_of(name) for name in wave if name in SET_ASIDE]
            before = {each: self._unreadable_lines(each) for each in sets}
            select = " or ".join(f'key:"raw/{source}/*"' for source in sorted(map(_source_of, wave)))
            outcome = self.world.run(select, [{"kind": "no_waiting"}], environment)
            self._unreadable[number] = {each: self._unreadable_lines(each) - before[each] for each in sets}
        assert self.world.published() == self.world.yesterday, outcome.said
        return outcome

    def _unreadable_lines(self, table: str) -> int:
        files = self.world.data.raw / table / "*.parquet"
        with duckdb.connect() as connection:
            found = connection.sql(f"select _unreadable from read_parquet('{files}', union_by_name = true)")
            return found.count("_unreadable").fetchone()[0]


def _source_of(fault: str) -> str:
    databases = {"wrong-password": "crm", "server-down": "erp", "cut-mid-pull": "erp"}
    return "helpdesk" if fault in TALKING else databases.get(fault) or _set_of(fault).partition("/")[0]


def _set_of(fault: str) -> str:
    """source/table of a delivery's fault."""
    return DELIVERED[fault][0].rpartition("/")[0]


@pytest.fixture(scope="module")
def waves(world: World, tmp_path_factory: pytest.TempPathFactory) -> Waves:
    """The morning after night 1."""
    world.restore()
    return Waves(world, tmp_path_factory.mktemp("drops"))


@pytest.mark.parametrize("fault", [fault for fault in SOURCES if fault.line], ids=lambda fault: fault.name)
def test_a_source_that_cannot_be_used_is_one_line(waves: Waves, fault: Fault) -> None:
    outcome = waves.of(fault)
    told = [line for line in outcome.lines if re.search(r"^raw_\w+: " + fault.line, line)]
    assert len(told) == 1, outcome.said
    assert "Traceback" not in outcome.said


@pytest.mark.parametrize("fault", [fault for fault in SOURCES if not fault.line], ids=lambda fault: fault.name)
def test_an_odd_delivery_lands_and_waits_for_its_rules(waves: Waves, fault: Fault) -> None:
    outcome = waves.of(fault)
    assert f"  raw_{_source_of(fault.name)} done in " in outcome.said, outcome.said
    if fault.name in SET_ASIDE:
        assert waves.newly_unreadable(fault) == 1


def test_a_wide_row_takes_bounded_memory(waves: Waves) -> None:
    [fault] = [fault for fault in SOURCES if fault.name == "wide-row"]
    peak = waves.of(fault).peak_mb
    print(f"peak {peak} MB")
    assert peak < _MOST_MB


def test_the_plain_run_after_them_gives_the_same_tables(waves: Waves, tmp_path: Path) -> None:
    """Everything is delivered right now; what came twice, or in two halves, stays as it came."""
    assert set(DELIVERED) | set(TALKING) | CONNECTED == {fault.name for fault in SOURCES}
    assert set(DELIVERED) | set(TALKING) | CONNECTED == {name for wave in WAVES for name in wave}
    true, drop = waves.world.systems.environment, tmp_path / "drop"
    shutil.copytree(true["DROP_DIR"], drop)
    newest = sorted(drop.glob(_RESPONSES))[-1]
    shutil.copy(newest, newest.with_name("responses_2017-12-21.csv"))
    outcome = waves.world.run(environment={"DROP_DIR": str(drop)})
    assert outcome.status == 0, outcome.said
    assert waves.world.kept() == waves.world.expected
