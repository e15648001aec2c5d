"""This project's call, with nothing said but which sources are duplicate-free lists, where the task says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmarks.identity.systems.process import run


def resolve(records: pd.DataFrame, name: str, one_to_one: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The clusters of the zero-configuration call."""
    from models import identity

    settings = identity.IdentitySettings(unique_sources=tuple(one_to_one)) if one_to_one else None
    clusters = pd.DataFrame(identity.resolve(records, settings).clusters)
    yield "", clusters.rename(columns={"cluster_id": "customer_id"})


if __name__ == "__main__":
    import models.identity  # noqa: F401 - its import is not in the time

    run(resolve)
