"""The model cards as an asset: Markdown and HTML in the lake, the same in the UI."""

import json
import re
from datetime import date

import dagster as dg

from models.scorecard.card import Known, make_card
from models.scorecard.pages import as_html, as_markdown
from orchestration.contracts import GRADES, MODEL_DRIFT
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.grading.so_far import graded_so_far, pictures
from orchestration.grading.standing import standing_of
from orchestration.intelligence.kept import NIGHTLY
from orchestration.lake import Lake

_PICTURE = re.compile(r"!\[([^\]]*)\]\((data:[^)]+)\)")


@dg.asset(
    key=["grading", "model_cards"],
    group_name="grading",
    owners=["marketing-analytics@example.com"],
    kinds={"python", "markdown"},
    deps=[dg.AssetKey(["grading", "drift"])],
    pool=WAREHOUSE_POOL,
)
def model_cards(lake: Lake) -> dg.MaterializeResult:
    """A card per model: data window, figures with intervals beside baselines, calibration, and who it fails for."""
    from models.scorecard import SUBJECTS

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
    metadata: dict[str, object] = {}
    for subject in SUBJECTS:
        if (lake.data.lake / NIGHTLY.grades(subject, as_of)).exists():
            sections = make_card(known(lake, subject, as_of))
            text = as_markdown(sections)
            lake.write_text(f"grading/cards/{subject}.md", text)
            lake.write_text(f"grading/cards/{subject}.html", as_html(sections))
            metadata[subject] = dg.MetadataValue.md(text)
    metadata["folder"] = dg.MetadataValue.path(str(lake.data.lake / "grading" / "cards"))
    return dg.MaterializeResult(metadata=metadata)


def known(lake: Lake, subject: str, as_of: date) -> Known:
    """All that a card of a model is made of."""
    path = NIGHTLY.grades(subject, as_of)
    notes = lake.notes(path)
    drift = lake.read(f"grading/drift/{as_of}.parquet", MODEL_DRIFT)
    moved = drift[drift["subject"].isin(["features", subject]) & drift["verdict"].isin(["moderate", "large"])]
    drawn = {
        title: found.group(2)
        for title, value in pictures(lake, subject, as_of).items()
        if (found := _PICTURE.search(str(value.value)))
    }
    return Known(
        subject,
        as_of,
        notes.get("served_by", ""),
        json.loads(notes.get("about", "{}")),
        lake.read(path, GRADES),
        graded_so_far(lake, subject, as_of),
        standing_of(lake, subject, as_of),
        moved.sort_values("psi", ascending=False, kind="stable").head(20),
        drawn,
    )
