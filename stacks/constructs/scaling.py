"""How many workers there are: by how full they say they are, and by their processors."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs

from stacks import metrics
from stacks.config import Config

_LOAD_PERCENT = 60
_CPU_PERCENT = 60
# A worker takes minutes to start, and calls come at once; one too many costs less than a call that is refused.
_OUT_AGAIN = Duration.seconds(30)
_IN_AGAIN = Duration.minutes(10)


def scale(service: ecs.FargateService, config: Config) -> None:
    """More as soon as one of the two asks for it, fewer only when both agree.

    A worker with calls has asked ECS to be left alone (`media_worker/protection.py`), so fewer means those without.
    """
    at_least, at_most = config.workers
    workers: ecs.ScalableTaskCount = service.auto_scale_task_count(min_capacity=at_least, max_capacity=at_most)
    load = metrics.of_worker(config, "Load", "Average").with_(period=Duration.minutes(1))
    workers.scale_to_track_custom_metric(
        "Load",
        metric=load,
        target_value=_LOAD_PERCENT,
        scale_out_cooldown=_OUT_AGAIN,
        scale_in_cooldown=_IN_AGAIN,
    )
    workers.scale_on_cpu_utilization(
        "Cpu",
        target_utilization_percent=_CPU_PERCENT,
        scale_out_cooldown=_OUT_AGAIN,
        scale_in_cooldown=_IN_AGAIN,
    )
