"""Dagster wiring of the nightly pipeline: sources, dbt, validation, models and publishing as assets.

Belongs here: reading, calling one function, writing, reporting. Does not belong here: business rules
(they live in `dbt_project/` and `models/`) and anything that knows the demo company.
"""
