"""Scoring: estimation recovers what was simulated, pairs do not depend on order, nights score as the whole does."""

from __future__ import annotations

import datetime
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.identity.scoring import Model, conflicting, fit, keys_of, meetings, score, score_again
from models.identity.scoring.birth import BIRTH_NEAR, SLIP, SWAPPED_DAY_MONTH, YEARS_APART
from models.identity.scoring.blocking import KEYS, key_sql, make_candidates, make_keys
from models.identity.scoring.choice import choose
from models.identity.scoring.comparison import Comparison, Level, near
from models.identity.scoring.conflicts import sides
from models.identity.scoring.estimate import Patterns, estimate
from models.identity.scoring.linker import on_records
from models.identity.scoring.names import GIVEN_SAME
from models.identity.scoring.prepare import letters, load
from models.identity.settings import IdentitySettings

pytestmark = pytest.mark.slow

SETTINGS = IdentitySettings(threads=1)
GIVEN = ["anna", "bruno", "clara", "dieter", "emilia", "fabian", "greta", "hannes"]
FAMILY = ["albrecht", "baumann", "castell", "dornfeld", "ebersbach", "falkner", "gruber", "hofmann", "irmler"]
ENDINGS = ["", "berg", "mann", "kirch", "ovic", "quist", "zyk", "dottir"]


def features(people: int, seed: int = 3) -> pa.Table:
    """Two records of each of so many people, some with a slip, some without an e-mail."""
    random = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        given, family = str(random.choice(GIVEN)), str(random.choice(FAMILY)) + str(random.choice(ENDINGS))
        born = f"{1940 + random.integers(60)}-{1 + random.integers(12):02d}-{1 + random.integers(28):02d}"
        email = f"{given}.{family}{person}@example.org"
        for copy in range(2):
            slip = copy and random.random() < 0.3
            rows.append(
                {
                    "record_key": f"k{person:04d}{copy}",
                    "given": given,
                    "family": family[:2] + family[3:] if slip else family,
                    "email": None if random.random() < 0.3 else email,
                    "birth_date": None if random.random() < 0.2 else born,
                }
            )
    table = pa.Table.from_pylist(rows)
    given_column, family_column = (table.column(c).to_pylist() for c in ("given", "family"))
    digits = pa.array(["".join(filter(str.isdigit, e or "")) for e in table["email"].to_pylist()])
    return (
        table.append_column("given_root", table.column("given"))
        .append_column("given_roots", pa.array([[g] for g in given_column]))
        .append_column(
            "name_key", pa.array([" ".join(sorted(p)) for p in zip(given_column, family_column, strict=True)])
        )
        .append_column("email_digits", digits)
        .append_column("has_plain_order", pa.array([False] * table.num_rows))
    )  # fmt: skip


NO_WORDS = pa.table({"column": pa.array([], pa.string()), "value": pa.array([], pa.string())})


@pytest.fixture(scope="module")
def fitted() -> tuple[pa.Table, Model, pa.Table]:
    table = features(150)
    model = fit(table, SETTINGS)
    return table, model, score(table, model, SETTINGS)


def test_finds_the_people(fitted):
    _, _, pairs = fitted
    linked = [
        r for r in pairs.to_pylist() if r["match_probability"] >= SETTINGS.link_probability and not r["is_conflict"]
    ]
    right = [r for r in linked if r["record_key_l"][:-1] == r["record_key_r"][:-1]]
    assert len(right) / len(linked) > 0.95
    assert len(right) / 150 > 0.9
    assert all(r["record_key_l"] < r["record_key_r"] for r in linked)


def test_says_what_agreed(fitted):
    _, model, pairs = fitted
    best = max(pairs.to_pylist(), key=lambda r: r["match_weight"])
    assert best["rule_rank"] is None or best["match_rule"] == "rule: " + "+".join(model.rules[best["rule_rank"]])
    assert {part.split("=")[0] for part in best["levels"].split()} == {c.name for c in model.comparisons}


@given(st.randoms(use_true_random=False))
@settings(max_examples=2, deadline=None)
def test_order_and_threads_do_not_matter(fitted, random):
    table, model, pairs = fitted
    order = list(range(table.num_rows))
    random.shuffle(order)
    again = fit(table.take(order), replace(SETTINGS, threads=2))
    assert again.fingerprint == model.fingerprint
    assert score(table.take(order), again, replace(SETTINGS, threads=2)).equals(pairs)


