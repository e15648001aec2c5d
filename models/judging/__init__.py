"""How good predictions were, once their outcome is known: plain functions on numpy arrays, one file per kind.

binary: yes-or-no outcomes; amounts: money and counts; ranking: lists of things.
"""
