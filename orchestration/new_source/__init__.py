"""`make new-source NAME=shop`: from a source's YAML to staging models that compile and run as written.

Belongs here: sampling a source, guessing what its columns mean, writing dbt files and one line per model. Does not
belong here: loading (orchestration/raw), and what an entity is (dbt_project/macros/entities).
"""
