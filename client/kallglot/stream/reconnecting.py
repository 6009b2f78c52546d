"""Whether, when and with what a lost stream connects again. Pure: time and chance are given.

A session waits five minutes for its stream; so does this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kallglot.stream.closing import Closing, ReconnectWindowOver, StreamClosed, TokenRejected, error_of

# Going away, protocol fault of the other side, restart, try again later, bad gateway; None: the connection just broke.
_PASSING_CODES = frozenset({None, 1001, 1005, 1006, 1011, 1012, 1013, 1014})


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """`window_s` counts from the moment at which the stream was last part of the session; 0: never reconnect.

    `first_window_s` is how long the first connection may take. Pauses grow by doubling from `first_pause_s` to
    `longest_pause_s`, each drawn from its upper half.
    """

    window_s: float = 300.0
    first_window_s: float = 30.0
    first_pause_s: float = 0.25
    longest_pause_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Absence:
    """From the loss of one connection to the `session.ready` of the next; at most `window_s`."""

    since_s: float
    window_s: float
    attempts: int = 0
    token_renewed: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    after_s: float
    renew_token: bool = False


def next_step(
    policy: Reconnecting, absence: Absence, closing: Closing, *, now_s: float, draw: float, can_renew: bool
) -> Again | StreamClosed:
    """`draw` is in [0, 1)."""
    error = error_of(closing)
    if isinstance(error, TokenRejected) and can_renew and not absence.token_renewed:
        return Again(0.0, renew_token=True)
    if not _may_pass(closing):
        return error
    pause_s = _pause_s(policy, absence, closing, draw)
    if now_s + pause_s >= absence.since_s + absence.window_s:
        return ReconnectWindowOver(closing) if absence.attempts else error
    return Again(pause_s)


def after(absence: Absence, step: Again) -> Absence:
    return replace(absence, attempts=absence.attempts + 1, token_renewed=absence.token_renewed or step.renew_token)


def _may_pass(closing: Closing) -> bool:
    if closing.http_status is not None:
        return closing.http_status == 429 or closing.http_status >= 500
    return closing.code in _PASSING_CODES


def _pause_s(policy: Reconnecting, absence: Absence, closing: Closing, draw: float) -> float:
    grown_s = policy.first_pause_s * 2.0 ** min(absence.attempts, 30)
    pause_s = min(policy.longest_pause_s, grown_s) * (0.5 + draw / 2)
    return max(pause_s, closing.retry_after_s or 0.0)
