"""The last publications, kept whole in `data/publications` so that any of them can be put back by one rename.

A folder per publication: the file (a hard link to the one that was published, so nothing is there twice), its
manifest, and what lay ready with it. A folder is laid ready under another name before the file is put in place and
takes its own after it; a run killed in between leaves a folder whose digest says whether it is the published one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lake import file_digest, replace_durably, sync
from orchestration.paths import DataDir
from orchestration.serving.manifest import Manifest, ManifestError, read_manifest

FILE, MANIFEST = "serving.duckdb", "manifest.json"
KEEP = 7
_NAME = re.compile(r"\d{6,}_\d{4}-\d\d-\d\d_.*")
_PENDING = ".pending"
_ROLLBACKS, _ROLLBACK_READY = "rollbacks", ".rollback.pending"


@dataclass(frozen=True)
class Kept:
    """What is kept of the publications of one data folder.

    Args:
        folder: holds a folder per publication, and the record of roll-backs.
        served: the file readers open.
        keep: how many publications stay; the published one always does.
    """

    folder: Path
    served: Path
    keep: int = KEEP

    @classmethod
    def of(cls, data: DataDir, keep: int = KEEP) -> Kept:
        return cls(data.publications, data.serving, keep)

    @property
    def unfinished(self) -> Path:
        """Where the next file is built or linked: beside the one it will replace."""
        return self.served.with_name(f".{self.served.name}.unfinished")

    @property
    def beside(self) -> Path:
        """A copy of the published manifest beside the published file."""
        return self.served.with_name("serving.manifest.json")

    def all(self) -> list[Manifest]:
        """The kept publications, the oldest first. A folder without a readable manifest is none."""
        return [manifest for manifest, _ in self._folders()]

    def damaged(self) -> list[str]:
        """Names of folders whose manifest can't be read."""
        known = {path for _, path in self._folders()}
        return sorted(path.name for path in self._own_folders() if path not in known)

    def path(self, manifest: Manifest) -> Path:
        """The folder of a kept publication."""
        return self.folder / manifest.name

    def current(self) -> Manifest | None:
        """The kept publication that readers see; None when what they see was never kept."""
        if not self.served.exists():
            return None
        kept = self.all()
        for manifest in kept:
            file = self.path(manifest) / FILE
            if file.exists() and file.samefile(self.served):
                return manifest
        digest = file_digest(self.served) if kept else None  # links are lost where a data folder was copied
        return next((manifest for manifest in reversed(kept) if manifest.sha256 == digest), None)

    def next_number(self) -> int:
        """One more than any publication had that is known of."""
        numbers = [manifest.number for manifest in self.all()]
        numbers += [number for entry in self.rollbacks() for number in (entry["from"], entry["to"])]
        numbers += [int(path.name.partition("_")[0]) for path in self._own_folders()]
        return max(numbers, default=0) + 1

    def lay_ready(self, file: Path, manifest: Manifest, companions: Mapping[str, Path]) -> None:
        """Keep a finished file and its companions, not yet under the name of a publication."""
        ready = self.folder / f".{manifest.name}{_PENDING}"
        ready.mkdir(parents=True)
        link(file, ready / FILE)
        for name, path in companions.items():
            link(path, ready / name)
        (ready / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        for path in (*ready.iterdir(), ready, self.folder):
            sync(path)

    def lay_rollback_ready(self, entry: Mapping[str, Any]) -> None:
        """Note a roll-back that is about to happen; `sha256` is the digest of the file it puts in place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{_ROLLBACK_READY}.unfinished"
        unfinished.write_text(json.dumps(entry, indent=1, ensure_ascii=False), encoding="utf-8")
        replace_durably(unfinished, self.folder / _ROLLBACK_READY)

    def settle(self, digest: str | None = None) -> None:
        """After a publication or a roll-back, whole or killed: keep what belongs to the published file, drop the rest.

        Args:
            digest: of the published file, where the caller has it.
        """
        ready = sorted(self.folder.glob(f".*{_PENDING}"))
        if ready and digest is None:
            digest = file_digest(self.served) if self.served.exists() else ""
        for path in ready:
            if path.name == _ROLLBACK_READY:
                self._settle_rollback(path, digest)
            elif _digest_said(path) == digest:
                os.replace(path, self.folder / path.name[1 : -len(_PENDING)])
                sync(self.folder)
            else:
                shutil.rmtree(path)
        for path in (self.folder / f"{_ROLLBACK_READY}.unfinished", self.unfinished):
            path.unlink(missing_ok=True)
        self._show_manifest()

    def _settle_rollback(self, path: Path, digest: str) -> None:
        with suppress(ValueError):
            if json.loads(path.read_text(encoding="utf-8")).get("sha256") == digest:
                done = self.folder / _ROLLBACKS
                done.mkdir(exist_ok=True)
                last = max((int(one.stem) for one in done.glob("*.json") if one.stem.isdigit()), default=0)
                replace_durably(path, done / f"{last + 1:06d}.json")
                sync(self.folder)
                return
        path.unlink()

    def _show_manifest(self) -> None:
        """The manifest beside the published file is its own; none where what is published was never kept."""
        current = self.current()
        if current is None:
            self.beside.unlink(missing_ok=True)
            return
        said = (self.path(current) / MANIFEST).read_bytes()
        if not self.beside.exists() or self.beside.read_bytes() != said:
            unfinished = self.beside.with_name(f".{self.beside.name}.unfinished")
            unfinished.write_bytes(said)
            os.replace(unfinished, self.beside)

    def rollbacks(self) -> list[dict[str, Any]]:
        """What was rolled back, when, by whom and why, the first one first."""
        entries = []
        for path in sorted((self.folder / _ROLLBACKS).glob("*.json")):
            with suppress(ValueError, OSError):
                entry = json.loads(path.read_text(encoding="utf-8"))
                if isinstance(entry, dict) and {"from", "to"} <= set(entry):
                    entries.append(entry)
        return entries

    def withdrawn(self) -> frozenset[int]:
        """Numbers of the publications that a roll-back took back and none brought back."""
        gone: set[int] = set()
        for entry in self.rollbacks():
            source, target = int(entry["from"]), int(entry["to"])
            if target < source:
                gone |= set(range(target + 1, source + 1))
            gone -= {target, *range(source, target + 1)}
        return frozenset(gone)

    def prune(self) -> None:
        """Remove the oldest publications beyond `keep`; never the published one."""
        current = self.current()
        for path in self._own_folders()[: -self.keep]:
            if current is None or path.name != current.name:
                shutil.rmtree(path)

    def size(self) -> int:
        """Bytes that the kept publications take on disk, the published one left out."""
        files = {}
        published = self.served.stat().st_ino if self.served.exists() else None
        for folder in self._own_folders():
            for path in folder.iterdir():
                about = path.stat()
                if about.st_ino != published:
                    files[about.st_ino] = about.st_size
        return sum(files.values())

    def _folders(self) -> list[tuple[Manifest, Path]]:
        found = []
        for path in self._own_folders():
            with suppress(ManifestError):
                manifest = read_manifest(path / MANIFEST)
                if manifest.name == path.name:
                    found.append((manifest, path))
        return sorted(found, key=lambda one: one[0].number)

    def _own_folders(self) -> list[Path]:
        return [path for path in sorted(self.folder.glob("*")) if path.is_dir() and _NAME.fullmatch(path.name)]


def _digest_said(folder: Path) -> str | None:
    try:
        return read_manifest(folder / MANIFEST).sha256
    except ManifestError:  # killed while it was laid ready
        return None


def link(path: Path, name: Path) -> None:
    """`name` for the same file; a copy of it where the disk knows no links."""
    try:
        os.link(path, name)
    except OSError as error:
        if isinstance(error, FileExistsError | FileNotFoundError):
            raise
        shutil.copyfile(path, name)
