"""Who asks: the logins of a declaration, on dlt's own where it has them.

Tokens live in memory only. They never enter a message, a log or the state.
"""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import requests
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth, HttpBasicAuth
from requests.auth import AuthBase

from orchestration.raw.declaration.rest import ApiKeyAuth, BearerAuth, ClientCredentialsAuth, RestSource
from orchestration.raw.rest import limits
from orchestration.raw.rest.http import Http, Login
from orchestration.raw.rest.trouble import Trouble

_LIFETIME_S = 3600  # of a token whose answer names none
_MARGIN_S = 30  # a token is renewed this long before it runs out, but never more often than half its life


def login_of(declaration: RestSource) -> Login:
    """The declared login, its secrets from the environment.

    Raises:
        SourceError: a variable is not set.
    """
    auth = declaration.auth
    if isinstance(auth, BearerAuth):
        return StaticLogin(BearerTokenAuth(declaration.resolve(auth.token).strip()))
    if isinstance(auth, ApiKeyAuth):
        key = declaration.resolve(auth.key).strip()
        return StaticLogin(
            APIKeyAuth(name=auth.name, api_key=key, location=auth.place),
            secret_parameter=auth.name if auth.place == "query" else None,
        )
    if isinstance(auth, ClientCredentialsAuth):
        return ClientCredentials(
            declaration.resolve(auth.token_url),
            declaration.resolve(auth.client_id).strip(),
            declaration.resolve(auth.client_secret).strip(),
            scope=auth.scope,
            is_in_body=auth.client_authentication == "body",
        )
    return Login()


class StaticLogin(Login):
    """A token or key that stays the same."""

    def __init__(self, auth: AuthBase, secret_parameter: str | None = None) -> None:
        self._auth, self.secret_parameter = auth, secret_parameter

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return self._auth(request)


class ClientCredentials(Login):
    """OAuth 2 client credentials (RFC 6749, 4.4). The token is kept until it runs out, or until it is refused once.

    The client shows itself by HTTP Basic (2.3.1), or in the form where `is_in_body`.
    """

    def __init__(
        self, token_url: str, client_id: str, client_secret: str, *, scope: str | None, is_in_body: bool
    ) -> None:
        self._token_url = token_url
        self._fields = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        if is_in_body:
            self._fields |= {"client_id": client_id, "client_secret": client_secret}
            client = Login()
        else:
            client = StaticLogin(HttpBasicAuth(quote_plus(client_id), quote_plus(client_secret)))
        self._http = Http(token_url, client, limits.Pace())
        self._token: str | None = None
        self._valid_until_s = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is None or limits.now_s() >= self._valid_until_s:
            self._fetch()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self) -> bool:
        """Forgets the token: the next request fetches another."""
        self._token = None
        return True

    def _fetch(self) -> None:
        asked_at = limits.now_s()
        try:
            answer = json.loads(self._http.post(self._token_url, self._fields).content)
            token, lifetime_s = answer["access_token"], float(answer.get("expires_in") or _LIFETIME_S)
            if not isinstance(token, str) or not token:
                raise ValueError
        except Trouble as trouble:
            is_refusal = trouble.status in (400, 401, 403)
            raise Trouble(
                f"gets no token: the token endpoint {trouble.what}"
                if not is_refusal
                else f"gets no token: the token endpoint refuses the client (HTTP {trouble.status})",
                "check client_id, client_secret and scope behind {file}: auth" if is_refusal else trouble.remedy,
                status=trouble.status or 0,  # settled here: its own attempts are over
                is_transient=trouble.is_transient,
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Trouble(
                "gets no token: the token endpoint answers without access_token",
                "check token_url behind {file}: auth",
                status=200,
            ) from None
        self._token = token
        self._valid_until_s = asked_at + max(lifetime_s - _MARGIN_S, lifetime_s / 2)
