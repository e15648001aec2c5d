"""Splink's linker, set up to score as the model does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from .model import Model
from .prepare import frequency_tables, load


@contextmanager
def quiet() -> Iterator[None]:
    """Splink explains itself at length; its errors raise, the rest is silenced while we use it."""
    logger = logging.getLogger("splink")
    before = logger.level, logger.propagate, list(logger.handlers)
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before[2], before[1]
        logger.setLevel(before[0])


def on_records(connection: duckdb.DuckDBPyConnection, model: Model, **settings: bool) -> Linker:
    """A linker over the table `records` (see `prepare`) with the model's parameters and frequencies.

    `settings` are Splink's own, such as retain_intermediate_calculation_columns.
    """
    api = DuckDBAPI(connection)
    used = sorted({level.frequency for c in model.comparisons for level in c.levels if level.frequency})
    frequency_tables(connection, model.frequencies, model.floors, used)
    linker = Linker(
        api.register("records"), {**model.splink_settings(), **settings}, log_level=None, validate_settings=False
    )
    for column in used:
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
    return linker


def linker(features: pa.Table, model: Model) -> Linker:
    """A linker over effective `features` (few: they are held in memory) that keeps all a waterfall chart shows.

    Its records are known by row_id, their place in the order of record_key.
    """
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.register("features", features)
    load(connection, "features", model)
    with quiet():
        return on_records(connection, model, retain_matching_columns=True, retain_intermediate_calculation_columns=True)
