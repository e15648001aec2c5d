"""What a source's YAML may say. `schema.py` and a module per connector say it; `load.py` checks a file against it.

Belongs here: names, types, defaults and what they mean. Does not belong here: anything that reaches a source.
"""

from orchestration.raw.declaration.load import (
    SOURCES_DIR,
    DeclarationError,
    load_declaration,
    load_declarations,
    validate_declaration,
)
from orchestration.raw.declaration.schema import SourceDeclaration, TableDeclaration

__all__ = [
    "SOURCES_DIR",
    "DeclarationError",
    "SourceDeclaration",
    "TableDeclaration",
    "load_declaration",
    "load_declarations",
    "validate_declaration",
]
