"""What is served beats both baselines on public purchases, of days that the model could not see."""

from __future__ import annotations

import pytest

from benchmarks.intelligence.lifetime_value import beaten, figures, splits


@pytest.mark.parametrize("place", [0, 1], ids=["complete_journey", "cdnow"])
def test_served_beats_every_baseline_out_of_time(place):
    try:
        split = splits()[place]
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    table = figures(split)
    assert beaten(table) == []
    served = table[table["role"] == "served"]
    assert not served["forecaster"].isin({"last_period_repeats", "average_rate"}).any()
    assert served["coverage"].between(0.75, 0.95).all()
    assert (served["absolute_bias"] < 0.25).all()
