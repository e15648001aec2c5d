"""Apache Superset on the published tables: a server of its own, a starter dashboard, and a check of its numbers.

Superset lives in an environment of its own (`requirements.txt`), since it wants an older pandas than the pipeline's.
Only `prepare.py` and `superset_config.py` run in there; everything else speaks to it over its REST API.
"""
