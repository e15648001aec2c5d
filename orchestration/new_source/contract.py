"""The contract of each conformed entity, read from dbt's macros: what a source gives for it, and which models do.

Belongs here: reading `macros/entities/contracts.sql` and `dbt_project.yml`. What the columns mean is said there only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from orchestration.paths import DBT_PROJECT_DIR

_CONTRACTS = Path("macros/entities/contracts.sql")
_TEXT = re.compile(r"{% set contracts %}\n(.*?){% endset %}", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Args:
        name: its name in the entity.
        type: id, text, integer, money, cost, share, date, timestamp or boolean; see `macros/entities/types.sql`.
        description: what it holds, in plain words.
    """

    name: str
    type: str
    description: str


class EntityError(Exception):
    """What a person said of a table's entity can't be; says why."""


def load_contracts(project: Path = DBT_PROJECT_DIR) -> dict[str, list[Column]]:
    """The columns that a source gives for each entity, as declared."""
    text = _TEXT.search((project / _CONTRACTS).read_text(encoding="utf-8"))
    if text is None:
        raise ValueError(f"{_CONTRACTS} holds no `{{% set contracts %}}`")
    return {
        entity: [Column(name, *said.split(" | ", 1)) for name, said in columns.items()]
        for entity, columns in yaml.safe_load(text[1]).items()
    }


def load_feeds(project: Path = DBT_PROJECT_DIR) -> dict[str, list[str]]:
    """The staging models that feed each entity."""
    declared = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    return {entity: models or [] for entity, models in declared["vars"]["feeds"].items()}
