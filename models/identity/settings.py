"""Settings of identity resolution, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _clusters_only(default: Any) -> Any:
    """A value that no score depends on: changing it keeps the model and the pairs of earlier nights."""
    made = {"default_factory": lambda: MappingProxyType(default)} if isinstance(default, dict) else {"default": default}
    return field(metadata={"clusters_only": True}, **made)


@dataclass(frozen=True)
class IdentitySettings:
    """Values that a person may want to change; the code reads them from here only."""

    # Two records are the same person from this probability on. A wrong merge mixes two people's
    # purchases and is hard to undo, a missed one only splits a history: so above one half. Links alone give on the
    # demo a precision of 0.976 at 0.5, 0.989 at 0.7 and 0.992 at 0.9, with a recall of 0.969, 0.945 and 0.928.
    link_probability: float = _clusters_only(0.70)

    # A record that shares nothing but a name joins the only other bearer of that name, as long as no
    # more than this share of well-known customers have a namesake (demo: 4 %; a big city: far more,
    # and the rule switches itself off).
    most_namesakes: float = _clusters_only(0.10)

    # Stored probabilities keep six decimals: below that is arithmetic noise between machines.
    probability_decimals: int = 6

    # --- scoring ---
    # Threads of every SQL step. No result depends on it.
    threads: int = _clusters_only(2)
    # Pairs looked at for each record, all blocking rules together; small data may spend the least budget
    # whatever their size, which lets them use wide rules such as the birth year and the sound of the name. Fifteen
    # find 0.0002 (pseudopeople) and 0.0017 (100,000 generated records) more recall, at two and a half times the pairs.
    pairs_per_record: float = 5.0
    least_pair_budget: int = 500_000
    # A block of more records than this is left out: its pairs grow with the square, its news does not.
    largest_block: int = 400
    # Bounded samples to learn from.
    training_pairs: int = 500_000
    random_pairs: int = 200_000
    parameter_digits: int = 5
    # Pairs from this probability on are kept: what is neither link nor hopeless is for a person to look at.
    keep_probability: float = 0.05
    # Words that this many records bear, and this share of all, are no slip of one another.
    common_word_records: int = 6
    common_word_share: float = 0.0002
    # Columns that make two records one person when all agree, strongest first. A rule is used where its pairs are
    # one person in this share of cases by all other evidence.
    rules: tuple[tuple[str, ...], ...] = (
        ("national_id", "name_key"),
        ("national_id", "birth_date"),
        ("email", "name_key"),
        ("phone", "name_key"),
        ("loyalty_card", "name_key"),
        ("name_key", "birth_date"),
        ("device_id", "name_key"),
        ("address", "name_key"),
    )
    rule_precision: float = 0.995

    # --- clustering ---
    # Sources whose keys are unique already: two records of one such source are two customers.
    unique_sources: tuple[str, ...] = _clusters_only(())
    # Distinct values of a column that one customer may have. People keep several e-mails, phones and cards, but
    # not dozens: more are many people's records in a chain. Values that differ by a slip count once.
    limits: Mapping[str, int] = _clusters_only(
        {"national_id": 1, "email": 12, "phone": 12, "loyalty_card": 8, "device_id": 20}
    )
    # A limit of one holds where the data bear it out: where one person's records hardly ever (share of pairs) have
    # different values. In FEBRL one in twenty has; there an id of its own is no proof of a person of its own.
    most_disagreement: float = _clusters_only(0.01)
    # More linked records than this are no person but a chain; they are split at the weakest links and alarmed.
    most_records_per_customer: int = _clusters_only(100)
    # A link below this may be too weak to hold two groups together alone ...
    bridge_probability: float = _clusters_only(0.95)
    # ... where other pairs in between speak louder against it, or where the product of the probabilities on the way
    # from one end of the chain to the other is below this: two links of 0.75 in a row are not enough. On the demo both
    # together refuse no join.
    chain_probability: float = _clusters_only(0.60)
    # What more customers than this share (a dormitory, an office) makes no household, and no household is larger.
    # On the demo 5 to 12 give the same households.
    most_customers_per_household: int = _clusters_only(8)

    # --- nights ---
    # The model is fitted again when there are this much more or fewer records than it was fitted on.
    refit_growth: float = 0.20

    # --- standard forms and blocked values
    # Phones without a country of their own or of their record are read as numbers of this country.
    default_region: str = "US"
    # A value of more people than this many times what the most shared hundredth of its kind's values has names nobody.
    # Four times is far outside what families, flats and namesakes give; a shop's phone has tens to thousands.
    blocked_tail: float = 4.0
    # ... and never fewer than this: three generations under one roof share a phone.
    least_people_blocked: int = 8

    # --- answers of people ---
    # Fewer answers than this say too little about the threshold of links: with 50 the interval of a precision of
    # 0.95 still reaches from 0.85 to 0.99 ...
    least_labels: int = _clusters_only(50)
    # ... and answers of one kind only say nothing about where the other begins.
    least_labels_of_a_kind: int = _clusters_only(5)
    # The threshold moves down as long as labelled links are right in this share of cases.
    least_precision: float = _clusters_only(0.99)
