"""The YAML beside the models of a source: its tables in the lake with their columns, and what each model is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from orchestration.new_source.found import FoundTable
from orchestration.new_source.model import Model
from orchestration.raw.declaration import SourceDeclaration

_NOTES = {
    "_dlt_load_id": ("varchar", "The load that brought the row; sorts by time."),
    "_loaded_at": ("timestamp", "When the row was loaded, UTC."),
}
_FILE_NOTES = {
    "_source_file": ("varchar", "The file the row came in."),
    "_unreadable": ("varchar", "What could not be read: the line as it came, or the columns of another type."),
}
_DELETIONS = """\
      - name: _deletions
        identifier: {source}___deletions
        description: Keys that the source deleted, and keys that came back.
        config: {{meta: {{location: raw/{source}/_deletions/*.parquet}}}}
        columns:
          - {{name: table_name, data_type: varchar, description: The table.}}
          - {{name: source_key, data_type: varchar, description: "The key, its columns joined by |."}}
          - {{name: is_deleted, data_type: boolean, description: False when the key came back.}}
          - {{name: _dlt_load_id, data_type: varchar, description: The load that noticed it; sorts by time.}}
          - {{name: _loaded_at, data_type: timestamp, description: "When it was noticed, UTC."}}"""


def sources_yml(declaration: SourceDeclaration, tables: Sequence[FoundTable]) -> str:
    """`_<source>__sources.yml`: where each table lies in the lake, and its columns with their types."""
    lines = [
        "version: 2",
        "",
        "sources:",
        f"  - name: {declaration.source}",
        "    schema: raw",
        f"    description: {_text(declaration.description)}",
        "    tables:",
    ]
    entries = [source_table(declaration, table) for table in tables]
    if any(getattr(table, "compare_keys", None) for table in declaration.tables.values()):
        entries.append(_DELETIONS.format(source=declaration.source))
    return "\n".join([*lines, "\n\n".join(entries), ""])


def source_table(declaration: SourceDeclaration, table: FoundTable) -> str:
    """One table of `sources_yml`."""
    notes = {**_NOTES, **{name: note for name, note in _FILE_NOTES.items() if name in table.notes}}
    described = declaration.tables[table.name].description
    columns = [(column.lake_name, column.type, column.comment or "As the source has it.") for column in table.columns]
    return "\n".join(
        [
            f"      - name: {table.name}",
            f"        identifier: {declaration.source}__{table.name}",
            f"        description: {_text(described)}",
            f"        config: {{meta: {{location: raw/{declaration.source}/{table.name}/*.parquet}}}}",
            "        columns:",
            *(
                f"          - {{name: {_text(name)}, data_type: {_text(kind)}, description: {_text(said)}}}"
                for name, kind, said in [*columns, *((name, *note) for name, note in notes.items())]
            ),
        ]
    )


def models_yml(models: Sequence[Model]) -> str:
    """`_<source>__models.yml`: one entry per model."""
    return "\n".join(["version: 2", "", "models:", "\n\n".join(model_entry(model) for model in models), ""])


def model_entry(model: Model) -> str:
    """One entry of `models_yml`."""
    table = model.name.split("__", 1)[1].replace("_", " ")
    feeds = f" Feeds {model.entity}." if model.entity else ""
    said = f"{table.capitalize()}. Newest version per key, renamed and typed.{feeds}"
    return f"  - name: {model.name}\n    description: {_text(said)}"


def add_missing(path: Path, entries: dict[str, str], list_key: str) -> list[str]:
    """Append to an edited file the entries it does not have yet.

    Args:
        path: `_<source>__sources.yml` or `_<source>__models.yml`, whose list of entries is its last.
        entries: name -> entry as text.
        list_key: tables or models.

    Returns:
        The names appended.
    """
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    listed = content["sources"][0]["tables"] if list_key == "tables" else content["models"]
    there = {entry["name"] for entry in listed}
    missing = [name for name in entries if name not in there]
    if missing:
        path.write_text("\n\n".join([text.rstrip(), *(entries[name] for name in missing)]) + "\n", encoding="utf-8")
    return missing


def columns_in(path: Path) -> dict[str, set[str]]:
    """The columns that `_<source>__sources.yml` knows of each table."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {table["name"]: {column["name"] for column in table["columns"]} for table in content["sources"][0]["tables"]}


def _text(value: str) -> str:
    """As YAML that stays text in a flow mapping."""
    is_plain = value.replace("_", "").isalnum() and value.isascii() and isinstance(yaml.safe_load(value), str)
    return value if is_plain else json.dumps(value, ensure_ascii=False)
