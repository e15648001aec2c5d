"""Connector `files`: CSV, JSON lines, Parquet and Excel in a folder or a bucket; each file once, a changed one again.

`connector.py` says what is loaded; `listing.py` and `bucket.py` where files lie, `content.py` and `text.py` what bytes
they hold, a module per format what rows. What a value means is decided in staging.
"""
