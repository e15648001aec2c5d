"""What the raw lake holds of one source, with a checksum per file: raw is append-only, so no file may ever change.

A flipped bit in a Parquet file can pass every reader and change a number in silence; a lost file always does.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.lake import replace_durably
from orchestration.paths import DataDir
from orchestration.raw.errors import SourceError

_PATIENCE_S = 5.0  # a clock that was set back this little is waited for


class Inventory:
    """The files of one source in `lake/raw/<source>/`, as the last good pull left them.

    Args:
        source: name of the source's declaration.
        data: the data folder.
    """

    def __init__(self, source: str, data: DataDir) -> None:
        self.source = source
        self._folder = data.raw / source
        self._path = data.lake / "inventory" / f"{source}.json"
        self._known: dict[str, list[int | str]] = self._read()

    def verify(self) -> None:
        """Every file that an earlier pull left is there, byte for byte; what a cut-off load left half is removed.

        Raises:
            SourceError: a file is gone or damaged; or the clock stands before the last load.
        """
        for relative, (size, checksum) in self._known.items():
            path = self._folder / relative
            if not path.is_file():
                raise self._error(relative, "is gone")
            if path.stat().st_size != size or _sha256(path) != checksum:
                raise self._error(relative, "is damaged")
        for path in self._unlisted():
            if not _is_readable(path) and self._was_cut_off(path):
                path.unlink()
        self._wait_for_the_clock()

    def record(self) -> None:
        """Note what is there now: what was verified before, and what a pull has added."""
        added = self._unlisted()
        for path in added:
            if not _is_readable(path):
                raise self._error(self._relative(path), "can't be read")
            self._known[self._relative(path)] = [path.stat().st_size, _sha256(path)]
        if added or not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_name(f".{self._path.name}.unfinished")
            unfinished.write_text(json.dumps(self._known, indent=0), encoding="utf-8")
            replace_durably(unfinished, self._path)

    def _was_cut_off(self, path: Path) -> bool:
        """Half a file of a load that never ended (a full disk, a kill): its rows come again with the next pull."""
        load_id = ".".join(path.name.split(".")[:2])
        return self._path.exists() and not any((self._folder / "_dlt_loads").glob(f"*{load_id}*"))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _unlisted(self) -> list[Path]:
        return [path for path in self._files() if self._relative(path) not in self._known]

    def _files(self) -> list[Path]:
        tables = [folder for folder in self._folder.glob("*") if not folder.name.startswith("_dlt")]
        return sorted(path for folder in tables for path in folder.glob("**/*.parquet"))

    def _read(self) -> dict[str, list[int | str]]:
        if not self._path.exists():
            return {}
        try:
            return dict(json.loads(self._path.read_text(encoding="utf-8")))
        except ValueError:
            raise SourceError(
                self.source,
                "*",
                f"lake/inventory/{self._path.name} is damaged",
                f"bring it back from the backup of the data folder; without one, remove it and check"
                f" lake/raw/{self.source} by eye",
            ) from None

    def _error(self, relative: str, what: str) -> SourceError:
        return SourceError(
            self.source,
            relative.split("/")[0],
            f"lake/raw/{self.source}/{relative} {what}",
            "bring it back from the backup of the data folder; without one, remove"
            f" lake/raw/{self.source}, lake/inventory/{self._path.name} and dlt/raw_{self.source},"
            " and the next run pulls the whole source anew",
        )

    def _wait_for_the_clock(self) -> None:
        """Load ids are times: a load with a smaller id than an earlier one would lose against it in staging."""
        newest = max((_load_time(relative) for relative in self._known), default=0.0)
        behind = newest - time.time()
        if behind > _PATIENCE_S:
            raise SourceError(
                self.source,
                "*",
                f"this machine's clock stands {_in_words(behind)} before the last load",
                "set the clock right and run again",
            )
        time.sleep(max(behind, 0.0))


def _is_readable(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return False
    return True


def _load_time(relative: str) -> float:
    """When a file was loaded, in seconds since 1970: its name is `<load id>.<file id>.parquet`, the id has a dot."""
    parts = Path(relative).name.split(".")
    try:
        return float(".".join(parts[:2]))
    except ValueError:
        return 0.0


def _in_words(seconds: float) -> str:
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:.0f} {name}"
    return f"{seconds:.0f} seconds"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
