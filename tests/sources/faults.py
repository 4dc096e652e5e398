"""Every way in which a publisher fails that we know of, played on loopback, and what a reader should be told of it.

A fault is played on a path of a `Publisher`, between two sound releases; texts are ours, in the words such pages use.
"""

from __future__ import annotations

import email.utils
import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest import mock

import requests.adapters

from model import State
from sources.web import connection
from sources.web.addresses import address_problem
from tests.sources import certificates
from tests.sources.publisher import Publisher

Form = Literal["csv", "page", "json"]

HTML = {"Content-Type": "text/html; charset=utf-8"}
CSV = {"Content-Type": "text/csv; charset=utf-8"}
JSON = {"Content-Type": "application/json"}


class Stage(NamedTuple):
    """Where a fault is played: the publisher, the path of the report, a folder, and the sound release of the day."""

    publisher: Publisher
    path: str
    folder: Path
    sound: bytes
    headers: dict[str, str]

    def serve(self, content: bytes, *, status: int = 200, **headers: str) -> None:
        """Publish content in the report's place; header names are written with `_` for `-`."""
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        self.publisher.page(self.path, content, status=status, headers=given)

    def page(self, markup: str, *, status: int = 200) -> None:
        """Publish a web page in the report's place, whatever is due there."""
        self.publisher.page(self.path, markup.encode(), status=status, headers=HTML)

    def raw(self, *parts: bytes, pause: float = 0) -> None:
        """Send these bytes in the report's place."""
        self.publisher.raw(self.path, parts, pause=pause)


class Fault(NamedTuple):
    """One way to fail.

    `play` sets it up; what it returns, if anything, is the address that the definition names meanwhile. `during`
    surrounds the refresh (name servers, clocks, trust that are not the publisher's). `state` and `reason` are what is
    recorded, `says` stands in the message. `private`: the definition allows private addresses.
    """

    name: str
    play: Callable[[Stage], str | None]
    state: State
    reason: str
    says: str
    form: Form = "page"
    during: Callable[[Stage], Any] | None = None
    private: bool = True
    retries: int = 0


def _closed_port(_: Stage) -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/report"


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def _bomb(stage: Stage) -> None:
    stage.publisher.gzipped(stage.path, b"\0" * 20_000_000)


def _deflate_bomb(stage: Stage) -> None:
    stage.serve(zlib.compress(b"1," * 10_000_000), Content_Encoding="deflate")


def _cut_chunk(stage: Stage) -> None:
    stage.raw(_head("Content-Type: text/html", "Transfer-Encoding: chunked") + b"ff\r\n" + stage.sound)


def _late(stage: Stage) -> None:
    until = email.utils.formatdate(time.time() + 7200, usegmt=True)
    stage.serve(b"<h1>Service Unavailable</h1>", status=503, Retry_After=until)


def _robots(text: str, status: int = 200) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        stage.publisher.page("/robots.txt", text.encode(), status=status, headers={"Content-Type": "text/plain"})
        stage.serve(stage.sound)

    return play


def _silent_robots(stage: Stage) -> None:
    stage.publisher.slow("/robots.txt", b"", seconds=2)
    stage.serve(stage.sound)


def _page(markup: str, status: int = 200) -> Callable[[Stage], None]:
    return lambda stage: stage.page(markup, status=status)


def _status(status: int, **headers: str) -> Callable[[Stage], None]:
    return lambda stage: stage.serve(b"<h1>No</h1>", status=status, **headers)


def _serve(content: bytes, **headers: str) -> Callable[[Stage], None]:
    return lambda stage: stage.serve(content, **headers)


def _redirect(to: str) -> Callable[[Stage], None]:
    return lambda stage: stage.publisher.redirect(stage.path, to)


def _raw(*parts: bytes, pause: float = 0) -> Callable[[Stage], None]:
    return lambda stage: stage.raw(*parts, pause=pause)


def _tls(stage: Stage) -> str:
    return f"https://127.0.0.1:{stage.publisher.port}/report"


