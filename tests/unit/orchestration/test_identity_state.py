"""What one night hands to the next: whole, or worked out again with the same model, or fitted anew and said so."""

from datetime import date, timedelta

import pandas as pd
import pytest

from models.identity import resolve
from orchestration.identity.state import FOLDER, load_state, save_state
from orchestration.lake import Lake

pytestmark = pytest.mark.slow

NIGHT, HALF_A_YEAR = date(2017, 12, 31), timedelta(days=180)


def _records(count: int) -> pd.DataFrame:
    people = [(f"r{n}", ["crm", "web"][n % 2], n // 2) for n in range(count)]
    table = pd.DataFrame(people, columns=["record_key", "source_system", "who"])
    letters = table.who.map(lambda who: "".join(chr(97 + (who * step) % 26) for step in (1, 3, 7, 11)))
    return table.assign(
        given_name=letters.str.capitalize(), family_name=(letters + "son"), email=letters + "@example.com"
    ).drop(columns="who")


@pytest.fixture(scope="module")
def first():
    return resolve(_records(40))


@pytest.fixture
def lake(tmp_path, first) -> Lake:
    lake = Lake(data_dir=str(tmp_path))
    save_state(lake, first.state, NIGHT)
    return lake


def _next(lake: Lake, as_of: date = NIGHT):
    state, about = load_state(lake, as_of, HALF_A_YEAR)
    return state, about, resolve(_records(40), state=state)


def test_a_state_comes_back_as_it_was(lake, first) -> None:
    state, about, again = _next(lake)
    assert state.is_whole()
    assert state.fingerprint == first.state.fingerprint
    assert about == "model of 2017-12-31"
    assert any(reason.startswith("0 of 40 records") for reason in again.reasons)
    pd.testing.assert_frame_equal(again.clusters, first.clusters)


@pytest.mark.parametrize(
    ("name", "damage"),
    [("features", "flipped"), ("hashes", "cut off"), ("blocked", "gone"), ("pairs", "of another night")],
)
def test_what_can_be_worked_out_again_is_with_the_same_model(lake, first, name: str, damage: str) -> None:
    path = lake.data.lake / FOLDER / f"{name}.parquet"
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut off":
        path.write_bytes(content[:-30])
    elif damage == "flipped":
        content[40] ^= 0x10
        path.write_bytes(content)
    else:
        table = lake.read_table(f"{FOLDER}/{name}.parquet")
        lake.write(f"{FOLDER}/{name}.parquet", table, table.schema.remove_metadata(), {"state": "another"})
    state, about, again = _next(lake)
    assert about == f"model of 2017-12-31; {name} of last night is lost: every record is scored again"
    assert "model kept" in again.reasons
    assert state.model.fingerprint == first.state.model.fingerprint
    pd.testing.assert_frame_equal(again.clusters, first.clusters)
    assert again.state.fingerprint == first.state.fingerprint


def test_without_a_model_one_is_fitted_and_it_says_so(lake) -> None:
    for path in (lake.data.lake / FOLDER).glob("model_*.parquet"):
        path.unlink()
    state, about = load_state(lake, NIGHT, HALF_A_YEAR)
    assert state is None
    assert about == "the model is not whole: a new one is fitted"
    (lake.data.lake / FOLDER / "about.parquet").unlink()
    assert load_state(lake, NIGHT, HALF_A_YEAR) == (None, "no model: one is fitted")
    for path in (lake.data.lake / FOLDER).glob("*.parquet"):
        path.unlink()
    assert load_state(lake, NIGHT, HALF_A_YEAR) == (None, "no model of an earlier night: one is fitted")


def test_a_model_is_as_old_as_the_night_it_was_fitted_in(lake, first) -> None:
    later = NIGHT + timedelta(days=100)
    save_state(lake, first.state, later)  # the same model is kept: it does not become younger
    assert load_state(lake, NIGHT + timedelta(days=179), HALF_A_YEAR)[0] is not None
    state, about = load_state(lake, NIGHT + timedelta(days=180), HALF_A_YEAR)
    assert state is None
    assert about == "the model of 2017-12-31 is as old as identity.yml allows: a new one is fitted"


def test_killed_between_two_files_the_rest_is_of_the_same_model(lake, first, monkeypatch) -> None:
    second = resolve(_records(44), state=first.state)
    written = []

    def killed(self, relative, *arguments):
        if len(written) == 4:
            raise KeyboardInterrupt
        written.append(relative)
        return real(self, relative, *arguments)

    real = Lake.write
    monkeypatch.setattr(Lake, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        save_state(lake, second.state, NIGHT)
    monkeypatch.undo()
    state, _ = load_state(lake, NIGHT, HALF_A_YEAR)
    again = resolve(_records(44), state=state)
    assert "model kept" in again.reasons
    assert again.state.fingerprint == second.state.fingerprint
