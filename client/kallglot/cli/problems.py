"""What went wrong, in one line that ends with what to do next, and the exit code it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kallglot.errors import KallglotError

DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageProblem(Exception):
    """The command cannot be carried out as it was given."""


class Failed(Exception):
    """It was carried out, and did not succeed."""


def told(error: KallglotError) -> str:
    """The error's own words, and a hint where there is one."""
    hint = next((_HINTS[kind.__name__](error) for kind in type(error).__mro__ if kind.__name__ in _HINTS), "")
    return f"{error}; {hint}" if hint else str(error)


def _authentication(error: KallglotError) -> str:
    if getattr(error, "code", "") in ("expired_api_key", "revoked_api_key"):
        return "make a new key and put it into KALLGLOT_API_KEY"
    return "is KALLGLOT_API_KEY a key of this deployment?"


def _validation(error: KallglotError) -> str:
    if getattr(error, "code", "") == "invalid_language_code":
        return "`kallglot languages` lists them"
    return "`--help` shows what the command takes"


def _conflict(error: KallglotError) -> str:
    wait_s = getattr(error, "retry_after_s", None)
    return f"try again in {wait_s:g} s" if wait_s else ""


_HINTS: Mapping[str, Callable[[KallglotError], str]] = {
    "AuthenticationFailed": _authentication,
    "CreditsExhausted": lambda _: "raise the organization's credit limit",
    "PermissionDenied": lambda _: "use a key that has the scope: `kallglot keys create --scope …`",
    "NotFound": lambda _: "a key sees its own organization's objects only, and test keys never see live ones",
    "Conflict": _conflict,
    "RateLimited": _conflict,
    "ValidationFailed": _validation,
    "ServerFailed": lambda _: "try again; if it stays, the deployment's log has the request",
    "TimedOut": lambda _: "is the deployment up and reachable from here?",
    "ConnectionFailed": lambda _: "is the deployment up, and its address right?",
}
