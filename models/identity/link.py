"""Train Splink without labels and score the candidate pairs; everything in memory, one thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from .comparisons import BIRTH_CONFLICT, BLOCKING, GIVEN_CONFLICT, TRAINING, comparisons
from .settings import IdentitySettings

RULE_WORDS = ["name", "email", "phone", "birth", "household", "device"]
LINK_COLUMNS = ["record_key_l", "record_key_r", "match_probability", "match_rule", "is_conflict"]


@contextmanager
def _quiet() -> Iterator[None]:
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


def without_common_values(records: pd.DataFrame, settings: IdentitySettings) -> pd.DataFrame:
    """Contact points that too many records share are set to None: they name nobody."""
    cleaned = records.copy()
    for column in ("email", "mailbox", "phone", "device_id", "loyalty_card", "address"):
        counts = cleaned[column].map(cleaned[column].value_counts())
        cleaned[column] = cleaned[column].where(~(counts > settings.most_records_per_value), None)
    return cleaned


def _settings(count: int, settings: IdentitySettings) -> SettingsCreator:
    trained = count >= settings.min_records_to_train
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_key",
        comparisons=comparisons(by_frequency=trained),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKING],
        probability_two_random_records_match=(
            settings.partners_per_record / count if trained else settings.prior_untrained
        ),
        em_convergence=settings.em_convergence,
        max_iterations=settings.em_iterations,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["given", "given_root", "family"],
    )


def _train(linker: Linker, records: pd.DataFrame, settings: IdentitySettings) -> None:
    training = linker.training
    training.estimate_u_using_random_sampling(
        max_pairs=settings.u_pairs, seed=settings.seed, min_count_per_level=None, num_chunks=1
    )
    for columns in TRAINING:
        known = records.dropna(subset=columns)
        if known.duplicated(columns).sum() >= settings.min_records_to_train // 5:
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    _round_parameters(linker, settings.parameter_decimals)


def _round_parameters(linker: Linker, decimals: int) -> None:
    for comparison in linker._settings_obj.comparisons:
        for level in comparison._comparison_levels_excluding_null:
            for name in ("m_probability", "u_probability"):
                value = getattr(level, name)
                if isinstance(value, float):
                    setattr(level, name, max(round(value, decimals), 10.0**-decimals))


def score_pairs(records: pd.DataFrame, settings: IdentitySettings) -> pd.DataFrame:
    """Candidate pairs of standardised `records` with probability, rule and contradiction, ordered by keys.

    match_rule names what agreed, such as 'name+email'. is_conflict marks pairs that cannot be one
    person whatever else agrees: given names without anything in common, or a generation between them.
    """
    if len(records) < 2:
        return pd.DataFrame(columns=LINK_COLUMNS).astype({"match_probability": "float64", "is_conflict": "bool"})
    with _quiet():
        connection = duckdb.connect(":memory:", config={"threads": 1})
        try:
            return _score(connection, without_common_values(records, settings), settings)
        finally:
            connection.close()


def _score(connection: duckdb.DuckDBPyConnection, records: pd.DataFrame, settings: IdentitySettings) -> pd.DataFrame:
    connection.register("pandas_records", records)
    casts = ", ".join(f"cast({c} as varchar) as {c}" for c in records.columns if c != "given_roots")
    connection.execute(
        f"create table records as select {casts}, cast(given_roots as varchar[]) as given_roots"
        " from pandas_records order by record_key"
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), _settings(len(records), settings), log_level=None, validate_settings=False)
    if len(records) >= settings.min_records_to_train:
        _train(linker, records, settings)
    pairs = linker.inference.predict(
        threshold_match_probability=settings.link_probability, warning_mode="never"
    ).physical_name
    agreed = " || ".join(f"case when {_agrees(name)} then '+{name}' else '' end" for name in RULE_WORDS)
    return connection.sql(f"""
        select least(record_key_l, record_key_r) as record_key_l,
               greatest(record_key_l, record_key_r) as record_key_r,
               round(match_probability, {settings.probability_decimals}) as match_probability,
               ltrim({agreed}, '+') as match_rule,
               coalesce(({GIVEN_CONFLICT}) or ({BIRTH_CONFLICT}), false) as is_conflict
        from {pairs} order by all
    """).df()


def _agrees(name: str) -> str:
    """SQL: the comparison reached a level better than different (0) or, for names, than one part only."""
    least = 1 if name == "name" else 0
    return f"gamma_{name} > {least}"
