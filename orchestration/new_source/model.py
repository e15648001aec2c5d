"""The staging model of one table: every column of the contract, guesses marked as guesses, what is lacking as nulls."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.new_source import words
from orchestration.new_source.contract import Column
from orchestration.new_source.expressions import as_key, expression, quoted, raw_expression
from orchestration.new_source.found import FoundColumn, FoundTable
from orchestration.new_source.guess import Guess, guess_mapping, own_id
from orchestration.raw.declaration import SourceDeclaration

_WIDTH = 100
# What others refer to stays, deleted or not: an order of a customer who left is still money.
_REFERRED_TO = ("customer_records", "products", "stores", "campaigns", "coupons")


@dataclass
class Model:
    """A staging model as text, and what a person should know about it.

    Args:
        name: stg_<source>__<table>.
        entity: the entity it feeds; None when the table seems to be none.
        sql: the model.
        guesses: contract column -> why, for those that are guesses.
        lacking: columns of the contract that the source does not have.
        unused: columns of the source that the entity does not take.
        heed: those of them that change what the rows mean -> what to see to.
    """

    name: str
    entity: str | None
    sql: str = ""
    guesses: dict[str, str] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    heed: dict[str, str] = field(default_factory=dict)


class Writer:
    """Writes the models of one source, which know of each other what they refer to.

    Args:
        declaration: the source.
        contracts: columns of each entity.
        entities: the entity of each table; None for tables that are none.
        prefixes: what the keys of a table begin with, where two tables of the source feed one entity.
    """

    def __init__(
        self,
        declaration: SourceDeclaration,
        contracts: Mapping[str, Sequence[Column]],
        entities: Mapping[str, str | None],
        prefixes: Mapping[str, str],
    ) -> None:
        self._declaration, self._contracts = declaration, contracts
        self._entities, self._prefixes = entities, prefixes
        self._source = declaration.source

    def write(self, table: FoundTable) -> Model:
        """The model of one table."""
        entity = self._entities[table.name]
        model = Model(f"stg_{self._source}__{table.name}", entity)
        lines = self._mapped(table, entity, model) if entity else self._as_it_is(table)
        model.sql = "\n".join(
            [
                *self._opening(table, entity),
                "with newest_rows as (",
                *_call(self._newest(table)),
                "),",
                "",
                "renamed as (",
                "    select",
                *lines,
                *self._unused(model),
                "    from newest_rows",
                *self._where(table, entity),
                ")",
                "",
                "select * from renamed",
                "",
            ]
        )
        return model

    def _opening(self, table: FoundTable, entity: str | None) -> list[str]:
        if entity:
            return [f"-- guess: {table.name} are {entity}."]
        return [f"-- guess: {table.name} are none of our entities, so this feeds nothing."]

    def _newest(self, table: FoundTable) -> str:
        key = ", ".join(f"'{table.column(name).lake_name}'" for name in table.key)
        newest = f", newest_by=['{table.column(table.cursor).lake_name}']" if table.cursor else ""
        compared = ", deletions=true" if getattr(self._declaration.tables[table.name], "compare_keys", None) else ""
        return f"{{{{ newest_version('{self._source}', '{table.name}', key=[{key}]{newest}{compared}) }}}}"

    def _mapped(self, table: FoundTable, entity: str, model: Model) -> list[str]:
        contract = self._contracts[entity]
        own = own_id(entity)
        mapping = guess_mapping(
            table, entity, contract, self._known(table, {column.name for column in contract} - {own})
        )
        parsed = {f"{name}_raw": name for name in mapping}
        types = {column.name: column for column in contract}
        lines = [*self._keys(table)]
        for column in contract:
            sql, why, note, lacks = "", "", "", False
            if column.name == own:
                sql = self._own(table)
            elif column.name == "record_kind":
                sql, why = self._record_kind(table)
            elif column.name == "account_system":
                sql, why = self._account_system(mapping.get("account_key"), table)
            elif column.name == "account_key" and column.name in mapping:
                sql, why = self._account_key(mapping["account_key"], table)
                note = "" if why else f"the key of {self._referred(mapping['account_key'].columns[0], table)}"
            elif column.name in mapping:
                sql, why = expression(mapping[column.name], column, self._source), mapping[column.name].why
                if column.type == "id":
                    why = self._whose(mapping[column.name], table) or why
            elif column.name in parsed:
                sql = raw_expression(mapping[parsed[column.name]], types[parsed[column.name]]) or ""
                why = "" if sql else "typed in the source, nothing is unread"
            else:
                lacks = True
            if lacks:
                model.lacking.append(column.name)
            elif why and sql:
                model.guesses[column.name] = self._told(mapping.get(column.name), why)
            note = "not in the source" if lacks else f"guess: {why}" if why and sql else why or note
            lines += _column(sql or f"{{{{ not_given('{column.type}') }}}}", column.name, note)
        used = {found.name for guess in mapping.values() for found in guess.columns} | set(table.key)
        unused = [found for found in table.columns if found.name not in used]
        model.unused = [found.name for found in unused]
        model.heed = {
            found.name: what
            for names, entities, what in words.HEEDED
            for found in unused
            if entity in entities and found.lake_name in names.split()
        }
        return [*lines, *_loader_notes(table)]

    def _told(self, guess: Guess | None, why: str) -> str:
        """A guess as the command prints it, with the source's own name of the column."""
        return f"{guess.columns[0].name}, {why}" if guess and len(guess.columns) == 1 else why

    def _keys(self, table: FoundTable) -> list[str]:
        prefix = self._prefixes.get(table.name)
        key = _column(f"'{prefix}' || source_key", "source_key", "") if prefix else ["        source_key,"]
        party = self._declaration.party_data_class
        return [*key, "        has_source_key,", f"        '{party}' as party_data_class,"]

    def _own(self, table: FoundTable) -> str:
        one = quoted(table.column(table.key[0]))[1] if len(table.key) == 1 else "'source_key'"
        return f"{{{{ own_id('{self._source}', {one}) }}}}"

    def _known(self, table: FoundTable, wanted: set[str]) -> dict[str, FoundColumn]:
        """What the references of a table say: a column that holds the key of products is its product_id."""
        known: dict[str, FoundColumn] = {}
        for name, other in table.references.items():
            entity = self._entities.get(other) or ""
            column = "account_key" if entity == "customer_records" else own_id(entity)
            if column in wanted:
                known.setdefault(column, table.column(name))
        return known

    def _record_kind(self, table: FoundTable) -> tuple[str, str]:
        for kind in ("lead", "contact"):
            if kind in table.name:
                return f"'{kind}'", "by the table's name"
        return "'customer'", "customer, contact or lead"

    def _account_system(self, account: Guess | None, table: FoundTable) -> tuple[str, str]:
        if account is None:
            return "", ""
        if self._referred(account.columns[0], table):
            return f"'{self._source}'", ""
        return f"'{self._source}'", "or the system that keeps these accounts"

    def _account_key(self, account: Guess, table: FoundTable) -> tuple[str, str]:
        column = account.columns[0]
        referred = self._referred(column, table)
        prefix = self._prefixes.get(referred or "")
        sql = f"'{prefix}' || {as_key(column)}" if prefix else as_key(column)
        return sql, "" if referred else account.why or "by its name"

    def _referred(self, column: FoundColumn, table: FoundTable) -> str | None:
        referred = table.references.get(column.name)
        return referred if referred and self._entities.get(referred) == "customer_records" else None

    def _whose(self, guess: Guess, table: FoundTable) -> str:
        """What to say of an id: nothing where a table of this source has it for its key."""
        column = guess.columns[0]
        if column.name in table.references:
            return ""
        return "numbers of its own; else name the system that gives them"

    def _as_it_is(self, table: FoundTable) -> list[str]:
        columns = [f"        {quoted(column)[0]}," for column in table.columns]
        return ["        source_key,", "        has_source_key,", *columns, *_loader_notes(table)]

    def _unused(self, model: Model) -> list[str]:
        lines, line = [], "        -- Not used: "
        for name in model.unused:
            if len(line) + len(name) + 2 > _WIDTH:
                lines.append(line.rstrip())
                line = "        -- "
            line += f"{name}, "
        heeded = [line for name, what in model.heed.items() for line in _comment(f"Heed {name}: {what}")]
        return [*lines, line.removesuffix(", "), *heeded] if model.unused else []

    def _where(self, table: FoundTable, entity: str | None) -> list[str]:
        marks = [column for column in table.columns if column.lake_name in words.DELETED.split()]
        if not entity or not marks:
            return []
        mark = marks[0]
        if entity in _REFERRED_TO:
            return [f"    -- Rows marked in {mark.name} stay: others refer to them."]
        sql, argument = quoted(mark)
        if mark.type == "boolean":
            condition = f"not coalesce({sql}, false)"
        elif mark.type == "bigint":
            condition = f"coalesce({sql}, 0) = 0"
        elif mark.is_text and not mark.lake_name.endswith(("_at", "_on")):
            condition = f"not coalesce({{{{ to_boolean({argument}) }}}}, false)"
        else:
            condition = f"{sql} is null" if not mark.is_text else f"{{{{ clean_text({argument}) }}}} is null"
        return [f"    where {condition} -- guess: marks what the source has deleted"]