def _secure(host: str = "127.0.0.1", days: tuple[int, int] = (-1, 1), trusted: bool = True) -> Any:
    """Another publisher beside the stage's, that speaks TLS with such a certificate; its address takes the place."""

    @contextmanager
    def during(stage: Stage) -> Iterator[str]:
        pem = certificates.make(stage.folder / "publisher.pem", host=host, days=days)
        trust = str(pem) if trusted else requests.adapters.DEFAULT_CA_BUNDLE_PATH
        with (
            Publisher(tls=certificates.context(pem)) as secure,
            mock.patch.object(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", trust),
        ):
            secure.page(stage.path, stage.sound, headers=stage.headers)
            yield secure.url(stage.path)

    return during


@contextmanager
def _loopback_is_public(_: Stage) -> Iterator[None]:
    """As if 127.0.0.1 were a public address; all others are judged as they are."""
    with mock.patch.object(
        connection, "address_problem", lambda ip: None if ip == "127.0.0.1" else address_problem(ip)
    ):
        yield


@contextmanager
def _rebinding(stage: Stage) -> Iterator[str]:
    """A name that is a public address when it is first looked up, and this machine's from then on."""
    real, looked = socket.getaddrinfo, []

    def lookup(host: Any, *args: Any, **options: Any) -> Any:
        if host != "rebind.example":
            return real(host, *args, **options)
        looked.append(host)
        return real("127.0.0.9" if len(looked) == 1 else "127.0.0.1", *args, **options)

    def judged(ip: str) -> str | None:
        # 127.0.0.9 stands for a public address where nobody listens: there is none to ask here.
        return None if ip == "127.0.0.9" else address_problem(ip)

    with mock.patch.object(socket, "getaddrinfo", lookup), mock.patch.object(connection, "address_problem", judged):
        yield f"http://rebind.example:{stage.publisher.port}{stage.path}"


def _pieces(content: bytes) -> list[bytes]:
    return [content[at : at + 1] for at in range(len(content))]


_MENU = "<nav>" + "".join(f"<a href='/{at}'>Sección {at} del sitio</a>" for at in range(60)) + "</nav>"
_PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(200)
_CYRILLIC = "<html><body><h1>Щоденне зведення</h1><p>Танків: 105</p></body></html>"

FAULTS: tuple[Fault, ...] = (
    # the way there
    Fault("nobody listens", _closed_port, "failed", "unreachable", "cannot be reached"),
    Fault("the name is unknown", lambda _: "http://no-such-host.invalid/x", "failed", "dns", "has no address"),
    Fault("reset", lambda s: s.publisher.reset(s.path), "failed", "connection", "broke the connection"),
    Fault("hangs up without a word", _raw(b""), "failed", "connection", "broke the connection"),
    Fault("speaks no HTTP", _raw(b"220 mail.example ready\r\n\r\n"), "failed", "connection", "broke the connection"),
    Fault("silent", lambda s: s.publisher.slow(s.path, s.sound, seconds=2), "failed", "timeout", "was silent for"),
    Fault("the body drips", lambda s: s.raw(_head(), *_pieces(s.sound * 9), pause=0.05), "failed", "timeout", "in all"),
    Fault("the headers drip", _raw(b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 90, pause=0.05), "failed", "timeout", "in all"),
    Fault(
        "100 Continue for ever", _raw(*[_head(status="100 Continue")] * 90, pause=0.05), "failed", "timeout", "in all"
    ),
    Fault(
        "too many headers",
        _raw(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n"),
        "failed",
        "connection",
        "headers",
    ),
    Fault("a huge header", _raw(_head("X: " + "x" * 100_000)), "failed", "connection", "broke the connection"),
    # TLS
    Fault("certificate expired", lambda _: None, "failed", "tls", "expired", during=_secure(days=(-9, -2))),
    Fault("certificate self-signed", lambda _: None, "failed", "tls", "self-signed", during=_secure(trusted=False)),
    Fault(
        "certificate of another host", lambda _: None, "failed", "tls", "not valid for", during=_secure("127.0.0.77")
    ),
    Fault("TLS that is none", _tls, "failed", "tls", "no trusted connection"),
    # bodies
    Fault("endless", lambda s: s.publisher.endless(s.path), "failed", "too_large", "longer than"),
    Fault("gzip bomb", _bomb, "failed", "too_large", "longer than"),
    Fault("deflate bomb", _deflate_bomb, "failed", "too_large", "longer than", form="csv"),
    Fault("announced too long", _raw(_head("Content-Length: 99999999999")), "failed", "too_large", "longer than"),
    Fault(
        "shorter than announced", lambda s: s.publisher.truncated(s.path, s.sound), "failed", "truncated", "too early"
    ),
    Fault("a chunk cut", _cut_chunk, "failed", "truncated", "too early"),
    Fault("gzip cut", lambda s: s.publisher.gzipped(s.path, s.sound * 50, cut=9), "failed", "truncated", "too early"),
    Fault(
        "no gzip, though it says so",
        lambda s: s.serve(s.sound, Content_Encoding="gzip"),
        "failed",
        "encoding",
        "broken",
    ),
    Fault(
        "compressed as nobody asked", lambda s: s.serve(s.sound, Content_Encoding="xz"), "failed", "encoding", "'xz'"
    ),
    Fault("no bytes", _serve(b""), "failed", "unreadable", "no bytes"),
    Fault("blanks", _serve(b" \r\n" * 40), "failed", "unreadable", "no text"),
    # statuses
    Fault("401", _status(401), "blocked", "login", "401"),
    Fault("403", _status(403), "blocked", "forbidden", "403"),
    Fault("404", _status(404), "failed", "gone", "404"),
    Fault("410", _status(410), "failed", "gone", "410"),
    Fault("429", _status(429, Retry_After="3600"), "blocked", "rate_limited", "429", retries=2),
    Fault("451", _status(451), "blocked", "legal", "451"),
    Fault("500", _status(500), "failed", "http_status", "500", retries=1),
    Fault("502", _status(502), "failed", "http_status", "502"),
    Fault("503 with a date to come back", _late, "failed", "http_status", "503", retries=2),
    Fault("204", _status(204), "failed", "http_status", "204"),
    Fault("206 unasked", lambda s: s.serve(s.sound[:20], status=206), "failed", "http_status", "206"),
    Fault("304 unasked", lambda s: s.serve(b"", status=304), "failed", "http_status", "304"),
    # redirects
    Fault(
        "redirects in a circle",
        lambda s: s.publisher.redirect(s.path, s.path),
        "failed",
        "redirects",
        "redirects more than",
    ),
    Fault("redirects to nowhere", _redirect(""), "failed", "redirects", "without saying where"),
    Fault("redirects to a file", _redirect("file:///etc/hosts"), "failed", "scheme", "only http and https"),
    Fault(
        "redirects inside",
        _redirect("http://127.0.0.2/x"),
        "failed",
        "private_address",
        "loopback",
        during=_loopback_is_public,
        private=False,
    ),
    Fault(
        "redirects to metadata",
        _redirect("http://169.254.169.254/latest"),
        "failed",
        "private_address",
        "link-local",
        during=_loopback_is_public,
        private=False,
    ),
    Fault(
        "a name that leads inside",
        lambda s: s.publisher.url(s.path, host="localhost"),
        "failed",
        "private_address",
        "loopback",
        private=False,
    ),
    Fault(
        "DNS rebinding", lambda _: None, "failed", "unreachable", "cannot be reached", during=_rebinding, private=False
    ),
    # 200, and no report
    Fault(
        "challenge (en)",
        _page("<title>Just a moment...</title><script>x()</script>", 503),
        "blocked",
        "challenge",
        "challenge",
    ),
    Fault(
        "challenge (uk)",
        _page("<title>Зачекайте</title><h1>Підтвердьте, що ви не робот</h1>"),
        "blocked",
        "challenge",
        "challenge",
    ),
    Fault(
        "login wall (ru)",
        _page("<title>Вход</title><form><input name=u><input type=password></form>"),
        "blocked",
        "login",
        "login",
    ),
    Fault(
        "subscription wall (en)",
        _page("<h2>Daily</h2><p>Subscribe to continue reading.</p>"),
        "blocked",
        "login",
        "login",
    ),
    Fault(
        "account suspended (en)",
        _page("<title>Account Suspended</title><p>Contact your hosting provider.</p>"),
        "blocked",
        "suspended",
        "suspended",
    ),
    Fault(
        "account suspended (es), for CSV",
        _page("<html><h1>Cuenta suspendida</h1></html>"),
        "blocked",
        "suspended",
        "suspended",
        form="csv",
    ),
    Fault(
        "parked domain (de)",
        _page("<title>zahlen.example</title><p>Diese Domain steht zum Verkauf!</p>"),
        "blocked",
        "parked",
        "parked",
    ),
    Fault(
        "cookie wall (fr)",
        _page("<h1>Avant de continuer</h1><p>Acceptez les cookies.</p>"),
        "blocked",
        "consent",
        "consent",
    ),
    Fault(
        "shut out by country (pl)", _page("<h1>Odmowa dostępu</h1><p>Kod 1020</p>"), "blocked", "forbidden", "forbidden"
    ),
    Fault(
        "empty shell",
        _page("<body><div id='root'></div><script src='a.js'></script></body>"),
        "failed",
        "script_shell",
        "scripts",
    ),
    Fault(
        "scripts wanted (pt)",
        _page("<body><p>Habilite JavaScript para ver esta página.</p></body>"),
        "failed",
        "script_shell",
        "scripts",
    ),
    Fault(
        "maintenance (uk)",
        _page("<h1>Технічні роботи</h1><p>Сайт скоро запрацює.</p>"),
        "failed",
        "maintenance",
        "maintained",
    ),
    Fault(
        "soft 404 (es)",
        _page(f"<title>Página no encontrada | Ministerio</title>{_MENU}"),
        "failed",
        "not_found",
        "not there",
    ),
    Fault(
        "database down (en)",
        _page("<h1>Error establishing a database connection</h1>"),
        "failed",
        "server_error",
        "server fails",
    ),
    Fault(
        "error in JSON",
        _serve(b'{"error": {"code": 17, "message": "internal"}}'),
        "failed",
        "error_answer",
        "error message",
        form="json",
    ),
    Fault(
        "quota in JSON",
        _serve(b'{"success": false, "message": "Rate limit exceeded"}'),
        "blocked",
        "rate_limited",
        "rate limited",
        form="json",
    ),
    # another form
    Fault(
        "a page where CSV is due",
        _page("<!doctype html><h1>Our reports</h1><p>Choose one of 12.</p>"),
        "failed",
        "wrong_type",
        "a web page where CSV is due",
        form="csv",
    ),
    Fault(
        "a page where JSON is due",
        _page("<!doctype html><h1>Our reports</h1><p>Choose one of 12.</p>"),
        "failed",
        "wrong_type",
        "a web page where JSON is due",
        form="json",
    ),
    Fault(
        "a PDF where CSV is due",
        _serve(b"%PDF-1.7\n%%EOF"),
        "failed",
        "wrong_type",
        "a PDF where CSV is due",
        form="csv",
    ),
    Fault(
        "a broken PDF", _serve(b"%PDF-1.7\n1 0 obj\n<<", Content_Type="application/pdf"), "failed", "unreadable", "PDF"
    ),
    Fault(
        "a picture where a page is due",
        _serve(_PICTURE, Content_Type="image/png"),
        "failed",
        "picture",
        "picture (PNG)",
    ),
    Fault("a zip where a page is due", _serve(b"PK\x03\x04" + bytes(99)), "failed", "unreadable", "broken ZIP"),
    Fault("a row cut", lambda s: s.serve(s.sound[:-6]), "failed", "unreadable", "line", form="csv"),
    Fault("JSON cut", lambda s: s.serve(s.sound[:-9]), "failed", "unreadable", "no JSON", form="json"),
    Fault("JSON without end of nesting", _serve(b"[" * 90_000), "failed", "unreadable", "JSON", form="json"),
    Fault(
        "the figure is gone",
        _page("<html><body><h1>Щоденне зведення</h1><p>Дані уточнюються.</p></body></html>"),
        "failed",
        "nothing extracted",
        "no followed figure",
    ),
    # charsets
    Fault(
        "windows-1251 said to be UTF-8",
        _serve(_CYRILLIC.encode("cp1251")),
        "failed",
        "charset",
        "not in the charset utf-8",
    ),
    Fault(
        "noise said to be UTF-8",
        _serve(b"<p>" + bytes(range(128, 256)) * 20),
        "failed",
        "charset",
        "not in the charset",
    ),
    # robots.txt
    Fault("robots.txt forbids", _robots("User-agent: *\nDisallow: /"), "blocked", "robots", "robots.txt"),
    Fault(
        "robots.txt forbids us by name",
        _robots("User-agent: tallybook\nDisallow: /rep\n\nUser-agent: *\nDisallow:"),
        "blocked",
        "robots",
        "be left alone",
    ),
    Fault("robots.txt fails", _robots("", 503), "failed", "robots_unreachable", "answered 503"),
    Fault("robots.txt is silent", _silent_robots, "failed", "timeout", "robots.txt"),
)

HARMLESS: tuple[Fault, ...] = (
    Fault(
        "gzip twice",
        lambda s: s.serve(gzip.compress(gzip.compress(s.sound)), Content_Encoding="gzip"),
        "changed",
        "",
        "",
    ),
    Fault(
        "reset once, then well",
        lambda s: s.publisher.reset(s.path, then=lambda: s.serve(s.sound)),
        "changed",
        "",
        "",
        retries=1,
    ),
    Fault(
        "UTF-8 said to be windows-1251",
        lambda s: s.serve(s.sound, Content_Type="text/html; charset=windows-1251"),
        "changed",
        "",
        "",
    ),
    Fault("robots.txt is not there", _robots("", 404), "changed", "", ""),
    Fault("robots.txt is a login page", _robots("<html><title>Login</title>", 401), "changed", "", ""),
    Fault(
        "robots.txt forbids others",
        _robots("User-agent: Other\nDisallow: /\n\nUser-agent: *\nAllow: /"),
        "changed",
        "",
        "",
    ),
    Fault("no content type", lambda s: s.serve(s.sound, Content_Type=""), "changed", "", ""),
    Fault(
        "gzip with padding",
        lambda s: s.serve(gzip.compress(s.sound) + b"\0" * 20, Content_Encoding="gzip"),
        "changed",
        "",
        "",
    ),
    Fault("redirected, with cookies", lambda s: _moved(s), "changed", "", ""),
)
"""What looks like a fault and is read all the same."""


def _moved(stage: Stage) -> None:
    stage.publisher.redirect(stage.path, "/moved", status=301, headers={"Set-Cookie": "seen=1"})
    stage.publisher.page("/moved", stage.sound, headers=stage.headers)
