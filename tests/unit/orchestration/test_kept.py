"""What is kept of publications: seven, nothing twice, and the published one always."""

from datetime import timedelta

import pytest

from orchestration.identity.gate import refuse_unjudged
from orchestration.lake import Lake
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.publish import Night, publish
from tests.unit.orchestration.publications import FIRST
from tests.unit.orchestration.published_nights import APART, MARTS, night_found


@pytest.mark.slow
def test_nothing_is_kept_twice_and_the_oldest_goes(tmp_path) -> None:
    lake = Lake(data_dir=str(tmp_path))
    for number in range(1, 5):
        night_found(lake, number, APART)
        refuse_unjudged(lake)
        night = Night(f"run{number}", FIRST + timedelta(days=number))
        publish(lake.data.warehouse, Kept.of(lake.data, 2), night, MARTS)
    kept = Kept.of(lake.data, 2)
    assert [one.number for one in kept.all()] == [3, 4]
    assert lake.data.serving.samefile(kept.path(kept.all()[1]) / FILE)
    only_before = sum(path.stat().st_size for path in kept.path(kept.all()[0]).iterdir())
    assert kept.size() == only_before + (kept.path(kept.all()[1]) / "manifest.json").stat().st_size
