"""The models: tables in, tables out.

What belongs here: plain Python that turns pandas tables into pandas tables, so that it can be
used from the nightly run and from a notebook alike. What does not: Dagster, files, databases,
the clock. Every package reads the same way: settings, features, train, score, evaluate.
"""
