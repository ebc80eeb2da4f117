"""A security key in software: it makes passkeys and signs with them, as the one on somebody's key ring does."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def url64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One credential on one device. ``count`` is what it says of its uses; a copy of it goes on counting by itself."""

    origin: str
    rp_id: str
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """What a browser sends after ``navigator.credentials.create()``. ``changes`` are to the client's data."""
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public_key()
        data = self._data(ATTESTED) + attested
        response = {
            "clientDataJSON": url64(self._client_data("webauthn.create", options, changes)),
            "attestationObject": url64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["usb"],
        }
        return self._credential(response)

    def signed(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """What a browser sends after ``navigator.credentials.get()``."""
        self.count += 1
        client_data = self._client_data("webauthn.get", options, changes)
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": url64(client_data),
            "authenticatorData": url64(data),
            "signature": url64(signature),
            "userHandle": None,
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = url64(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _client_data(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changes).encode()

    def _data(self, more: int) -> bytes:
        name = hashlib.sha256(self.rp_id.encode()).digest()
        return name + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        # COSE (RFC 9053): key type EC2, algorithm ES256, curve P-256, and the point.
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
