"""Which column of a table holds which kind of value: by its name first, by what is in it second.

A column whose name is not known and whose values show no kind is ignored: what a table knows about who is who
(`cluster`, `true_id`, `entity`) can never become evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from .standardise import dates, email
from .standardise.tables import are_keys, as_arrow, as_text, is_readable
from .standardise.text import plain

# Names in lower case without signs; the first of a kind that a table has counts.
NAMES: dict[str, tuple[str, ...]] = {
    "record_key": ("recordkey", "uniqueid", "recid", "recordid", "id", "rowid", "key", "uid", "uuid", "guid"),
    "source": ("sourcesystem", "source", "system", "sourcedataset", "dataset", "datasource"),
    "full_name": ("fullname", "name", "customername", "personname", "displayname", "contactname", "wholename"),
    "given": ("givenname", "firstname", "forename", "given", "fname", "first", "vorname", "prenom", "christianname"),
    "middle": ("middlename", "middleinitial", "middle", "middlenames", "mname", "secondname", "mi"),
    "family": ("familyname", "surname", "lastname", "family", "lname", "last", "nachname", "nom", "sn"),
    "email": ("email", "emailaddress", "mail", "emailid", "primaryemail", "contactemail", "workemail"),
    "phone": ("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "tel", "telephone", "telephonenumber",
              "cell", "cellphone", "cellnumber", "telno", "phoneno", "contactnumber", "homephone", "workphone"),
    "birth_date": ("birthdate", "dateofbirth", "dob", "birthday", "born", "birth", "geburtsdatum", "bday", "bdate"),
    "birth_date_text": ("birthdateraw", "birthdatetext", "dobraw", "dobtext"),
    "house_number": ("housenumber", "streetnumber", "houseno", "streetno", "buildingnumber", "hausnummer"),
    "street": ("street", "address1", "addressline1", "streetaddress", "streetname", "address", "addr", "addr1",
               "homeaddress", "strasse", "addressline"),
    "unit": ("unit", "unitnumber", "address2", "addressline2", "addr2", "apartment", "apartmentnumber", "apt", "flat",
             "suite"),
    "city": ("city", "suburb", "town", "locality", "municipality", "place", "ort", "stadt", "ville"),
    "region": ("region", "state", "province", "county", "stateprovince", "bundesland", "statecode"),
    "postcode": ("postcode", "zip", "zipcode", "postalcode", "postal", "plz", "zip5"),
    "country": ("country", "countrycode", "nation", "land", "countryname"),
    "language": ("language", "locale", "lang", "preferredlanguage"),
    "gender": ("gender", "sex"),
    "national_id": ("nationalid", "ssn", "socsecid", "socialsecuritynumber", "socialsecurity", "nationalidnumber",
                    "nino", "nhsnumber", "taxid", "passport", "passportnumber", "idcard", "personalnumber"),
    "loyalty_card": ("loyaltycard", "loyaltycardnumber", "cardnumber", "membercard", "loyaltynumber", "loyaltyid"),
    "device_id": ("deviceid", "device", "cookieid", "cookie", "anonymousid", "advertisingid"),
    "company": ("company", "employer", "organisation", "organization", "companyname", "employername", "firma"),
}  # fmt: skip
EVIDENCE = tuple(kind for kind in NAMES if kind not in ("record_key", "source", "country", "language"))
# Never a key and never evidence, whatever the values look like.
_TELLS_THE_ANSWER = re.compile(
    r"^(cluster|entity|truth|label|trueid|true|match|matchid|personid|person|simulantid|duplicateof|customerid|group"
    r"|groupid|household|householdid|goldenid|masterid|clusterid|entityid)"
)
_SAMPLE = 1_000  # distinct values looked at where the name says nothing
_MOSTLY = 0.8
_BIRTH_YEARS_APART = 30  # nobody's orders or sign-ups are spread over so many years
_PHONE = re.compile(r"^[+(]{0,2}[0-9][0-9 ()./-]{6,18}[0-9]$")


def squashed(name: str) -> str:
    """A column's name as `NAMES` writes it: E-Mail Address is emailaddress."""
    return re.sub(r"[^a-z0-9]", "", plain(str(name)))


