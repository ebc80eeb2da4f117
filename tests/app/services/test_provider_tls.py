"""A provider shows a certificate by an authority that this machine trusts, or nothing is asked of it."""

import pytest
from requests import Session

from app.services.outbound import OutboundError, ask_json, origin_of
from tests.tls import certificate, server_with


@pytest.mark.asvs("12.3.2")
def test_a_certificate_that_vouches_for_itself_is_never_taken(tmp_path):
    shown = certificate(tmp_path, "localhost")
    with server_with(shown) as port:
        address = f"https://localhost:{port}/"
        where = {"origins": frozenset({origin_of(address)})}

        with pytest.raises(OutboundError, match="unreachable"):
            ask_json(Session(), "GET", address, **where)
        trusted = ask_json(Session(), "GET", address, **where, verify=str(shown))

    assert trusted == {}
