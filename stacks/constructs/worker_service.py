"""The media worker as an ECS service: Fargate by default, the same container on Managed Instances with a GPU."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Config
from stacks.constructs.rollout import let_calls_end_by_themselves
from stacks.constructs.scaling import scale
from stacks.constructs.worker_image import image, platform
from stacks.prices import WORKER_GB, WORKER_VCPU

PORT = 8080
RELAY_PORT = 8081
"""Where workers reach each other, and no load balancer leads."""
_STOP_TIMEOUT = Duration.seconds(120)
_GPU_SHARE = "0.25"
_GPU_MEMORY_MIB = 5_000


class WorkerService(Construct):
    """Cluster, task and service; the load balancer is the caller's."""

    def __init__(
        self, scope: Construct, construct_id: str, config: Config, vpc: ec2.IVpc, environment: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._vpc = vpc
        self.cluster = ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        self.security_group = ec2.SecurityGroup(self, "Workers", vpc=vpc, description="Media workers")
        self.security_group.add_ingress_rule(
            self.security_group,
            ec2.Port.tcp(RELAY_PORT),
            "A socket that came to a worker which does not hold its session",
        )
        self.log = self._log()
        self.task = self._task(environment)
        at_least, at_most = config.workers
        self.service = self._service(None if at_least < at_most else at_least)
        let_calls_end_by_themselves(self.service)
        if at_least < at_most:
            scale(self.service, config)

    def _task(self, environment: Mapping[str, str]) -> ecs.TaskDefinition:
        task = ecs.TaskDefinition(
            self,
            "Task",
            cpu=str(1024 * WORKER_VCPU),
            memory_mib=str(1024 * WORKER_GB),
            network_mode=ecs.NetworkMode.AWS_VPC,
            compatibility=self._compatibility(),
            runtime_platform=platform(self._config),
        )
        task.add_container(
            "worker",
            image=image(self._config),
            environment=dict(environment),
            port_mappings=[ecs.PortMapping(container_port=PORT), ecs.PortMapping(container_port=RELAY_PORT)],
            stop_timeout=_STOP_TIMEOUT,
            gpu_count=1 if self._config.gpu in ("whole", "fractional", "mps") else None,
            logging=ecs.LogDrivers.aws_logs(stream_prefix="worker", log_group=self.log),
        )
        self._share_gpu(task)
        return task

    def _log(self) -> logs.LogGroup:
        return logs.LogGroup(
            self, "Log", retention=self._config.defaults.log_retention, removal_policy=self._config.removal_policy
        )

    def _compatibility(self) -> ecs.Compatibility:
        gpu = self._config.gpu != "none"
        return ecs.Compatibility.MANAGED_INSTANCES if gpu else ecs.Compatibility.FARGATE_AND_MANAGED_INSTANCES

    def _share_gpu(self, task: ecs.TaskDefinition) -> None:
        """A share of a GPU has no property of its own in CDK yet."""
        requirement = "ContainerDefinitions.0.ResourceRequirements.0"
        resource = task.node.default_child
        assert isinstance(resource, ecs.CfnTaskDefinition)
        if self._config.gpu == "fractional":
            resource.add_property_override(f"{requirement}.Value", _GPU_SHARE)
        if self._config.gpu == "mps":
            resource.add_property_deletion_override(f"{requirement}.Value")
            resource.add_property_override(f"{requirement}.SharingStrategy.NvidiaMps.Memory", _GPU_MEMORY_MIB)

    def _service(self, count: int | None) -> ecs.FargateService:
        """CDK's Fargate service also drives Managed Instances, given a capacity provider.

        No count where workers are scaled: a deployment would set it back while calls run.
        """
        return ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=self.task,
            desired_count=count,
            capacity_provider_strategies=self._gpu_capacity(),
            security_groups=[self.security_group],
            vpc_subnets=ec2.SubnetSelection(subnets=self._subnets()),
            assign_public_ip=None if self._config.gpu != "none" else not self._config.nat_gateways,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            # Loading the models takes a while, and fetching them longer; until then the load balancer's opinion does
            # not count.
            health_check_grace_period=Duration.seconds(1800 if self._config.models else 120),
        )

    def _subnets(self) -> list[ec2.ISubnet]:
        return list(self._vpc.private_subnets or self._vpc.public_subnets)

    def _gpu_capacity(self) -> list[ecs.CapacityProviderStrategy] | None:
        if self._config.gpu == "none":
            return None
        fractional = self._config.gpu == "fractional"
        provider = ecs.ManagedInstancesCapacityProvider(
            self,
            "Gpus",
            subnets=self._subnets(),
            security_groups=[self.security_group],
            instance_requirements=ec2.InstanceRequirementsConfig(
                v_cpu_count_min=4,
                memory_min=Size.gibibytes(16),
                # EC2 counts no whole GPU on g6f, so asking for one there would match nothing.
                accelerator_count_min=None if fractional else 1,
                allowed_instance_types=["g6f.*"] if fractional else ["g6.*", "g6e.*", "g5.*"],
            ),
        )
        self.cluster.add_managed_instances_capacity_provider(provider)
        return [ecs.CapacityProviderStrategy(capacity_provider=provider.capacity_provider_name, weight=1)]
