from collections.abc import AsyncIterator, Iterator

import pytest

from media_worker.language_models.base import LanguageModel
from tests.contract.language_models.kinds import REMOTE, Kind
from tests.fakes.model_servers import ModelServer


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What requests are signed with; a proxy of the environment has no business between two ends of one machine."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=REMOTE, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    assert isinstance(request.param, Kind)
    return request.param


@pytest.fixture
def server(kind: Kind) -> Iterator[ModelServer]:
    server = ModelServer(kind.wire())
    yield server
    server.stop()


@pytest.fixture
async def model(kind: Kind, server: ModelServer) -> AsyncIterator[LanguageModel]:
    model = kind.build(server)
    yield model
    await model.close()
