from collections.abc import Iterator

import pytest

from media_worker.engines.base import EngineSet
from tests.contract.engines.kinds import KINDS, Kind


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
