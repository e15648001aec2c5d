"""Which of two Latin words is the given name, learnt from all the names there are.

Fields are swapped and "Given Family" is sometimes "Family Given". What most records say about a word
settles it: many people are called Ursula and none has it for a family name.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .nicknames import ROOTS

# A word in the list of given names starts with this many sightings as one.
KNOWN_GIVEN_SIGHTINGS = 2.0
# A source that has two fields says more about the order than a full name in one.
DECLARED_WEIGHT, FREE_WEIGHT = 1.0, 0.5
# Sightings every word gets for free on both sides, so that one sighting proves nothing.
SMOOTHING = 0.5
# Swap only when the words say so this much louder than the order found (log odds; 1.5 is 4.5 to 1).
LEAST_ODDS, LEAST_ODDS_DECLARED = 1.0, 1.5


def settle(names: pd.DataFrame) -> pd.DataFrame:
    """given and family swapped where the words say so.

    `names` has given, family ('' unknown), is_declared and can_swap (False: order already certain) per
    record. Returns given and family with the same index.
    """
    usable = names[names.can_swap & (names.given.str.len() > 1) & (names.family.str.len() > 1)]
    weight = np.where(usable.is_declared, DECLARED_WEIGHT, FREE_WEIGHT)
    as_given = pd.Series(weight, index=usable.given.to_numpy()).groupby(level=0).sum()
    as_family = pd.Series(weight, index=usable.family.to_numpy()).groupby(level=0).sum()

    def odds(words: pd.Series, own_given: np.ndarray, own_family: np.ndarray) -> np.ndarray:
        """Log odds that a word is a given name, by the other records: nobody is a witness for himself."""
        known = words.isin(ROOTS).to_numpy() * KNOWN_GIVEN_SIGHTINGS
        given = words.map(as_given).fillna(0.0).to_numpy("float64") - own_given + known
        family = words.map(as_family).fillna(0.0).to_numpy("float64") - own_family
        return np.log((given + SMOOTHING) / (family + SMOOTHING))

    nothing = np.zeros(len(usable))
    gain = odds(usable.family, nothing, weight) - odds(usable.given, weight, nothing)
    swap = usable.index[gain > np.where(usable.is_declared, LEAST_ODDS_DECLARED, LEAST_ODDS)]
    out = names[["given", "family"]].copy()
    out.loc[swap, ["given", "family"]] = names.loc[swap, ["family", "given"]].to_numpy()
    return out
