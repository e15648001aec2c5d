"""Models for standard event exports: nothing to guess, a macro of `dbt_project/macros/exports` maps them."""

from __future__ import annotations

from orchestration.new_source.found import NOTES, FoundColumn, FoundTable, lake_names
from orchestration.new_source.model import Model
from orchestration.raw.declaration import SourceDeclaration

_EVENTS = """-- Arguments, where the export speaks another system's numbers: account_system='web' for the accounts that
-- are logged in, product_source='erp' for products.
{{{{ {export}_events('{source}', '{table}') }}}}
"""
_PEOPLE = "{{{{ segment_people('{source}', '{table}') }}}}\n"


def is_export(declaration: SourceDeclaration, table: str) -> bool:
    """Whether the YAML says that a table is such an export."""
    return bool(getattr(declaration.tables[table], "export", None))


def export_table(declaration: SourceDeclaration, name: str) -> FoundTable:
    """The table with the columns that its vendor documents; no file is needed to know them."""
    declared = declaration.tables[name]
    names = lake_names(declaration, name, list(declared.columns))
    columns = tuple(FoundColumn(column, names[column], "varchar") for column in declared.columns)
    return FoundTable(name, columns, tuple(declared.key), notes=NOTES)


def export_models(declaration: SourceDeclaration, name: str) -> list[Model]:
    """The models of one export: its web events, and for Segment whom its identify calls describe."""
    export, source = declaration.tables[name].export, declaration.source
    said = {"export": export, "source": source, "table": name}
    models = [Model(f"stg_{source}__{name}", "web_events", _EVENTS.format(**said))]
    if export == "segment":
        models.append(Model(f"stg_{source}__{name}_people", "customer_records", _PEOPLE.format(**said)))
    return models
