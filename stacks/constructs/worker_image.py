"""The image of the media worker, which is also the SIP gateway's: the same code, another entry point."""

from __future__ import annotations

from aws_cdk import aws_ecr_assets as assets
from aws_cdk import aws_ecs as ecs

from stacks.config import Config
from stacks.constructs.bundle import ROOT

_ARCHITECTURES = {"arm64": ecs.CpuArchitecture.ARM64, "x86_64": ecs.CpuArchitecture.X86_64}
_PLATFORMS = {"arm64": assets.Platform.LINUX_ARM64, "x86_64": assets.Platform.LINUX_AMD64}


def image(config: Config) -> ecs.ContainerImage:
    if config.image:
        return ecs.ContainerImage.from_registry(config.image)
    # What goes along is said by .dockerignore, which CDK reads as docker does.
    return ecs.ContainerImage.from_asset(
        str(ROOT),
        file="media_worker/Dockerfile",
        platform=_PLATFORMS[config.worker_architecture],
        build_args={"GROUP": "aws" if config.uses("aws") else "worker"},
    )


def platform(config: Config) -> ecs.RuntimePlatform:
    return ecs.RuntimePlatform(
        cpu_architecture=_ARCHITECTURES[config.worker_architecture],
        operating_system_family=ecs.OperatingSystemFamily.LINUX,
    )