@given(st.data())
@settings(max_examples=2, deadline=None)
def test_a_night_scores_as_the_whole_does(fitted, data):
    """Kept pairs and those of the changed records together are the pairs of all records, byte for byte."""
    table, model, before = fitted
    keys = table.column("record_key").to_pylist()
    changed = data.draw(st.lists(st.sampled_from(keys), min_size=1, max_size=6, unique=True))
    donors = data.draw(st.lists(st.integers(0, len(keys) - 1), min_size=len(changed), max_size=len(changed)))
    rows = table.to_pylist()
    for key, donor in zip(changed, donors, strict=True):
        rows[keys.index(key)] = {**rows[donor], "record_key": key}
    tonight = pa.Table.from_pylist(rows, schema=table.schema)
    touched = set(changed)
    kept = [r for r in before.to_pylist() if not touched & {r["record_key_l"], r["record_key_r"]}]
    rows = np.flatnonzero(np.isin(keys, changed))
    others = np.arange(len(keys))
    others[rows] = -1
    left, right = meetings(keys_of(table, model), others, keys_of(tonight.take(pa.array(rows)), model), rows)
    rescored, *ends = score_again(tonight, model, SETTINGS, left, right)
    for side, at in zip("lr", ends, strict=True):
        assert [keys[row] for row in at] == rescored[f"record_key_{side}"].to_pylist()
    assert all(touched & {r["record_key_l"], r["record_key_r"]} for r in rescored.to_pylist())
    together = sorted([*kept, *rescored.to_pylist()], key=lambda r: (r["record_key_l"], r["record_key_r"]))
    assert together == score(tonight, model, SETTINGS).to_pylist()


def test_pairs_asked_for(fitted):
    """The same row as among all pairs, and a row for a pair that no block brings up; Splink itself says the same."""
    table, model, pairs = fitted
    known = pairs.slice(0, 3)
    assert score(table, model, SETTINGS, pairs=known).equals(known)
    keys = table.column("record_key").to_pylist()
    strangers = pa.table({"record_key_l": [keys[0]], "record_key_r": [keys[-1]]})
    assert score(table, model, SETTINGS, pairs=strangers).column("match_probability")[0].as_py() < 0.05
    asked = {known["record_key_l"][0].as_py(), known["record_key_r"][0].as_py()}
    connection = duckdb.connect(":memory:")
    connection.register("features", table.filter(pa.array([key in asked for key in keys])))
    load(connection, "features", model)
    one = on_records(connection, model)
    one.table_management.register_blocked_pairs_for_predict(
        one._db_api.register(pa.table({"match_key": ["0"], "join_key_l": [0], "join_key_r": [1]}))
    )
    row = one.inference.predict(warning_mode="never").as_pandas_dataframe().iloc[0]
    assert round(row["match_weight"], 4) == known["match_weight"][0].as_py()


def test_model_comes_back_from_its_tables(fitted):
    _, model, _ = fitted
    back = Model.from_tables(model.to_tables())
    assert back == replace(model) or back.fingerprint == model.fingerprint
    assert back.comparisons == model.comparisons


def test_nothing_to_compare():
    nobody = pa.table({"record_key": ["a", "b"]})
    assert score(nobody, fit(nobody, SETTINGS), SETTINGS).num_rows == 0
    assert score(features(1).slice(0, 0), fit(features(1).slice(0, 0), SETTINGS), SETTINGS).num_rows == 0


def test_contradictions():
    def person(key, name, born):
        return {"record_key": key, "given": name, "given_root": name, "given_roots": [name], "birth_date": born}

    table = pa.Table.from_pylist(
        [
            person("a", "theodor", "1950-01-02"),
            person("b", "friederike", "1950-01-02"),
            person("c", "theodro", "1950-01-03"),
            person("d", "theodor", "1985-06-07"),
        ]
    )
    model = fit(features(20), SETTINGS)
    asked = pa.table({"record_key_l": ["a", "a", "a"], "record_key_r": ["b", "c", "d"]})
    found = conflicting(asked, table, model).to_pylist()
    assert [r["record_key_r"] for r in found] == ["b", "d"]
    assert conflicting(asked, table, replace(model, contradictions_hold=False)).num_rows == 0


TWO = [
    Comparison("one", ("x",), "false", (Level("x", "same", 0.5, 0.05), Level("", "different", 0.5, 0.95))),
    Comparison("two", ("y",), "false", (Level("y", "same", 0.5, 0.05), Level("", "different", 0.5, 0.95))),
    Comparison("three", ("z",), "false", (Level("z", "same", 0.5, 0.05), Level("", "different", 0.5, 0.95))),
]


