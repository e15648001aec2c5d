"""What the identity benchmark measures with: generated records, sets that keep their secret, and bars that bite."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.identity import page, scale
from benchmarks.identity.__main__ import missed
from benchmarks.identity.generator import changed, records
from benchmarks.identity.public_sets import split
from benchmarks.identity.sets import Set

ROW = {"f1": 0.99, "precision": 0.99, "seconds": 10.0}


@pytest.fixture(scope="module")
def generated() -> tuple[pd.DataFrame, pd.DataFrame]:
    return records(3_000, seed=5)


def test_generated_records_are_of_fewer_people_and_the_same_each_time(generated) -> None:
    frame, truth = generated
    assert len(frame) == len(truth) == 3_000 and truth.person_id.nunique() == 2_400
    assert frame.record_key.equals(truth.record_key) and frame.record_key.is_unique
    again, _ = records(3_000, seed=5)
    pd.testing.assert_frame_equal(frame, again, check_exact=True)


def test_generated_records_have_errors_gaps_and_chinese_names(generated) -> None:
    frame, truth = generated
    assert frame.given_name.str.match("[\u4e00-\u9fff]").mean() == pytest.approx(0.13, abs=0.05)
    assert (frame.birth_date == "1900-01-01").any()
    for column in ("email", "phone", "street", "birth_date"):
        assert 0.4 < frame[column].notna().mean() < 0.95
    both = frame.merge(truth, on="record_key")
    pairs = both.merge(both, on="person_id").query("record_key_x < record_key_y")
    same = (pairs.given_name_x == pairs.given_name_y) & (pairs.family_name_x == pairs.family_name_y)
    assert 0.5 < same.mean() < 0.95, "some of one person's names differ, most do not"


def test_a_night_changes_as_many_records_as_it_says(generated) -> None:
    frame, _ = generated
    later = changed(frame, 0.01)
    differs = (later.fillna("") != frame.fillna("")).any(axis=1)
    assert differs.sum() == 30
    assert later.record_key.equals(frame.record_key)


def test_a_set_is_told_apart_from_its_truth() -> None:
    source = pd.DataFrame({"name": ["a", "b", "c"]})
    table, truth = split(source, pd.Series(["rec-1-org", "rec-1-dup-0", "rec-2-org"]), pd.Series([1, 1, 2]))
    assert list(table.columns) == ["record_key", "name"] and list(truth.columns) == ["record_key", "person_id"]
    assert not table.record_key.str.contains("rec").any()
    known = table.merge(truth).set_index("name").person_id
    assert known["a"] == known["b"] != known["c"]
    with pytest.raises(ValueError, match="same key"):
        split(source, pd.Series(["x", "x", "y"]), pd.Series([1, 1, 2]))


def test_every_missed_bar_is_named() -> None:
    task = Set("some", "a set", least_f1=0.995, least_precision=0.9)
    rows = {"ours": ROW, "splink": ROW | {"f1": 0.991, "seconds": 4.9}, "goldenmatch": {"error": "no"}}
    said = missed(task, rows)
    assert [line.split(": ")[0] for line in said] == ["some"] * 4
    assert "failed" in said[0] and "0.995" in said[1] and "splink" in said[2] and "2 times" in said[3]
    assert missed(Set("some", "a set"), {"ours": ROW, "splink": ROW}) == []


def test_the_bars_of_scale_bite() -> None:
    full = {"seconds": 100.0, "peak_mb": 5000.0}
    rows = {"ours": full, "night": full | {"seconds": 9.0}, "splink": full | {"seconds": 60.0}}
    assert scale.missed(rows) == []
    rows = {"ours": full | {"peak_mb": 6001.0}, "night": full | {"seconds": 11.0}, "splink": full | {"seconds": 49.0}}
    assert len(scale.missed(rows)) == 3


def test_a_table_of_the_page_is_replaced_between_its_marks() -> None:
    text = "before\n<!-- sets -->\nold\n<!-- /sets -->\nafter"
    assert page.replaced(text, "sets", "new") == "before\n<!-- sets -->\n\nnew\n\n<!-- /sets -->\nafter"
    assert page.replaced(page.replaced(text, "sets", "x"), "sets", "new") == page.replaced(text, "sets", "new")
    with pytest.raises(ValueError, match="scale"):
        page.replaced(text, "scale", "new")
    for name in ("sets", "scale", "demo", "difficulty"):
        page.replaced(page.PAGE.read_text(encoding="utf-8"), name, "new")
