"""Check digits and letters, one function per published rule; each takes the bare characters, without separators.

What a number means, how long it is and how it is written does not belong here.
"""

from __future__ import annotations

_VERHOEFF_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_PERMUTATION = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_CODICE_FISCALE_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
         10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, the digits' sum divisible by 10."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def ean13(digits: str) -> bool:
    """GS1 General Specifications, 7.9: weights 1 and 3 from the left, the sum divisible by 10."""
    return len(digits) == 13 and sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10 == 0


def iban(characters: str) -> bool:
    """ISO 13616 and ISO 7064 mod 97-10: country and check digits moved to the end, letters as 10 to 35, rest 1."""
    return int("".join(str(int(character, 36)) for character in characters[4:] + characters[:4])) % 97 == 1


def resident_identity(characters: str) -> bool:
    """GB 11643-1999 and ISO 7064 mod 11-2: weights are powers of 2, X stands for 10, rest 1."""
    values = [10 if character == "X" else int(character) for character in characters]
    return sum(value * pow(2, 17 - place, 11) for place, value in enumerate(values)) % 11 == 1


def verhoeff(digits: str) -> bool:
    """J. Verhoeff, Error Detecting Decimal Codes (1969): products in the dihedral group D5, result 0."""
    state = 0
    for place, digit in enumerate(reversed(digits)):
        state = int(_VERHOEFF_PRODUCT[state][int(_VERHOEFF_PERMUTATION[place % 8][int(digit)])])
    return state == 0


def dni(characters: str) -> bool:
    """Spain, Real Decreto 1553/2005 (and NIE): the letter is the number modulo 23; X, Y, Z count as 0, 1, 2."""
    number = characters[:-1].translate(str.maketrans("XYZ", "012"))
    return characters[-1] == _DNI_LETTERS[int(number) % 23]


def codice_fiscale(characters: str) -> bool:
    """Italy, Decreto Ministeriale 23 December 1976: odd places by a table, even places by value, modulo 26."""
    odd = sum(_CODICE_FISCALE_ODD[character] for character in characters[:15:2])
    even = sum(int(character, 36) - (0 if character.isdigit() else 10) for character in characters[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == characters[15]


def nir(characters: str) -> bool:
    """France, INSEE: key = 97 - number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    number = characters[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(characters[13:])


def bsn(digits: str) -> bool:
    """Netherlands, the eleven test of the BSN: weights 9 to 2 and -1, the sum divisible by 11 and not 0."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0 and int(digits) > 0


def cpf(digits: str) -> bool:
    """Brazil, Receita Federal: two check digits, each 11 minus the weighted sum modulo 11 (10 and 11 count as 0)."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if int(digits[length]) != total * 10 % 11 % 10:
            return False
    return True


def machine_readable(characters: str) -> int:
    """ICAO Doc 9303, part 3, 4.9: weights 7, 3, 1 over the characters (A is 10, < is 0), modulo 10."""
    values = (0 if character == "<" else int(character, 36) for character in characters)
    return sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10
