"""What a source with connector `files` declares: file drops in a folder or a bucket."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from orchestration.raw.declaration.exports import Export, with_export
from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Name, Secret

_SAMPLE = "az09,;|\"'{}[]:\t\r\n"  # what the formats are made of


def _pattern(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("a pattern below the location is expected, such as orders/*.csv, without .. in it")
    return value


def _delimiter(value: str) -> str:
    if value.isascii() and not value.isalnum() and value not in '"\r\n\0':
        return value
    raise ValueError("one character is expected that is no letter, digit or quote, such as ; or '\\t' in double quotes")


def _encoding(value: str) -> str:
    try:
        known = codecs.lookup(value)
        has_own_bytes = known.name in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")
        if has_own_bytes or _SAMPLE.encode(value) == _SAMPLE.encode("ascii"):
            return value
    except (LookupError, UnicodeError):
        pass
    raise ValueError("no encoding of text files that is known, such as utf-8, latin-1, cp1252, gb18030 or shift_jis")


class FileSet(TableDeclaration):
    """All files that match a pattern."""

    path: Annotated[str, AfterValidator(_pattern)] = Field(
        description="pattern below the location, such as orders/*.csv.gz"
    )
    format: Literal["csv", "jsonl", "parquet", "excel"]
    delimiter: Annotated[str, AfterValidator(_delimiter)] = Field(
        ",", min_length=1, max_length=1, description="between the values of a CSV line"
    )
    quotes: bool = Field(True, description="false: a quote in the CSV is a character like any other")
    encoding: Annotated[str, AfterValidator(_encoding)] = Field(
        "utf-8", description="of CSV and JSON lines; a byte-order mark in the file wins"
    )
    has_header: bool = Field(True, description="false: the CSV has no header line, `columns` names all in order")
    optional: list[str] = Field(
        default_factory=list, description="columns that a file may lack, such as JSON keys that are left out when empty"
    )
    sheet: str | None = Field(None, description="sheet of an Excel file; the first unless given")

    export: Export | None = Field(
        None, description="segment, ga4 or snowplow: format, columns and key are those of this event export"
    )

    @model_validator(mode="before")
    @classmethod
    def _export_says_the_rest(cls, content: Any) -> Any:
        return with_export(content)

    @model_validator(mode="after")
    def _optional_columns_are_known(self) -> FileSet:
        if unknown := sorted(set(self.optional) - set(self.columns)):
            raise ValueError(f"optional: {', '.join(unknown)} is not among its columns")
        if keys := sorted(set(self.optional) & set(self.key)):
            raise ValueError(f"optional: {', '.join(keys)} is part of the key, which every file must have")
        return self


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
