"""Pages that a browser draws: what is read of them, and that a page can do no harm and reach nobody."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict, Unpack

import msgspec
import pytest

from model import BlockedError, Fetched, FetchError, Source
from model import Publisher as Carrier
from sources import Fetcher, FetchLimits, Manners
from sources.web.browser import browser_problem
from sources.web.browser_child import descendants
from sources.web.client import USUAL_LIMITS, DrawLimits
from tests.review.browsers import chromium
from tests.sources.publisher import Publisher

TABLE = b"""<!doctype html><html><head><title>Cases</title></head><body>
<h1>Cases by county</h1><table><tbody></tbody></table>
<script nonce="%d">
fetch("/cases.json").then(answer => answer.json()).then(rows => {
  const body = document.querySelector("tbody");
  for (const row of rows) body.insertRow().innerHTML = `<td>${row.county}</td><td>${row.cases}</td>`;
});
</script></body></html>"""
ROWS = json.dumps([{"county": "Kyiv", "cases": 121507}, {"county": "Lviv", "cases": 119154}]).encode()
JSON = {"Content-Type": "application/json"}
HASTY = Manners(spacing=0, retries=0, failures=1000)


@pytest.fixture(scope="module", autouse=True)
def _browser() -> None:
    chromium()


@pytest.fixture
def p() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


def drawn(url: str, **changes: object) -> Source:
    made = Source(
        id="page", title="A page", publisher=Carrier(name="A publisher"), method="They count.", basis="counted",
        extractor="table", tried_live="never", url=url, fetch="browser", allow_private_addresses=True,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


class _Cost(TypedDict, total=False):
    seconds: float
    requests: int
    page: int
    memory: int


def look(source: Source, bounds: FetchLimits = USUAL_LIMITS, **limits: Unpack[_Cost]) -> Fetched:
    """One look, within these limits of drawing."""
    bounds = bounds._replace(drawing=DrawLimits(**limits))
    with Fetcher(user_agent="Tallybook/0", limits=bounds, manners=HASTY) as fetcher:
        return fetcher.fetch(source)


def refused(source: Source, bounds: FetchLimits = USUAL_LIMITS, **limits: Unpack[_Cost]) -> FetchError:
    with pytest.raises(FetchError) as error:
        look(source, bounds, **limits)
    return error.value


def browsers() -> list[int]:
    """Our processes that draw; the same worker may have others, of other tests."""
    return [pid for pid in descendants(os.getpid()) if re.search("chrom|browser_child|playwright", command(pid))]


def words(fetched: Fetched) -> str:
    """What stands in a page, without its markup, scripts and what is marked hidden."""
    markup = (fetched.content or b"").decode()
    markup = re.sub(r"(?s)<!--.*?-->|<script.*?</script>|<(\w+)[^>]* hidden=\"\"[^>]*>.*?</\1>", " ", markup)
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def script(text: str, lang: str = "") -> bytes:
    head = f"<!doctype html><html lang='{lang}'><body><h1>Cases of the whole land</h1>"
    return f"{head}<script>{text}</script></body></html>".encode()


def test_a_table_that_scripts_fill_is_read_with_its_picture(p: Publisher) -> None:
    p.page("/", TABLE % 1)
    p.page("/cases.json", ROWS, headers=JSON)
    found = look(drawn(p.url("/"), wait_for="tbody tr"))
    assert "Kyiv 121507 Lviv 119154" in words(found)
    assert (found.media_type, found.charset, "drawn by" in (found.content or b"").decode()) == (
        "text/html",
        "utf-8",
        True,
    )
    assert (found.picture or b"").startswith(b"\x89PNG")
    assert {one.headers["user-agent"] for one in p.requests} == {"Tallybook/0"}


def test_what_no_reader_sees_is_marked_and_what_components_hold_is_there(p: Publisher) -> None:
    p.page("/", script("""
        const style = document.createElement("style"), inner = document.createElement("div");
        style.textContent = ".old { display: none } .dim { visibility: hidden }";
        inner.attachShadow({mode: "open"}).innerHTML = "<b>77 in shade</b><slot></slot>";
        inner.append("78 slotted");
        document.head.append(style); document.body.append(inner);
        document.body.insertAdjacentHTML("beforeend", "<p class=old>11 old</p><p class=dim>12 dim</p>(13) shown");
        document.body.append(" " + 1234.5.toLocaleString() + " " + new Date(0).getHours());
    """, "de"))  # fmt: skip
    found = words(look(drawn(p.url("/"), language="en", zone="Asia/Tokyo")))
    assert ("77 in shade" in found, "78 slotted" in found, "(13) shown" in found) == (True, True, True)
    assert ("11 old" in found, "12 dim" in found) == (False, False)
    assert "1.234,5 9" in found  # as the page and the definition say, whatever this machine is set to


def test_numbers_that_count_up_and_rows_that_come_late_are_waited_for(p: Publisher) -> None:
    p.page("/", script("""
        const total = document.createElement("p"), list = document.createElement("ul");
        document.body.append(total, list);
        let shown = 0;
        const going = setInterval(() => {
          shown = Math.min(shown + 6075, 121507); total.textContent = shown + " in all";
          if (shown === 121507) clearInterval(going);
        }, 100);
        const add = text => list.insertAdjacentHTML("beforeend", `<li>${text}</li>`);
        add("Kyiv 1"); fetch("/late").then(answer => answer.text()).then(add);
        const work = `fetch("${location}work").then(answer => answer.text()).then(postMessage)`;
        new Worker(URL.createObjectURL(new Blob([work]))).onmessage = message => add(message.data);
    """))  # fmt: skip
    p.slow("/late", b"Lviv 2", seconds=1.5)
    p.page("/work", b"Odesa 3", headers={"Content-Type": "text/plain", "Access-Control-Allow-Origin": "*"})
    found = words(look(drawn(p.url("/"), wait_for="text=Kyiv")))
    assert all(one in found for one in ("121507 in all", "Kyiv 1", "Lviv 2", "Odesa 3")), found


def test_what_is_no_page_comes_as_it_is(p: Publisher) -> None:
    p.page("/feed", b"<?xml version='1.0'?><rss><channel/></rss>", headers={"Content-Type": "application/rss+xml"})
    found = look(drawn(p.url("/feed")))
    assert (found.picture, found.content) == (None, b"<?xml version='1.0'?><rss><channel/></rss>")


def test_what_was_waited_for_and_did_not_come_is_a_failure_that_says_why(p: Publisher) -> None:
    p.page("/", TABLE % 1)
    p.page("/robots.txt", b"User-agent: *\nDisallow: /cases.json\n")
    p.page("/cases.json", ROWS, headers=JSON)
    error = refused(drawn(p.url("/"), wait_for="tbody tr"), seconds=8)
    assert error.reason == "not_drawn"
    assert "'tbody tr'" in error.message
    assert "robots.txt" in error.message
    assert b"Cases by county" in (error.content or b"")
    assert [one.path for one in p.requests] == ["/"]


@pytest.mark.parametrize("text", ["while (true) {}", "setInterval(() => fetch('/more'), 100)"])
def test_a_page_without_end_is_ended_in_time(p: Publisher, text: str) -> None:
    p.page("/", script(text))
    began = time.monotonic()
    error = refused(drawn(p.url("/")), seconds=6)
    assert error.reason in ("timeout", "not_drawn")
    assert time.monotonic() - began < 30
    assert browsers() == []


def test_an_answer_that_never_ends_is_ended_in_time(p: Publisher) -> None:
    p.page("/", script("fetch('/drip')"))
    p.endless("/drip", b"x", pause=0.2)
    assert refused(drawn(p.url("/")), seconds=6).reason in ("timeout", "not_drawn")


@pytest.mark.parametrize(
    "way", ["location.replace(TO)", "document.write('<meta http-equiv=refresh content=\"0;url=' + TO + '\">')"]
)
def test_a_page_that_leads_to_a_private_host_is_refused(p: Publisher, way: str) -> None:
    p.page("/", script(f"const TO = 'http://127.0.0.2:{p.port}/inside'; {way}"))
    error = refused(drawn(p.url("/")))
    assert error.reason == "private_address"
    assert "127.0.0.2" in error.message
    assert [one.path for one in p.requests] == ["/"]


def test_an_answer_that_leads_to_a_private_host_is_refused_too(p: Publisher) -> None:
    p.page("/", script("fetch('/away').catch(() => document.body.append('refused')); location.hash = 'x'"))
    p.redirect("/away", f"http://127.0.0.2:{p.port}/inside")
    assert "refused" in words(look(drawn(p.url("/"))))
    assert [one.path for one in p.requests] == ["/", "/away"]


def test_a_page_leads_on_by_its_script_and_by_answers(p: Publisher) -> None:
    p.page("/", script("location.replace('/second')"))
    p.redirect("/second", "/third")
    p.page("/third", script("document.body.append('arrived 121507'); document.body.style.height = '99999px'"))
    found = look(drawn(p.url("/")))
    assert found.url == p.url("/third")
    assert "arrived 121507" in words(found)
    assert int.from_bytes((found.picture or b"")[20:24]) == 8000  # a tall page is drawn from its top


def test_a_thousand_requests_are_too_many(p: Publisher) -> None:
    p.page("/", script("for (let i = 0; i < 1000; i++) fetch('/x' + i)"))
    error = refused(drawn(p.url("/")), requests=100)
    assert error.reason == "too_many_requests"
    assert len(p.requests) <= 100


def test_bytes_pages_and_memory_are_bounded(p: Publisher) -> None:
    p.page("/many", script("for (let i = 0; i < 9; i++) fetch('/megabyte')"))
    p.page("/megabyte", b"x" * 2**20)
    assert refused(drawn(p.url("/many")), FetchLimits(max_bytes=4 * 2**20)).reason == "too_large"
    p.page("/long", script("document.body.append('x'.repeat(3e6))"))
    assert refused(drawn(p.url("/long")), page=2**20).reason == "too_heavy"
    p.page("/fat", script("const all = []; while (true) all.push(new Uint8Array(2**24).fill(1))"))
    assert refused(drawn(p.url("/fat")), memory=700 * 2**20).reason == "too_heavy"
    assert browsers() == []


def test_a_page_opens_saves_and_posts_nothing_and_asks_by_get_and_post_alone(p: Publisher) -> None:
    p.page("/", script("""
        open("/popup"); navigator.sendBeacon("/beacon", "x"); navigator.serviceWorker?.register("/worker.js");
        const link = document.createElement("a"), append = text => document.body.append(" " + text);
        link.href = "/file"; link.download = "x"; document.body.append(link); link.click();
        fetch("/put", {method: "PUT", body: "x"}).catch(() => append("no put"));
        fetch("/asked", {method: "POST", body: "{}", headers: {"X-Of-Page": "1"}}).then(() => append("posted"));
        fetch("file:///etc/passwd").catch(() => append("no file"));
        for (const name of ["geolocation", "notifications", "camera"])
          navigator.permissions.query({name}).then(said => append(name + " " + said.state));
    """))  # fmt: skip
    p.page("/asked", b"{}", headers=JSON)
    p.page("/file", b"x", headers={"Content-Disposition": "attachment"})
    found = words(look(drawn(p.url("/"))))
    assert all(one in found for one in ("no put", "posted", "no file", "geolocation"))
    assert "granted" not in found
    asked = {one.path: one for one in p.requests}
    assert {"/", "/asked"} <= set(asked) <= {"/", "/asked", "/file"}
    assert (asked["/asked"].body, asked["/asked"].headers["x-of-page"]) == (b"{}", "1")


def test_the_browser_itself_reaches_nobody(p: Publisher) -> None:
    """It holds no socket of the internet at any time, and nobody beside the publisher hears of the look."""
    reached: list[str] = []
    tcp, udp = socket.create_server(("127.0.0.2", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.2", 0))
    tcp.settimeout(0.2)
    udp.settimeout(0.2)
    over = threading.Event()

    def listen(receive: Callable[[], object], name: str) -> None:
        while not over.is_set():
            try:
                receive()
                reached.append(name)
            except TimeoutError:
                continue

    sockets: list[str] = []

    def watch() -> None:
        while not over.is_set():
            sockets.extend(internet_sockets(descendants(os.getpid())))
            time.sleep(0.02)

    threads = [
        threading.Thread(target=listen, args=(tcp.accept, "tcp")),
        threading.Thread(target=listen, args=(lambda: udp.recv(9), "udp")),
        threading.Thread(target=watch),
    ]
    at, stun = f"127.0.0.2:{tcp.getsockname()[1]}", f"127.0.0.2:{udp.getsockname()[1]}"
    p.page("/", f"""<!doctype html><html><head><title>Calls</title><link rel=dns-prefetch href=//{at}>
        <link rel=preconnect href=//{at}><link rel=prefetch href=//{at}/a></head><body><h1>Calls of all kinds</h1>
        <img src=http://{at}/b><iframe src=http://{at}/c></iframe><script>
        try {{ new WebSocket("ws://{at}/d") }} catch {{}}
        try {{ new EventSource("http://{at}/e") }} catch {{}}
        try {{ new WebTransport("https://{stun}/f").ready.catch(() => 0) }} catch {{}}
        fetch("http://{at}/g").catch(() => document.body.append("refused"));
        const call = new RTCPeerConnection({{iceServers: [{{urls: "stun:{stun}"}}]}});
        call.createDataChannel("x"); call.createOffer().then(offer => call.setLocalDescription(offer));
        </script></body></html>""".encode())  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        found = look(drawn(p.url("/")))
    finally:
        over.set()
        for thread in threads:
            thread.join()
        tcp.close()
        udp.close()
    assert "refused" in words(found)
    assert (reached, sockets) == ([], [])
    assert p.connections <= 2  # one for robots.txt, one for the page


def internet_sockets(pids: list[int]) -> list[str]:
    """The sockets that processes have towards any network, as Linux tells them."""
    known = {}
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            parts = line.split()
            known[parts[9]] = f"{table} {parts[1]} {parts[2]}"
    found = []
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                named = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
            except OSError:
                continue
            if named and named[1] in known:
                found.append(f"{pid} {known[named[1]]}")
    return found


def test_secrets_and_logins_are_told_to_their_host_and_never_to_the_browser(
    p: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINISTRY_KEY", "s3cret/with&odd=signs")
    quoted = "s3cret%2Fwith%26odd%3Dsigns"
    p.page(f"/?key={quoted}", script("""
        const append = text => document.body.append(" " + text);
        append(location.href + " " + document.cookie);
        fetch("/data" + location.search).then(answer => answer.text()).then(text => append("got " + text));
    """), headers={"Set-Cookie": "seen=1", "Content-Type": "text/html"})  # fmt: skip
    p.page(f"/data?key={quoted}", b"121507 for s3cret/with&odd=signs", headers={"Content-Type": "text/plain"})
    with Fetcher(user_agent="Tallybook/0", manners=HASTY) as fetcher:
        found = fetcher.fetch(drawn(p.url("/?key=${MINISTRY_KEY}", user="desk:pass-word")))
    assert "got 121507 for ${MINISTRY_KEY}" in words(found)
    assert all(word not in f"{found.url} {found.content!r}" for word in ("s3cret", "pass-word"))
    assert {one.headers["authorization"][:6] for one in p.requests} == {"Basic "}
    assert p.requests[-1].headers["cookie"] == "seen=1"


def test_a_challenge_that_scripts_draw_turns_us_away(p: Publisher) -> None:
    p.page("/", script("document.title = 'Just a moment...'; document.body.innerHTML = '<h1>Just a moment...</h1>'"))
    error = refused(drawn(p.url("/")))
    assert (type(error), error.reason) == (BlockedError, "challenge")


def test_a_pipeline_that_is_killed_leaves_no_browser_behind(p: Publisher, tmp_path: Path) -> None:
    p.page("/", script("setInterval(() => 0, 50); while (Date.now() % 7 != 8) {}"))
    code = f"""
import msgspec, sys
from tests.sources.test_browser import drawn, look
look(drawn({p.url("/")!r}))
"""
    pipeline = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)})
    until = time.monotonic() + 30
    while not any("renderer" in command(pid) for pid in descendants(pipeline.pid)):
        assert time.monotonic() < until, "the browser never came"
        time.sleep(0.05)
    below = descendants(pipeline.pid)
    pipeline.send_signal(signal.SIGKILL)
    pipeline.wait()
    until = time.monotonic() + 15
    while (left := [command(pid) for pid in below if command(pid)]) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []
    assert list(tmp_path.iterdir()) == []


def command(pid: int) -> str:
    """The command line of a process; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_without_playwright_or_a_browser_it_is_said_what_to_install(
    p: Publisher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    p.page("/", TABLE % 1)
    gone = {"TALLYBOOK_CHROMIUM": str(tmp_path / "none")}
    assert "TALLYBOOK_CHROMIUM" in (browser_problem(gone) or ("",))[0]
    monkeypatch.setitem(sys.modules, "playwright", None)
    error = refused(drawn(p.url("/")))
    assert (error.reason, "pip install 'tallybook[browser]'" in str(error)) == ("no_browser", True)
