"""Values with a short list behind them: gender, country, region, company, ids."""

from __future__ import annotations

import re

from .text import code, known, listed, plain

_GENDERS = {
    word: "m"
    for word in listed(
        "m male man boy mr 1 masculine maschio uomo homme h masculin monsieur mann männlich herr hombre masculino "
        "masc varón 男 男性 先生"
    )
} | {
    word: "f"
    for word in listed(
        "f female woman girl mrs ms miss 2 feminine femmina donna femme féminin madame frau weiblich w mujer "
        "femenino fem feminino 女 女性 女士 小姐"
    )
}
_GENDERS |= {word: "x" for word in ("x", "nonbinary", "non-binary", "non binary", "diverse", "divers", "other")}
_GENDERS = {plain(word): found for word, found in _GENDERS.items()}

_COUNTRIES = {
    name.strip(): code_
    for code_, names in {
        "US": "usa, us, u.s., u.s.a., united states, united states of america, america, 美国, estados unidos, eeuu",
        "CN": "cn, chn, china, prc, people's republic of china, p.r. china, mainland china, 中国, 中华人民共和国",
        "GB": "gb, gbr, uk, u.k., united kingdom, great britain, england, scotland, wales, northern ireland, 英国",
        "DE": "de, deu, ger, germany, deutschland, alemania, allemagne, 德国",
        "FR": "fr, fra, france, frankreich, francia, 法国",
        "CA": "ca, can, canada, kanada, 加拿大",
        "AU": "au, aus, australia, australien, 澳大利亚",
        "NZ": "nz, nzl, new zealand, neuseeland",
        "IE": "ie, irl, ireland, eire",
        "ES": "es, esp, spain, espana, spanien, 西班牙",
        "IT": "it, ita, italy, italia, italien, 意大利",
        "NL": "nl, nld, netherlands, the netherlands, holland, nederland, niederlande",
        "BE": "be, bel, belgium, belgie, belgique, belgien",
        "AT": "at, aut, austria, osterreich",
        "CH": "ch, che, switzerland, schweiz, suisse, svizzera",
        "SE": "se, swe, sweden, sverige",
        "NO": "no, nor, norway, norge",
        "DK": "dk, dnk, denmark, danmark",
        "FI": "fi, fin, finland, suomi",
        "PL": "pl, pol, poland, polska",
        "PT": "pt, prt, portugal",
        "CZ": "cz, cze, czechia, czech republic",
        "GR": "gr, grc, greece, hellas",
        "JP": "jp, jpn, japan, 日本",
        "KR": "kr, kor, korea, south korea, republic of korea, 韩国",
        "TW": "tw, twn, taiwan, 台湾, 台灣",
        "HK": "hk, hkg, hong kong, hongkong, 香港",
        "SG": "sg, sgp, singapore, 新加坡",
        "IN": "in, ind, india",
        "BR": "br, bra, brazil, brasil",
        "MX": "mx, mex, mexico",
        "AR": "ar, arg, argentina",
        "ZA": "za, zaf, south africa",
        "RU": "ru, rus, russia, russian federation",
        "TR": "tr, tur, turkey, turkiye",
    }.items()
    for name in names.split(",")
}
_STATES = (
    "al alabama, ak alaska, az arizona, ar arkansas, ca california, co colorado, ct connecticut, de delaware, "
    "fl florida, ga georgia, hi hawaii, id idaho, il illinois, in indiana, ia iowa, ks kansas, ky kentucky, la "
    "louisiana, me maine, md maryland, ma massachusetts, mi michigan, mn minnesota, ms mississippi, mo "
    "missouri, mt montana, ne nebraska, nv nevada, nh new hampshire, nj new jersey, nm new mexico, ny new york, "
    "nc north carolina, nd north dakota, oh ohio, ok oklahoma, or oregon, pa pennsylvania, ri rhode island, sc "
    "south carolina, sd south dakota, tn tennessee, tx texas, ut utah, vt vermont, va virginia, wa washington, "
    "wv west virginia, wi wisconsin, wy wyoming, dc district of columbia, nsw new south wales, qld queensland, "
    "vic victoria, tas tasmania, act australian capital territory, on ontario, qc quebec, bc british columbia, "
    "ab alberta, mb manitoba, sk saskatchewan, ns nova scotia, nb new brunswick "
)
_REGIONS = {name: short for short, name in (entry.split(maxsplit=1) for entry in _STATES.split(","))}
_LEGAL_FORMS = frozenset(
    listed(
        "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag kg ohg ug sa sas sarl srl "
        "spa bv nv ab oy as aps pty pte"
    )
)
_CJK_LEGAL_FORMS = re.compile(r"(股份)?(有限责任|有限)?公司$|集团$")


def gender(text: str | None) -> str | None:
    """m, f or x (neither); None where the word says nothing or is not known."""
    return _GENDERS.get(plain(text).strip(". "))


def country(text: str | None) -> str | None:
    """ISO 3166 code, or the plain text of a country that is in no list here."""
    found = known(text)
    return found and _COUNTRIES.get(found, found.upper() if len(found) == 2 else found)


def region(text: str | None) -> str | None:
    """State or province: the short form of a US, Australian or Canadian one, Chinese ones without 省 or 市."""
    found = known(text)
    if not found:
        return None
    found = re.sub(r"(特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$", "", found.replace(".", ""))
    return _REGIONS.get(found, found) or None


def company(text: str | None) -> str | None:
    """Words of a company's name without its legal form."""
    found = known(text)
    if not found:
        return None
    words = re.sub(r"[^\w&]+", " ", found.replace(".", "").replace("'", "")).split()
    kept = [word for word in words if word not in _LEGAL_FORMS] or words
    return _CJK_LEGAL_FORMS.sub("", " ".join(kept)) or None


__all__ = ["code", "company", "country", "gender", "region"]
