"""What is taken for an identifier: published examples are, with any separators; what only looks alike is not."""

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.privacy import checksums
from models.privacy.accounts import is_iban
from models.privacy.cards import is_card
from models.privacy.detect import find, replace
from models.privacy.prefilter import worth_a_look
from models.privacy.tokens import Tokens, normalised

TOKENS = Tokens(b"k" * 32)

# The networks' test numbers; examples of GB 11643, ISO 13616's registry, HMRC, INSEE, ICAO 9303, UIDAI and DVLA.
EXAMPLES = [
    ("card_number", "4111111111111111"),
    ("card_number", "4222222222222"),
    ("card_number", "378282246310005"),
    ("card_number", "30569309025904"),
    ("card_number", "5555555555554444"),
    ("card_number", "2223003122003222"),
    ("card_number", "6011111111111117"),
    ("card_number", "3530111333300000"),
    ("card_number", "6200000000000005"),
    ("card_number", "6205500000000000004"),
    ("bank_account", "GB82WEST12345698765432"),
    ("bank_account", "DE89370400440532013000"),
    ("bank_account", "FR1420041010050500013M02606"),
    ("bank_account", "NO9386011117947"),
    ("bank_account", "MT84MALT011000012345MTLCAST001S"),
    ("national_id", "11010519491231002X"),
    ("national_id", "440524188001010014"),
    ("national_id", "219-09-9999"),
    ("national_id", "AB123456C"),
    ("national_id", "12345678Z"),
    ("national_id", "X1234567L"),
    ("national_id", "MRTMTT91D08F205J"),
    ("national_id", "MLLSNT82P65Z404U"),
    ("national_id", "255081416802538"),
    ("national_id", "111.444.777-35"),
    ("national_id", "9999 4105 7058"),
    ("driving_licence", "MORGA657054SM9IJ"),
]
IN_CONTEXT = [
    ("national_id", "CPF: ", "11144477735"),
    ("national_id", "burgerservicenummer ", "111222333"),
    ("national_id", "my SSN is ", "219099999"),
    ("national_id", "Aadhaar no. ", "999941057058"),
    ("national_id", "身份证号码", "11010519491231002x"),
    ("passport", "my passport no. is ", "K1234567"),
    ("passport", "Reisepass-Nr.: ", "C01X00T47"),
    ("passport", "护照号：", "E12345678"),
    ("passport", "numéro de passeport ", "12AB34567"),
    ("driving_licence", "driving licence number ", "D123-4567-8901"),
    ("driving_licence", "Führerschein Nr. ", "B072RRE2I55"),
    ("driving_licence", "驾驶证号", "123456789012"),
    ("card_number", "卡号", "4111 1111 1111 1111"),
    ("card_number", "amex ", "3782 822463 10005"),
    ("card_number", "mycard", "4111111111111111"),
    ("card_number", "id,7,", "4111111111111111"),
    ("card_number", r"line\n", "4111111111111111"),
    ("card_number", "spelt ", " ".join("4111111111111111")),
    ("bank_account", "iban ", "de89 3704 0044 0532 0130 00"),
]
LOOK_ALIKES = [
    "4006381333931",  # EAN-13
    "4007249000532",  # EAN-13 that passes Luhn as well
    "+1 (555) 123-4567, +1 555 123 4568",
    "13812345678 13912345678",
    "1Z999AA10123456784",
    "9400 1000 0000 0000 0000 00",
    "0.4111111111111111",
    "AB4111111111111111CD",
    "2017-01-01T00:00:00Z 2017-01-01 10:00:00.123456",
    "order 1234567890123456",
    "4111 1111 1111 1112",
    "11010519491231002X9",
    "110105 1949-13-31 002X",
    "DE89370400440532013001",
    "666-12-3456, 900-12-3456, 123-00-1234",
    "12345678A",
    "550e8400-e29b-41d4-a716-446655440000",
    "passport valid until 2027-01-01",
    "our passport photos cost 12 dollars",
]
SEPARATORS = ["", " ", "-", "\u00a0", "\n", " \r\n", "\u2013", "\u200b", r"\n", r"\u00a0", "&nbsp;", "\u3000", "\\\\n"]
WIDE = str.maketrans("0123456789ABCXZ", "０１２３４５６７８９ＡＢＣＸＺ")
ESCAPED = {ord(digit): f"\\u{ord(digit):04x}" for digit in "0123456789"}


@pytest.mark.parametrize(("kind", "number"), EXAMPLES)
def test_a_published_example_is_found_alone_and_among_chinese(kind, number):
    for before, after in (("", ""), ("请看 ", " 谢谢"), ("号", "。"), ("(", "),"), ('{"text":"', '"}')):
        text = before + number + after
        assert [(found.kind, text[found.start : found.end]) for found in find(text)] == [(kind, number)]
        assert worth_a_look(pa.array([text])).to_pylist() == [True]


