"""What changed in the forecast of each category, in words made of figures; no cause is guessed."""

from .settings import NotesSettings
from .step import COLUMNS, run

__all__ = ["COLUMNS", "NotesSettings", "run"]
