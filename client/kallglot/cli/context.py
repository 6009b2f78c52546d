"""What every command is given: what it was asked, whom to ask, where to say it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kallglot.cli.configuration import Configuration
from kallglot.cli.screen import Screen

if TYPE_CHECKING:
    from kallglot.clients import AsyncKallglot, Kallglot
    from kallglot.exchange.retrying import Retrying


@dataclass(frozen=True, slots=True)
class Context:
    options: Namespace
    configuration: Configuration
    screen: Screen
    transport: Any = None
    """httpx's, in place of the network; for tests."""

    def client(self) -> Kallglot:
        from kallglot.clients import Kallglot  # noqa: PLC0415

        chosen = self.configuration
        return Kallglot(chosen.api_url, chosen.api_key, retrying=_impatient(), transport=self.transport)

    def async_client(self) -> AsyncKallglot:
        from kallglot.clients import AsyncKallglot  # noqa: PLC0415

        chosen = self.configuration
        return AsyncKallglot(chosen.api_url, chosen.api_key, retrying=_impatient(), transport=self.transport)


def _impatient() -> Retrying:
    """Somebody is waiting at a terminal."""
    from kallglot.exchange.retrying import Retrying  # noqa: PLC0415

    return Retrying(max_attempts=3, deadline_s=40.0)
