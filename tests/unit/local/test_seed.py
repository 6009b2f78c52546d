from __future__ import annotations

from pathlib import Path

from core.domain.access import Scope, api_key_hash
from core.domain.organizations import Organization
from core.domain.rotation import Version
from local.seed import ORGANIZATION, Seeder, seed, write_private
from tests.fakes.keys import MemoryKeys
from tests.fakes.stores import MemoryAccess

PEPPER = b"pepper"


def fresh() -> Seeder:
    access = MemoryAccess()
    return Seeder(access, MemoryKeys(access), Version(1, PEPPER))


def test_the_first_key_opens_everything_and_is_a_test_key(tmp_path: Path) -> None:
    access = MemoryAccess()
    secret = seed(Seeder(access, MemoryKeys(access), Version(1, PEPPER)), tmp_path / "seed.json")
    key = access.key_by_hash(api_key_hash(PEPPER, secret))
    assert key is not None
    assert secret.startswith("sk_test_")
    assert key.scopes == frozenset(Scope)
    assert access.organization(key.tenant.organization_id) == ORGANIZATION


def test_the_key_stays_the_same_on_one_machine(tmp_path: Path) -> None:
    first = seed(fresh(), tmp_path / "seed.json")
    again = seed(fresh(), tmp_path / "seed.json")
    other = seed(fresh(), tmp_path / "other.json")
    assert first == again != other


def test_what_holds_a_secret_is_its_owners_to_read(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("was open before")
    path.chmod(0o644)
    write_private(path, {"api_key": "sk"})
    assert path.stat().st_mode & 0o777 == 0o600


def test_further_keys_have_the_scopes_that_were_asked_for() -> None:
    access = MemoryAccess()
    seeder = Seeder(access, MemoryKeys(access), Version(1, PEPPER))
    seeder.organization(Organization(id="org_2", name="Two"))
    secret = seeder.key("org_2", [Scope.SESSIONS_READ], livemode=True)
    key = access.key_by_hash(api_key_hash(PEPPER, secret))
    assert key is not None
    assert secret.startswith("sk_live_")
    assert (str(key.tenant), key.scopes) == ("org_2:live", frozenset({Scope.SESSIONS_READ}))
