"""A multi-source population from pseudopeople: six forms on which the same people appear, filled in with its noise.

The package ships a sample of some 21,000 simulated people. To reach 30,000 its sample is laid twice: in the second
copy every family gets other surnames, everybody another given name of his sex and decade, another birthday and
another social security number, every home another address, the same on all forms. Families, moves and which forms
a person is on are kept. Both copies then go through pseudopeople's own `generate_*` functions with their
default noise. Runs in the benchmark's environment only: pseudopeople wants an older pandas.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.identity.public_sets import split

SEED = 2020
# The last of the package's years without a date of birth that is still to come.
YEAR = 2020
# Version of the layout of the source data that this release of the package reads; it asks for this line.
_LAYOUT = "**1.4.2 - 2023-09-15**\n"
_FORMS = (
    "decennial_census",
    "american_community_survey",
    "current_population_survey",
    "women_infants_and_children",
    "social_security",
    "taxes_w2_and_1099",
)
COLUMNS = [
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "sex",
    "street_number",
    "street_name",
    "unit_number",
    "city",
    "state",
    "zipcode",
    "ssn",
]


def pseudopeople() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records of all forms in one table, and who is who; the same for the same versions of the packages."""
    import pseudopeople as package

    sample = Path(package.__file__).parent / "data" / "sample_datasets"
    forms = {form: _plain(pd.read_parquet(sample / form / f"{form}.parquet")) for form in _FORMS}
    with tempfile.TemporaryDirectory(prefix="population-") as folder:
        source = Path(folder)
        (source / "CHANGELOG.rst").write_text(_LAYOUT, encoding="utf-8")
        other = _other_people(forms, np.random.default_rng(SEED))
        for form, table in forms.items():
            (source / form).mkdir()
            both = pd.concat([table, other[form]], ignore_index=True)
            # One file: the package noises files one by one, each with a seed of its own.
            both.to_parquet(source / form / f"{form}.parquet", index=False)
        filled = [_conformed(form, table) for form, table in _filled_in(source).items()]
    records = pd.concat(filled, ignore_index=True)
    key = "pseudopeople-" + records.index.astype(str).to_series(index=records.index)
    return split(records.drop(columns="simulant_id"), key, records["simulant_id"])


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The table without categories, which only compress it."""
    return table.astype({name: object for name in table.columns[table.dtypes == "category"]})


def _filled_in(source: Path) -> dict[str, pd.DataFrame]:
    """Each form as its office had it at the end of one year; social security has its cards of all years."""
    import pseudopeople as package

    makers: dict[str, Callable[..., pd.DataFrame]] = {
        "census": package.generate_decennial_census,
        "acs": package.generate_american_community_survey,
        "cps": package.generate_current_population_survey,
        "wic": package.generate_women_infants_and_children,
        "ssa": package.generate_social_security,
        "w2": package.generate_taxes_w2_and_1099,
    }
    return {name: make(source=source, seed=SEED, year=YEAR) for name, make in makers.items()}


def _conformed(form: str, table: pd.DataFrame) -> pd.DataFrame:
    """The columns that say who somebody is, under one name on every form, as text; errors are left in."""
    table = table.rename(columns={"middle_initial": "middle_name"})
    table = table.rename(columns={c: c.removeprefix("mailing_address_") for c in table.columns})
    if form == "w2":
        table = table.drop_duplicates(["simulant_id", *(c for c in COLUMNS if c in table)])  # one per employer
    if form == "ssa":
        table = table[table["event_type"].astype(str).str.lower() == "creation"]
    kept = table.reindex(columns=["simulant_id", *COLUMNS]).astype("string").astype(object)
    kept = kept.where(kept.notna(), None)
    if form != "ssa":  # 19400131 has its year first already
        kept["date_of_birth"] = kept["date_of_birth"].map(_year_first, na_action="ignore")
    return kept.assign(source=form)


def _year_first(text: str) -> str:
    """A date of a form with its year first, whatever its signs have become; text of another length stays."""
    if len(text) == 10:
        return f"{text[6:]}-{text[:2]}-{text[3:5]}"
    if len(text) == 8:
        return f"{text[4:]}-{text[:2]}-{text[2:4]}"
    return text


def _other_people(forms: dict[str, pd.DataFrame], draws: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The same forms about people who do not exist in them: everything that names somebody is drawn again."""
    people = _people(forms)
    given = _drawn_again(people["first_name"], people["stratum"], draws)
    middle = _drawn_again(people["middle_name"], people["stratum"], draws)
    families = pd.MultiIndex.from_frame(people[["family", "last_name"]].dropna().drop_duplicates())
    surnames = pd.Series(people["last_name"].dropna().to_numpy())
    surname = pd.Series(surnames.sample(len(families), random_state=draws).to_numpy(), index=families)
    numbers = pd.unique(pd.concat([t["ssn"] for t in forms.values() if "ssn" in t]).dropna())
    fresh = draws.choice(np.arange(100_000_000, 900_000_000, 7), size=len(numbers), replace=False)
    ssn = pd.Series([f"{n // 1_000_000:03d}-{n // 10_000 % 100:02d}-{n % 10_000:04d}" for n in fresh], index=numbers)
    shift = people.groupby("family").size().to_frame().assign(days=lambda t: draws.integers(0, 365, len(t)))["days"]
    homes = _homes(forms, draws)

    made = {}
    for form, table in forms.items():
        table = table.copy()
        who = table["simulant_id"]
        family = who.map(people["family"])
        table["first_name"] = who.map(given)
        if "middle_name" in table:
            table["middle_name"] = who.map(middle)
        if "middle_initial" in table:
            table["middle_initial"] = who.map(middle).str[:1]
        table["last_name"] = surname.reindex(pd.MultiIndex.from_arrays([family, table["last_name"]])).to_numpy()
        for column in ("date_of_birth", "copy_date_of_birth"):
            born = pd.to_datetime(table[column])
            # Family and day decide the shift, so that twins stay twins and a date copied from a member stays hers.
            day = (born - pd.Timestamp("1900-01-01")).dt.days.fillna(0).astype("int64")
            table[column] = born + pd.to_timedelta((family.map(shift) + day * 37) % 365 - 182, unit="D")
        for column in ("ssn", "copy_ssn"):
            if column in table:
                table[column] = table[column].map(ssn)
        prefix = "mailing_address_" if "mailing_address_street_name" in table else ""
        if prefix + "street_name" in table:
            old = pd.MultiIndex.from_frame(table[[prefix + "street_number", prefix + "street_name"]].fillna(""))
            for part in ("street_number", "street_name"):
                moved = homes[part].reindex(old).to_numpy()
                table[prefix + part] = np.where(table[prefix + part].isna(), table[prefix + part], moved)
        for column in ("simulant_id", "household_id", "guardian_1", "guardian_2"):
            if column in table:
                table[column] = (
                    table[column].astype(object).where(table[column].isna(), "1" + table[column].astype(str))
                )
        made[form] = table
    return made


