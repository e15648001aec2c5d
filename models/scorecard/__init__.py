"""The scorecard: past answers of the models beside what happened, who may serve, and the card of each model."""

from .demand import grade_demand
from .drift import moved_by_time, population_stability, verdict
from .grade import BIN_COLUMNS, SCORECARD_COLUMNS, About, grade, served_models
from .lists import grade_lists
from .purchases import Purchases
from .settings import ScorecardSettings
from .standing import Standing, decide
from .stock import grade_stock
from .tasks import HIGHER_IS_BETTER, SUBJECTS, TASKS, Task, beats

__all__ = [
    "BIN_COLUMNS",
    "HIGHER_IS_BETTER",
    "SCORECARD_COLUMNS",
    "SUBJECTS",
    "TASKS",
    "About",
    "Purchases",
    "ScorecardSettings",
    "Standing",
    "Task",
    "beats",
    "decide",
    "grade",
    "grade_demand",
    "grade_lists",
    "grade_stock",
    "moved_by_time",
    "population_stability",
    "served_models",
    "verdict",
]
