"""Names of trunks: SRV records are asked for by dnspython, addresses by the system, which has files of its own."""

from __future__ import annotations

import socket

import dns.exception
import dns.resolver

from media_worker.sip.dialing.roads import Names, Server

_LIFETIME_S = 3.0


def servers_of(name: str) -> list[Server]:
    """None, too, where no name server answers: then the host's own address is tried."""
    try:
        found = dns.resolver.resolve(name, "SRV", lifetime=_LIFETIME_S)
    except (dns.exception.DNSException, OSError):
        return []
    servers = [Server(each.priority, each.weight, str(each.target).rstrip("."), each.port) for each in found]
    # A single dot says that there is no such service (RFC 2782).
    return [server for server in servers if server.host]


def addresses_of(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(info[4][0]) for info in found))


SYSTEM = Names(servers_of, addresses_of)
