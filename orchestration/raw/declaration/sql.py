"""What a source with connector `sql` declares: a PostgreSQL, MySQL or MariaDB database, read by cursor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from orchestration.raw.declaration.schema import SourceDeclaration, TableDeclaration
from orchestration.raw.declaration.values import Duration, Name


class SqlTable(TableDeclaration):
    """A table or view."""

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

    @model_validator(mode="after")
    def _keys_can_be_compared(self) -> SqlTable:
        if self.compare_keys is not None and not self.key:
            raise ValueError("compare_keys: needs a key")
        return self


class SqlSource(SourceDeclaration):
    """A PostgreSQL, MySQL or MariaDB database: `location` is postgresql://… or mysql://user:password@host/database."""

    connector: Literal["sql"]
    database_schema: str | None = Field(None, description="where it is not the one the user sees without naming it")
    tables: Mapping[Name, SqlTable] = Field(min_length=1)
