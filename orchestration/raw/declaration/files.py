"""What a source with connector `files` declares: file drops in a folder or a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Name, Secret


class FileSet(TableDeclaration):
    """All files that match a pattern."""

    path: str = Field(description="pattern below the location, such as orders/*.csv.gz")
    format: Literal["csv", "jsonl", "parquet", "excel"]
    delimiter: str = Field(",", min_length=1, max_length=1, description="between the values of a CSV line")
    encoding: str = Field("utf-8", description="of CSV and JSON lines; a byte-order mark in the file wins")
    has_header: bool = Field(True, description="false: the CSV has no header line, `columns` names all in order")
    sheet: str | None = Field(None, description="sheet of an Excel file; the first unless given")


class S3Access(Strict):
    """How to reach a bucket. Without keys, the machine's own role is used."""

    access_key: Secret | None = None
    secret_key: Secret | None = None
    region: str | None = None
    endpoint: str | None = Field(None, description="address of an S3 server other than Amazon's; may hold ${VARIABLE}")


class FilesSource(SourceDeclaration):
    """A folder of files, or a bucket: `location` is a path or s3://bucket/prefix."""

    connector: Literal["files"]
    s3: S3Access = Field(default_factory=S3Access)
    tables: Mapping[Name, FileSet] = Field(min_length=1)
