"""How the connector `sheet` logs in as a Google service account: a signed JWT (RFC 7523) buys a token for an hour."""

from __future__ import annotations

import json
from pathlib import Path

import google.auth.exceptions
import google.auth.transport.requests
import requests
from google.oauth2 import service_account

from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.rest.http import Login
from orchestration.raw.rest.trouble import ASK_LATER, Trouble

_SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"


class ServiceAccountLogin(Login):
    """A service account's token, fetched when it is needed.

    Args:
        declaration: the source, for messages.
        key: the account's JSON key, or the path of its file.

    Raises:
        SourceError: the key can't be read.
    """

    def __init__(self, declaration: SourceDeclaration, key: str) -> None:
        try:
            text = key if key.lstrip().startswith("{") else Path(key.strip()).read_text(encoding="utf-8")
            self._credentials = service_account.Credentials.from_service_account_info(json.loads(text), scopes=[_SCOPE])
        except (OSError, ValueError, TypeError, KeyError, AttributeError, google.auth.exceptions.GoogleAuthError):
            raise SourceError(
                declaration.source,
                "*",
                "the service account's key can't be read",
                f"set the variable behind {declaration.source}.yml: access.credentials to the JSON key, or to its path",
            ) from None
        self.address: str = self._credentials.service_account_email

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not self._credentials.valid:
            self._fetch()
        request.headers["Authorization"] = f"Bearer {self._credentials.token}"
        return request

    def renew(self) -> bool:
        """Forgets the token: the next request fetches another."""
        self._credentials.token = None
        return True

    def _fetch(self) -> None:
        try:
            self._credentials.refresh(google.auth.transport.requests.Request())
        except google.auth.exceptions.TransportError as error:
            reason = type(error.args[0] if error.args else error).__name__
            raise Trouble(f"gets no token: Google does not answer ({reason})", ASK_LATER, is_transient=True) from None
        except google.auth.exceptions.RefreshError as error:
            if error.retryable:
                raise Trouble("gets no token: Google is overloaded", ASK_LATER, status=503, is_transient=True) from None
            raise Trouble(
                "gets no token: Google refuses the account",
                "make a new key for the account, and set the machine's clock",
                status=200,
            ) from None
