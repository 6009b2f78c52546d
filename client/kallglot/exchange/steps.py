"""What a plan asks its driver to do, and what it is told in return.

A plan is a generator: it yields a `Call` or a `Pause` and is sent what came of it. It decides everything and touches
nothing, so the blocking and the asynchronous client run the very same one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")


class Sink(Protocol):
    """Where the body of a good answer goes, piece by piece, instead of into memory."""

    def wanted(self) -> Mapping[str, str]:
        """The headers that ask for what is still missing; looked up for every attempt."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None: ...

    def write(self, piece: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `url` is absolute; `deadline` is a time of the driver's clock, None for none."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    timeout_s: float = 30.0
    deadline: float | None = None
    sink: Sink | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case; `content` is empty when a sink took the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer, or only a part of one.

    `reached` is false when the server certainly never saw the request, `lasting` true when it never will.
    """

    why: str
    reached: bool = True
    timed_out: bool = False
    lasting: bool = False


Outcome = Answer | Fault
Plan = Generator[Call | Pause, Outcome | None, T]


def ask(call: Call) -> Plan[Outcome]:
    outcome = yield call
    if outcome is None:
        raise RuntimeError("a driver answers every call")
    return outcome


def pause(seconds: float) -> Plan[None]:
    yield Pause(seconds)
