from collections.abc import Iterator

import pytest

from media_worker.engines.base import EngineSet
from tests.contract.engines.kinds import AMAZON, KINDS, Kind
from tests.fakes import amazon


@pytest.fixture(scope="session", autouse=True)
def credentials() -> Iterator[None]:
    """What the managed engines sign with, here and in the processes of a pool."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", amazon.ACCESS_KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", amazon.SECRET)
        environment.setenv("AWS_DEFAULT_REGION", amazon.REGION)
        environment.delenv("AWS_SESSION_TOKEN", raising=False)
        yield
        AMAZON.stop()


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    assert isinstance(request.param, Kind)
    return request.param


@pytest.fixture(scope="module")
def engines(kind: Kind) -> Iterator[EngineSet]:
    """An engine set in this process."""
    engines = kind.build()
    yield engines
    engines.close()
