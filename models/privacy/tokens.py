"""The token of an identifier: the same identifier always gives the same token, and no token gives it back."""

from __future__ import annotations

import base64
import hmac
import unicodedata

KINDS = ("national_id", "passport", "driving_licence", "bank_account", "card_number")
SHORTEST_KEY_BYTES = 32  # the length of SHA-256's own output: RFC 2104, section 3 advises no shorter key
_TOKEN_CHARACTERS = 26  # of base32: 130 bits, so two identifiers never share a token by chance


class Tokens:
    """Makes tokens with one key.

    Args:
        key: at least 32 secret bytes. Another key gives other tokens for the same identifiers.

    Raises:
        ValueError: the key is too short.
    """

    __slots__ = ("_hmac",)

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_KEY_BYTES:
            raise ValueError(f"a token key has at least {SHORTEST_KEY_BYTES} bytes")
        self._hmac = hmac.new(key, digestmod="sha256")

    def __reduce__(self) -> str:
        raise TypeError("a token key is not stored")

    def token(self, kind: str, identifier: str) -> str:
        """`kind:` and 26 characters: HMAC-SHA256 (RFC 2104) over the kind and the normalised identifier, in base32."""
        keyed = self._hmac.copy()
        keyed.update(f"{kind}\0{normalised(identifier) or identifier}".encode(errors="surrogatepass"))
        return f"{kind}:{base64.b32encode(keyed.digest()).decode().lower()[:_TOKEN_CHARACTERS]}"


def normalised(identifier: str) -> str:
    """Letters in upper case and plain digits only: however it is written, it is the same identifier."""
    wide = unicodedata.normalize("NFKC", identifier).upper()
    return "".join(plain_digit(character) for character in wide if character.isalnum())


def plain_digit(character: str) -> str:
    """A decimal digit of any script as 0 to 9; every other character as it is."""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
