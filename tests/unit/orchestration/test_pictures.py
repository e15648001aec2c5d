"""Pictures for the UI: drawn where somebody looks, not even begun where nobody does."""

import pandas as pd
import pytest

from orchestration.intelligence import plots, value_plots


@pytest.mark.parametrize(
    "picture", [plots.histogram, plots.predicted_beside_actual, value_plots.deciles], ids=lambda one: one.__name__
)
def test_a_picture_that_nobody_will_see_is_not_begun(picture, monkeypatch):
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("begun")

    monkeypatch.setattr(plots, "_figure", begun)
    monkeypatch.setattr(value_plots, "_figure", begun)
    given = (None, "x", "y")[: 3 if picture is plots.histogram else 2]
    with plots.nothing_drawn():
        assert picture(*given).value == ""
    with pytest.raises(AssertionError, match="begun"):
        picture(*given)


def test_a_picture_that_somebody_sees_is_one():
    assert plots.histogram(pd.Series([1.0, 2.0, 2.0]), "orders", "customers").value.startswith(
        "![customers by orders](data:image/png;base64,"
    )
