"""A carrier's line that is made when somebody first telephones by it: Telnyx's client takes seconds to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from core.domain.telephony import Credentials
from core.telephony_ports import CarrierLine, Order


class LazyLine:
    def __init__(self, make: Callable[[], CarrierLine]) -> None:
        self._make = make

    @cached_property
    def _line(self) -> CarrierLine:
        return self._make()

    def place(self, credentials: Credentials, order: Order) -> str:
        return self._line.place(credentials, order)

    def find(self, credentials: Credentials, order: Order) -> Sequence[str]:
        return self._line.find(credentials, order)

    def hang_up(self, credentials: Credentials, call_id: str) -> None:
        self._line.hang_up(credentials, call_id)
