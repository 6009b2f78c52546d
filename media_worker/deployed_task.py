"""Which task this worker is, as ECS tells it (task metadata endpoint, version 4)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import aiohttp
from pydantic import BaseModel, Field, ValidationError

_log = logging.getLogger(__name__)
_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class DeployedTask:
    """`release` is family and revision of its task definition, as in `worker:7`."""

    cluster: str
    service: str
    release: str


class _Task(BaseModel):
    cluster: str = Field(alias="Cluster", min_length=1)
    service: str = Field(alias="ServiceName", min_length=1)
    family: str = Field(alias="Family", min_length=1)
    revision: str = Field(alias="Revision", min_length=1)


async def deployed_task(metadata_uri: str | None) -> DeployedTask | None:
    """None outside ECS, and where it does not answer; then no deployment is known to replace this worker."""
    if metadata_uri is None:
        return None
    try:
        timeout = aiohttp.ClientTimeout(total=_WAIT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{metadata_uri}/task") as answer:
            answer.raise_for_status()
            task = _Task.model_validate_json(await answer.read())
    except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
        _log.error("the task's own deployment is not known", extra={"code": type(error).__name__})
        return None
    return DeployedTask(task.cluster, task.service, f"{task.family}:{task.revision}")
