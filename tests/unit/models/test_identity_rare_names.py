"""A stray joins the only other bearer of its name, and nobody else."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import record, records_table

from models.identity import IdentitySettings
from models.identity.clustering.rare_names import RULE, bring_home, namesake_rate
from models.identity.conflicts import conflicting
from models.identity.standardise import standardise
from models.identity.standardise.tables import as_frame

HOME = {"street": "7 Fern Road", "postcode": "43055", "loyalty_card": "29111", "birth_date": "1970-05-06"}


def known_customers(count: int, name: str = "Known Person{}") -> list[dict[str, object]]:
    """Two records each, so that the rate of namesakes can be read off."""
    return [record(f"k{n}{half}", full_name=name.format(chr(97 + n % 26))) for n in range(count) for half in "ab"]


def links_for(stray: dict[str, object], home: dict[str, object], others: list[dict[str, object]]) -> pd.DataFrame:
    """Links found for a stray beside a customer of two records and others, all in clusters of their own."""
    rows = [record("stray", **stray), record("home1", **home), record("home2", **home), *others]
    table = as_frame(standardise(records_table(rows))[0])
    groups = {row["record_key"]: row["source_key"].rstrip("ab12") for row in rows}
    labels = pd.Series(groups)
    return bring_home(table, labels, lambda pairs: conflicting(pairs, table), IdentitySettings())


def test_a_stray_with_a_name_of_its_own_comes_home() -> None:
    links = links_for({"full_name": "Walter Quarmby"}, {"full_name": "QUARMBY, WALTER"} | HOME, known_customers(20))
    assert len(links) == 1
    assert links.match_rule[0] == RULE
    assert {links.record_key_l[0], links.record_key_r[0]} >= {record("stray")["record_key"]}
    assert 0.9 <= links.match_probability[0] < 1


@pytest.mark.parametrize(
    "other",
    [{"street": "1 Hill Lane", "postcode": "43011"}, {"loyalty_card": "29222"}, {"birth_date": "1995-01-30"}],
)
def test_a_stray_that_lives_or_was_born_elsewhere_does_not(other: dict[str, str]) -> None:
    stray = {"full_name": "Walter Quarmby"} | other
    assert links_for(stray, {"full_name": "Walter Quarmby"} | HOME, known_customers(20)).empty


def test_a_third_bearer_of_the_name_makes_it_a_guess() -> None:
    third = [record("third", full_name="Walter Quarmby")]
    assert links_for(
        {"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, known_customers(20) + third
    ).empty


def test_where_namesakes_are_common_a_name_is_no_proof() -> None:
    others = [
        row
        for n in range(20)
        for row in (record(f"m{n}a", full_name="Ann Cole"), record(f"m{n}b", full_name="Ann Cole"))
    ]
    assert links_for({"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, others).empty


def test_few_customers_do_not_prove_that_names_are_unique() -> None:
    assert links_for({"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, known_customers(2)).empty
    bearers = pd.DataFrame({"name_key": ["a", "b", "b", "c"], "records": [2, 3, 2, 1]})
    assert namesake_rate(bearers) == pytest.approx((2 + 1) / (3 + 2))