def test_estimation_recovers_what_was_simulated():
    """Independent levels with known m and u: found again within a few hundredths, and the number of matches too."""
    random = np.random.default_rng(11)
    m, u, matches, strangers = np.array([0.9, 0.8, 0.7]), np.array([0.03, 0.02, 0.01]), 2000, 400_000
    levels = np.vstack([random.random((matches, 3)) < m, random.random((strangers, 3)) < u]).astype(np.int64)
    rows, counts = np.unique(levels, axis=0, return_counts=True)

    def patterns(of, counts):
        nothing = np.zeros(len(of), dtype=bool)
        return Patterns(of, counts.astype(float), nothing, np.full(len(of), np.nan), 0)

    records = int((2 * (matches + strangers)) ** 0.5)
    met = rows.sum(axis=1) > 0
    found = estimate(
        TWO, patterns(rows[met], counts[met]), random=patterns(rows, counts), records=records, one_in=1, digits=5
    )
    assert [c.levels[0].m for c in found.comparisons] == pytest.approx(m, abs=0.04)
    assert [c.levels[0].u for c in found.comparisons] == pytest.approx(u, abs=0.004)
    assert found.matches == pytest.approx(matches, rel=0.1)


def test_few_pairs_stay_with_the_first_guesses():
    one = Patterns(np.array([[1, 0, 0]]), np.array([1.0]), np.array([False]), np.array([np.nan]), 0)
    found = estimate(TWO, one, random=one, records=3, one_in=1, digits=5)
    assert [c.levels[0].m for c in found.comparisons] == pytest.approx([0.5, 0.5, 0.5], abs=0.02)


def test_budget_of_pairs_is_kept_and_big_blocks_left_out():
    table = features(150)
    connection = duckdb.connect(":memory:")
    load(connection, table, None, NO_WORDS)
    small = choose(connection, table.num_rows, 400, 20)
    assert 0 < sum(small.pairs.values()) <= 400
    large = choose(connection, table.num_rows, 1_000_000, 40)
    make_keys(connection, large.rules, large.oversized)
    for i, rule in enumerate(large.rules):
        pairs, biggest = connection.sql(
            "select sum(n * (n - 1) / 2), max(n) from"
            f" (select count(*) as n from keys where b{i} is not null group by b{i})"
        ).fetchone()
        assert (int(pairs), biggest <= 40) == (large.pairs[rule], True)
    make_candidates(connection, large.rules)
    total, distinct = connection.sql("select count(*), count(distinct (row_id_l, row_id_r)) from candidates").fetchone()
    assert total == distinct <= sum(large.pairs.values())
    make_candidates(connection, large.rules, one_in=5)
    assert 0 < connection.sql("select count(*) from candidates").fetchone()[0] < total / 2