def find_kinds(records: Any, kinds: Mapping[str, str] | None = None) -> dict[str, str]:
    """Kind of value to column of `records` (pandas, Arrow, or a DuckDB relation).

    Args:
        records: the table.
        kinds: what the caller knows better; a kind given here is not looked for, and None for a kind leaves it out.

    Raises:
        ValueError: a kind or column of `kinds` does not exist, there is no key, or nothing that tells people apart.
    """
    table = as_arrow(records)
    given = dict(kinds or {})
    _check(given, table)
    found = {kind: column for kind, column in given.items() if column is not None}
    taken = set(found.values())
    readable = [field.name for field in table.schema if is_readable(field.type)]
    by_name = {squashed(column): column for column in reversed(readable)}
    for kind, names in NAMES.items():
        for name in names:
            column = by_name.get(name)
            if (
                kind in given
                or column is None
                or column in taken
                or (kind == "record_key" and not _is_key(table, column))
            ):
                continue
            found[kind] = column
            taken.add(column)
            break
    for column in readable:
        if column not in taken and not _TELLS_THE_ANSWER.match(squashed(column)):
            kind = _by_content(table, column)
            if kind and kind not in found and kind not in given:
                found[kind] = column
                taken.add(column)
    return _complete(found, table)


def ignored_columns(records: Any, kinds: Mapping[str, str]) -> list[str]:
    """Columns of `records` that no kind uses, in their order."""
    used = set(kinds.values())
    return [column for column in as_arrow(records).column_names if column not in used]


def _check(kinds: Mapping[str, str | None], table: pa.Table) -> None:
    columns = table.column_names
    if unknown := sorted(set(kinds) - set(NAMES)):
        raise ValueError(f"kinds: no such kind {unknown[0]!r}; there are {', '.join(NAMES)}")
    if missing := [name for name in kinds.values() if name is not None and name not in columns]:
        raise ValueError(f"kinds: the table has no column {missing[0]!r}; it has {', '.join(columns)}")
    for name in kinds.values():
        if name is not None and not is_readable(table.schema.field(name).type):
            raise ValueError(
                f"kinds: column {name!r} holds {table.schema.field(name).type}, which can't be read as text"
            )


def _complete(found: dict[str, str], table: pa.Table) -> dict[str, str]:
    columns = ", ".join(table.column_names) or "none"
    if "record_key" not in found:
        raise ValueError(
            f"records: no column can be the key (present and different in every row) among {columns};"
            " name one with kinds={'record_key': ...}"
        )
    if not any(kind in EVIDENCE for kind in found):
        raise ValueError(
            f"records: no column tells people apart (a name, e-mail, phone, birth date, address or id) among {columns};"
            " name some with kinds={'full_name': ..., 'email': ...}"
        )
    return {kind: found[kind] for kind in NAMES if kind in found}


def _is_key(table: pa.Table, column: str) -> bool:
    return table[column].null_count == 0 and are_keys(as_text(table[column]))


def _by_content(table: pa.Table, column: str) -> str | None:
    """Kind of a column whose name says nothing, by a sample of its values; None when they show none."""
    values = table[column]
    if pa.types.is_floating(values.type) or pa.types.is_boolean(values.type):
        return None
    written = _sample(as_text(values))
    if len(written) < 3:
        return None
    tests = {
        "email": lambda text: "@" in text and email.standard(text) is not None,
        "birth_date": lambda text: bool(re.search(r"\d\D\d", text)) and dates.standard(text) is not None,
        "phone": lambda text: _PHONE.match(text) is not None,
    }
    for kind, test in tests.items():
        if sum(map(test, written)) < _MOSTLY * len(written):
            continue
        if kind == "birth_date":
            years = sorted(int(found[:4]) for found in map(dates.standard, written) if found)
            return kind if years[-len(years) // 20 or -1] - years[len(years) // 20] >= _BIRTH_YEARS_APART else None
        return kind
    if _is_key(table, column) and not any(" " in text for text in written):
        return "record_key"
    return None


def _sample(values: pa.Array) -> list[str]:
    """At most `_SAMPLE` distinct values, chosen by their digest, so that the order of the rows plays no part."""
    with duckdb.connect(":memory:") as connection:
        connection.register("given", pa.table({"value": values}))
        found = connection.sql(
            "select value from (select distinct value from given where value is not null)"
            f" order by md5(value), value limit {_SAMPLE}"
        )
        return [value for (value,) in found.fetchall()]
