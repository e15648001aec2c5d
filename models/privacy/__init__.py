"""Sensitive identifiers become keyed tokens: national ids, passports, driving licences, bank accounts, cards.

Belongs here: what such an identifier looks like, its checksum, its token, and how a table's columns are searched.
Does not belong here: where the key comes from and which columns are declared; that is `orchestration/raw/tokens.py`.
"""

from models.privacy.columns import tokenise
from models.privacy.tokens import KINDS, Tokens

__all__ = ["KINDS", "Tokens", "tokenise"]
