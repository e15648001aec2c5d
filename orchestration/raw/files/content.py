"""One file's bytes, the same however often they are read; gzip and zstd are known by their first bytes.

A file of up to 256 MB is read once and held in memory; a larger one is read again from where it lies, and refused
when it changed in between. Nothing is written to disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa

from orchestration.raw.files.bucket import explained_file
from orchestration.raw.files.listing import Folder, Found
from orchestration.raw.files.refusal import FileRefused, damaged

HELD_BYTES = 256 * 1024 * 1024
_BLOCK = 8 * 1024 * 1024
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class Content:
    """What a file holds, read to its end and hashed when this is made.

    Raises:
        FileRefused: it can't be read, or somebody writes to it.
    """

    def __init__(self, folder: Folder, found: Found, held_bytes: int = HELD_BYTES) -> None:
        self.name, self.size = found.name, found.size
        self._folder = folder
        self._version = folder.version(found.name)
        digest, held, length = hashlib.sha256(), [], 0
        for block in self._blocks():
            digest.update(block)
            length += len(block)
            if length <= held_bytes:
                held.append(block)
        self._held = pa.py_buffer(b"".join(held)) if length <= held_bytes else None
        del held
        self.check_unchanged()
        if length != found.size:
            raise _being_written()
        self.sha256 = digest.hexdigest()

    @property
    def held(self) -> bool:
        """Whether all of it is in memory."""
        return self._held is not None

    def open(self) -> pa.NativeFile:
        """The bytes as they lie there, for reading from any place."""
        return pa.BufferReader(self._held) if self._held is not None else self._folder.open(self.name)

    def check_unchanged(self) -> None:
        """Raises FileRefused when the file was written to since it was first looked at."""
        if self._folder.version(self.name) != self._version:
            raise _being_written()

    def unpacked(self) -> Iterator[bytes]:
        """The bytes block by block, without gzip or zstd around them.

        Raises:
            FileRefused: the file is cut off, damaged or out of reach.
        """
        with self.open() as stream:
            with explained_file():
                start = stream.read(4)
                stream.seek(0)
            packed = next((kind for magic, kind in _COMPRESSED.items() if start.startswith(magic)), None)
            if packed is None:
                yield from _read(stream)
                return
            try:
                with pa.CompressedInputStream(stream, packed) as plain:
                    while block := plain.read(_BLOCK):
                        yield block
            except (OSError, pa.ArrowException) as error:
                if not self.held:
                    self.check_unchanged()
                if "Truncated" in str(error):
                    raise FileRefused(f"is cut off: its {packed} data end too early") from None
                raise damaged(packed, error) from None

    def _blocks(self) -> Iterator[bytes]:
        with self._folder.open(self.name) as stream:
            yield from _read(stream)


def _read(stream: pa.NativeFile) -> Iterator[bytes]:
    while True:
        with explained_file():
            block = stream.read(_BLOCK)
        if not block:
            return
        yield block


def _being_written() -> FileRefused:
    return FileRefused("was written to while it was read", "pull again when it is complete", is_transient=True)
