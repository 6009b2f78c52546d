import pytest

from media_worker.language_models.base import ModelError
from media_worker.language_models.names import ModelNames, pairs


def test_an_agent_names_one_of_the_deployments_models_or_none() -> None:
    names = ModelNames("default-id", {"fast": "fast-id"})
    assert (names.id_of(None), names.id_of("fast")) == ("default-id", "fast-id")
    with pytest.raises(ModelError):
        names.id_of("default-id")


def test_pairs() -> None:
    assert pairs("") == {}
    assert pairs("fast=a:b/c=d, slow = e,") == {"fast": "a:b/c=d", "slow": "e"}


@pytest.mark.parametrize("text", ["fast", "=a", "fast=", "a=b,c"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pairs(text)
