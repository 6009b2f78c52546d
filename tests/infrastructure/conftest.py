"""One synthesis for the whole suite: it takes longer than everything that is asked of it."""

from __future__ import annotations

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, ZONE, Assembly, synthesize


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """With every default but the image."""
    return synthesize(tmp_path_factory.mktemp("cdk.out"), Config(image=IMAGE))


@pytest.fixture(scope="session")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """With the engines that AWS runs."""
    return synthesize(tmp_path_factory.mktemp("cdk.out"), Config(image=IMAGE, engines="aws"))


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The other end of every switch."""
    config = Config(
        image=IMAGE,
        profile="prod",
        stage="prod",
        gpu="whole",
        nat=1,
        engine_fallback="aws",
        language_model_options='{"model": "eu.amazon.nova-lite-v1:0"}',
        stream_base_url="wss://example.org",
        certificate="arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
        api_base_url="https://api.example.org",
    )
    return synthesize(tmp_path_factory.mktemp("cdk.out"), config)


@pytest.fixture(scope="session")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A second copy, beside that of `deployment`."""
    return synthesize(tmp_path_factory.mktemp("cdk.out"), Config(image=IMAGE, cell="c1"))


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """One host in front of everything, with what of it is made in another region."""
    config = Config(image=IMAGE, edge=True, firewall=True, edge_log=True, region="eu-central-1")
    return synthesize(tmp_path_factory.mktemp("cdk.out"), config)


@pytest.fixture(scope="session")
def sip(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Calls from telephone systems, under a name of one's own."""
    config = Config(image=IMAGE, sip=True, profile="prod", domain="calls.example.org", hosted_zone=ZONE)
    return synthesize(tmp_path_factory.mktemp("cdk.out"), config)