def test_blocks_are_counted_as_their_texts_are():
    """Every rule's pairs and the blocks that are too large, told by the texts of the keys."""
    table = features(150)
    connection = duckdb.connect(":memory:")
    load(connection, table, None, NO_WORDS)
    chosen = choose(connection, table.num_rows, 10_000_000, 12)
    assert chosen.left_out and chosen.oversized.num_rows
    for rule in KEYS:
        told = connection.sql(
            f"select {key_sql(rule)} as key, count(*) as n from records where {key_sql(rule)} is not null"
            " group by all order by key"
        ).fetchall()
        large = [key for key, n in told if n > 12]
        assert chosen.left_out.get(rule, 0) == len(large)
        if rule in chosen.rules:
            assert chosen.pairs[rule] == sum(n * (n - 1) // 2 for _, n in told if n <= 12)
            kept = chosen.oversized.filter(pa.array([one == rule for one in chosen.oversized["rule"].to_pylist()]))
            assert kept["key"].to_pylist() == large


def test_records_in_any_order_and_with_few_columns_are_loaded_the_same():
    table = features(20)
    few = table.select(["record_key", "given", "family"])
    mixed = few.take(pa.array(np.random.default_rng(1).permutation(few.num_rows)))
    words = pa.table({"column": ["given"], "value": [table["given"][0].as_py()]})
    found = []
    for source in (few, mixed, "named"):
        connection = duckdb.connect(":memory:")
        connection.register("named", mixed)
        load(connection, source, None, words)
        found.append(connection.sql("select * from records order by row_id").fetchall())
    assert found[0] == found[1] == found[2]
    rows = connection.sql(
        "select record_key, given_roots, given_is_common, family_is_common, email from records"
    ).fetchall()
    names = table["given"].to_pylist()
    keys = table["record_key"].to_pylist()
    assert rows == [(key, [name], name == names[0], False, None) for key, name in zip(keys, names, strict=True)]


BORN = st.dates(datetime.date(1990, 1, 1), datetime.date(2011, 12, 31)).map(str)
ROOTS = st.lists(st.sampled_from(["ann", "anna", "hannah", "jo", "joan", "王"]), unique=True, max_size=3)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.none() | BORN, ROOTS), min_size=2, max_size=25))
@example([("1990-01-11", []), ("1990-11-01", ["jo"]), ("1990-01-12", ["joan", "jo"]), ("1990-10-11", ["joan"])])
def test_what_stands_for_texts_tells_as_they_do(rows):
    """Birth dates by their parts as numbers, lists of roots by their bits first, against the texts and lists alone."""
    connection = duckdb.connect(":memory:")
    table = {"record_key": [f"{i:02d}" for i in range(len(rows))], "birth_date": [born for born, _ in rows]}
    lists = pa.array([roots or None for _, roots in rows], pa.list_(pa.string()))
    load(connection, pa.table(table | {"given_roots": lists}), None, NO_WORDS)
    columns = ("birth_date", "birth_year", "birth_month", "birth_day", "given_root", "given_roots", "given_roots_bits")
    connection.execute(
        "create table pairs as select l.row_id as row_id_l, r.row_id as row_id_r from records l, records r"
    )
    year, month, day = ("left({}, 4)", "substr({}, 6, 2)", "right({}, 2)")
    same = {part: f"{part.format('birth_date_l')} = {part.format('birth_date_r')}" for part in (year, month, day)}
    crossed = [f"substr(birth_date_{a}, 6, 2) = right(birth_date_{b}, 2)" for a, b in ("lr", "rl")]
    conditions = {
        SWAPPED_DAY_MONTH: f"{same[year]} and {crossed[0]} and {crossed[1]}",
        SLIP: "damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
        YEARS_APART: "abs(cast(left(birth_date_l, 4) as integer) - cast(left(birth_date_r, 4) as integer))",
        BIRTH_NEAR: f"birth_date_l = birth_date_r or {same[year]} and {crossed[0]} and {crossed[1]}"
        " or damerau_levenshtein(birth_date_l, birth_date_r) <= 1"
        f" or {same[year]} and {same[month]} or {same[year]} and {same[day]} or {same[month]} and {same[day]}",
        GIVEN_SAME: "given_root_l = given_root_r or list_has_any(given_roots_l, given_roots_r)",
    }
    asked = ", ".join(f"({fast}), ({text})" for fast, text in conditions.items())
    for found in connection.sql(f"select {asked} from ({sides('pairs', columns)})").fetchall():
        assert found[::2] == found[1::2]


@given(st.lists(st.none() | st.text(alphabet="abz019é王", max_size=6), max_size=8))
def test_masks_of_letters(texts):
    masks = letters(pa.chunked_array([pa.array(texts, pa.string())])).to_pylist()
    assert [m is None for m in masks] == [t is None for t in texts]
    for text, mask in zip(texts, masks, strict=True):
        if text is not None:
            for sign, bit in (("a", 0), ("z", 25), ("0", 26), ("9", 35)):
                assert bool(mask & (1 << bit)) == (sign in text)


@pytest.mark.parametrize(
    ("a", "b", "same"), [("martin", "matrin", True), ("martin", "mark", False), ("li", "lu", False)]
)
def test_near(a, b, same):
    table = pa.table({"given_l": [a], "given_r": [b]})
    masks = {f"given_letters_{s}": letters(table.column(f"given_{s}")) for s in ("l", "r")}
    rows = pa.table({**{name: table.column(name) for name in table.column_names}, **masks})  # noqa: F841
    assert duckdb.sql(f"select {near('given_l', 'given_r')} from rows").fetchone() == (same,)


def test_a_mass_of_equal_records_does_not_keep_the_others_from_meeting():
    """More than half of the table is one import of one person; the other half is compared all the same."""
    table = features(60)
    first = table.slice(0, 1).to_pylist()[0]
    mass = pa.Table.from_pylist([{**first, "record_key": f"z{n:03d}"} for n in range(90)], schema=table.schema)
    settings = replace(SETTINGS, largest_block=40)
    together = fit(pa.concat_tables([table, mass]), settings)
    assert together.blocking
    assert together.trained_on["blocks_left_out"]["email"] == 1
    keys = score(pa.concat_tables([table, mass]), together, settings)["record_key_l"].to_pylist()
    assert keys and not any(key.startswith("z") for key in keys)
