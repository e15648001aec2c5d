"""What segments.yml may say, checked: the segments a company declares for itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from models.segments import CustomSegment, declared
from orchestration.raw.declaration.mistakes import mistake
from orchestration.raw.declaration.schema import Strict
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml

SEGMENTS_FILE = Path(__file__).parent / "segments.yml"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class SegmentsError(Exception):
    """segments.yml can't be used; one line per mistake."""


class SegmentDeclaration(Strict):
    """One segment."""

    name: Text
    description: Text
    priority: int = Field(ge=0)
    condition: Text


class SegmentsDeclaration(Strict):
    """All of segments.yml."""

    segments: tuple[SegmentDeclaration, ...] = ()


def load_segments(path: Path = SEGMENTS_FILE) -> list[CustomSegment]:
    """The segments of segments.yml, each a question that can be asked.

    Raises:
        SegmentsError: not YAML, a key is unknown or missing, or a condition can't be used; one line per mistake.
    """
    try:
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise SegmentsError(f"{path.name}: {error}") from None
    if content is not None and not isinstance(content, Mapping):
        raise SegmentsError(f"{path.name}: the key `segments:` is expected at the top")
    try:
        declaration = SegmentsDeclaration.model_validate(content or {})
    except ValidationError as error:
        lines = [f"{path.name}: {mistake(problem, SegmentsDeclaration)}" for problem in error.errors(include_url=False)]
        raise SegmentsError("\n".join(dict.fromkeys(lines))) from None
    segments = [CustomSegment(one.name, one.description, one.priority, one.condition) for one in declaration.segments]
    if mistakes := declared(segments):
        raise SegmentsError("\n".join(f"{path.name}: {line}" for line in mistakes))
    return segments
