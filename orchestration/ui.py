"""`python -m orchestration.ui`: the Dagster UI on this data folder, with its schedule daemon."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestration.paths import PROJECT_DIR, DataDir


def main(arguments: Sequence[str] | None = None) -> None:
    """Become `dagster dev`; ends with Ctrl-C."""
    parser = argparse.ArgumentParser(description="Open the Dagster UI.")
    parser.add_argument("--port", default="3000", help="port on 127.0.0.1 (default 3000)")
    options = parser.parse_args(arguments)
    from orchestration.nightly import prepare_home

    home = prepare_home(DataDir.from_environment())
    os.environ["DAGSTER_HOME"] = str(home)
    # Dagster remarks on its own command's future name at every start; nothing here can act on it.
    os.environ["PYTHONWARNINGS"] = "ignore:Function `dev_command`"
    os.chdir(PROJECT_DIR)
    dagster = Path(sys.executable).with_name("dagster")
    os.execv(
        dagster,
        ["dagster", "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", options.port],
    )


if __name__ == "__main__":
    main()
