"""Numbers that nobody should keep: written into tickets, calls and survey comments, and into the ERP's accounts.

All of them pass their checksums and none is anybody's: test ranges of cards, banks and countries' numbers that were
never given out, people born in the 1880s. Numbers that only look alike (phones, orders, articles, parcels) are
written beside them. What was planted goes to the truth; nothing here is read by the pipeline.
"""

from collections.abc import Callable
from itertools import cycle

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo_company.columns import generator, table

_SHARE, _INNOCENT_SHARE = 0.04, 0.05
_ACCOUNTS_SHARE = 0.6
_CARD_RANGES = ("411111", "424242", "555555", "222300", "620000")  # as the payment providers' test cards begin
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SENTENCES = {
    "card_number": (" My card is {}, please check it.", "卡号是{}，请核对。"),
    "bank_account": (" Please send the money to {}.", "请把钱退到{}。"),
    "national_id": (" For your file, my number is {}.", "身份证号{}。"),
    "passport": (" My passport number is {}.", "护照号：{}。"),
    "driving_licence": (" Driving licence no. {}.", "驾驶证号：{}。"),
}
_INNOCENT = (" My phone is {}.", " The order was {}.", " The article is {}.", " Parcel {}.")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(digits[::-1]))
    return str(-total % 10)


def card_number(draws: np.random.Generator) -> str:
    """Sixteen digits that begin as test cards do."""
    digits = str(draws.choice(_CARD_RANGES)) + f"{draws.integers(10**9):09d}"
    return digits + _luhn(digits)


def bank_account(draws: np.random.Generator) -> str:
    """A German IBAN of the bank code 00000000, which no bank has."""
    account = f"{0:08d}{draws.integers(10**10):010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def resident_identity(draws: np.random.Generator) -> str:
    """A Chinese resident identity number of somebody born in the 1880s."""
    born = np.datetime64("1880-01-01") + int(draws.integers(3650))
    number = f"110101{str(born).replace('-', '')}{draws.integers(1000):03d}"
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number))
    return number + "10X98765432"[weighted % 11]


def spanish_identity(draws: np.random.Generator) -> str:
    """A Spanish DNI among the first ten thousand, which were kept for the state's head and his family."""
    number = int(draws.integers(10_000))
    return f"{number:08d}{_DNI_LETTERS[number % 23]}"


def social_security(draws: np.random.Generator) -> str:
    """A United States number of an area that is never given out."""
    return f"9{draws.integers(100):02d}-{draws.integers(1, 100):02d}-{draws.integers(1, 10_000):04d}"


def passport(draws: np.random.Generator) -> str:
    """Letter and eight digits."""
    return f"X0{draws.integers(10**7):07d}"


def driving_licence(draws: np.random.Generator) -> str:
    """A letter and groups of digits, as in some states."""
    return f"Z000-{draws.integers(10**4):04d}-{draws.integers(10**4):04d}"


def _fours(text: str, between: str) -> str:
    return between.join(text[place : place + 4] for place in range(0, len(text), 4))


def _ean13(draws: np.random.Generator) -> str:
    digits = f"4{draws.integers(10**11):011d}"
    return digits + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10)


_LOOK_ALIKES: tuple[Callable[[np.random.Generator], str], ...] = (
    lambda draws: f"+1 (555) 01{draws.integers(10):01d}-{draws.integers(10**4):04d}",
    lambda draws: f"{draws.integers(10**9, 10**10)}",
    _ean13,
    lambda draws: f"9400 1000 {_fours(f'{draws.integers(10**13):014d}', ' ')}",
)


class Planted:
    """Writes the numbers and remembers which."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._noted: list[tuple[str, str]] = []
        self._kinds = cycle(_SENTENCES)

    def truth(self) -> pa.Table:
        """The table truth/sensitive: kind, and value as it was written and bare."""
        both = {(kind, form) for kind, value in self._noted for form in (value, _bare(value))}
        kinds, values = zip(*sorted(both), strict=True)
        return table(kind=np.array(kinds, dtype=object), value=np.array(values, dtype=object))

    def accounts(self, rows: pa.Table) -> pa.Table:
        """The accounts with a column national_id, the same in every version of an account, some empty."""
        draws = generator(self.seed, "national ids")
        number = {}
        for key in pc.unique(rows["account_id"]).to_pylist():
            value = (resident_identity if draws.random() < 0.3 else social_security)(draws)
            number[key] = value if draws.random() < _ACCOUNTS_SHARE else None
        self._noted += [("national_id", value) for value in number.values() if value]
        values = pa.array([number[key] for key in rows["account_id"].to_pylist()], pa.string())
        return rows.add_column(rows.schema.get_field_index("created_at"), "national_id", values)

    def texts(self, rows: pa.Table, key: str, column: str) -> pa.Table:
        """The rows with numbers in some of the texts; versions of a row keep the same text."""
        draws = generator(self.seed, "sensitive " + column)
        written: dict[str, str | None] = {}
        for name, text in zip(rows[key].to_pylist(), rows[column].to_pylist(), strict=True):
            if name not in written:
                written[name] = self._write(text, draws)
        values = pa.array([written[name] for name in rows[key].to_pylist()], pa.string())
        return rows.set_column(rows.schema.get_field_index(column), column, values)

    def transcripts(self, rows: pa.Table) -> pa.Table:
        """The calls with numbers in some of the turns."""
        draws = generator(self.seed, "sensitive transcript")
        turns = [
            [
                turn | {"text": self._write(turn["text"], draws) if turn["speaker"] == "customer" else turn["text"]}
                for turn in call
            ]
            for call in rows["transcript"].to_pylist()
        ]
        place = rows.schema.get_field_index("transcript")
        return rows.set_column(place, "transcript", pa.array(turns, rows.schema.field(place).type))

    def _write(self, text: str | None, draws: np.random.Generator) -> str | None:
        luck = draws.random()
        if text is None or luck > _SHARE + _INNOCENT_SHARE:
            return text
        chinese = not text.isascii()
        if luck > _SHARE:
            which = int(draws.integers(len(_LOOK_ALIKES)))
            return text + _INNOCENT[which].format(_LOOK_ALIKES[which](draws))
        kind = next(self._kinds)  # in turn, so that a small company has all of them
        value = self._value(kind, chinese, draws)
        self._noted.append((kind, value))
        return text + _SENTENCES[kind][chinese].format(value)

    @staticmethod
    def _value(kind: str, chinese: bool, draws: np.random.Generator) -> str:
        if kind == "national_id":
            return (resident_identity if chinese else spanish_identity)(draws)
        if kind == "passport":
            return passport(draws)
        if kind == "driving_licence":
            return driving_licence(draws)
        value = (card_number if kind == "card_number" else bank_account)(draws)
        style = int(draws.integers(4))
        if style == 3 and chinese:
            return value.translate(_WIDE)
        return (value, _fours(value, " "), _fours(value, "-"), _fours(value, "\u00a0"))[style]


def _bare(value: str) -> str:
    plain = value.translate({ord(wide): str(digit) for digit, wide in enumerate("０１２３４５６７８９")})
    return "".join(character for character in plain if character.isalnum())
