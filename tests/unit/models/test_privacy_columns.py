"""Tables: declared columns become tokens whatever is in them, all other text is searched, the rest is untouched."""

import decimal
import pickle

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.privacy import KINDS, Tokens, tokenise

TOKENS = Tokens(b"k" * 32)
CARD = "4111111111111111"
TOKEN = TOKENS.token("card_number", CARD)


def _declared(array: pa.Array | pa.ChunkedArray) -> tuple[list, dict]:
    table, counts = tokenise(pa.table({"c": array}), TOKENS, {"c": "card_number"})
    assert table.schema.field("c").type == pa.string()
    return table["c"].to_pylist(), counts


def _searched(array: pa.Array | pa.ChunkedArray) -> tuple[list, dict]:
    table, counts = tokenise(pa.table({"c": array}), TOKENS, {})
    return table["c"].to_pylist(), counts


def test_a_token_hides_its_identifier_and_depends_on_key_and_kind():
    assert TOKEN.startswith("card_number:") and len(TOKEN) == len("card_number:") + 26
    assert TOKEN.partition(":")[2].isalnum() and TOKEN.lower() == TOKEN
    assert Tokens(b"l" * 32).token("card_number", CARD) != TOKEN
    assert len({TOKENS.token(kind, CARD).partition(":")[2] for kind in KINDS}) == len(KINDS)
    assert TOKENS.token("card_number", "4111-1111 1111\u00a01111") == TOKENS.token(
        "card_number", "４１１１111111111111"
    )
    assert "kkkk" not in repr(TOKENS)
    with pytest.raises(TypeError):
        pickle.dumps(TOKENS)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Tokens(b"k" * 31)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([CARD, None, "", " "]),
        pa.array([CARD, None, "", " "], pa.large_string()),
        pa.array([CARD, None, "", " "], pa.string_view()),
        pa.array([CARD, None, "", " "]).dictionary_encode(),
        pa.chunked_array([[CARD], [None, "", " "]]),
        pa.array([CARD.encode(), None, b"", b" "]),
    ],
)
def test_a_declared_text_column_keeps_only_null_and_blank(array):
    assert _declared(array) == ([TOKEN, None, "", " "], {"c": 1})


@pytest.mark.parametrize(
    "array",
    [
        pa.array([int(CARD), None]),
        pa.array([float(CARD), None]),
        pa.array([decimal.Decimal(CARD), None], pa.decimal128(20, 0)),
        pa.array([decimal.Decimal(CARD + ".00"), None], pa.decimal128(20, 2)),
        pa.array([int(CARD), None], pa.uint64()),
        pa.array([int(CARD), None]).dictionary_encode(),
    ],
)
def test_a_declared_number_has_the_token_of_the_text(array):
    assert _declared(array) == ([TOKEN, None], {"c": 1})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(), st.from_regex(r"[0-9 -]{1,20}", fullmatch=True)), max_size=20))
def test_nothing_in_a_declared_column_survives(values):
    made, _ = _declared(pa.array([value and value.encode(errors="ignore").decode() for value in values], pa.string()))
    for value, token in zip(values, made, strict=True):
        if value is None or not value.strip():
            assert token == value
        else:
            assert token is not None and token.startswith("card_number:") and len(token) == 38


@pytest.mark.parametrize("values", [[True, None], [["4111", "x"], None], [{"a": 1}, None], [b"\xff\xfe", None]])
def test_odd_types_in_a_declared_column_are_tokens_too(values):
    made, counts = _declared(pa.array(values))
    assert made[0].startswith("card_number:") and made[1] is None
    assert counts == {"c": 1}


def test_a_declared_column_without_rows_or_values_is_text():
    for array in (pa.array([], pa.int64()), pa.nulls(3), pa.chunked_array([], pa.string())):
        assert _declared(array) == ([None] * len(array), {})


def test_the_name_of_a_declared_column_is_compared_without_case():
    table, counts = tokenise(pa.table({"National_ID": ["x"]}), TOKENS, {"national_id": "national_id"})
    assert table["National_ID"].to_pylist() == [TOKENS.token("national_id", "x")]
    assert counts == {"National_ID": 1}


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([f"card {CARD}!", "none", None] * 2), [f"card {TOKEN}!", "none", None] * 2),
        (pa.array([f"card {CARD}!", None] * 2).dictionary_encode(), [f"card {TOKEN}!", None] * 2),
        (pa.array([f"card {CARD}!", None] * 2, pa.string_view()), [f"card {TOKEN}!", None] * 2),
        (pa.chunked_array([[CARD, "a"], [CARD]]), [TOKEN, "a", TOKEN]),
        (pa.array([["a", CARD], None, [CARD]]), [["a", TOKEN], None, [TOKEN]]),
        (pa.array([{"a": {"b": [CARD]}}, None] * 2), [{"a": {"b": [TOKEN]}}, None] * 2),
        (pa.array([[("k", CARD)], [("k", CARD)]], pa.map_(pa.string(), pa.string())), [[("k", TOKEN)]] * 2),
        (pa.array([CARD.encode(), b"\xff " + CARD.encode()]), [TOKEN.encode(), b"\xff " + TOKEN.encode()]),
    ],
)  # fmt: skip
def test_text_is_searched_wherever_it_lies(array, expected):
    made, counts = _searched(array)
    assert made == expected
    assert counts == {"c": 2}


def test_what_holds_nothing_is_the_very_same_column():
    table = pa.table({"text": ["a phone, +1 555 123 4567", None], "number": [int(CARD), 1], "list": [["x"], []]})
    made, counts = tokenise(table, TOKENS, {})
    assert made is table
    assert counts == {}


def test_keys_and_codes_are_not_searched():
    table = pa.table({"code": [CARD], "text": [CARD]})
    made, counts = tokenise(table, TOKENS, {}, ["code"])
    assert made.to_pylist() == [{"code": CARD, "text": TOKEN}]
    assert counts == {"text": 1}


def test_a_declared_code_is_a_token_all_the_same():
    made, _ = tokenise(pa.table({"code": [CARD]}), TOKENS, {"code": "card_number"}, ["code"])
    assert made.to_pylist() == [{"code": TOKEN}]
