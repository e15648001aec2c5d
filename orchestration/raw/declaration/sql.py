"""What a source with connector `sql` declares: a database of SQLAlchemy's, read by cursor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field

from orchestration.raw.declaration.schema import SourceDeclaration, TableDeclaration
from orchestration.raw.declaration.values import Duration, Name


class SqlTable(TableDeclaration):
    """One table or view."""

    table: str | None = Field(None, description="its name in the database, where it is not the name here")
    cursor: str = Field(description="column that grows with every change")
    overlap: Duration = Field(
        timedelta(0), description="how far before the newest row is read again, for rows committed late"
    )
    compare_keys: Duration | None = Field(
        None, description="how often all keys are compared, to notice deleted rows; never unless given"
    )
    most_deleted: float = Field(
        0.5, gt=0, le=1, description="greatest share of a table of more than 100 rows that one comparison may delete"
    )
    as_text: list[str] = Field(
        default_factory=list, description="columns read as the text the database writes, whatever their type"
    )


class SqlSource(SourceDeclaration):
    """A database."""

    connector: Literal["sql"]
    database_schema: str | None = None
    tables: Mapping[Name, SqlTable] = Field(min_length=1)
