"""WebhookCaller over real sockets: what a customer's server may do to us, and what a name may lead us to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from core.adapters.outgoing.caller import HttpCaller
from core.adapters.outgoing.resolver import SystemResolver
from core.domain.attempts import Outcome, Result
from tests.fakes.customers import answering, customer, dripping, resetting, silent, status
from tests.hostile import HOSTILE_ADDRESSES, HOSTILE_URLS

NAME = "hooks.example.com"
BODY = b'{"id":"evt_1"}'
OK = status("200 OK", body=b"thanks")
TOTAL_S, CONNECT_S = 0.6, 0.4
# Machines are busy; what must not happen takes forever, or thirty seconds.
PATIENCE_S = 5.0


class Names:
    """A resolver whose answers are given in order, the last one for good."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def resolve(self, host: str, timeout_s: float) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class SlowNames:
    def resolve(self, host: str, timeout_s: float) -> list[str]:
        assert timeout_s <= CONNECT_S
        raise TimeoutError


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certified(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    def of(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return of


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Nothing may be connected to; what was tried is kept."""
    tried: list[object] = []

    def create_connection(address: object, *_: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    yield tried


def post(url: str, *, names: Names | SlowNames | None = None, tls: ssl.SSLContext | None = None) -> Result:
    """As for a test key in the local profile: loopback is allowed."""
    context = tls or ssl.create_default_context()
    caller = HttpCaller(names or SystemResolver(), TOTAL_S, CONNECT_S, lambda: context)
    return caller.post(url, {"Content-Type": "application/json", "X-Own": "1"}, BODY, local=True)


def abroad(url: str, names: Names) -> Result:
    """As for a live key."""
    return HttpCaller(names, TOTAL_S, CONNECT_S).post(url, {}, BODY, local=False)


def test_a_request_goes_out_whole_and_its_answer_comes_back() -> None:
    with customer(answering(OK)) as served:
        result = post(served.url())

    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert (result.outcome, result.status, result.answer) == (Outcome.SUCCEEDED, 200, "thanks")
    assert result.duration_ms >= 0
    assert lines[0] == "POST /hook?a=b HTTP/1.1"
    assert {"content-type: application/json", "x-own: 1", f"host: 127.0.0.1:{served.port}"} <= {
        line.lower() for line in lines
    }
    assert body == BODY


def test_a_connection_goes_to_the_checked_address_and_keeps_the_name(
    trusting: ssl.SSLContext, certified: Callable[[str], ssl.SSLContext]
) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    with customer(answering(OK), certified(NAME)) as served:
        result = post(served.url("https", NAME), names=names, tls=trusting)

    assert result.outcome is Outcome.SUCCEEDED
    assert names.asked == [NAME]
    assert served.names == [NAME]
    assert f"host: {NAME}:{served.port}".encode() in served.requests[0].lower()


def test_the_first_address_that_answers_is_taken(
    trusting: ssl.SSLContext, certified: Callable[[str], ssl.SSLContext]
) -> None:
    with customer(answering(OK), certified(NAME)) as served:
        result = post(served.url("https", NAME), names=Names(["127.0.0.9", "::1", "127.0.0.1"]), tls=trusting)

    assert result.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("204 No Content", Outcome.SUCCEEDED),
        ("299 Odd", Outcome.SUCCEEDED),
        ("301 Moved", Outcome.REDIRECTED),
        ("302 Found", Outcome.REDIRECTED),
        ("307 Elsewhere", Outcome.REDIRECTED),
        ("400 Bad", Outcome.HTTP_STATUS),
        ("410 Gone", Outcome.GONE),
        ("500 Broken", Outcome.HTTP_STATUS),
    ],
)
def test_only_a_2xx_is_success(line: str, outcome: Outcome) -> None:
    with customer(answering(status(line))) as served:
        result = post(served.url())

    assert (result.outcome, result.status) == (outcome, int(line[:3]))


def test_a_redirect_is_followed_by_nobody() -> None:
    with customer(answering(OK)) as elsewhere:
        with customer(answering(status("302 Found", f"Location: {elsewhere.url()}"))) as served:
            assert post(served.url()).outcome is Outcome.REDIRECTED
        assert (served.connections, elsewhere.connections) == (1, 0)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with customer(answering(OK)) as proxy, customer(answering(OK)) as served:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert post(served.url()).outcome is Outcome.SUCCEEDED
        assert (served.connections, proxy.connections) == (1, 0)


def test_what_a_server_asks_to_wait_is_told() -> None:
    with customer(answering(status("503 Later", "Retry-After: 120"))) as served:
        assert post(served.url()).retry_after == "120"


def test_an_endless_answer_is_cut_and_counts_by_its_status() -> None:
    with customer(dripping(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 200_000, 0.0)) as served:
        began = time.monotonic()
        result = post(served.url())

    assert (result.outcome, result.status) == (Outcome.HTTP_STATUS, 500)
    assert result.answer == "x" * 1024
    assert time.monotonic() - began < PATIENCE_S


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", Outcome.SUCCEEDED),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", Outcome.TIMEOUT),
        (b"", Outcome.TIMEOUT),
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_up(first: bytes, outcome: Outcome) -> None:
    with customer(dripping(first, b"1", 0.05)) as served:
        began = time.monotonic()
        result = post(served.url())

    assert result.outcome is outcome
    assert TOTAL_S - 0.05 <= time.monotonic() - began < PATIENCE_S


def test_a_server_that_reads_nothing_is_left_when_the_time_is_up() -> None:
    with customer(silent) as served:
        began = time.monotonic()
        caller = HttpCaller(SystemResolver(), TOTAL_S, CONNECT_S, ssl.create_default_context)
        result = caller.post(served.url(), {}, b"x" * 50_000_000, local=True)

    assert result.outcome is Outcome.TIMEOUT
    assert time.monotonic() - began < PATIENCE_S


def test_a_server_that_never_shakes_hands_is_left_sooner(trusting: ssl.SSLContext) -> None:
    with customer(silent) as served:
        began = time.monotonic()
        result = post(served.url("https", NAME), names=Names(["127.0.0.1"]), tls=trusting)

    assert result.outcome is Outcome.TIMEOUT
    assert CONNECT_S - 0.05 <= time.monotonic() - began < PATIENCE_S


def test_a_name_that_takes_too_long_is_a_timeout() -> None:
    assert post(f"https://{NAME}/", names=SlowNames()).outcome is Outcome.TIMEOUT


def test_a_name_that_leads_nowhere_and_a_port_that_is_closed_are_failures_to_connect() -> None:
    with customer(silent) as served:
        closed = served.url()

    assert post(f"https://{NAME}/", names=Names([])).outcome is Outcome.CONNECTION_FAILED
    assert post(closed).outcome is Outcome.CONNECTION_FAILED


def test_a_connection_that_is_reset_is_a_failure_to_connect() -> None:
    with customer(resetting) as served:
        assert post(served.url()).outcome is Outcome.CONNECTION_FAILED


def test_what_is_no_http_is_a_failure_to_connect() -> None:
    with customer(answering(b"SSH-2.0-OpenSSH\r\n\r\n")) as served:
        assert post(served.url()).outcome is Outcome.CONNECTION_FAILED


def test_a_certificate_of_another_name_or_of_nobody_we_trust_is_refused(
    trusting: ssl.SSLContext, certified: Callable[[str], ssl.SSLContext]
) -> None:
    for name, context in (("other.example.com", trusting), (NAME, ssl.create_default_context())):
        with customer(answering(OK), certified(name)) as served:
            result = post(served.url("https", NAME), names=Names(["127.0.0.1"]), tls=context)
        assert result.outcome is Outcome.TLS_FAILED
        assert served.requests == []


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_a_name_that_leads_elsewhere_than_when_it_was_registered_is_refused(
    address: str, unreachable: list[object]
) -> None:
    names = Names([address])

    assert abroad(f"https://{NAME}/", names).outcome is Outcome.TARGET_REFUSED
    assert (names.asked, unreachable) == ([NAME], [])


def test_one_private_address_among_public_ones_is_one_too_many(unreachable: list[object]) -> None:
    assert abroad(f"https://{NAME}/", Names(["1.1.1.1", "10.0.0.1"])).outcome is Outcome.TARGET_REFUSED
    assert unreachable == []


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_is_refused_at_delivery_too(url: str, unreachable: list[object]) -> None:
    names = Names(["1.1.1.1"])

    assert abroad(url, names).outcome is Outcome.TARGET_REFUSED
    assert (names.asked, unreachable) == ([], [])


def test_a_public_address_is_connected_to_and_not_resolved_again(unreachable: list[object]) -> None:
    names = Names(["1.1.1.1", "2606:4700::1111"])

    assert abroad(f"https://{NAME}:8443/", names).outcome is Outcome.CONNECTION_FAILED
    assert names.asked == [NAME]
    assert unreachable == [("1.1.1.1", 8443), ("2606:4700::1111", 8443)]