@pytest.mark.parametrize(("kind", "before", "number"), IN_CONTEXT)
def test_a_number_is_found_in_its_context(kind, before, number):
    text = f"{before}{number}, thanks"
    assert [(found.kind, text[found.start : found.end]) for found in find(text)] == [(kind, number)]
    assert worth_a_look(pa.array([text])).to_pylist() == [True]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_alike_is_left(text):
    assert find(text) == []


@pytest.mark.parametrize("kind", ["card_number", "bank_account", "national_id"])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_separators_and_widths_make_no_difference(kind, separator):
    number = {"card_number": "4111111111111111", "bank_account": "DE89370400440532013000",
              "national_id": "11010519491231002X"}[kind]  # fmt: skip
    for shape in ({}, WIDE, ESCAPED):
        groups = [number[place : place + 4].translate(shape) for place in range(0, len(number), 4)]
        text = separator.join(groups)
        made, count = replace(f"x {text} y", TOKENS)
        assert (made, count) == (f"x {TOKENS.token(kind, number)} y", 1), text


def test_machine_readable_lines_give_the_number_in_them():
    passport = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    for line, kind, number in (
        (passport, "passport", "L898902C3"),
        ("D231458907UTO7408122F1204159<<<<<<<6", "passport", "D23145890"),
        ("I<UTOD231458907<<<<<<<<<<<<<<<", "national_id", "D23145890"),
    ):
        assert replace(f"P<UTOERIKSSON<<ANNA\n{line}\n", TOKENS)[0].endswith(f"\n{TOKENS.token(kind, number)}\n")
    assert find(passport.replace("L8", "L7")) == []


def test_several_in_one_text_and_the_text_around_stays():
    made, count = replace("4111111111111111 5555 5555 5555 4444，IBAN DE89 3704 0044 0532 0130 00.", TOKENS)
    card, other, account = (
        TOKENS.token(kind, number)
        for kind, number in (
            ("card_number", "4111111111111111"),
            ("card_number", "5555555555554444"),
            ("bank_account", "DE89370400440532013000"),
        )
    )
    assert (made, count) == (f"{card} {other}，IBAN {account}.", 3)


@pytest.mark.parametrize("number", [number for _, number in EXAMPLES if number.isdigit() or number[:2] in ("DE", "MT")])
def test_no_digit_may_be_wrong(number):
    """A check digit that is not checked would let every one of these pass."""
    kept = 0
    for place, digit in enumerate(number[4:], start=4):
        if digit.isdigit():
            wrong = number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :]
            kept += bool(find(wrong))
    assert kept == 0 or (len(number) == 15 and kept <= 1)


def test_the_check_digits_of_the_standards():
    assert checksums.luhn("79927398713") and not checksums.luhn("79927398710")
    assert checksums.verhoeff("2363") and not checksums.verhoeff("2364")
    assert checksums.machine_readable("L898902C3") == 6
    assert checksums.bsn("123456782") and not checksums.bsn("123456789") and not checksums.bsn("000000000")
    assert checksums.cpf("12345678909") and not checksums.cpf("11111111111")
    assert checksums.nir("1850578006084" + f"{97 - 1850578006084 % 97:02d}")
    assert is_iban("CH9300762011623852957") and not is_iban("CH930076201162385295")
    assert is_card("4111111111111111") and not is_card("9111111111111119")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([number for _, number in EXAMPLES] + [before + number for _, before, number in IN_CONTEXT]),
            st.sampled_from(SEPARATORS + ["。", "passport ", "DL no. ", "\u0301", "K", "ſ", "٤", "½"]),
            st.text(max_size=6),
            st.from_regex(r"[0-9A-Z <.-]{1,20}", fullmatch=True),
        ),
        max_size=6,
    ),
    st.sampled_from([{}, WIDE, ESCAPED]),
)
def test_the_quick_look_misses_nothing_and_tokens_are_left_alone(parts, shape):
    text = "".join(parts).translate(shape).encode(errors="ignore").decode()
    made, count = replace(text, TOKENS)
    if count:
        assert worth_a_look(pa.array([text])).to_pylist() == [True]
    assert replace(made, TOKENS) == (made, 0)


def test_a_number_beside_another_is_found_too():
    made, count = replace("4111111111111111 9999 4105 7058", TOKENS)
    assert count == 2
    assert not any(letter.isdigit() and letter not in "234567" for letter in made)


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)


def test_random_numbers_are_seldom_cards():
    """Of codes of sixteen random digits, those with a network's first digits and one in ten of them."""
    draws = random.Random(2017)
    codes = [f"{draws.randrange(10**16):016d}" for _ in range(20_000)]
    assert sum(bool(find(code)) for code in codes) / len(codes) < 0.04
    eans = [f"{draws.randrange(10**12):012d}" for _ in range(20_000)]
    eans = [ean + str(-sum(int(d) * (1, 3)[place % 2] for place, d in enumerate(ean)) % 10) for ean in eans]
    assert sum(bool(find(ean)) for ean in eans) == 0
    phones = [f"+1 {draws.randrange(200, 999)} {draws.randrange(1000):03d} {draws.randrange(10**4):04d}" * 2
              for _ in range(5_000)]  # fmt: skip
    assert sum(bool(find(phone)) for phone in phones) == 0
