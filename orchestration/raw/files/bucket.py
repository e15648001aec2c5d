"""Files in a bucket: S3 and servers that speak its protocol, through pyarrow; what they refuse, said in a line.

Nothing is copied to this machine's disk: rows reach it only after their identifiers were replaced by tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from orchestration.raw.declaration.files import FilesSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files.listing import Found
from orchestration.raw.files.refusal import FileRefused

_WILDCARD = re.compile(r"[*?\[]")
_PART_OF_PATTERN = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])")
_CODE = re.compile(r"AWS Error ([A-Z_]+)|HTTP status (\d{3})|status code:? (\d{3})")
_NOT_LET_IN = {"ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "INVALID_CLIENT_TOKEN_ID", "SIGNATURE_DOES_NOT_MATCH", "403"}
_NOT_LET_IN |= {"UNRECOGNIZED_CLIENT", "MISSING_AUTHENTICATION_TOKEN", "401"}
_NOT_THERE = {"NO_SUCH_BUCKET", "NO_SUCH_KEY", "RESOURCE_NOT_FOUND", "404"}


class Bucket:
    """A bucket and the prefix below which the files lie; see listing.Folder."""

    def __init__(self, declaration: FilesSource, location: str) -> None:
        self._declaration = declaration
        self._system, self._root = _reach(declaration, location)
        self.shown = f"{self._root}/"

    def matches(self, table: str, pattern: str) -> list[Found | tuple[str, FileRefused]]:
        fixed = _WILDCARD.split(pattern)[0].rpartition("/")[0]
        start = f"{self._root}/{fixed}".rstrip("/")
        in_folders = "/" in pattern[len(fixed) + 1 :] or "**" in pattern
        try:
            listed = self._system.get_file_info(fs.FileSelector(start, recursive=in_folders, allow_not_found=True))
            bucket = self._root.partition("/")[0]
            if not listed and self._system.get_file_info(bucket).type == fs.FileType.NotFound:
                raise self._refusal(table, "NO_SUCH_BUCKET")
        except OSError as error:
            raise self._refusal(table, _code(error)) from None
        whole = _as_expression(pattern)
        files = [
            Found(info.path.removeprefix(f"{self._root}/"), info.size, info.mtime_ns or 0)
            for info in listed
            if info.type == fs.FileType.File and whole.fullmatch(info.path.removeprefix(f"{self._root}/"))
        ]
        return sorted(files, key=lambda file: file.name)

    def open(self, name: str) -> pa.NativeFile:
        with explained_file():
            return self._system.open_input_file(f"{self._root}/{name}")

    def version(self, name: str) -> object:
        with explained_file(), self.open(name) as stream:
            said = {_text(key).lower(): value for key, value in (stream.metadata() or {}).items()}
            return stream.size(), said.get("etag") or said.get("last-modified")

    def _refusal(self, table: str, code: str) -> SourceError:
        file, bucket = f"{self._declaration.source}.yml", self._root.partition("/")[0]
        what, remedy, is_transient = f"the bucket can't be reached ({code})", "pull again", True
        if code in _NOT_LET_IN:
            what, is_transient = f"the bucket refuses its keys ({code})", False
            remedy = f"check the keys of {file} in the environment, or the rights of the machine's role"
        elif code in _NOT_THERE:
            what, is_transient = f"the bucket {bucket} does not exist", False
            remedy = f"correct location in {file}"
        elif code in ("PERMANENT_REDIRECT", "301"):
            what, is_transient = "the bucket lies in another region", False
            remedy = f"set s3.region in {file}"
        return SourceError(self._declaration.source, table, what, remedy, is_transient=is_transient)


@contextmanager
def explained_file() -> Iterator[None]:
    """What a bucket says when one of its files can't be read.

    Raises:
        FileRefused: in the words of a person.
    """
    try:
        yield
    except FileNotFoundError:
        raise FileRefused("vanished while it was read", "pull again", is_transient=True) from None
    except OSError as error:
        code = _code(error)
        if code in _NOT_LET_IN:
            raise FileRefused(
                f"may not be read ({code})", "give the pipeline's keys the right to read it (s3:GetObject)"
            ) from None
        raise FileRefused(f"could not be read to its end ({code})", "pull again", is_transient=True) from None


def _reach(declaration: FilesSource, location: str) -> tuple[fs.FileSystem, str]:
    address = urlsplit(location)
    root = (address.netloc + address.path).strip("/")
    if address.scheme == "s3" and root:
        access = declaration.s3
        endpoint = urlsplit(declaration.resolve(access.endpoint)) if access.endpoint else None
        system = fs.S3FileSystem(
            access_key=declaration.resolve(access.access_key) if access.access_key else None,
            secret_key=declaration.resolve(access.secret_key) if access.secret_key else None,
            region=access.region,
            endpoint_override=(endpoint.netloc or endpoint.path) if endpoint else None,
            scheme="http" if endpoint and endpoint.scheme == "http" else "https",
            connect_timeout=10,
            request_timeout=60,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
        )
        return system, root
    try:  # gs:// and abfs://, with what pyarrow's addresses say of keys
        return fs.FileSystem.from_uri(location)
    except (pa.ArrowException, OSError, ValueError):
        raise SourceError(
            declaration.source,
            "*",
            f"its location {address.scheme}:// is no bucket that can be read",
            f"write s3://bucket/prefix, or the path of a folder, in {declaration.source}.yml",
        ) from None


def _text(key: bytes | str) -> str:
    return key.decode() if isinstance(key, bytes) else key


def _code(error: OSError) -> str:
    found = _CODE.findall(str(error))
    known = [code for codes in found for code in codes if code and code != "UNKNOWN"]
    return known[0] if known else type(error).__name__


def _as_expression(pattern: str) -> re.Pattern[str]:
    """A glob pattern as a regular expression: * and ? stay within a folder, ** goes through any number of them."""
    meant = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}

    def said(part: str) -> str:
        if len(part) > 2 and part[0] == "[" and part[-1] == "]":
            inside = part[1:-1].replace("\\", r"\\")
            return f"[^{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
        return meant.get(part) or re.escape(part)

    return re.compile("".join(map(said, _PART_OF_PATTERN.split(pattern))), re.DOTALL)
