"""Where somebody lives, as one piece of evidence: card, street, number, place agree together or not at all."""

from __future__ import annotations

from .comparison import Comparison, Level, alike, letters_apart

_STREET = f"(street_l = street_r or {alike('street_l', 'street_r')})"
_NUMBER = "(house_number_l = house_number_r)"
_NUMBER_OPEN = "(house_number_l is null or house_number_r is null)"
_CITY = f"(city_l = city_r or {alike('city_l', 'city_r')})"
_POSTCODE = (
    f"(postcode_l = postcode_r or {letters_apart('postcode_l', 'postcode_r')} <= 2"
    " and damerau_levenshtein(postcode_l, postcode_r) <= 1)"
)
_UNIT = f"(unit_l = unit_r or {alike('unit_l', 'unit_r')})"


def _count(*parts: str) -> str:
    return "(" + " + ".join(f"case when {part} then 1 else 0 end" for part in parts) + ")"


_AREA = f"({_CITY} or {_POSTCODE})"
_AGREE = _count(_STREET, _NUMBER, _CITY, _POSTCODE, _UNIT)
_COLUMNS = ("street", "house_number", "unit", "city", "postcode", "region", "address", "loyalty_card")
_KNOWN = ("street", "city", "postcode")


def _unknown(columns: tuple[str, ...]) -> str:
    """Nothing that both know."""
    return " and ".join(f"({c}_l is null or {c}_r is null)" for c in columns)


ADDRESS = Comparison(
    "address",
    _COLUMNS,
    _unknown((*_KNOWN, "loyalty_card")),
    (
        # A card is a household's more often than a person's, so it says where, not who.
        Level("loyalty_card_l = loyalty_card_r", "same loyalty card", 0.30, 0.3, per_record=True),
        Level(f"{_NUMBER} and {_STREET} and {_AGREE} >= 4", "same address in every part", 0.30, 1.0, per_record=True),
        Level(f"{_NUMBER} and {_STREET} and {_AREA}", "same address", 0.15, 1.0, per_record=True),
        Level(
            f"{_STREET} and {_AREA} and ({_NUMBER_OPEN} or {_AGREE} >= 3)", "same street", 0.05, 1.0, per_record=True
        ),
        Level(f"{_AGREE} >= 3", "most of the address", 0.03, 1.0, per_record=True),
        Level(f"{_STREET} and {_AGREE} >= 2 or {_NUMBER} and {_AREA} and {_AGREE} >= 2", "two parts", 0.03, 2e-4),
        Level("postcode_l = postcode_r", "same postcode", 0.04, 0.003, frequency="postcode"),
        Level("city_l = city_r", "same city", 0.04, 0.01, frequency="city"),
        Level(f"{_CITY} or {_POSTCODE} or {_STREET}", "one part alike", 0.02, 0.01),
        Level("", "different", 0.10, 0.98),
    ),
)
