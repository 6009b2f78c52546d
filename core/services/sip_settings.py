"""What a tenant sets for calls by SIP: networks, how many calls, the trunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from core.domain.access import Tenant
from core.domain.sip import (
    MOST_NETWORKS,
    TRUNK_URI,
    Sip,
    Transport,
    Trunk,
    TrunkCredentials,
    network_of,
    trunk_secret_name,
)
from core.domain.sip_views import sip_object
from core.errors import Conflict, ValidationFailed, WriteConflict, invalid_field
from core.sip_ports import SipStore, TrunkSecretWriter

_ATTEMPTS = 5
_HIGHEST_PORT = 65_535


class Unchanged(Enum):
    """What was not given; None takes away."""

    UNCHANGED = auto()


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class NewTrunk:
    """`transport` None: TLS for `sips:`, UDP for `sip:`. `password` None: the one that is there."""

    uri: str
    transport: Transport | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    from_uri: str | None = None


@dataclass(frozen=True, slots=True)
class SipChange:
    networks: Sequence[str] | Unchanged = UNCHANGED
    max_calls: int | Unchanged | None = UNCHANGED
    trunk: NewTrunk | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True)
class SipSettingsService:
    """`prefix` begins the names of the secrets; `domain` is what PBXs call, empty where there is none."""

    store: SipStore
    secrets: TrunkSecretWriter
    prefix: str
    domain: str

    def get(self, tenant: Tenant) -> dict[str, Any]:
        return sip_object(tenant, self.store.of(tenant), self.domain)

    def change(self, tenant: Tenant, change: SipChange) -> dict[str, Any]:
        """Raises ValidationFailed, or Conflict when others change it all the time."""
        networks = change.networks if isinstance(change.networks, Unchanged) else _networks(change.networks)

        def changed(sip: Sip) -> Sip:
            if not isinstance(networks, Unchanged):
                sip = replace(sip, networks=networks)
            if not isinstance(change.max_calls, Unchanged):
                sip = replace(sip, max_calls=change.max_calls)
            if not isinstance(change.trunk, Unchanged):
                sip = replace(sip, trunk=self._trunk(tenant, sip.trunk, change.trunk))
            return sip

        return sip_object(tenant, self._persistently(tenant, changed), self.domain)

    def _trunk(self, tenant: Tenant, before: Trunk | None, new: NewTrunk | None) -> Trunk | None:
        """The secret comes first: one that nothing names does no harm, a trunk without its password cannot call."""
        if new is None:
            return None
        made = _checked(new)
        if new.password is not None and new.username is not None:
            name = trunk_secret_name(self.prefix, tenant)
            self.secrets.put(name, TrunkCredentials(new.username, new.password))
            return replace(made, secret=name)
        if new.username is None:
            return made
        _check_password_is_for_it(before, made)
        return replace(made, secret=before.secret if before else None)

    def _persistently(self, tenant: Tenant, change: Callable[[Sip], Sip]) -> Sip:
        before, after = self._changed(tenant, change)
        held, left = before.trunk and before.trunk.secret, after.trunk and after.trunk.secret
        if held and not left:
            self.secrets.remove(held)
        return after

    def _changed(self, tenant: Tenant, change: Callable[[Sip], Sip]) -> tuple[Sip, Sip]:
        for _ in range(_ATTEMPTS):
            before = self.store.of(tenant)
            after = change(before)
            try:
                self.store.put(tenant, after)
            except WriteConflict:
                continue
            return before, after
        raise busy()


def busy() -> Conflict:
    return Conflict("sip_settings_busy", "the settings for SIP are changing too fast", retry_after_s=1)


def _networks(given: Sequence[str]) -> tuple[str, ...]:
    """Each once. Raises ValidationFailed that names the first one that is none."""
    found: dict[str, None] = {}
    for place, text in enumerate(given):
        try:
            found[network_of(text)] = None
        except ValueError:
            why = "must be an address or a network (203.0.113.0/24, 2001:db8::/32) without bits behind its prefix"
            raise invalid_field(f"allowed_networks.{place}", why) from None
    if len(found) > MOST_NETWORKS:
        raise invalid_field("allowed_networks", f"there may be {MOST_NETWORKS} networks")
    return tuple(found)


def _checked(new: NewTrunk) -> Trunk:
    found = TRUNK_URI.fullmatch(new.uri)
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
        raise invalid_field("trunk.uri", "must be sip:host or sips:host, with a port or none, and no user")
    is_secure = found["scheme"] == "sips"
    transport = new.transport or (Transport.TLS if is_secure else Transport.UDP)
    if is_secure and transport is not Transport.TLS:
        raise invalid_field("trunk.transport", "must be tls for a sips: URI")
    if new.password is not None and new.username is None:
        raise ValidationFailed(
            "missing_required_field", "trunk.username is required with a password", param="trunk.username"
        )
    return Trunk(new.uri, transport, new.username, new.from_uri)


def _check_password_is_for_it(before: Trunk | None, after: Trunk) -> None:
    """Nobody who cannot read it shall have it sent somewhere else."""
    if before is None or before.secret is None:
        return
    if (before.uri, before.transport, before.username) != (after.uri, after.transport, after.username):
        why = "must be given again when uri, transport or username change"
        raise ValidationFailed("missing_required_field", f"trunk.password: {why}", param="trunk.password")
