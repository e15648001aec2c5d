"""`python -m orchestration.new_source NAME`: the command behind `make new-source` and `make remove-source`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from orchestration.new_source.contract import EntityError
from orchestration.new_source.remove import remove_source
from orchestration.paths import DBT_PROJECT_DIR
from orchestration.raw.declaration import SOURCES_DIR, DeclarationError
from orchestration.raw.errors import SourceError


def main(arguments: Sequence[str] | None = None) -> int:
    """Write (or with --remove delete) a source's staging models; 0 when done, 1 with a line per mistake."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.new_source", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="name of the source, as in sources/NAME.yml")
    parser.add_argument("--map", action="append", default=[], metavar="TABLE=ENTITY", help="which entity a table is")
    parser.add_argument("--force", action="store_true", help="write over files that were edited")
    parser.add_argument("--remove", action="store_true", help="delete the sources and what was written for them")
    options = parser.parse_args(arguments)
    pairs = [pair.partition("=") for text in options.map for pair in text.split()]
    try:
        for name in options.names:
            if options.remove:  # nothing is sampled, so nothing that samples is imported
                said = remove_source(name, SOURCES_DIR, DBT_PROJECT_DIR) or [f"there is no source {name}"]
            else:
                from orchestration.new_source.generate import new_source

                told = {table: entity for table, _, entity in pairs}
                said = new_source(name, SOURCES_DIR, DBT_PROJECT_DIR, told, force=options.force)
            print("\n".join(said))
    except (DeclarationError, SourceError, EntityError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
