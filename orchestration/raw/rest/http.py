"""HTTP with what a hostile server calls for: bounded size and time, no credentials to strangers, patience with limits.

Shared by the connectors `rest` and `sheet`. What an answer says is not read here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import requests
import urllib3
from requests.auth import AuthBase

from orchestration.raw.rest import limits
from orchestration.raw.rest.trouble import Trouble, refused, silent

LARGEST_ANSWER_BYTES = 64 * 1024 * 1024  # unpacked; a page this large is asked for in smaller pages
_CONNECT_TIMEOUT_S = 10
_SILENCE_TIMEOUT_S = 30
_WHOLE_ANSWER_TIMEOUT_S = 300
_CHUNK_BYTES = 256 * 1024
_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}


def _names_no_query(record: logging.LogRecord) -> bool:
    return "?" not in record.getMessage()  # a key may stand in it, and urllib3 logs addresses


logging.getLogger("urllib3.connectionpool").addFilter(_names_no_query)


class Login(AuthBase):
    """How a request shows who asks: not at all, unless a subclass says so. Also keeps ~/.netrc out of it."""

    secret_parameter: str | None = None  # a query parameter that holds the key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request

    def renew(self) -> bool:
        """Called after a 401: whether there is a new token to try with."""
        return False


@dataclass(frozen=True)
class Answer:
    """A whole answer with a good status. `address` is where it came from in the end, without secrets."""

    content: bytes
    headers: Mapping[str, str]
    address: str


class Http:
    """Requests to one source.

    Args:
        home: the source's base URL; the login is shown to this scheme, host and port only.
        login: how requests show who asks.
        pace: how fast they may follow each other.
    """

    def __init__(self, home: str, login: Login, pace: limits.Pace) -> None:
        self._home, self._login, self._pace = _split(home), login, pace
        self._session = requests.Session()
        self._session.headers["Accept-Encoding"] = "gzip, deflate"

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET, after redirects and retries.

        Raises:
            Trouble: no answer, a status of 400 or more, or more than may come.
        """
        self._require_address()
        return self._patiently(lambda: self._follow(url, parameters))

    def post(self, url: str, fields: Mapping[str, str]) -> Answer:
        """The answer to a form. Redirects are refused: a form with a secret goes nowhere else.

        Raises:
            Trouble: as for `get`.
        """
        self._require_address()
        request = requests.Request("POST", url, data=dict(fields), headers={"Accept": "application/json"})
        return self._patiently(lambda: self._once(request))

    def own(self, url: str, base: str) -> str:
        """An address that an answer names, made absolute on `base` and freed of the key in its query.

        Raises:
            Trouble: it lies on another host, where the login may not be shown.
        """
        target = _split(urljoin(base, url))
        if self._home.scheme == "https" and target.scheme == "http" and target.hostname == self._home.hostname:
            target = target._replace(scheme="https", netloc=self._home.netloc)  # said behind a proxy that ends TLS
        if not self._is_home(target):
            raise Trouble(
                "names a next page on another host, where the token may not go",
                "ask {owner} which address is right, and set location in {file} to it",
            )
        return urlunsplit(self._without_secret(target))

    def _is_home(self, target: SplitResult) -> bool:
        return _origin(target) == _origin(self._home)

    def _without_secret(self, target: SplitResult) -> SplitResult:
        secret = self._login.secret_parameter
        if secret is None:
            return target
        pairs = parse_qsl(target.query, keep_blank_values=True)
        return target._replace(query=urlencode([pair for pair in pairs if pair[0] != secret]))

    def _require_address(self) -> None:
        if self._home.scheme not in _PORTS or not self._home.hostname:
            raise Trouble("has no address", "set location to an address that starts with https://")

    def _patiently(self, ask: Callable[[], tuple[int, Answer]]) -> Answer:
        attempt, waits, is_renewed = 1, 0, False
        while True:
            try:
                status, answer = ask()
                if status < 400:
                    return answer
                trouble = refused(status)
                if status == 401 and not is_renewed and self._login.renew():
                    is_renewed = True
                    continue
                if status in (429, 503) or (status == 403 and limits.is_out_of_quota(answer.headers)):
                    if self._pace.wait_as_asked(answer.headers, waits):
                        waits += 1
                        continue
                    trouble = _over_limit(status, answer.headers)
                    if limits.retry_after_s(answer.headers) is not None:
                        raise trouble
            except Trouble as failure:
                trouble = failure
                if failure.status is not None:
                    raise
            if not trouble.is_transient or attempt >= limits.ATTEMPTS:
                raise trouble
            limits.back_off(attempt)
            attempt += 1

    def _follow(self, url: str, parameters: Mapping[str, str] | None) -> tuple[int, Answer]:
        for _ in range(_MOST_REDIRECTS + 1):
            request = requests.Request("GET", url, params=dict(parameters or {}))
            status, answer = self._once(request)
            if status not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
                return status, answer
            target = _split(urljoin(url, answer.headers["Location"]))
            if target.scheme not in _PORTS or (self._home.scheme == "https" and target.scheme == "http"):
                raise Trouble("redirects to an address without TLS", "ask {owner} for the right address", status=status)
            # Redirects name the whole query, parameters included; a key in it goes no further than the login does.
            url, parameters = urlunsplit(self._without_secret(target)), None
        raise Trouble("redirects in a circle", "ask {owner} for the right address, and set location to it", status=302)

    def _once(self, request: requests.Request) -> tuple[int, Answer]:
        self._pace.take_turn()
        # An explicit login on every request: a stranger gets the empty one.
        request.auth = self._login if self._is_home(_split(request.url)) else Login()
        try:
            with self._session.send(
                self._session.prepare_request(request),
                allow_redirects=False,
                timeout=(_CONNECT_TIMEOUT_S, _SILENCE_TIMEOUT_S),
                **self._session.merge_environment_settings(request.url, {}, stream=True, verify=None, cert=None),
            ) as response:
                self._pace.heed_quota(response.headers)
                content = _bounded_content(response) if response.status_code < 300 else b""
        except requests.exceptions.SSLError:
            raise Trouble(
                "has no valid certificate",
                "ask {owner} to renew it; for a company's own authority, set REQUESTS_CA_BUNDLE to its certificate",
            ) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise Trouble("has no address", "set location to an address that starts with https://") from None
        except requests.exceptions.InvalidHeader:
            raise _no_token() from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise silent(type(error).__name__) from None
        except ValueError:  # of http.client, and it quotes the header
            raise _no_token() from None
        where = _split(request.url)
        return response.status_code, Answer(content, response.headers, urlunsplit(self._without_secret(where)))


def _bounded_content(response: requests.Response) -> bytes:
    """The unpacked body. `read1` returns what has arrived, so that a slow drip can't outlast the clock."""
    content = bytearray()
    deadline = limits.now_s() + _WHOLE_ANSWER_TIMEOUT_S
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        content += chunk
        if len(content) > LARGEST_ANSWER_BYTES:
            raise Trouble(
                f"answers more than {LARGEST_ANSWER_BYTES // 1024**2} MB at once",
                "declare paging in {file}, or ask for smaller pages under parameters",
                status=200,
            )
        if limits.now_s() > deadline:
            raise silent(f"not whole after {_WHOLE_ANSWER_TIMEOUT_S} s")
    return bytes(content)


def _no_token() -> Trouble:
    return Trouble("can't be asked with this token", "set its variable to the token alone, in ASCII")


def _over_limit(status: int, headers: Mapping[str, str]) -> Trouble:
    asked_s = limits.retry_after_s(headers)
    wait = f" and asks to wait {round(asked_s)} s" if asked_s is not None else ""
    return Trouble(
        f"answers HTTP {status}{wait}",
        "set rate_limit in {file}; the next run goes on from there" if status in (403, 429) else refused(status).remedy,
        status=status,
        is_transient=True,
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
