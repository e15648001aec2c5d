"""GoldenMatch's documented call without configuration: `dedupe_df(table)`. Runs in the benchmark's environment.

Its other call, `match_df(target, reference)`, is for two lists; without configuration it was not done with FEBRL4 after
two minutes, where `dedupe_df` takes seconds, so that set is deduplicated too.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks.identity.systems.process import run


def resolve(records: pd.DataFrame, name: str, one_to_one: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Its clusters; it is spared the key, which says nothing."""
    import goldenmatch
    import pyarrow as pa

    logging.disable(logging.CRITICAL)
    table = pa.Table.from_pandas(records.drop(columns="record_key"), preserve_index=False)
    result = goldenmatch.dedupe_df(table)
    labels = [f"r{row}" for row in range(len(records))]
    for cluster, about in result.clusters.items():
        for row in about["members"]:
            labels[row] = f"c{cluster}"
    yield "", pd.DataFrame({"record_key": records["record_key"], "customer_id": labels})


if __name__ == "__main__":
    import goldenmatch  # noqa: F401 - its import is not in the time

    run(resolve)
