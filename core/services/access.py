"""Who is calling: from the text of an API key to a principal, or to the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.access import ApiKey, Principal, Refusal, Scope, api_key_hash
from core.domain.organizations import Organization
from core.domain.rotation import Secret
from core.errors import AuthenticationFailed, KallglotError, PermissionDenied
from core.ports import AccessStore, Clock

_LONGEST_SECRET = 200


@dataclass(frozen=True, slots=True)
class Caller:
    principal: Principal
    organization: Organization


@dataclass(frozen=True, slots=True)
class AccessService:
    """A key is found by its hash under any version of the pepper, in one read of them all."""

    access: AccessStore
    pepper: Secret
    clock: Clock

    def authenticate(self, secret: str | None) -> Principal | Refusal:
        return _principal(self.identify(secret))

    def identify(self, secret: str | None) -> Caller | Refusal:
        """Every key that is refused costs the same, whatever is wrong with it: a hash for each pepper, and one read."""
        return self._judge(self._key(secret))

    def admit_again(self, key_hash: str, scope: Scope) -> Principal:
        """As `admit`, of a key that was admitted before."""
        return _admitted(_principal(self._judge(self.access.key_by_hash(key_hash))), scope)

    def _judge(self, key: ApiKey | None) -> Caller | Refusal:
        if key is None:
            return Refusal.UNKNOWN
        if refusal := key.refusal(self.clock.now()):
            return refusal
        organization = self.access.organization(key.tenant.organization_id)
        if organization is None or not organization.active:
            return Refusal.INACTIVE
        return Caller(Principal(key.tenant, key.id, key.scopes), organization)

    def admit(self, secret: str | None, scope: Scope) -> Principal:
        """Raises AuthenticationFailed or PermissionDenied."""
        return _admitted(self.authenticate(secret), scope)

    def admit_to_remember(self, secret: str | None, scope: Scope) -> tuple[Principal, str]:
        """As `admit`, with the hash by which `admit_again` knows the key, without its text and without the pepper."""
        key = self._key(secret)
        principal = _admitted(_principal(self._judge(key)), scope)
        assert key is not None, "nobody is admitted without a key"
        return principal, key.hash

    def _key(self, secret: str | None) -> ApiKey | None:
        text = secret or ""
        hashes = [api_key_hash(pepper, text[:_LONGEST_SECRET]) for pepper in self.pepper().values]
        found = self.access.key_by_hashes(hashes)
        return found if text.startswith("sk_") and len(text) <= _LONGEST_SECRET else None


def _principal(caller: Caller | Refusal) -> Principal | Refusal:
    return caller.principal if isinstance(caller, Caller) else caller


def _admitted(caller: Principal | Refusal, scope: Scope) -> Principal:
    if isinstance(caller, Refusal):
        raise refused(caller)
    check_scope(caller.scopes, scope)
    return caller


def refused(refusal: Refusal) -> KallglotError:
    """The error that tells a client why its key is not let in."""
    if refusal is Refusal.INACTIVE:
        return PermissionDenied(refusal, "the organization is not active")
    if refusal is Refusal.UNKNOWN:
        return AuthenticationFailed(refusal, "no valid API key was given")
    return AuthenticationFailed(refusal, "this API key may no longer be used")


def check_scope(scopes: frozenset[Scope], needed: Scope) -> None:
    """Raises PermissionDenied."""
    if needed not in scopes:
        raise PermissionDenied("insufficient_permissions", f"this API key lacks the scope {needed}")
