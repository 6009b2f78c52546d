"""Calls by SIP without a carrier: who of a tenant may call, how often, and by which trunk calls go out. Pure.

A session's id is all that a caller needs until its tenant has a credential or an allowed network: with credentials a
password is asked for, with networks the caller must be inside of one, with both, both.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.access import Tenant
from core.domain.digest import Algorithm, ha1
from core.errors import Conflict, NotFound

MOST_CREDENTIALS = 20
MOST_NETWORKS = 50
MOST_CALLS = 10_000
# HA1s are made with it, so it is the same for good, whatever name PBXs call.
REALM = "kallglot"
# For how long a password is good after another one took its place.
OVERLAP = timedelta(hours=24)
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_METADATA, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
PARTICIPANT_HEADER = "X-Kallglot-Participant"
_OURS = "x-kallglot-"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
TRUNK_URI = re.compile(rf"(?P<scheme>sips?):(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?")


# What can be dialed: a user, a host, and parameters, of characters that mean nothing else in a header field.
DIALED_URI = re.compile(
    rf"sips?:[A-Za-z0-9\-_.!~*'()&=+$,;?/%#]{{1,128}}@{_HOST}(?::[1-9][0-9]{{0,4}})?(?:;[A-Za-z0-9\-_.!~*'()=+$%]{{1,64}}){{0,8}}"
)
LONGEST_DIALED = 255
IS_SIP_URI = re.compile("sips?:")


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Trunk:
    """`uri` is `sip:` or `sips:` with host and port, and no user. `secret` names the secret with the password, if one
    was given."""

    uri: str
    transport: Transport = Transport.UDP
    username: str | None = None
    from_uri: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class TrunkCredentials:
    """Together in the secret, so that neither is ever used with another one's half."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """A username with its HA1s by algorithm; those of the password before it are good until `previous_until`."""

    id: str
    username: str
    created_at: datetime
    ha1s: Mapping[str, str] = field(repr=False)
    previous: Mapping[str, str] = field(default_factory=dict, repr=False)
    previous_until: datetime | None = None
    rotated_at: datetime | None = None

    def accepted(self, algorithm: Algorithm, now: datetime) -> tuple[str, str]:
        """Always two, so that a rotation costs nobody a comparison more; the second may be nobody's."""
        overlaps = self.previous_until is not None and now < self.previous_until
        before = self.previous.get(algorithm.value) if overlaps else None
        return self.ha1s.get(algorithm.value, _NOBODYS), before or _NOBODYS


# Of the right length, and what no password makes: a hash is hexadecimal.
_NOBODYS = "-" * 64
NOBODY = Credential("sipc_nobody", "", datetime.min, {})
"""Stands in for an unknown username, who must cost as much as a known one."""


@dataclass(frozen=True, slots=True)
class Sip:
    """Everything of one tenant. Networks are CIDRs as `network_of` writes them; `version` grows with every write."""

    credentials: dict[str, Credential] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    max_calls: int | None = None
    trunk: Trunk | None = None
    version: int = 0

    @property
    def needs_digest(self) -> bool:
        return bool(self.credentials)

    def named(self, username: str) -> Credential | None:
        return next((held for held in self.credentials.values() if held.username == username), None)

    def lets_in(self, source_host: str) -> bool:
        """Whether a caller at this address may come in; a password may be asked for besides."""
        return not self.networks or is_inside(self.networks, source_host)


@dataclass(frozen=True, slots=True)
class Lease:
    """A place among the calls that a tenant may have at once. It is free again when nobody has renewed it in time."""

    number: int
    leg_id: str
    expires_at: datetime


LEASE = timedelta(seconds=150)
"""Renewed every minute: two renewals may fail before a living call loses its place."""


def trunk_secret_name(prefix: str, tenant: Tenant) -> str:
    """`prefix` is the deployment's, as of connections' secrets."""
    environment = "live" if tenant.livemode else "test"
    return f"{prefix}/trunks/{tenant.organization_id}/{environment}"


