"""One ledger built for all tests of the review page; those that change it get a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from review import Office
from review.app import create_app
from tests.review.made import PASSWORD, build, copied, office
from tests.sources.publisher import Publisher


@pytest.fixture(scope="session")
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Path:
    home = tmp_path_factory.mktemp("built")
    build(home, publisher)
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A home of its own for one test."""
    return copied(built, tmp_path / "home")


@pytest.fixture
def desk_office(home: Path) -> Iterator[Office]:
    with office(home) as found:
        yield found


@pytest.fixture
def client(desk_office: Office) -> Iterator[TestClient]:
    """A browser that nobody is logged in with."""
    with TestClient(create_app(desk_office), base_url="http://127.0.0.1:8400", follow_redirects=False) as found:
        yield found


@pytest.fixture
def ann(client: TestClient) -> TestClient:
    """The same browser after Ann has logged in."""
    answer = client.post("/login", data={"name": "ann", "password": PASSWORD})
    assert answer.status_code == 303
    return client
