"""What the records taken together say about single words: which are given names, which domains are slips.

Fields are swapped and "Given Family" is sometimes "Family Given". What most records say about a word settles it: many
people are called Ursula and none has it for a family name. Learnt once and kept with the model, so that the standard
form of a record never depends on tonight's other records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .email import one_slip_apart
from .nicknames import ROOTS

# Sightings are counted in halves, so that sums are whole numbers: a source that has two fields says more about the
# order (one sighting) than a full name in one (half of one).
_DECLARED_HALVES, _FREE_HALVES = 2, 1
# A word in the list of given names starts with this many sightings as one.
KNOWN_GIVEN_SIGHTINGS = 2.0
# Sightings every word gets for free on both sides, so that one sighting proves nothing.
SMOOTHING = 0.5
# Swap only when the words say so this much louder than the order found (log odds; 1.5 is 4.5 to 1).
LEAST_ODDS, LEAST_ODDS_DECLARED = 1.0, 1.5
# A domain is common with this many addresses and this share of all, and a slip of it has at most this share of its.
_COMMON_ADDRESSES, _COMMON_SHARE, _SLIP_SHARE = 20, 0.005, 0.1


@dataclass(frozen=True)
class NameOrder:
    """Frozen statistics that standardising needs beside the record itself; `to_json` and `from_json` keep it.

    words: sightings in halves as (given name, family name). domains: domain typed to domain meant.
    day_first: sources that write the day before the month ('' for a table without sources).
    """

    words: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    day_first: frozenset[str] = frozenset()

    def to_json(self) -> str:
        """The same text for the same statistics, whatever order they were learnt in."""
        content = {"words": dict(self.words), "domains": dict(self.domains), "day_first": sorted(self.day_first)}
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> NameOrder:
        """What `to_json` wrote."""
        content = json.loads(text)
        words = {word: (given, family) for word, (given, family) in content["words"].items()}
        return cls(words, content["domains"], frozenset(content["day_first"]))


@dataclass(frozen=True)
class WordPairs:
    """Names whose order is open and whose two sides are words of two letters or more.

    words: distinct. given, family: codes in `words`, one per usable name. halves: sightings that a name counts for,
    in halves. usable: mask over all names.
    """

    words: list[str]
    given: np.ndarray
    family: np.ndarray
    halves: np.ndarray
    usable: np.ndarray

    @classmethod
    def of(cls, given: pa.Array, family: pa.Array, is_declared: pa.Array) -> WordPairs:
        """From the sides of all names, null where the order is not open."""
        usable = pc.and_(*(pc.fill_null(pc.greater(pc.utf8_length(side), 1), False) for side in (given, family)))
        both = pa.concat_arrays([given.filter(usable), family.filter(usable)]).dictionary_encode()
        codes = both.indices.to_numpy(zero_copy_only=False).astype("int64")
        half = len(codes) // 2
        declared = is_declared.filter(usable).to_numpy(zero_copy_only=False)
        halves = np.where(declared, _DECLARED_HALVES, _FREE_HALVES)
        usable = usable.to_numpy(zero_copy_only=False)
        return cls(both.dictionary.to_pylist(), codes[:half], codes[half:], halves, usable)


def learn_words(pairs: WordPairs) -> dict[str, tuple[int, int]]:
    """Sightings of each word in halves as (given name, family name)."""
    counts = [
        np.bincount(codes, weights=pairs.halves, minlength=len(pairs.words)).astype("int64").tolist()
        for codes in (pairs.given, pairs.family)
    ]
    return {word: (g, f) for word, g, f in sorted(zip(pairs.words, *counts, strict=True)) if g or f}


def swapped(pairs: WordPairs, order: NameOrder) -> np.ndarray:
    """Whether each name's two words stand the wrong way round, by what other records say about them."""
    words, own = pairs.words, pairs.halves
    seen = [order.words.get(word, (0, 0)) for word in words]
    as_given, as_family = (np.array(side, dtype="int64") for side in (zip(*seen, strict=True) if seen else ((), ())))
    known = np.array([word in ROOTS for word in words], dtype="float64") * KNOWN_GIVEN_SIGHTINGS

    def odds(codes: np.ndarray, own_given: np.ndarray | int, own_family: np.ndarray | int) -> np.ndarray:
        """Log odds that a word is a given name, by the other records: nobody is a witness for himself."""
        is_given = np.maximum(as_given[codes] - own_given, 0) / 2 + known[codes]
        is_family = np.maximum(as_family[codes] - own_family, 0) / 2
        return np.log((is_given + SMOOTHING) / (is_family + SMOOTHING))

    gain = odds(pairs.family, 0, own) - odds(pairs.given, own, 0)
    out = np.zeros(len(pairs.usable), dtype=bool)
    out[pairs.usable] = gain > np.where(own == _DECLARED_HALVES, LEAST_ODDS_DECLARED, LEAST_ODDS)
    return out


def learn_domains(emails: pa.Array) -> dict[str, str]:
    """Rare domains one slip away from one very common domain of the same data: domain typed to domain meant.

    A domain is counted by its distinct addresses, so that one busy address makes no domain common.
    """
    distinct = pc.unique(emails.drop_null())
    domains = pc.replace_substring_regex(distinct, r"^[^@]*@", "")
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(domains).to_pylist()}
    least = max(_COMMON_ADDRESSES, _COMMON_SHARE * sum(counts.values()))
    common = {domain: count for domain, count in counts.items() if count >= least}
    found = {}
    for domain, count in sorted(counts.items()):
        meant = [other for other in common if count <= _SLIP_SHARE * common[other] and one_slip_apart(domain, other)]
        if len(meant) == 1:
            found[domain] = meant[0]
    return found