def uri_at(trunk: Trunk, to: str) -> str:
    """A SIP URI is dialed as it is; a number is one of the trunk's."""
    return to if IS_SIP_URI.match(to) else f"sip:{to}@{_host_of(trunk.uri)}"


def caller_at(trunk: Trunk, asked: str | None, session_id: str) -> str:
    """Who calls: the number that was asked for, who the trunk's settings say, or the session."""
    of_trunk = trunk.from_uri or f"sip:{session_id}@{_host_of(trunk.uri)}"
    if asked is None:
        return of_trunk
    return f"sip:{asked}@{_host_of(of_trunk)}"


def _host_of(uri: str) -> str:
    """With the port, without a user or parameters."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition("?")[0]


def hashes(username: str, password: str) -> dict[str, str]:
    return {algorithm.value: ha1(algorithm, username, REALM, password) for algorithm in Algorithm}


def with_credential(sip: Sip, credential: Credential) -> Sip:
    """Raises Conflict when there are too many, or one of this name."""
    if sip.named(credential.username) is not None:
        raise Conflict("sip_username_taken", "another SIP credential has this username", param="username")
    if len(sip.credentials) >= MOST_CREDENTIALS:
        raise Conflict("sip_credential_limit_reached", f"there may be {MOST_CREDENTIALS} SIP credentials")
    return replace(sip, credentials={**sip.credentials, credential.id: credential})


def without_credential(sip: Sip, credential_id: str) -> Sip:
    """Raises NotFound."""
    existing(sip, credential_id)
    return replace(sip, credentials={name: held for name, held in sip.credentials.items() if name != credential_id})


def rotated(sip: Sip, credential_id: str, ha1s: Mapping[str, str], now: datetime) -> Sip:
    """The password before the last one is good no more. Raises NotFound."""
    held = existing(sip, credential_id)
    after = replace(held, ha1s=ha1s, previous=held.ha1s, previous_until=now + OVERLAP, rotated_at=now)
    return replace(sip, credentials={**sip.credentials, credential_id: after})


def existing(sip: Sip, credential_id: str, param: str | None = None) -> Credential:
    """Raises NotFound."""
    credential = sip.credentials.get(credential_id)
    if credential is None:
        raise NotFound("sip_credential_not_found", "no such SIP credential", param=param)
    return credential


def network_of(text: str) -> str:
    """A CIDR, or one address, in the one way to write it. Raises ValueError, as for bits behind the prefix."""
    return str(ipaddress.ip_network(text))


def is_inside(networks: Iterable[str], host: str) -> bool:
    """An IPv4 address may come in the clothes of IPv6 where a socket hears both."""
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network) for network in networks)


def free_leases(taken: Iterable[Lease], most: int, now: datetime) -> list[int]:
    """Numbers that may be taken; none when as many calls live as may, also where the limit was lowered."""
    held = {lease.number for lease in taken if lease.expires_at > now}
    return [] if len(held) >= most else [number for number in range(most) if number not in held]


def with_headers(metadata: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, str]:
    """`X-Foo-Bar: v` as `sip_x_foo_bar`. What is there stays; what does not fit is left out, no call fails by it."""
    told = dict(metadata)
    for name, value in headers.items():
        key, text = f"sip_{re.sub('[^a-z0-9]', '_', name.lower())}", _plain(value)
        is_one = name.lower().startswith("x-") and not name.lower().startswith(_OURS)
        fits = len(key) <= LONGEST_KEY and len(text) <= LONGEST_VALUE and len(told) < MOST_METADATA
        if is_one and fits and key not in told:
            told[key] = text
    return told


def _plain(value: str) -> str:
    """Half characters cannot be stored."""
    readable = value.encode(errors="replace").decode()
    return "".join(character for character in readable if character.isprintable()).strip()
