"""What keeps a request from a good answer, in words for a person. Never an address, a header or a value."""

from __future__ import annotations

from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError

ASK_OWNER = "ask {owner} what changed, or change {file} and its staging model"
ASK_LATER = "ask {owner} about the API; the next run pulls what is missing"


class Trouble(Exception):
    """A request came to nothing.

    Args:
        what: goes after the name of what was asked, such as "answers HTTP 500".
        remedy: what a person should do; {owner} and {file} stand for the declaration's.
        status: the HTTP status, where there was one.
        is_transient: whether asking again later can help.
    """

    def __init__(self, what: str, remedy: str, *, status: int | None = None, is_transient: bool = False) -> None:
        super().__init__(what)
        self.what, self.remedy, self.status, self.is_transient = what, remedy, status, is_transient

    def of(self, declaration: SourceDeclaration, table: str, asked: str) -> SourceError:
        """The one line a person reads."""
        remedy = self.remedy.replace("{owner}", declaration.owner).replace("{file}", f"{declaration.source}.yml")
        return SourceError(declaration.source, table, f"{asked} {self.what}", remedy, is_transient=self.is_transient)


def refused(status: int) -> Trouble:
    """What an HTTP status of 400 or more means for a person."""
    if status in (401, 403):
        return Trouble(
            f"refuses the token (HTTP {status})", "renew the token in the variable behind {file}: auth", status=status
        )
    if status in (408, 429) or status >= 500:
        return Trouble(f"answers HTTP {status}", ASK_LATER, status=status, is_transient=True)
    return Trouble(f"answers HTTP {status}", "check path and parameters in {file}", status=status)


def silent(reason: str) -> Trouble:
    """No answer, or not all of it."""
    return Trouble(
        f"does not answer ({reason})",
        "check that the API runs, and its address in the variable behind location",
        is_transient=True,
    )