def _people(forms: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per simulant: true names, a family (the first household seen), and sex and decade of birth."""
    wanted = ["simulant_id", "first_name", "middle_name", "last_name", "date_of_birth", "sex", "household_id"]
    seen = pd.concat([table.reindex(columns=wanted) for table in forms.values()])
    people = seen.groupby("simulant_id", sort=True).first()
    people["family"] = people["household_id"].fillna(people.index.to_series())
    decade = pd.to_datetime(people["date_of_birth"]).dt.year // 10
    people["stratum"] = people["sex"].astype(str) + decade.astype(str)
    return people


def _drawn_again(values: pd.Series, stratum: pd.Series, draws: np.random.Generator) -> pd.Series:
    """The values shuffled within each stratum: common names stay common, and of their time."""
    shuffled = values.copy()
    for _, rows in values.groupby(stratum, sort=True):
        shuffled.loc[rows.index] = draws.permutation(rows.to_numpy(dtype=object))
    return shuffled


def _homes(forms: dict[str, pd.DataFrame], draws: np.random.Generator) -> pd.DataFrame:
    """For each house in the forms another: number and street of two others, put together."""
    parts = []
    for table in forms.values():
        for prefix in ("", "mailing_address_"):
            names = [prefix + "street_number", prefix + "street_name"]
            if names[1] in table:
                parts.append(table[names].fillna("").set_axis(["street_number", "street_name"], axis=1))
    houses = pd.concat(parts).drop_duplicates().sort_values(["street_number", "street_name"])
    index = pd.MultiIndex.from_frame(houses)
    return pd.DataFrame({part: draws.permutation(houses[part].to_numpy()) for part in houses}, index=index)
