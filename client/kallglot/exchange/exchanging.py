"""The plan of one request: send it, judge what came, pause, send it again, and never under another key."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from kallglot.errors import TimedOut, UnexpectedAnswer, failure, refusal
from kallglot.exchange.requests import Repeat, Request
from kallglot.exchange.retrying import Retrying, pause_before_next
from kallglot.exchange.steps import Answer, Call, Outcome, Plan, Sink, ask, pause

T = TypeVar("T")
_FIRST_LOOK_S = 0.25
_LONGEST_LOOK_S = 2.0
_log = logging.getLogger("kallglot")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client's requests have in common. Time and chance come in here, so that tests decide them.

    `now` is monotonic seconds, `wall_now` Unix seconds, `draw` a number in [0, 1), `new_key` an idempotency key.
    """

    base_url: str
    headers: Mapping[str, str]
    retrying: Retrying
    now: Callable[[], float]
    wall_now: Callable[[], float]
    draw: Callable[[], float]
    new_key: Callable[[], str]


def exchange(request: Request[T], terms: Terms) -> Plan[T]:
    """Raises ApiError, ConnectionFailed or UnexpectedAnswer."""
    answer = yield from answered(request, terms)
    if not answer.is_success:
        raise UnexpectedAnswer(f"{answer.status} is no answer to {request.method} {request.path}")
    try:
        return request.read(answer)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        told = f"{request.method} {request.path} was not answered with this API's JSON"
        raise UnexpectedAnswer(f"{told}: is {terms.base_url} the address of the API?") from error


def until(request: Request[T], done: Callable[[T], bool], terms: Terms, timeout_s: float, otherwise: str) -> Plan[T]:
    """Ask again and again, ever less often, until the result is what is waited for. Raises TimedOut."""
    deadline, look_s = terms.now() + timeout_s, _FIRST_LOOK_S
    while True:
        result = yield from exchange(request, terms)
        if done(result):
            return result
        if terms.now() + look_s > deadline:
            raise TimedOut(f"{otherwise} after {timeout_s:g} s")
        yield from pause(look_s)
        look_s = min(_LONGEST_LOOK_S, look_s * 1.5)


def answered(request: Request[T], terms: Terms, sink: Sink | None = None) -> Plan[Answer]:
    """The answer, unless it is an error's; a redirect is one. Raises ApiError or ConnectionFailed.

    The deadline is for the answer to come; a body that goes into a sink may take as long as it takes.
    """
    deadline = terms.now() + terms.retrying.deadline_s
    key = _key(request, terms)
    attempt = 1
    while True:
        outcome = yield from ask(_call(request, terms, key, deadline, sink))
        _report(request, attempt, outcome)
        if isinstance(outcome, Answer) and outcome.status < 400:
            return outcome
        wait_s = pause_before_next(terms.retrying, request, attempt, outcome, terms.draw(), terms.wall_now())
        if wait_s is None or terms.now() + wait_s >= deadline:
            raise _final(outcome, terms)
        yield from pause(wait_s)
        attempt += 1


def _final(outcome: Outcome, terms: Terms) -> Exception:
    return refusal(outcome, terms.wall_now()) if isinstance(outcome, Answer) else failure(outcome)


def _call(request: Request[Any], terms: Terms, key: Mapping[str, str], deadline: float, sink: Sink | None) -> Call:
    url = f"{terms.base_url}{request.path}" + (f"?{urlencode(request.query)}" if request.query else "")
    content, kind = _content(request)
    headers = {**terms.headers, **kind, **key, **(sink.wanted() if sink else {})}
    return Call(request.method, url, headers, content, terms.retrying.timeout_s, None if sink else deadline, sink)


def _content(request: Request[Any]) -> tuple[bytes | None, Mapping[str, str]]:
    if request.body is None:
        return None, {}
    text = json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))
    return text.encode(), {"Content-Type": "application/json"}


def _key(request: Request[Any], terms: Terms) -> Mapping[str, str]:
    """Made once, with the call, and so the same for all its attempts."""
    key = request.idempotency_key or (terms.new_key() if request.repeat is Repeat.BY_KEY else None)
    return {"Idempotency-Key": key} if key else {}


def _report(request: Request[Any], attempt: int, outcome: Outcome) -> None:
    """Never the body, never a header with a secret."""
    if isinstance(outcome, Answer):
        told: object = (outcome.status, outcome.headers.get("x-request-id", "no request id"))
    else:
        told = outcome.why
    _log.debug("%s %s, attempt %d: %s", request.method, request.path, attempt, told)