def _loader_notes(table: FoundTable) -> list[str]:
    unreadable = "_unreadable" if "_unreadable" in table.notes else "{{ not_given('text') }}"
    return [f"        {unreadable} as unreadable_line,", "        _loaded_at as loaded_at"]


def _column(sql: str, name: str, note: str) -> list[str]:
    line = f"        {sql}," if sql == name else f"        {sql} as {name},"
    if not note:
        return _fitted(line)
    if len(line) + len(note) + 4 <= _WIDTH:
        return [f"{line} -- {note}"]
    return [f"        -- {note}"[:_WIDTH], *_fitted(line)]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="        -- ", subsequent_indent="        -- ")


def _fitted(line: str) -> list[str]:
    if len(line) <= _WIDTH or " as " not in line:
        return [line]
    sql, name = line.rsplit(" as ", 1)
    return [sql, f"            as {name}"]


def _call(call: str) -> list[str]:
    if len(call) + 4 <= _WIDTH:
        return [f"    {call}"]
    head, tail = call.split(", key=", 1)
    lines = [f"    {head},"]
    if ", newest_by=" in tail:
        keys, newest = tail.split(", newest_by=", 1)
        return [*lines, f"        key={keys},", f"        newest_by={newest}"]
    return [*lines, f"        key={tail}"]
