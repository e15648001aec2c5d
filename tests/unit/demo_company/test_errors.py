"""Each kind of error does what its name says, always changes something, and is decided by its draw alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_company import errors
from demo_company.names import NICKNAMES

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12).map(str.capitalize)
DRAWS = st.floats(min_value=0, max_value=1, exclude_max=True)


def distance(left: str, right: str) -> int:
    """Damerau-Levenshtein distance with neighbouring swaps, the textbook table."""
    rows = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(NAMES, DRAWS)
def test_a_typo_is_one_slip_and_never_in_the_first_letter(name: str, u: float) -> None:
    spoilt = errors.typo(name, u)
    assert distance(name, spoilt) == 1
    assert spoilt[0] == name[0]


@given(NAMES, DRAWS)
def test_the_same_draw_makes_the_same_mistake(name: str, u: float) -> None:
    assert errors.typo(name, u) == errors.typo(name, u)


def test_typos_come_in_every_kind() -> None:
    lengths = {len(errors.typo("Margaret", u / 100)) - len("Margaret") for u in range(100)}
    assert lengths == {-1, 0, 1}


@given(st.sampled_from(sorted(NICKNAMES)), DRAWS)
def test_a_nickname_belongs_to_its_name(name: str, u: float) -> None:
    assert errors.nickname(name, u) in NICKNAMES[name]


def test_a_name_without_nickname_stays() -> None:
    assert errors.nickname("Aaron", 0.4) == "Aaron"


def test_full_width() -> None:
    assert errors.full_width("Al 12!") == "Ａｌ １２！"


def test_scripts() -> None:
    assert errors.traditional("张伟龙") == "張偉龍"
    assert errors.pinyin("小明") == "Xiaoming"


@given(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True), DRAWS)
def test_an_odd_phone_keeps_its_digits(digits: str, u: float) -> None:
    written = errors.odd_phone(digits, u)
    assert digits in "".join(sign for sign in written if sign.isdigit())
    assert written != digits


@given(DRAWS)
def test_an_email_in_another_case_is_the_same_address(u: float) -> None:
    written = errors.email_case("ann.lee@mail.example", u)
    assert written != "ann.lee@mail.example"
    assert written.lower().strip() == "ann.lee@mail.example"


@given(DRAWS)
def test_an_email_typo_is_another_address(u: float) -> None:
    written = errors.email_typo("ann.lee@mail.example", u)
    assert written.count("@") == 1
    assert distance(written, "ann.lee@mail.example") == 1


@pytest.mark.parametrize(
    ("born", "written"),
    [(date(1980, 3, 7), date(1980, 7, 3)), (date(1980, 3, 25), date(1980, 3, 25))],
)
def test_day_and_month_swap_only_where_both_can_be_a_month(born: date, written: date) -> None:
    assert errors.swapped_day_month(born) == written
