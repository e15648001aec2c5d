"""Splink's linker, set up to score as the model does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from splink import DuckDBAPI, Linker

from .model import Model
from .prepare import frequency_tables


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
    # Splink copies what it is given: only what the comparisons read.
    read = dict.fromkeys(["row_id", *used, *(column for c in model.comparisons for column in c.read())])
    connection.execute(f"create or replace view compared as select {', '.join(read)} from records")
    linker = Linker(
        api.register("compared"), {**model.splink_settings(), **settings}, log_level=None, validate_settings=False
    )
    for column in used:
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
    return linker
