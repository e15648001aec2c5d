"""The report: plain pages for people who would rather look than read, made from the published marts alone.

Reads `serving.duckdb` and writes HTML; knows neither Dagster nor the warehouse. A page is a list of parts (figures,
charts, tables, findings) that `report/pages` builds and `report/templates` draws.
"""

from .build import build

__all__ = ["build"]
