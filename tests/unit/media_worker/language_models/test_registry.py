import subprocess
import sys

import pytest

from media_worker.language_models import registry
from media_worker.language_models.bounded import Bounds
from media_worker.language_models.budget import Prices
from media_worker.language_models.embedded.model import EmbeddedModel
from media_worker.language_models.registry import ModelNotAvailable, ModelSettings


def test_the_embedded_one_needs_nothing() -> None:
    assert isinstance(registry.build("embedded", ModelSettings()), EmbeddedModel)


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("gpt", {}, "there are bedrock, embedded, openai"),
        ("openai", {"base_url": "http://x/v1"}, "`model`"),
        ("openai", {"model": "m"}, "api_key_secret"),
        ("openai", {"model": "m", "base_url": "localhost:11434"}, "base_url"),
        ("openai", {"model": "m", "base_url": "http://x", "models": "fast"}, "name=id"),
        ("openai", {"model": "m", "base_url": "http://x", "first_s": "soon"}, "first_s"),
        ("openai", {"model": "m", "base_url": "http://x", "first_s": "-1"}, "first_s"),
        ("openai", {"model": "m", "base_url": "http://x", "limit_field": "most"}, "limit_field"),
        ("openai", {"model": "m", "base_url": "http://x", "api_key_secret": "key"}, "nobody here reads secrets"),
        ("bedrock", {"region": "eu-central-1"}, "`model`"),
    ],
)
def test_what_cannot_be_built_says_why(name: str, options: dict[str, str], says: str) -> None:
    with pytest.raises(ModelNotAvailable, match=says):
        registry.build(name, ModelSettings(options))


async def test_the_key_is_read_where_the_model_is_built() -> None:
    read: list[str] = []

    def secret(name: str) -> bytes:
        read.append(name)
        return b"sk-1\n"

    settings = ModelSettings({"model": "m", "api_key_secret": "arn:aws:secretsmanager:x"}, secret)
    model = registry.build("openai", settings)
    assert read == ["arn:aws:secretsmanager:x"]
    await model.close()


def test_bounds_and_prices_are_options() -> None:
    settings = ModelSettings({"first_s": "3", "total_s": "20", "price_read": "3", "price_written": "15"})
    assert settings.bounds() == Bounds(first_s=3.0, total_s=20.0)
    assert registry.prices(settings) == Prices(3.0, 15.0)
    assert registry.prices(ModelSettings()) == Prices()


def test_a_provider_that_nobody_chose_is_not_imported() -> None:
    code = (
        "import sys; from media_worker.language_models import registry as r; r.build('embedded', r.ModelSettings());"
        "sys.exit(any(name in sys.modules for name in ('openai', 'boto3', 'botocore')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
