"""A time-stamp server on loopback (RFC 3161), with a key and a certificate of its own; made anew for each run."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from publish.packing.verify import ders, inside

SHA256 = bytes.fromhex("300d06096086480165030402010500")
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
SIGNED_DATA, TST_INFO = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"


def der(tag: int, *parts: bytes) -> bytes:
    """One value of DER."""
    content = b"".join(parts)
    size = len(content)
    width = (size.bit_length() + 7) // 8
    return bytes([tag, *([size] if size < 0x80 else [0x80 | width, *size.to_bytes(width)])]) + content


def named(oid: str) -> bytes:
    """The name of something in DER."""
    return der(0x06, bytes.fromhex(oid))


class TimeStampServer(ThreadingHTTPServer):
    """Stamps what it is asked to, at `time`; with `lies` another digest, with `refuses` nothing."""

    def __init__(self, *, elliptic: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Stamper)
        self.time, self.lies, self.refuses, self.asked = "20250804060000Z", False, False, 0
        self.key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stamps")])
        today = dt.datetime.now(dt.UTC)
        made = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        days = made.not_valid_before(today - dt.timedelta(1)).not_valid_after(today + dt.timedelta(1))
        self.certificate = days.sign(self.key, hashes.SHA256())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def reply(self, query: bytes) -> bytes:
        """The answer to a query."""
        self.asked += 1
        if self.refuses:
            return der(0x30, der(0x30, der(0x02, b"\x02")))
        _version, imprint, *rest = inside(ders(query)[0])
        nonce = next(one[2] for one in rest if one[0] == 0x02)
        wanted = der(0x30, SHA256, der(0x04, bytes(32))) if self.lies else imprint[2]
        time = der(0x18, self.time.encode())
        info = der(0x30, der(0x02, b"\x01"), named("2a0304"), wanted, der(0x02, b"\x07"), time, nonce)
        return der(0x30, der(0x30, der(0x02, b"\x00")), self._token(info))

    def _token(self, info: bytes) -> bytes:
        digest = hashlib.sha256(info).digest()
        attributes = b"".join((
            der(0x30, named(CONTENT_TYPE), der(0x31, named(TST_INFO))),
            der(0x30, named(MESSAGE_DIGEST), der(0x31, der(0x04, digest))),
        ))  # fmt: skip
        way, signature = self._signed(der(0x31, attributes))
        issuer, serial = self.certificate.issuer.public_bytes(), self.certificate.serial_number
        number = der(0x02, serial.to_bytes(serial.bit_length() // 8 + 1))
        signer = der(
            0x30, der(0x02, b"\x01"), der(0x30, issuer, number), SHA256, der(0xA0, attributes), way,
            der(0x04, signature),
        )  # fmt: skip
        content = der(0x30, named(TST_INFO), der(0xA0, der(0x04, info)))
        certificate = self.certificate.public_bytes(serialization.Encoding.DER)
        signed = der(0x30, der(0x02, b"\x03"), der(0x31, SHA256), content, der(0xA0, certificate), der(0x31, signer))
        return der(0x30, named(SIGNED_DATA), der(0xA0, signed))

    def _signed(self, content: bytes) -> tuple[bytes, bytes]:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return RSA, self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return ECDSA, self.key.sign(content, ec.ECDSA(hashes.SHA256()))


class _Stamper(BaseHTTPRequestHandler):
    server: TimeStampServer

    def do_POST(self) -> None:
        answer = self.server.reply(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass
