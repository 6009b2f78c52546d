"""Where a webhook may go: which URLs are taken, and which addresses a name may lead to.

The rules of the URL are stricter than a browser's, so that no two readers can disagree about the host: ASCII only,
no credentials, no fragment, addresses in their canonical form. The rules of the address are the registries' of the
IANA, written out, because the standard library's own answer differs between versions of Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import MappingProxyType

LONGEST_URL = 2048
_DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"https": 443, "http": 80})
_FIRST_FREE_PORT = 1024

Address = IPv4Address | IPv6Address

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?(?P<target>[/?].*)?",
    # Without ASCII, the Kelvin sign would be a K.
    re.IGNORECASE | re.ASCII,
)
_TARGET = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Names that never lead to a public host, whatever a resolver makes of them.
_RESERVED = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "onion",
    "invalid",
    "test",
)

# https://www.iana.org/assignments/iana-ipv4-special-registry, and what is not unicast at all.
_NOT_PUBLIC_V4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of other clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata service of this one
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Global unicast is 2000::/3. Everything else is something else: loopback, IPv4-mapped, NAT64 (64:ff9b::/96 and
# 64:ff9b:1::/48), unique local (fd00:ec2::254 among them), link-local, multicast.
_GLOBAL_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


class RefusedTarget(Exception):
    """Not a place that a webhook goes to. `why` is for the customer and quotes nothing of what was refused."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class TargetUrl:
    """A URL taken apart once; whoever connects uses these parts and never reads the text again.

    `host` is a name, or an address without brackets. `target` is path and query, as it goes onto the wire.
    """

    text: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """As a Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def target_url(text: str, *, local: bool) -> TargetUrl:
    """Raises RefusedTarget. `local` also takes loopback, and plain http to it."""
    found = _URL.fullmatch(text) if 0 < len(text) <= LONGEST_URL else None
    if found is None or not _TARGET.fullmatch(found["target"] or ""):
        raise RefusedTarget(f"must be an https URL of at most {LONGEST_URL} ASCII characters, without credentials")
    scheme, host = found["scheme"].lower(), found["host"].lower()
    loopback = local and _is_loopback_name(host)
    if scheme != "https" and not loopback:
        raise RefusedTarget("must be an https URL")
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not loopback:
        _check_port(port)
        _check_host(host)
    return TargetUrl(text, scheme, host.strip("[]"), port, _rooted(found["target"] or ""))


def may_connect(address: str, *, scheme: str = "https", local: bool = False) -> bool:
    """Whether a connection may go to this address, which a resolver gave for a host."""
    try:
        given = ip_address(address)
    except ValueError:
        return False
    if local and given.is_loopback and getattr(given, "scope_id", None) is None:
        return True
    return scheme == "https" and is_public(given)


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None or address not in _GLOBAL_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)


def _check_port(port: int) -> None:
    """Below 1024 live the protocols that a request could be mistaken for: mail, shells, directories."""
    if port != _DEFAULT_PORTS["https"] and not _FIRST_FREE_PORT <= port <= 65535:
        raise RefusedTarget(f"may name port 443, or one from {_FIRST_FREE_PORT} to 65535")


def _check_host(host: str) -> None:
    if host.startswith("[") or _NUMBER.fullmatch(host.rpartition(".")[2]):
        _check_literal(host.strip("[]"))
    else:
        _check_name(host)


def _check_literal(host: str) -> None:
    """`ipaddress` takes canonical forms only: no octal, no hexadecimal, no missing parts."""
    try:
        address = ip_address(host)
    except ValueError:
        raise RefusedTarget("names an address in a form that is not canonical") from None
    if not is_public(address):
        raise RefusedTarget("must lead to a public address")


def _check_name(host: str) -> None:
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise RefusedTarget("must name a host by its full domain name, in ASCII (xn--…) and without a dot at its end")
    if any(f".{host}".endswith(f".{reserved}") for reserved in _RESERVED):
        raise RefusedTarget("must name a public host")


def _is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _rooted(target: str) -> str:
    return target if target.startswith("/") else f"/{target}"
