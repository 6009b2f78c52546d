"""How one release of a service that holds calls follows another."""

from __future__ import annotations

from aws_cdk import aws_ecs as ecs


def let_calls_end_by_themselves(service: ecs.FargateService) -> None:
    """A deployment is done when the new tasks serve; old ones, protected by their calls, leave when those end.

    Otherwise CloudFormation waits for the longest call, and gives up. CDK's own service does not know of it yet.
    """
    resource = service.node.default_child
    assert isinstance(resource, ecs.CfnService)
    criteria = {"Enable": True, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"}
    resource.add_property_override("DeploymentConfiguration.EarlySuccessCriteria", criteria)
