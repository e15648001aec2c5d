"""Write the sets as Parquet, from the benchmark's environment: `python benchmarks/identity/export.py FOLDER [SET …]`.

Each set becomes <name>.parquet and <name>_truth.parquet; one that is there already is left alone.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.identity.population import pseudopeople
from benchmarks.identity.public_sets import fake_1000, febrl

MAKERS = {
    **{name: partial(febrl, name) for name in ("febrl1", "febrl2", "febrl3", "febrl4")},
    "fake_1000": fake_1000,
    "pseudopeople": pseudopeople,
}


def main(folder: Path, names: list[str]) -> None:
    """Make the sets that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or list(MAKERS):
        if not (folder / f"{name}_truth.parquet").exists():
            records, truth = MAKERS[name]()
            records.to_parquet(folder / f"{name}.parquet", index=False)
            truth.to_parquet(folder / f"{name}_truth.parquet", index=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]), sys.argv[2:])
