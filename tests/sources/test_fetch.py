"""Fetching from a real server on loopback: what comes back, and how each fault is named."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import itertools
import socket
import ssl
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import brotli
import msgspec
import pytest
import requests
import zstandard

from model import BlockedError, Fetched, FetchError, Match, SeriesRule, Source, UsageError, moment, now
from model import Publisher as Carrier
from sources import Fetcher, FetchLimits, Manners
from sources.web import connection
from sources.web.addresses import address_problem
from tests.sources.publisher import Publisher

AGENT = "Tallybook/0 (+https://desk.example/contact)"
PAGE = b"<p>119,154 names</p>"


def source(url: str | None, *, allowed: bool = True) -> Source:
    return Source(
        id="page",
        title="A page",
        publisher=Carrier(name="A publisher"),
        method="They count.",
        basis="counted",
        extractor="prose",
        tried_live="never",
        url=url,
        series=(SeriesRule(id="killed", match=Match()),),
        allow_private_addresses=allowed,
    )


@pytest.fixture
def p() -> Iterator[Publisher]:
    with Publisher() as publisher:
        yield publisher


HASTY = Manners(spacing=0, retries=0, failures=1000)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    limits = FetchLimits(timeout=2, total_timeout=5, max_bytes=100_000)
    with Fetcher(user_agent=AGENT, limits=limits, manners=HASTY) as made:
        yield made


def refused(fetcher: Fetcher, url: str, *, allowed: bool = True) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(source(url, allowed=allowed))
    return caught.value


def test_an_answer_is_told_with_bytes_type_charset_and_validators(p: Publisher, fetcher: Fetcher) -> None:
    headers = {"Content-Type": 'Text/HTML; Charset="Windows-1251"', "ETag": '"7"', "Set-Cookie": "a=b", "X-Noise": "1"}
    p.page("/x", PAGE, headers=headers)
    before = now()
    fetched = fetcher.fetch(source(p.url("/x")))
    assert (fetched.url, fetched.status, fetched.content) == (p.url("/x"), 200, PAGE)
    assert (fetched.media_type, fetched.charset, fetched.published) == ("text/html", "windows-1251", None)
    assert sorted(fetched.headers) == ["Content-Length", "Content-Type", "Date", "ETag"]
    assert moment(before) <= moment(fetched.at) <= moment(now())


def test_we_say_who_we_are_and_take_gzip_and_deflate_only(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE)
    fetcher.fetch(source(p.url("/x")))
    asked = p.requests[0].headers
    assert (asked["user-agent"], asked["accept-encoding"]) == (AGENT, "gzip, deflate, br, zstd")


def test_another_address_of_the_source_may_be_asked(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/release", PAGE)
    assert fetcher.fetch(source(p.url("/latest")), p.url("/release")).content == PAGE
    with pytest.raises(FetchError, match="no address of its own"):
        fetcher.fetch(source(None))


def test_an_unchanged_page_is_answered_without_content(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE, headers={"ETag": '"7"', "Last-Modified": "Thu, 17 Jul 2025 06:00:00 GMT"})
    first = fetcher.fetch(source(p.url("/x")))
    again = fetcher.fetch(source(p.url("/x")), validators=first.headers)
    assert (again.status, again.content, again.headers["ETag"]) == (304, None, '"7"')
    asked = p.requests[1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"7"', "Thu, 17 Jul 2025 06:00:00 GMT")


def test_a_validator_that_no_header_can_hold_is_not_sent(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE)
    fetcher.fetch(source(p.url("/x")), validators={"ETag": "a\r\nX-Evil: 1", "Last-Modified": "вчера"})
    assert not {"if-none-match", "if-modified-since", "x-evil"} & p.requests[0].headers.keys()


def test_304_without_having_asked_is_a_failure(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", b"", status=304)
    assert refused(fetcher, p.url("/x")).reason == "http_status"


def test_an_empty_answer_is_handed_on_as_it_is(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", b"")
    assert fetcher.fetch(source(p.url("/x"))).content == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_the_address_that_answers(p: Publisher, fetcher: Fetcher, status: int) -> None:
    p.redirect("/old", "new?a=1", status=status)
    p.page("/new?a=1", PAGE)
    fetched = fetcher.fetch(source(p.url("/old")))
    assert (fetched.url, fetched.content) == (p.url("/new?a=1"), PAGE)


def test_a_location_in_utf8_is_followed(p: Publisher, fetcher: Fetcher) -> None:
    p.raw("/old", ["HTTP/1.1 302 Found\r\nLocation: /втрати\r\nContent-Length: 0\r\n\r\n".encode()])
    p.page("/%D0%B2%D1%82%D1%80%D0%B0%D1%82%D0%B8", PAGE)
    assert fetcher.fetch(source(p.url("/old"))).content == PAGE


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/loop", "redirects"),
        ("", "redirects"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://127.0.0.1/x", "scheme"),
        ("http://[", "bad_url"),
        ("https:///x", "bad_url"),
        ("http://a b/", "bad_url"),
        ("http://host:99999/", "bad_url"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_named(p: Publisher, fetcher: Fetcher, location: str, reason: str) -> None:
    p.redirect("/loop", location)
    assert refused(fetcher, p.url("/loop")).reason == reason
    assert len(p.requests) <= 6


def test_cookies_live_through_the_redirects_of_one_fetch_only(p: Publisher, fetcher: Fetcher) -> None:
    p.redirect("/door", "/x", headers={"Set-Cookie": "seen=1; Path=/"})
    p.page("/x", PAGE, headers={"Set-Cookie": "later=1; Path=/"})
    fetcher.fetch(source(p.url("/door")))
    fetcher.fetch(source(p.url("/x")))
    assert [asked.headers.get("cookie") for asked in p.requests] == [None, "seen=1", None]


@pytest.mark.parametrize(("status", "reason"), [(401, "login"), (403, "forbidden"), (407, "proxy_login")])
def test_being_turned_away_is_blocked(p: Publisher, fetcher: Fetcher, status: int, reason: str) -> None:
    p.page("/x", b"no", status=status)
    error = refused(fetcher, p.url("/x"))
    assert isinstance(error, BlockedError)
    assert (error.reason, error.status) == (reason, status)


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_page_is_blocked_whatever_its_status(p: Publisher, fetcher: Fetcher, status: int) -> None:
    p.page("/x", b"<html><head><title>Just a moment...</title>", status=status)
    p.page("/y", b"wait", status=status, headers={"cf-mitigated": "challenge"})
    for path in ("/x", "/y"):
        error = refused(fetcher, p.url(path))
        assert isinstance(error, BlockedError)
        assert error.reason == "challenge"


@pytest.mark.parametrize("status", [204, 206, 404, 410, 500, 503])
def test_a_status_without_a_report_is_a_failure_not_a_block(p: Publisher, fetcher: Fetcher, status: int) -> None:
    p.page("/x", b"", status=status)
    error = refused(fetcher, p.url("/x"))
    assert not isinstance(error, BlockedError)
    assert (error.reason, error.status) == ("gone" if status in (404, 410) else "http_status", status)


@pytest.mark.parametrize("wbits", [31, 15, -15])
def test_gzip_and_both_kinds_of_deflate_are_read(p: Publisher, fetcher: Fetcher, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    coding = "gzip" if wbits == 31 else "deflate"
    p.page("/x", packer.compress(PAGE) + packer.flush(), headers={"Content-Encoding": coding})
    assert fetcher.fetch(source(p.url("/x"))).content == PAGE


def test_gzip_of_many_members_with_padding_is_read(p: Publisher, fetcher: Fetcher) -> None:
    content = bytes(range(256)) * 300
    packed = b"".join(gzip.compress(content[at : at + 1000]) for at in range(0, len(content), 1000)) + b"\0" * 20
    p.page("/x", packed, headers={"Content-Encoding": "gzip"})
    assert fetcher.fetch(source(p.url("/x"))).content == content


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress,
}  # fmt: skip


@pytest.mark.parametrize("coding", PACKERS)
def test_every_packing_that_is_asked_for_is_unpacked_and_one_cut_short_refused(
    p: Publisher, fetcher: Fetcher, coding: str
) -> None:
    packed = PACKERS[coding](PAGE * 300)
    p.page("/x", packed, headers={"Content-Encoding": coding})
    assert fetcher.fetch(source(p.url("/x"))).content == PAGE * 300
    assert coding in p.requests[0].headers["accept-encoding"].split(", ")
    p.page("/cut", packed[:-5], headers={"Content-Encoding": coding})
    assert refused(fetcher, p.url("/cut")).reason == "truncated"


@pytest.mark.parametrize("coding", PACKERS)
def test_a_bomb_ends_in_too_large_without_being_inflated(p: Publisher, fetcher: Fetcher, coding: str) -> None:
    bomb = PACKERS[coding](b"\0" * 50_000_000)
    p.page("/bomb", bomb, headers={"Content-Encoding": coding})
    assert len(bomb) < 100_000
    tracemalloc.start()
    error = refused(fetcher, p.url("/bomb"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (error.reason, peak < 6_000_000) == ("too_large", True)


def test_empty_gzip_members_without_end_are_too_large(p: Publisher, fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    p.raw("/x", lambda: [head, *[gzip.compress(b"") * 3000] * 5])
    assert refused(fetcher, p.url("/x")).reason == "too_large"


@pytest.mark.parametrize("coding", ["xz", "gzip, gzip", "compress"])
def test_a_compression_nobody_asked_for_is_named(p: Publisher, fetcher: Fetcher, coding: str) -> None:
    p.page("/x", PAGE, headers={"Content-Encoding": coding})
    assert refused(fetcher, p.url("/x")).reason == "encoding"


@pytest.mark.parametrize("coding", PACKERS)
def test_what_is_not_packed_as_it_says_is_named(p: Publisher, fetcher: Fetcher, coding: str) -> None:
    p.page("/x", PAGE, headers={"Content-Encoding": coding})
    assert refused(fetcher, p.url("/x")).reason == "encoding"


def test_an_announced_length_beyond_the_ceiling_is_not_even_read(p: Publisher, fetcher: Fetcher) -> None:
    p.raw("/x", [b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n"], pause=60)
    assert refused(fetcher, p.url("/x")).reason == "too_large"


def test_an_endless_body_is_too_large(p: Publisher, fetcher: Fetcher) -> None:
    p.endless("/x")
    assert refused(fetcher, p.url("/x")).reason == "too_large"


def test_a_body_cut_short_is_truncated(p: Publisher, fetcher: Fetcher) -> None:
    p.truncated("/length", PAGE)
    p.gzipped("/gzip", PAGE * 100, cut=9)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    p.raw("/chunk", [chunked + b"ff\r\n" + PAGE])
    p.raw("/chunks", [chunked + b"3\r\nabc\r\n"])
    p.raw("/size", [chunked + b"zz\r\nabc\r\n"])
    for path in ("/length", "/gzip", "/chunk", "/chunks", "/size"):
        assert (path, refused(fetcher, p.url(path)).reason) == (path, "truncated")


def test_silence_ends_in_a_timeout(p: Publisher) -> None:
    p.slow("/x", PAGE, seconds=3)
    with Fetcher(user_agent=AGENT, limits=FetchLimits(timeout=0.2), manners=HASTY) as fetcher:
        error = refused(fetcher, p.url("/x"))
    assert error.reason == "timeout"
    assert "was silent for 0.2 s" in error.message


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"x", id="header"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", id="body with a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0", id="chunk size"),
        pytest.param(b"HTTP/1.1 404 Gone\r\n\r\n", b"x", id="body of a refusal"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
    ],
)
def test_an_answer_that_drips_ends_at_the_time_ceiling(p: Publisher, head: bytes, drop: bytes) -> None:
    drops = iter([drop] * 1000)
    p.raw("/x", lambda: itertools.chain([head], drops), pause=0.05)
    with Fetcher(user_agent=AGENT, limits=FetchLimits(timeout=2, total_timeout=0.4), manners=HASTY) as fetcher:
        error = refused(fetcher, p.url("/x"))
    assert error.reason == ("gone" if b"404" in head else "timeout")
    assert len(list(drops)) > 800  # it left long before the last one


def test_the_time_ceiling_counts_all_redirects_together(p: Publisher) -> None:
    p.raw("/x", lambda: [b"", b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"], pause=0.15)
    with Fetcher(user_agent=AGENT, limits=FetchLimits(total_timeout=0.4, max_redirects=50), manners=HASTY) as fetcher:
        error = refused(fetcher, p.url("/x"))
    assert (error.reason, "took longer than 0.4 s" in error.message) == ("timeout", True)


def test_what_is_no_http_is_a_broken_connection(p: Publisher, fetcher: Fetcher) -> None:
    p.raw("/words", [b"hello there\r\n\r\n"])
    p.raw("/nothing", [b""])
    p.raw("/headers", [b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"])
    for path in ("/words", "/nothing", "/headers"):
        assert (path, refused(fetcher, p.url(path)).reason) == (path, "connection")


def test_a_closed_port_is_a_connection_failure_and_an_unknown_name_a_dns_failure(fetcher: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = refused(fetcher, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert (error.reason, "refused" in error.message) == ("unreachable", True)
    assert refused(fetcher, "http://no-such-host.invalid/").reason == "dns"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography makes the certificate of the TLS tests")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "publisher")])
    today = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(today - dt.timedelta(days=1)).not_valid_after(today + dt.timedelta(days=1))
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    pem, encoding = tmp_path_factory.mktemp("tls") / "publisher.pem", serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem.write_bytes(key.private_bytes(encoding, *plain) + made.sign(key, hashes.SHA256()).public_bytes(encoding))
    return pem


@pytest.fixture
def secure(certificate: Path) -> Iterator[Publisher]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Publisher(tls=context) as publisher:
        yield publisher


def test_a_trusted_publisher_is_read_over_tls(
    secure: Publisher, fetcher: Fetcher, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
    secure.page("/x", PAGE * 5000)
    secure.truncated("/cut", PAGE)
    assert fetcher.fetch(source(secure.url("/x"))).content == PAGE * 5000
    assert refused(fetcher, secure.url("/cut")).reason == "truncated"
    assert refused(fetcher, secure.url("/x"), allowed=False).reason == "private_address"
    assert len(secure.requests) == 2


def test_an_answer_that_drips_over_tls_ends_at_the_time_ceiling(
    secure: Publisher, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
    secure.raw("/x", [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 100], pause=0.05)
    with Fetcher(user_agent=AGENT, limits=FetchLimits(timeout=2, total_timeout=0.4), manners=HASTY) as fetcher:
        assert refused(fetcher, secure.url("/x")).reason == "timeout"


def test_tls_that_is_none_or_that_nobody_vouches_for_is_named(
    p: Publisher, secure: Publisher, fetcher: Fetcher
) -> None:
    assert refused(fetcher, p.url("/x", scheme="https")).reason == "tls"
    error = refused(fetcher, secure.url("/x"))
    assert (error.reason, "self-signed" in error.message.replace(" ", "-")) == ("tls", True)
    assert secure.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_loopback_by_any_name_is_refused_before_anything_is_sent(p: Publisher, fetcher: Fetcher, host: str) -> None:
    p.page("/x", PAGE)
    error = refused(fetcher, p.url("/x", host=host), allowed=False)
    assert error.reason == "private_address"
    assert "allow_private_addresses: true" in str(error)
    assert p.requests == []


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]"])
def test_private_link_local_and_metadata_hosts_are_refused(fetcher: Fetcher, host: str) -> None:
    assert refused(fetcher, f"http://{host}/latest/meta-data/", allowed=False).reason == "private_address"


def test_a_redirect_cannot_lead_inside(p: Publisher, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    p.redirect("/x", "http://169.254.169.254/latest/meta-data/")
    monkeypatch.setattr(
        connection, "address_problem", lambda address: None if "127." in address else address_problem(address)
    )
    error = refused(fetcher, p.url("/x"), allowed=False)
    assert (error.reason, len(p.requests)) == ("private_address", 1)


def test_a_resolver_that_changes_its_answer_is_asked_once(p: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    p.page("/x", PAGE)
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **options: Any) -> Any:
        if host != "rebind.example":
            return real(host, *args, **options)
        asked.append(host)
        return real("192.0.2.1" if len(asked) == 1 else "127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    # 192.0.2.1 stands for a public address here, where there is none to ask.
    monkeypatch.setattr(connection, "address_problem", lambda ip: None if ip == "192.0.2.1" else address_problem(ip))
    with Fetcher(user_agent=AGENT, limits=FetchLimits(timeout=0.3), manners=HASTY) as quick:
        assert refused(quick, p.url("/x", host="rebind.example"), allowed=False).reason in ("timeout", "unreachable")
    assert (asked, p.requests) == (["rebind.example"], [])


def test_the_peer_of_the_connected_socket_is_judged_before_anything_is_sent(
    p: Publisher, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    p.page("/x", PAGE)

    def led_astray(*_: Any, **__: Any) -> socket.socket:
        return socket.create_connection(("127.0.0.1", p.port))

    monkeypatch.setattr(connection, "resolve", lambda *_: ["192.0.2.1"])
    monkeypatch.setattr(connection, "create_connection", led_astray)
    monkeypatch.setattr(connection, "address_problem", lambda ip: None if ip == "192.0.2.1" else address_problem(ip))
    error = refused(fetcher, p.url("/x", host="desk.example"), allowed=False)
    assert (error.reason, "127.0.0.1 is a loopback address" in error.message) == ("private_address", True)
    assert p.requests == []


def test_a_kept_connection_to_a_private_host_serves_no_source_that_may_not_go_there(
    p: Publisher, fetcher: Fetcher
) -> None:
    p.page("/x", PAGE)
    fetcher.fetch(source(p.url("/x")))
    assert refused(fetcher, p.url("/x"), allowed=False).reason == "private_address"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/x", "gopher://h/", "data:,x", "//h/x", "x.csv"])
def test_only_http_and_https_are_fetched(fetcher: Fetcher, url: str) -> None:
    assert refused(fetcher, url).reason == "scheme"


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://h:0x50/", "http://a\\@b/", "http://a b/", "http://.a/"]
)
def test_an_address_that_cannot_be_read_is_named(fetcher: Fetcher, url: str) -> None:
    assert refused(fetcher, url).reason in ("bad_url", "dns")


def test_a_password_is_sent_and_never_shown(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE)
    p.redirect("/to", "/x")
    for path in ("/x", "/to"):
        assert "hunter2" not in repr(fetcher.fetch(source(p.url(path, user="desk:hunter2"))))
    assert {asked.headers.get("authorization") for asked in p.requests} == {"Basic ZGVzazpodW50ZXIy"}


def test_no_failure_shows_the_password(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/403", b"", status=403)
    p.page("/500", b"", status=500)
    p.truncated("/cut", PAGE)
    p.redirect("/loop", "/loop")
    p.redirect("/nowhere", "")
    p.raw("/broken", [b"?"])
    p.endless("/endless")
    paths = ("/403", "/500", "/cut", "/loop", "/nowhere", "/broken", "/endless")
    urls = [p.url(path, user="desk:hunter2") for path in paths]
    urls += [f"http://desk:hunter2@{rest}" for rest in (".a/", "a b/", "no.invalid/", "", "h:x/", "127.0.0.1:1/")]
    urls += ["ftp://desk:hunter2@h/", "http://desk:hunter2/@h/", p.url(user="desk:hunter2", scheme="https")]
    for url in urls:
        error = refused(fetcher, url)
        assert "hunter2" not in "".join(traceback.format_exception(error))


def test_the_environment_has_no_say(
    p: Publisher, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login desk password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    p.page("/x", PAGE)
    assert fetcher.fetch(source(p.url("/x"))).content == PAGE
    assert "authorization" not in p.requests[0].headers


def test_a_proxy_of_our_own_settings_is_asked_and_private_hosts_are_not_asked_of_it(p: Publisher) -> None:
    p.page("http://reports.example/x", PAGE)
    with Fetcher(
        user_agent=AGENT, limits=FetchLimits(timeout=2), proxies={"http": p.url("")}, manners=HASTY
    ) as fetcher:
        fetched = fetcher.fetch(source("http://reports.example/x", allowed=False))
        assert (fetched.content, fetched.url) == (PAGE, "http://reports.example/x")
        assert refused(fetcher, "http://169.254.169.254/x", allowed=False).reason == "private_address"
    assert [asked.path for asked in p.requests] == ["http://reports.example/x"]


def test_connections_are_kept_between_fetches(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE)
    for _ in range(5):
        fetcher.fetch(source(p.url("/x")))
    assert (p.connections, len(p.requests)) == (1, 5)


def test_a_connection_outlives_an_answer_that_nothing_changed(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/x", PAGE, headers={"ETag": '"7"'})
    for _ in range(5):
        fetcher.fetch(source(p.url("/x")), validators={"ETag": '"7"'})
    assert (p.connections, len(p.requests)) == (1, 5)


def test_many_threads_share_one_fetcher(p: Publisher, fetcher: Fetcher) -> None:
    for number in range(60):
        p.page(f"/{number}", f"page {number}".encode())
    meeting = threading.Barrier(6)

    def fetch(number: int) -> Fetched:
        if number < 6:
            meeting.wait(5)
        return fetcher.fetch(source(p.url(f"/{number}")))

    with ThreadPoolExecutor(6) as pool:
        contents = [fetched.content for fetched in pool.map(fetch, range(60))]
    assert contents == [f"page {number}".encode() for number in range(60)]


def test_a_user_agent_that_no_header_can_hold_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="user agent"):
        Fetcher(user_agent="Редакция")


def test_a_definition_may_say_why_a_robots_txt_is_not_obeyed(p: Publisher, fetcher: Fetcher) -> None:
    p.page("/robots.txt", b"User-agent: *\nDisallow: /")
    p.page("/x", PAGE)
    assert refused(fetcher, p.url("/x")).reason == "robots"
    allowed = msgspec.structs.replace(source(p.url("/x")), ignore_robots="The press office allowed it by mail.")
    assert fetcher.fetch(allowed).content == PAGE


def test_a_dead_host_is_not_asked_for_each_of_its_sources(fetcher: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with Fetcher(user_agent=AGENT, manners=Manners(spacing=0, retries=0)) as patient:
            reasons = [refused(patient, url).reason for _ in range(50)]
    assert reasons == ["unreachable"] * 3 + ["host_down"] * 47
    assert refused(fetcher, "http://no-such-host.invalid/").hint


def test_pages_that_are_missing_never_close_a_host(p: Publisher) -> None:
    p.page("/x", PAGE)
    with Fetcher(user_agent=AGENT, manners=Manners(spacing=0, retries=0)) as patient:
        for _ in range(10):
            assert refused(patient, p.url("/none")).reason == "gone"
        assert patient.fetch(source(p.url("/x"))).content == PAGE


def test_what_passes_is_tried_again_and_what_does_not_is_not(p: Publisher) -> None:
    p.reset("/x", then=lambda: p.page("/x", PAGE))
    with Fetcher(user_agent=AGENT, manners=Manners(spacing=0, backoff=0.01)) as patient:
        assert patient.fetch(source(p.url("/x"))).content == PAGE
        p.page("/y", b"", status=503)
        assert refused(patient, p.url("/y")).status == 503
        p.page("/z", b"", status=403)
        assert refused(patient, p.url("/z")).status == 403
    assert [asked.path for asked in p.requests] == ["/x", "/x", "/y", "/y", "/y", "/z"]


def test_a_host_that_says_when_to_come_back_is_waited_for_within_our_patience(p: Publisher) -> None:
    p.page("/x", b"", status=503, headers={"Retry-After": "1"})
    threading.Timer(0.5, lambda: p.page("/x", PAGE)).start()
    with Fetcher(user_agent=AGENT, manners=Manners(spacing=0, backoff=0.01)) as patient:
        began = time.monotonic()
        assert patient.fetch(source(p.url("/x"))).content == PAGE
    assert time.monotonic() - began >= 0.9
    assert len(p.requests) == 2
