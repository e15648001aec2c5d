"""Plain Splink, as its documentation does it: its own comparison library, trained without labels, several thresholds.

The configuration of each set is in `splink_settings`. Clusters are written for several thresholds, and the best by
the truth counts, which nobody without a truth could choose: generous to Splink. The time is that of one threshold.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import duckdb
import pandas as pd

from benchmarks.identity.systems.process import run
from benchmarks.identity.systems.splink_settings import Configuration, configuration

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)


def resolve(records: pd.DataFrame, name: str, one_to_one: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Clusters by threshold."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    chosen = configuration(name)
    connection = duckdb.connect(":memory:", config={"threads": 2})
    connection.register("given_records", records)
    connection.execute(f"create table prepared as select *, {chosen.prepared} from given_records")
    api = DuckDBAPI(connection)
    if one_to_one:
        for source in one_to_one:
            connection.execute(f"create table {source} as from prepared where source = '{source}'")
        tables = [api.register(source) for source in one_to_one]
    else:
        tables = api.register("prepared")
    settings = SettingsCreator(
        link_type="link_only" if one_to_one else "dedupe_only",
        unique_id_column_name="record_key",
        comparisons=chosen.comparisons,
        blocking_rules_to_generate_predictions=[_rule(rule) for rule in chosen.blocking],
    )
    linker = Linker(tables, settings, log_level=None)
    _train(linker, chosen)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    for threshold in THRESHOLDS:
        if one_to_one:
            made = linker.clustering.cluster_using_single_best_links(
                pairs, duplicate_free_datasets=list(one_to_one), threshold_match_probability=threshold
            )
        else:
            made = linker.clustering.cluster_pairwise_predictions_at_threshold(
                pairs, threshold_match_probability=threshold
            )
        yield str(threshold), made.as_pandas_dataframe().rename(columns={"cluster_id": "customer_id"})


def _rule(columns_or_sql: tuple[str, ...] | str):
    from splink import block_on

    return columns_or_sql if isinstance(columns_or_sql, str) else block_on(*columns_or_sql)


def _train(linker, chosen: Configuration) -> None:
    """As in Splink's tutorials: prior from sure rules, u from random pairs, m by EM over several blocks."""
    linker.training.estimate_probability_two_random_records_match(
        [_rule(rule) for rule in chosen.sure], recall=chosen.sure_recall
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=chosen.u_pairs, seed=1)
    for rule in chosen.training:
        linker.training.estimate_parameters_using_expectation_maximisation(_rule(rule))


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    run(resolve)
