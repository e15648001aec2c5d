"""What a source's column is called in the lake: dlt's snake case, which here keeps the letters of every script.

dlt's own keeps ASCII only, so that 姓名 and 电话 would both become `x`.
"""

from __future__ import annotations

import re

from dlt.common.normalizers.naming.snake_case import NamingConvention as SnakeCase

_NO_LETTER = re.compile(r"\W+")


class NamingConvention(SnakeCase):
    """Found by dlt under this name in the module that SCHEMA__NAMING names."""

    def normalize_identifier(self, identifier: str) -> str:
        """The name in the lake; for ASCII the same as dlt's own."""
        if identifier.isascii():
            return super().normalize_identifier(identifier)
        words = _NO_LETTER.sub("_", identifier.strip().translate(self._TR_REDUCE_ALPHABET))
        return self.shorten_identifier(self._to_snake_case(words), identifier, self.max_length)
