"""Scoring: how likely two records are one person, by comparisons that follow from the columns there are.

`fit` looks once at all records and freezes what it learnt in a Model; `score` is a pure function of
the two records of a pair and of that Model.
"""

from .conflicts import conflicting
from .fit import fit
from .model import Model
from .reach import keys_of, meetings
from .score import PAIR_SCHEMA, fit_and_score, score, score_again

__all__ = ["PAIR_SCHEMA", "Model", "conflicting", "fit", "fit_and_score", "keys_of", "meetings", "score", "score_again"]
