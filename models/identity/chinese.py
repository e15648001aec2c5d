"""Chinese names: characters, pinyin and family names. Facts and their look-ups only."""

from __future__ import annotations

import re
from functools import cache

from opencc_purepy import OpenCC
from pypinyin import lazy_pinyin

HANZI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")

# The two hundred most common family names, most common first (order settles which of two is the family name).
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊"
    "白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关焦左柳甘祝包宁尚"
    "符舒阮柯纪梅童凌毕单季成裴霍涂苗曲盛翁冉路游辛靳管柴蒙鲍喻华祁房蒲滕萧屈饶解牟艾尤阳时穆农司古吉车项连芦欧麦褚娄窦戚岑景党宫费卜冷晏席"
    "卫米柏宗瞿桂全佟应臧闵苟邬边姬师和仇栾丘沙商寇荣巫郎桑丛甄敖虞仲池巩明佘查麻苑迟邝傅"
)
COMPOUND_SURNAMES = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "夏侯",
    "端木",
)

# Characters that are read otherwise as a family name.
SURNAME_READINGS = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "任": "ren",
    "查": "zha",
    "翟": "zhai",
    "仇": "qiu",
    "覃": "qin",
    "盖": "ge",
    "尉迟": "yuchi",
}
# Other ways to write a sound in a passport or on a form.
_SAME_SOUND = ((re.compile(r"^([ln])(?:yu|v|ü)"), r"\1u"),)

_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|er|a|e|i|o|u)"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,3}}")


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters turned into simplified ones."""
    return _to_simplified().convert(text)


def one_sound(latin: str) -> str:
    """Lower-case pinyin with the spellings of u-umlaut made one (lü, lv, lyu give lu)."""
    for pattern, plain in _SAME_SOUND:
        latin = pattern.sub(plain, latin)
    return latin


@cache
def reading(character: str) -> str:
    """Pinyin of one character without tone, in the reading of everyday words."""
    return one_sound("".join(lazy_pinyin(character)).lower())


def read_given(text: str) -> str:
    """Pinyin of a given name, written as one word."""
    return "".join(reading(character) for character in text)


def read_family(text: str) -> str:
    """Pinyin of a family name, in its reading as a family name."""
    return SURNAME_READINGS.get(text) or read_given(text)


RANK = {read_family(name): rank for rank, name in reversed(list(enumerate((*SURNAMES, *COMPOUND_SURNAMES))))}
# The everyday reading counts too: people and programs get 曾 and 单 wrong.
RANK |= {read_given(name): RANK[read_family(name)] for name in SURNAMES if read_given(name) not in RANK}


def split_hanzi(text: str) -> tuple[str, str]:
    """(family, given) of a full name in characters; either order is understood where it is plain.

    Family name first is the rule. A first character that is no family name before a last one that is
    was written the other way round; two characters without any family name are a given name alone.
    """
    if text[:2] in COMPOUND_SURNAMES and len(text) > 2:
        return text[:2], text[2:]
    if len(text) < 2:
        return "", text
    if text[0] not in SURNAMES and text[-1] in SURNAMES:
        return text[-1], text[:-1]
    if len(text) == 2 and text[0] not in SURNAMES:
        return "", text
    return text[0], text[1:]


def is_pinyin(token: str) -> bool:
    """Whether a Latin word could be one to three pinyin syllables."""
    return _PINYIN.fullmatch(token) is not None
