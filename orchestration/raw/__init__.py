"""Stage raw: what each source system said, pulled by dlt into the lake, append-only.

Belongs here: declarations of sources (`sources/*.yml`), connectors, loading. Does not belong here: any
interpretation of the values; that starts in `dbt_project/models/staged`.
"""
