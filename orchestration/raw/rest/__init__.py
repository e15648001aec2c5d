"""Connector `rest`: JSON APIs. One module per idea: who asks (auth), how fast (limits), what may come (http, answer),
which page is next (paging), which rows are new (window).

Does not belong here: what the values mean, which staging decides; every value arrives as text.
"""

from orchestration.raw.rest.connector import rest_resources

__all__ = ["rest_resources"]
