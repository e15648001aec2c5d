"""A stray joins the only other bearer of its name, and nobody else."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from conftest import record, records_table

from models.identity import IdentitySettings
from models.identity.clustering.rare_names import Strays, bring_home
from models.identity.standardise import standardise

SOUNDS = ("Ba", "De", "Ki", "Lo", "Mu", "Ra")
HOME = {
    "street": "7 Fern Road",
    "postcode": "43055",
    "loyalty_card": "29111",
    "device_id": "d-1",
    "birth_date": "1970-05-06",
}


def known_customers(count: int, name: str = "Known Person{}") -> list[dict[str, object]]:
    """Two records each, so that the rate of namesakes can be read off."""
    return [record(f"k{n}{half}", full_name=name.format(chr(97 + n % 26))) for n in range(count) for half in "ab"]


def links_for(stray: dict[str, object], home: dict[str, object], others: list[dict[str, object]]) -> Strays:
    """Links found for a stray beside a customer of two records and others, all in clusters of their own."""
    rows = [record("stray", **stray), record("home1", **home), record("home2", **home), *others]
    table = standardise(records_table(rows))[0]
    names = {row["record_key"]: row["source_key"].rstrip("ab12") for row in rows}
    groups = pd.Series(table["record_key"].to_pylist()).map(names)
    labels = np.array([groups.tolist().index(name) for name in groups])
    settings = IdentitySettings()
    found = bring_home(table, labels, settings.most_namesakes, settings.link_probability, settings.probability_decimals)
    keys = table["record_key"].to_pylist()
    assert all(
        record("stray")["record_key"] in (keys[a], keys[b]) for a, b in zip(found.left, found.right, strict=True)
    )
    return found


def test_a_stray_with_a_name_of_its_own_comes_home() -> None:
    """How likely is read off the data: none of 21 customers has a namesake (one is added to both sides), and the stray
    makes 22 that could bear its name."""
    links = links_for({"full_name": "Walter Quarmby"}, {"full_name": "QUARMBY, WALTER"} | HOME, known_customers(20))
    assert len(links.left) == 1
    assert links.left[0] < links.right[0]
    assert links.probability == pytest.approx(1 - 1 / 23 * 22 / 21, abs=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {"street": "1 Hill Lane", "postcode": "43011"},
        {"loyalty_card": "29222"},
        {"device_id": "d-2"},
        {"birth_date": "1995-01-30"},
    ],
)
def test_a_stray_that_lives_or_was_born_elsewhere_does_not(other: dict[str, str]) -> None:
    stray = {"full_name": "Walter Quarmby"} | other
    assert not len(links_for(stray, {"full_name": "Walter Quarmby"} | HOME, known_customers(20)).left)


def test_a_third_bearer_of_the_name_makes_it_a_guess() -> None:
    third = [record("third", full_name="Walter Quarmby")]
    assert not len(
        links_for({"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, known_customers(20) + third).left
    )


def test_where_namesakes_are_common_a_name_is_no_proof() -> None:
    others = [
        row
        for n in range(20)
        for row in (record(f"m{n}a", full_name="Ann Cole"), record(f"m{n}b", full_name="Ann Cole"))
    ]
    assert not len(links_for({"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, others).left)


def test_few_customers_do_not_prove_that_names_are_unique() -> None:
    assert not len(links_for({"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"}, known_customers(2)).left)


def test_where_most_people_have_one_record_a_name_is_no_proof() -> None:
    """In a million records of 800,000 people one stray in three was at home with the only bearer of its name: with so
    many strays, that many find somebody by chance."""
    stray, home = {"full_name": "Walter Quarmby"}, {"full_name": "Walter Quarmby"} | HOME
    strays = [record(f"s{n}", full_name=f"{a}{b} Longfellow") for n, (a, b) in enumerate(product(SOUNDS, SOUNDS))]
    assert len(links_for(stray, home, known_customers(20) + strays[:2]).left) == 1
    assert not len(links_for(stray, home, known_customers(20) + strays).left)
