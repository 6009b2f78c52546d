"""The one way to declare a Lambda function."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Config
from stacks.constructs import bundle


class Function(lambda_.Function):
    """`module` is the handler's module below `lambdas/` and names the construct: `events.relay`.

    Comes with a role of its own that may write its log and its traces and nothing else, a log group that forgets,
    tracing by the Lambda service (the code carries no tracing library), and an alarm on errors. `group` names the
    dependencies that it runs with.
    """

    def __init__(
        self,
        scope: Construct,
        module: str,
        config: Config,
        environment: Mapping[str, str],
        *,
        timeout: Duration | None = None,
        memory_mib: int = 512,
        group: str = bundle.USUAL,
    ) -> None:
        log = logs.LogGroup(
            scope, f"{module}.log", retention=config.defaults.log_retention, removal_policy=config.removal_policy
        )
        role = iam.Role(scope, f"{module}.role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        super().__init__(
            scope,
            module,
            runtime=_runtime(config),
            architecture=_ARCHITECTURES[config.lambda_architecture],
            code=_code(Stack.of(scope), config, group),
            handler=f"lambdas.{module}.handler",
            role=role,
            log_group=log,
            tracing=lambda_.Tracing.ACTIVE,
            timeout=timeout or Duration.seconds(10),
            memory_size=memory_mib,
            environment={
                "POWERTOOLS_SERVICE_NAME": module,
                "POWERTOOLS_METRICS_NAMESPACE": config.metrics_namespace,
                "LOG_LEVEL": config.defaults.log_level,
                **environment,
            },
        )
        self.module, self.group = module, group
        self._alarm(module)

    def _alarm(self, module: str) -> None:
        self.metric_errors(period=Duration.minutes(5)).create_alarm(
            self,
            "Errors",
            alarm_description=f"The function {module} raised",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


_declared: WeakKeyDictionary[Stack, dict[str, lambda_.Code]] = WeakKeyDictionary()
_ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def _runtime(config: Config) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{config.lambda_python}", lambda_.RuntimeFamily.PYTHON)


def _code(stack: Stack, config: Config, group: str) -> lambda_.Code:
    """Functions of a stack run from the same archive, so it is declared once (and CDK allows it once only)."""
    declared = _declared.setdefault(stack, {})
    if group not in declared:
        declared[group] = bundle.code(config.lambda_architecture, config.lambda_python, group)
    return declared[group]
