"""kallglot webhooks listen: see this deployment's webhooks arrive, on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kallglot.cli.context import Context
from kallglot.cli.problems import UsageProblem

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.cli.receiving import Received, Receiver
    from kallglot.cli.screen import Screen

_HOST = "127.0.0.1"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_to(commands: Commands) -> None:
    command = commands.add("webhooks listen", _listen, "receive webhooks here and print them, until Ctrl-C")
    command.add_argument("--port", type=int, default=0, help="where to listen (any free one)")
    command.add_argument("--secret", metavar="WHSEC", help="of an endpoint that sends here already; registers none")
    command.add_argument("--event", action="append", dest="events", metavar="TYPE", help="may be repeated; else all")
    command.add_argument("--status", type=_status, default=200, help="what to answer with (200), to see retries")
    command.add_argument("--count", type=int, metavar="N", help="stop after N deliveries")
    command.add_argument("--data", action="store_true", help="print the whole event, too")


def _listen(context: Context) -> None:
    from kallglot.cli.receiving import receiver  # noqa: PLC0415

    options = context.options
    if options.secret is None and urlsplit(context.configuration.api_url).hostname not in _LOOPBACK:
        raise UsageProblem(
            "this deployment cannot reach your machine: register an https address that leads here with "
            "`kallglot webhooks create`, and give its secret as --secret"
        )
    with _ended_by_sigterm(), receiver(_HOST, options.port, options.status) as inbox:
        url = f"http://{_HOST}:{inbox.port}/"
        with _registered(context, inbox, url):
            context.screen.note(f"listening on {url}, Ctrl-C ends it")
            _print_all(context, inbox)


def _status(text: str) -> int:
    if not 200 <= int(text) <= 599:
        raise ValueError
    return int(text)


@contextmanager
def _registered(context: Context, inbox: Receiver, url: str) -> Iterator[None]:
    """An endpoint of our own, for as long as the block runs."""
    if context.options.secret is not None:
        inbox.expect(context.options.secret)
        yield
        return
    with context.client() as client:
        wanted = context.options.events or ["*"]
        endpoint = client.webhook_endpoints.create(url=url, events=wanted, description="kallglot webhooks listen")
        inbox.expect(endpoint.secret)
        context.screen.note(f"registered as {endpoint.id}, until this ends")
        try:
            yield
        finally:
            client.webhook_endpoints.delete(endpoint.id)


def _print_all(context: Context, inbox: Receiver) -> None:
    for number, came in enumerate(inbox, 1):
        _print(context.screen, came, whole=context.options.data)
        if number == context.options.count:
            return


def _print(screen: Screen, came: Received, *, whole: bool) -> None:
    if screen.as_json:
        screen.event(came.document())
        return
    event = came.event
    told = (event.type, event.session_id or "", event.id) if event else ("no event", "", "")
    verdict = {True: "verified", False: "NOT VERIFIED", None: "not checked"}[came.verified]
    attempt = f"attempt {int(came.retry_count) + 1}" if came.retry_count.isdecimal() else ""
    cells = (datetime.now().astimezone().strftime("%H:%M:%S"), *told, verdict, attempt, came.problem)
    if screen.is_terminal:
        _draw(screen, cells, good=came.verified is not False)
    else:
        screen.line("\t".join(cells))
    if whole and event is not None:
        screen.json(event.raw)


def _draw(screen: Screen, cells: tuple[str, ...], *, good: bool) -> None:
    from rich.text import Text  # noqa: PLC0415

    time, kind, session, event, verdict, attempt, problem = cells
    line = Text.assemble((time, "dim"), "  ", (f"{kind:<22}", "bold"), "  ")
    line.append(verdict, "green" if good else "bold red")
    line.append(f"  {attempt}" if attempt != "attempt 1" else "", "yellow")
    line.append(f"  {problem}" if problem else "")
    line.append(f"\n          {'  '.join(part for part in (session, event) if part)}", "dim")
    screen.console.print(line)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """As by Ctrl-C: an endpoint that was registered must not stay behind."""

    def interrupt(*_signal: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
