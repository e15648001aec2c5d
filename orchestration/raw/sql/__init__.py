"""Connector `sql`: tables and views of PostgreSQL, MySQL and MariaDB, by cursor, into Arrow.

Belongs here: how a database is reached, what its types become, which rows are read. Does not belong here: what was
landed before (`landed.py`), or what a value means (staging).
"""

from orchestration.raw.sql.resources import sql_resources

__all__ = ["sql_resources"]
