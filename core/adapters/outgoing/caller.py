"""One POST to a customer's URL, and what came of it. Nothing here is retried, followed, unpacked or proxied."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import certifi
import httpcore

from core.adapters.outgoing.guard import Deadline, GuardedBackend
from core.domain.attempts import Outcome, Result, excerpt
from core.domain.targets import RefusedTarget, target_url
from core.webhook_ports import Resolver

MOST_ANSWER_BYTES = 64 * 1024


@cache
def _trusting_public_authorities() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(frozen=True, slots=True)
class HttpCaller:
    """`total_s` bounds a request from the resolver's query to the answer's last byte, `connect_s` its beginning."""

    resolver: Resolver
    total_s: float = 30.0
    connect_s: float = 3.0
    ssl_context: Callable[[], ssl.SSLContext] = _trusting_public_authorities
    now: Callable[[], float] = time.monotonic

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool = False) -> Result:
        """Never raises for anything that the other side does."""
        began = self.now()
        outcome, answer = self._outcome(url, headers, body, local, began)
        duration_ms = round((self.now() - began) * 1000)
        return Result(outcome, answer.status, answer.text, duration_ms, answer.retry_after)

    def _outcome(
        self, url: str, headers: Mapping[str, str], body: bytes, local: bool, began: float
    ) -> tuple[Outcome, _Answer]:
        answer = _Answer()
        failure: Exception | None = None
        try:
            self._exchange(url, headers, body, local, began, answer)
        except (RefusedTarget, OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            failure = error
        return _outcome_of(answer, failure), answer

    def _exchange(
        self, url: str, headers: Mapping[str, str], body: bytes, local: bool, began: float, answer: _Answer
    ) -> None:
        parts = target_url(url, local=local)
        deadline = Deadline(self.now, began + self.total_s)
        backend = GuardedBackend(parts, local, self.resolver, deadline, self.connect_s)
        wire = httpcore.URL(
            scheme=parts.scheme.encode(), host=parts.host.encode(), port=parts.port, target=parts.target.encode()
        )
        sent = {"Host": parts.authority, "Accept-Encoding": "identity", "Connection": "close", **headers}
        with (
            httpcore.ConnectionPool(ssl_context=self.ssl_context(), network_backend=backend) as pool,
            pool.stream("POST", wire, headers=[*sent.items()], content=body) as response,
        ):
            answer.read(response)


class _Answer:
    """As much of a response as has come: an answer that breaks off has its status all the same."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after = ""
        self._body = bytearray()

    @property
    def text(self) -> str:
        return excerpt(bytes(self._body))

    def read(self, response: httpcore.Response) -> None:
        self.status = response.status
        given = {name.lower(): value for name, value in response.headers}
        self.retry_after = given.get(b"retry-after", b"").decode("latin-1")
        for chunk in response.iter_stream():
            self._body += chunk[: MOST_ANSWER_BYTES - len(self._body)]
            if len(self._body) >= MOST_ANSWER_BYTES:
                break


def _outcome_of(answer: _Answer, failure: Exception | None) -> Outcome:
    """An answer counts by its status, even if its body never came to an end."""
    if answer.status is not None:
        return Outcome.of_status(answer.status)
    if isinstance(failure, RefusedTarget):
        return Outcome.TARGET_REFUSED
    if isinstance(failure, TimeoutError):
        return Outcome.TIMEOUT
    return Outcome.TLS_FAILED if isinstance(failure, ssl.SSLError) else Outcome.CONNECTION_FAILED
