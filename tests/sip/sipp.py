"""SIPp calls by a scenario: how many of its calls succeeded, or what it said when one did not."""

from __future__ import annotations

import asyncio
import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sip.processes import ToolFailed, free_port, running, tail
from tests.sip.scenario import Scenario

HOST = "127.0.0.1"
_GRACE_S = 10.0
_runs = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Counted:
    succeeded: int
    failed: int
    retransmissions: int


@dataclass(frozen=True, slots=True)
class Load:
    """So many calls in all, begun at a rate, no more than some at once."""

    calls: int = 1
    per_second: int = 10
    at_once: int = 100


@dataclass(frozen=True, slots=True)
class Sipp:
    """Calls `port` on this machine; what it plays lies in `folder`, and so does what it writes."""

    folder: Path
    port: int

    async def run(
        self,
        scenario: Scenario,
        users: Sequence[str],
        load: Load = Load(),
        *,
        transport: str = "u1",
        credentials: tuple[str, str] | None = None,
        loss_percent: int = 0,
        timeout_s: float = 30.0,
    ) -> Counted:
        """Each call takes the next of the users, from the beginning after the last. `transport` is SIPp's word: u1 for
        UDP, t1 for TCP. Raises ToolFailed when a call fails, or when they are not over in time."""
        files = _Files(self.folder, f"{scenario.name}-{next(_runs)}")
        files.scenario.write_text(scenario.xml)
        files.users.write_text("\n".join(["SEQUENTIAL", *users, ""]))
        command = [
            *("sipp", f"{HOST}:{self.port}", "-i", HOST, "-mi", HOST, "-mp", str(free_port())),
            *("-sf", str(files.scenario), "-inf", str(files.users), "-t", transport, "-nostdin"),
            *("-m", str(load.calls), "-r", str(load.per_second), "-l", str(load.at_once)),
            *("-trace_stat", "-stf", str(files.counts), "-trace_err", "-error_file", str(files.errors)),
            *("-timeout", f"{timeout_s:.0f}s", "-timeout_error", "-recv_timeout", f"{timeout_s * 1000:.0f}"),
        ]
        if credentials:
            user, password = credentials
            command += ["-au", user, "-ap", password, "-auth_uri", f"{users[0]}@{HOST}:{self.port}"]
        if loss_percent:
            command += ["-lost", str(loss_percent)]
        await _end(command, files, timeout_s + _GRACE_S)
        return _counted(files.counts)


@dataclass(frozen=True, slots=True)
class _Files:
    folder: Path
    name: str

    @property
    def scenario(self) -> Path:
        return self._ending("xml")

    @property
    def users(self) -> Path:
        return self._ending("users.csv")

    @property
    def counts(self) -> Path:
        return self._ending("counts.csv")

    @property
    def errors(self) -> Path:
        return self._ending("errors.log")

    @property
    def screen(self) -> Path:
        return self._ending("screen.log")

    def _ending(self, ending: str) -> Path:
        return self.folder / f"{self.name}.{ending}"


async def _end(command: Sequence[str], files: _Files, patience_s: float) -> None:
    async with running(command, files.folder, files.screen) as process:
        try:
            returned = await asyncio.wait_for(process.wait(), patience_s)
        except TimeoutError:
            raise ToolFailed(f"{files.name} was not over{tail(files.screen, files.errors)}") from None
    if returned != 0:
        raise ToolFailed(f"{files.name} ended with {returned}{tail(files.screen, files.errors)}")


def _counted(counts: Path) -> Counted:
    """SIPp's own account; the last line has the sums."""
    with counts.open() as lines:
        last = list(csv.DictReader(lines, delimiter=";"))[-1]
    return Counted(
        int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), int(last["Retransmissions(C)"])
    )  # fmt: skip
