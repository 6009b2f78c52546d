"""The ECS service as its workers see it: which task definition is meant to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.errors import DependencyRefused

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


@dataclass(frozen=True, slots=True)
class EcsReleases:
    """Releases by family and revision, as in `worker:7`. `cluster` and `service` are names or ARNs."""

    client: ECSClient
    cluster: str
    service: str

    def in_service(self) -> str:
        """Of the deployment that ECS calls primary: the newest one, and after a rollback the one gone back to."""
        with translated("DescribeServices"):
            answer = self.client.describe_services(cluster=self.cluster, services=[self.service])
        for service in answer["services"]:
            for deployment in service["deployments"]:
                if deployment["status"] == "PRIMARY":
                    return deployment["taskDefinition"].rpartition("/")[2]
        raise DependencyRefused("DescribeServices knows no primary deployment of the service")
