"""From a source's YAML to everything dbt needs of it; says what it did, what it guessed and what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestration.new_source import feeds, properties, written
from orchestration.new_source.contract import EntityError, load_contracts, load_feeds
from orchestration.new_source.declared import read_unfinished, write_what_was_found
from orchestration.new_source.exports import export_models, is_export
from orchestration.new_source.found import FoundTable
from orchestration.new_source.guess import guess_entity
from orchestration.new_source.model import Model, Writer
from orchestration.new_source.sample import sample
from orchestration.raw.declaration import SourceDeclaration, load_declaration
from orchestration.raw.declaration.mistakes import nearest


def new_source(
    name: str, sources: Path, project: Path, told: Mapping[str, str] | None = None, *, force: bool = False
) -> list[str]:
    """Sample a declared source and write its staging models.

    Args:
        name: of the source; its YAML is `<sources>/<name>.yml`.
        sources: folder of declarations.
        project: dbt's folder.
        told: table -> entity (or none), where a person knows better than the guess.
        force: write over files that were edited.

    Returns:
        What was done, guessed and left, a line each. No values of rows.

    Raises:
        DeclarationError: the YAML is missing or wrong.
        SourceError: the source can't be sampled.
        EntityError: `told` names a table or an entity that is none.
    """
    path = sources / f"{name}.yml"
    unfinished, lacks = read_unfinished(path)
    contracts = load_contracts(project)
    _check(told or {}, unfinished, list(contracts))
    tables = sample(unfinished)
    said = [*write_what_was_found(path, tables, lacks), *_not_found(path.name, unfinished, tables)]
    declaration = load_declaration(path)
    fed = {model: entity for entity, models in load_feeds(project).items() for model in models}
    entities = {
        table.name: _entity(declaration, table, told or {}, fed.get(f"stg_{name}__{table.name}"), contracts)
        for table in tables
    }
    writer = Writer(declaration, contracts, entities, _prefixes(name, entities, fed))
    models = [
        model
        for table in tables
        for model in (
            export_models(declaration, table.name) if is_export(declaration, table.name) else [writer.write(table)]
        )
    ]
    folder = project / "models/staged" / name
    for model in models:
        said += _write_model(folder / f"{model.name}.sql", model, force)
        if model.entity and feeds.add(project, model.entity, model.name):
            said.append(f"dbt_project.yml: {model.name} feeds {model.entity}")
    said += _write_properties(folder, declaration, tables, models, force)
    return [*said, *_guessed(models), *_next(name, models)]


def _not_found(file: str, declaration: SourceDeclaration, tables: Sequence[FoundTable]) -> list[str]:
    """A line for each declared column that the rows looked at do not have."""
    lines = []
    for table in tables:
        found = {column.name for column in table.columns} | {column.lake_name for column in table.columns}
        declared = declaration.tables[table.name]
        may_lack = {*getattr(declared, "optional", ())}
        if getattr(declared, "omits_empty", False) or is_export(declaration, table.name):
            continue
        for column in declared.columns:
            if column not in found | may_lack:
                others = [known.name for known in table.columns if known.name not in declared.columns]
                lines.append(f"{file}: {table.name}: {column} is declared and not there{nearest(column, others)}")
    return lines


def _check(told: Mapping[str, str], declaration: SourceDeclaration, known: Sequence[str]) -> None:
    for table, entity in told.items():
        if table not in declaration.tables:
            raise EntityError(f"{declaration.source}.yml has no table {table}; it has {', '.join(declaration.tables)}")
        if entity != "none" and entity not in known:
            raise EntityError(f"{entity} is no entity; there are {', '.join(known)}, or none")


def _entity(
    declaration: SourceDeclaration, table: FoundTable, told: Mapping[str, str], fed: str | None, contracts: Mapping
) -> str | None:
    if is_export(declaration, table.name):
        return "web_events"
    if table.name in told:
        return None if told[table.name] == "none" else told[table.name]
    return fed or guess_entity(table, contracts)


def _prefixes(name: str, entities: Mapping[str, str | None], fed: Mapping[str, str]) -> dict[str, str]:
    """A second table of the source for the same entity has keys of its own: '<table>:<key>'."""
    first: dict[str, str] = {}
    for model, entity in fed.items():
        if model.startswith(f"stg_{name}__"):
            first.setdefault(entity, model.split("__", 1)[1])
    prefixes = {}
    for table, entity in entities.items():
        if entity and first.setdefault(entity, table) != table:
            prefixes[table] = f"{table}:"
    return prefixes


def _write_model(path: Path, model: Model, force: bool) -> list[str]:
    happened = written.write(path, model.sql, force=force)
    if happened == "edited":
        return [f"{path.name}: edited by hand, left as it is (FORCE=1 writes over it)"]
    return [f"{path.name}: {happened}"]


def _write_properties(
    folder: Path, declaration: SourceDeclaration, tables: list[FoundTable], models: list[Model], force: bool
) -> list[str]:
    name = declaration.source
    sources, described = folder / f"_{name}__sources.yml", folder / f"_{name}__models.yml"
    said = []
    happened = written.write(sources, properties.sources_yml(declaration, tables), force=force)
    if happened == "edited":
        entries = {table.name: properties.source_table(declaration, table) for table in tables}
        added = properties.add_missing(sources, entries, "tables")
        said.append(f"{sources.name}: edited by hand, {_added(added)}")
        known = properties.columns_in(sources)
        for table in tables:
            new = [column.lake_name for column in table.columns if column.lake_name not in known[table.name]]
            if new:
                said.append(f"{sources.name}: {table.name} also has {', '.join(new)}; add what you need")
    else:
        said.append(f"{sources.name}: {happened}")
    happened = written.write(described, properties.models_yml(models), force=force)
    if happened == "edited":
        added = properties.add_missing(
            described, {model.name: properties.model_entry(model) for model in models}, "models"
        )
        happened = f"edited by hand, {_added(added)}"
    return [*said, f"{described.name}: {happened}"]


def _added(names: list[str]) -> str:
    return f"{', '.join(names)} added" if names else "left as it is"


def _guessed(models: list[Model]) -> list[str]:
    lines = ["", "Guessed:"]
    for model in models:
        lines.append(f"  {model.name} -> {model.entity or 'no entity: it feeds nothing'}")
        lines += [f"    {column}: {why}" for column, why in model.guesses.items()]
        if model.lacking:
            lines.append(f"    not in the source: {', '.join(model.lacking)}")
        if model.unused:
            lines.append(f"    not used: {', '.join(model.unused)}")
        lines += [f"    heed {column}: {what}" for column, what in model.heed.items()]
    return lines


def _next(name: str, models: list[Model]) -> list[str]:
    nothing = [model.name.split("__", 1)[1] for model in models if not model.entity]
    say = [f'  make new-source NAME={name} MAP="{nothing[0]}=<entity>" if it is one after all'] if nothing else []
    return [
        "",
        "Next:",
        f"  read dbt_project/models/staged/{name}/*.sql: each line with `guess` is a guess; docs/add-a-source.md",
        *say,
        "  make nightly",
    ]
