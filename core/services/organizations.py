"""What the operator has set for the organization that is asking."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.access import Refusal, Tenant
from core.domain.organizations import Organization
from core.ports import AccessStore
from core.services.access import refused


@dataclass(frozen=True, slots=True)
class OrganizationService:
    access: AccessStore

    def of(self, tenant: Tenant) -> Organization:
        """Raises PermissionDenied when it is gone: it was there when its key was checked, a moment ago."""
        organization = self.access.organization(tenant.organization_id)
        if organization is None:
            raise refused(Refusal.INACTIVE)
        return organization
