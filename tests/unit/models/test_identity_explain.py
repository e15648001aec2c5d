"""Why two records are one customer or two: the verdict names the reason, and no value is shown unasked."""

import functools
import sys
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest
from conftest import QUICK

from models.identity import explain
from models.identity.evidence import evidence, shape

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def names(people) -> dict[str, str]:
    return dict(zip(people[0].record_key, people[0].source_key.str.replace("|", ":"), strict=True))


@pytest.fixture(scope="module")
def by_name(names) -> dict[str, str]:
    return {name: key for key, name in names.items()}


@pytest.fixture(scope="module", autouse=True)
def _each_pair_is_scored_once():
    """What a pair's evidence is does not depend on the night told about; Splink takes half a second for each."""
    known: dict = {}

    @functools.wraps(evidence)
    def remembered(effective, model, left, right, **options):
        asked = (left, right, *options.items())
        if asked not in known:
            known[asked] = evidence(effective, model, left, right, **options)
        return known[asked]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["models.identity.explain"], "evidence", remembered)
        yield


def _decision(word: str, a: str, b: str) -> pd.DataFrame:
    left, right = sorted((a, b))
    row = (word, left, right, "a steward", "2024-03-31", "phoned them")
    return pd.DataFrame(
        [row], columns=["decision", "record_key_l", "record_key_r", "decided_by", "decided_on", "reason"]
    )


def _again(resolution, overrides=None, settings=QUICK):
    """The same night with other decisions or settings; nothing is scored again."""
    from models.identity.step import customers_of

    return customers_of(resolution.state, settings, overrides, ())


def test_the_evidence_is_what_the_pair_was_scored_with(resolution) -> None:
    pairs = resolution.state.pairs.to_pandas()
    model, effective = resolution.state.model, resolution.state.effective
    for pair in pairs.iloc[[5, len(pairs) // 2]].itertuples():
        found = evidence(effective, model, pair.record_key_r, pair.record_key_l)
        assert found.probability == pytest.approx(pair.match_probability, abs=1.1e-6)
        bits = found.prior_weight + found.table.match_weight.sum() + found.table.rarity_weight.sum()
        assert bits == pytest.approx(pair.match_weight, abs=0.05)
        assert found.blocks
        words = dict(part.split("=") for part in pair.levels.split())
        unknown = found.table[found.table.level == "unknown"].comparison
        assert {name for name, level in words.items() if level == "-1"} == set(unknown)


def test_one_customer_is_explained_by_the_path_that_joins_the_two(resolution, names) -> None:
    direct = set(zip(resolution.links.record_key_l, resolution.links.record_key_r, strict=True))
    clusters = resolution.clusters
    for _, keys in clusters[clusters.cluster_size > 2].groupby("cluster_id").record_key:
        apart = [(a, b) for a in keys for b in keys if a < b and (a, b) not in direct]
        if apart:
            break
    told = explain(resolution, *apart[0], names=names)
    assert told.is_same
    assert told.path.left.iloc[0] == apart[0][0]
    assert told.path.right.iloc[-1] == apart[0][1]
    assert all((min(s.left, s.right), max(s.left, s.right)) in direct for s in told.path.itertuples())
    assert told.verdict.startswith("One customer, because of")
    assert all(names[key] in told.verdict for key in told.path.right)
    assert "Compared with each other" in told.verdict


def test_a_review_is_told_with_who_when_and_why(resolution, names, by_name) -> None:
    same = _decision("same", by_name["crm:P1"], by_name["crm:P90"])
    told = explain(_again(resolution, same), by_name["crm:P1"], by_name["crm:P90"], same, names=names)
    assert told.is_same
    assert "the same by review of a steward on 2024-03-31 (phoned them)" in told.verdict
    link = resolution.links.iloc[0]
    different = _decision("different", link.record_key_l, link.record_key_r)
    as_arrow = pa.Table.from_pandas(different)
    told = explain(_again(resolution, as_arrow), link.record_key_r, link.record_key_l, as_arrow, names=names)
    assert not told.is_same
    assert "different by review of a steward on 2024-03-31 (phoned them)" in told.verdict


def test_two_customers_are_explained_by_what_keeps_them_apart(resolution, names) -> None:
    row = resolution.refused[resolution.refused.reason == "weak bridge"].iloc[0]
    pair = (row.record_key_l, row.record_key_r)
    assert "weak bridge" in explain(resolution, *pair, names=names).verdict
    strict = replace(QUICK, link_probability=0.9999999, rules=())
    told = explain(_again(resolution, settings=strict), *pair, names=names, settings=strict)
    assert not told.is_same
    assert f"probability {row.match_probability:.4f} is below the threshold" in told.verdict
    few = replace(QUICK, most_records_per_customer=2)
    for reason, said in (
        ("size", "together they would have more than 2 records"),
        ("limit: phone", "more than 12 different values of phone"),
    ):
        night = replace(resolution, refused=resolution.refused.assign(reason=reason), settings=few)
        assert said in explain(night, *pair, names=names).verdict  # the night knows its settings


def test_a_contradiction_is_named_and_strangers_never_met(resolution, by_name, names) -> None:
    man, wife = by_name["erp:P0"], by_name["erp:P1"]
    assert "given names that are two people's" in explain(resolution, man, wife, names=names).verdict
    strangers = explain(resolution, by_name["web:P0"], by_name["web:P77"], names=names)
    assert "never compared, for they have no block in common; scored all the same" in strangers.verdict


def test_no_value_is_shown_unasked_on_a_page_that_needs_no_network(resolution, people) -> None:
    link = resolution.links.iloc[0]
    told = explain(resolution, link.record_key_l, link.record_key_r)
    page = told.to_html()
    features = resolution.state.features.to_pandas().set_index("record_key").loc[[link.record_key_l, link.record_key_r]]
    columns = ["given", "family", "email", "phone", "birth_date", "street", "postcode", "loyalty_card"]
    values = {str(value) for value in features[columns].to_numpy().ravel() if isinstance(value, str) and len(value) > 3}
    assert values
    text = told.verdict + told.table().to_string() + page
    assert not [value for value in values if value in text]
    assert page == told.to_html()
    assert "vega" in page
    assert "<script src=" not in page
    asked = explain(resolution, link.record_key_l, link.record_key_r, show_values=True)
    assert any(value in asked.table().to_string() for value in values)


def test_what_cannot_be_compared_raises(resolution, by_name) -> None:
    with pytest.raises(ValueError, match="itself"):
        explain(resolution, by_name["crm:P1"], by_name["crm:P1"])
    with pytest.raises(KeyError, match="nobody"):
        explain(resolution, by_name["crm:P1"], "nobody")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("Jo Blake", "xx xxxxx"),
        ("王小明", "xxx"),
        ("+1 (614) 555", "+9 (999) 999"),
        ("jo1@b.uk", "*****@x.xx"),
        ("", ""),
    ],
)
def test_a_shape_tells_no_value(value, seen) -> None:
    assert shape(value) == seen
