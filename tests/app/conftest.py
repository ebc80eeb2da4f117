"""A clinic's identity provider, on the loopback."""

from collections.abc import Iterator

import pytest

from app.services import addresses
from app.services.addresses import Reach
from app.services.oidc import Client
from tests.provider import BACK, CLIENT, SECRET, Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The provider, which everybody who comes is Alma to. It and the service are on one machine."""
    one = Provider()
    addresses.install(Reach(is_local=True))
    yield one
    addresses.install(Reach())
    one.close()


@pytest.fixture
def client(provider: Provider) -> Client:
    """The service, as the provider knows it."""
    return Client(issuer=provider.address, client_id=CLIENT, client_secret=SECRET, back=BACK)
