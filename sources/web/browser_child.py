"""Draws one page in a browser that reaches nothing by itself; a process of its own, started by `sources.web.browser`.

    python -m sources.web.browser_child

Messages are a length of eight bytes and MessagePack. The first that comes is the `Order`; whatever the page asks for is
asked of whoever ordered (`Errand`, answered by `Supplied`), and the browser is told of no way to any network. The last
that goes is `Drawn` or `Failed`. When whoever ordered has gone, the time is over, or the browser's processes together
take too much memory, all of them are killed.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import msgspec

T = TypeVar("T")
FRAME = 8
GRACE = 5
"""Seconds beyond its time after which a browser that still runs is killed without being asked."""

BLOCKED_KINDS = frozenset(("media", "font", "websocket", "eventsource", "ping", "texttrack", "manifest", "cspreport"))
"""What no figure is drawn from."""

WIDTH, HEIGHT, TALLEST = 1280, 900, 8000
"""The window, and the tallest picture, in pixels."""

MOST_OF_PICTURE = 8 * 2**20
SETTLED, MOST_SETTLING = 0.4, 15
"""A page is drawn when its words are the same after so many seconds and nothing is asked for; it is looked at so often
at most, since clocks never rest."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be drawn, and by what it is bounded.

    `folder` takes all that the browser writes; `seconds` are those of the whole look; `most_bytes` may the drawn page
    have, and `memory` bytes the browser's processes together.
    """

    url: str
    wait_for: str | None
    chromium: str | None
    folder: str
    seconds: float
    most_bytes: int
    memory: int
    locale: str
    timezone: str


class Errand(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What the page asks for; `main` where it is the page itself that goes elsewhere."""

    number: int
    url: str
    kind: str
    method: str
    main: bool
    headers: dict[str, str]
    body: bytes | None


class Supplied(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an errand; a status of 0 refuses it."""

    number: int
    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


class Drawn(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The page as its scripts left it, and how it looks."""

    url: str
    markup: bytes
    picture: bytes


class Failed(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Why nothing was drawn, as a `FetchError` has it; and what the page showed instead, where it is known."""

    reason: str
    message: str
    markup: bytes | None = None


_DISCONNECTED = (
    # No name and no address leads anywhere, not even to the proxy that all requests would go through.
    "--proxy-server=127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-domain-reliability",
    "--no-pings",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--disk-cache-size=1",
    "--js-flags=--max-old-space-size=512",
)


def send(stream: IO[bytes], message: Any) -> None:
    """Write a message."""
    content = msgspec.msgpack.encode(message)
    stream.write(len(content).to_bytes(FRAME) + content)
    stream.flush()


def receive(stream: IO[bytes], kind: msgspec.msgpack.Decoder[T]) -> T | None:
    """Read a message; None where there is none any more."""
    head = stream.read(FRAME)
    size = int.from_bytes(head)
    content = stream.read(size) if len(head) == FRAME and size <= MOST_OF_MESSAGE else b""
    return kind.decode(content) if content and len(content) == size else None


MOST_OF_MESSAGE = 2**28
TOLD: msgspec.msgpack.Decoder[Errand | Drawn | Failed] = msgspec.msgpack.Decoder(Errand | Drawn | Failed)
"""What a browser's process says."""


def descendants(root: int) -> list[int]:
    """The processes below one, as Linux tells them; none elsewhere."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(entry.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            below.setdefault(parent, []).append(int(entry.parent.name))
    found, todo = list[int](), [root]
    while todo:
        children = below.get(todo.pop(), [])
        found += children
        todo += children
    return found


def kill_below(root: int) -> None:
    """Kill all processes below one, also those that are started meanwhile, and let none of our own stay behind."""
    for _ in range(100):
        there = descendants(root)
        for pid in there:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if root == os.getpid():
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        if not there:
            return
        time.sleep(0.01)


def memory_of(pids: list[int]) -> int:
    """Bytes that processes take for themselves, beside what they read from files."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            told = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
            total += sum(int(size) * 1024 for size in re.findall(r"(?m)^Rss(?:Anon|Shmem):\s+(\d+) kB", told))
    return total


def watch(order: Order, parent: int) -> None:
    """End everything, this process too, once it is time; runs beside, whatever the browser does."""
    until = time.monotonic() + order.seconds + GRACE
    while memory_of(descendants(os.getpid())) <= order.memory:
        if os.getppid() != parent or time.monotonic() > until:
            end(order, OUT_OF_TIME)
        time.sleep(0.2)
    end(order, OUT_OF_MEMORY)


_SAYING = threading.Lock()


def end(order: Order, code: int) -> NoReturn:
    """End this process and all below it, and leave nothing behind; once it has begun, nothing more is said."""
    _SAYING.acquire(timeout=GRACE)
    kill_below(os.getpid())
    shutil.rmtree(order.folder, ignore_errors=True)
    os._exit(code)


OUT_OF_MEMORY, OUT_OF_TIME = 3, 4
"""The codes of a process that ended itself."""

_NO_CALLS = 'for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"]) delete window[name]'
"""What would open sockets of its own is in no window, before any script runs there."""

_SERIALISE = """
() => {
  const style = (element) => getComputedStyle(element);
  const unseen = (element) => style(element).visibility !== "visible";
  const hidden = (element) => style(element).display === "none"
    || unseen(element) && [...element.querySelectorAll("*")].every(unseen);
  const marked = (node) => node.nodeType === 1 && !["script", "style"].includes(node.localName);
  const inside = (node) => {
    if (node.shadowRoot) return node.shadowRoot.childNodes;
    const slotted = node.localName === "slot" ? node.assignedNodes() : [];
    return slotted.length ? slotted : node.childNodes;
  };
  const copied = (node, body) => {
    const copy = node.cloneNode(false);
    body ||= node === document.body;
    if (body && marked(node) && hidden(node)) copy.setAttribute("hidden", "");
    for (const child of inside(node)) copy.append(copied(child, body));
    return copy;
  };
  return copied(document.documentElement, false).outerHTML;
}
"""
"""The document with what its components hold in their shadow, and what no reader sees marked `hidden`."""

_WORDS = "() => document.body ? document.body.innerText : ''"


class _BrowserPage:
    """One page in one browser, and the requests that wait for an answer."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.until = time.monotonic() + order.seconds
        self.pending: dict[int, asyncio.Future[Supplied]] = {}
        self.count = 0
        self.page: Any = None

    async def run(self) -> Drawn | Failed:
        from playwright.async_api import Error, async_playwright

        try:
            async with asyncio.timeout(self.order.seconds), async_playwright() as playwright:
                browser = await self.launch(playwright)
                return await self.draw(browser)
        except TimeoutError:
            return Failed(reason="timeout", message=f"was not drawn within {self.order.seconds:.0f} s")
        except Error as error:
            told = error.message.partition("\nCall log")[0]
        except Exception as error:  # ours, or Playwright's own
            told = f"{type(error).__name__}: {error}"
        return Failed(reason="browser", message=f"could not be drawn: {' '.join(told.split())[:300]}")

    async def launch(self, playwright: Any) -> Any:
        """A browser with a profile that nobody keeps, and none of this process's secrets in its environment."""
        folder = self.order.folder
        return await playwright.chromium.launch(
            executable_path=self.order.chromium,
            args=list(_DISCONNECTED),
            chromium_sandbox=os.geteuid() != 0,
            env={"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"},
            timeout=self.order.seconds * 1000,
        )

    async def draw(self, browser: Any) -> Drawn | Failed:
        context = await browser.new_context(
            accept_downloads=False,
            service_workers="block",
            viewport={"width": WIDTH, "height": HEIGHT},
            locale=self.order.locale,
            timezone_id=self.order.timezone,
            reduced_motion="reduce",
        )
        context.set_default_timeout(self.order.seconds * 1000)
        await context.add_init_script(_NO_CALLS)
        await context.route("**", self.fetch)
        self.page = await context.new_page()
        context.on("page", lambda popup: popup.close())
        await self.page.goto(self.order.url, wait_until="domcontentloaded")
        if (failed := await self.wait()) is not None:
            return failed
        markup = await self.markup()
        if len(markup) > self.order.most_bytes:
            return Failed(reason="too_heavy", message=f"is longer than {self.order.most_bytes} bytes when it is drawn")
        return Drawn(url=self.page.url, markup=markup, picture=await self.picture())

    async def wait(self) -> Failed | None:
        """Wait for what the definition names, or else until nothing more is asked for; then until the words rest."""
        from playwright.async_api import TimeoutError as TooLateError

        # A fifth of the time is left for taking the page down.
        wanted, left = self.order.wait_for, max((self.until - time.monotonic() - self.order.seconds / 5) * 1000, 1)
        try:
            if wanted is None:
                await self.page.wait_for_load_state("networkidle", timeout=left)
            else:
                selector = wanted if wanted.startswith("text=") else f"css={wanted}"
                await self.page.wait_for_selector(selector, state="visible", timeout=left)
        except TooLateError:
            what = f"showed no {wanted!r}" if wanted else "went on asking for more"
            return Failed(reason="not_drawn", message=f"{what} within {left / 1000:.0f} s", markup=await self.markup())
        words = None
        for _ in range(MOST_SETTLING):
            before, words = words, await self.evaluate(_WORDS)
            if words == before and not self.pending:
                break
            await asyncio.sleep(SETTLED)
        return None

    async def evaluate(self, script: str) -> Any:
        """What a script of ours finds; asked again of the next page where this one leads to it just now."""
        from playwright.async_api import Error

        for again in (True, True, False):
            try:
                return await self.page.evaluate(script)
            except Error:
                if not again:
                    raise
                await self.page.wait_for_load_state("domcontentloaded")
        raise AssertionError("the last try returns or raises")

    async def markup(self) -> bytes:
        """The document as it is now, said to be what it is."""
        drawn = await self.evaluate(_SERIALISE)
        return f"<!doctype html>\n<!-- {DRAWN_BY} -->\n{drawn}\n".encode("utf-8", "replace")

    async def picture(self) -> bytes:
        """How the page looks, from its top; only the first window of it where more is too large."""
        height = await self.evaluate("() => document.documentElement.scrollHeight")
        for tall in (max(HEIGHT, min(int(height), TALLEST)), HEIGHT):
            await self.page.set_viewport_size({"width": WIDTH, "height": tall})  # `full_page` would draw all of it
            content: bytes = await self.page.screenshot(animations="disabled")
            if len(content) <= MOST_OF_PICTURE:
                break
        return content

    async def fetch(self, route: Any) -> None:
        """Answer a request of the page with what whoever ordered gives."""
        request, frame = route.request, _frame_of(route.request)
        main = request.is_navigation_request() and frame == self.page.main_frame
        foreign = request.is_navigation_request() if frame is None else frame.page != self.page
        if request.resource_type in BLOCKED_KINDS or foreign:
            await route.abort("blockedbyclient")
            return
        self.count += 1
        errand = Errand(
            number=self.count, url=request.url, kind=request.resource_type, method=request.method, main=main,
            headers=dict(request.headers), body=request.post_data_buffer,
        )  # fmt: skip
        self.pending[errand.number] = answer = asyncio.get_running_loop().create_future()
        send(_OUT, errand)
        supplied = await answer
        with suppress(Exception):  # the page may have gone elsewhere meanwhile
            if supplied.status:
                await route.fulfill(status=supplied.status, headers=supplied.headers, body=supplied.body)
            else:
                await route.abort("blockedbyclient")

    def supply(self, supplied: Supplied) -> None:
        answer = self.pending.pop(supplied.number, None)
        if answer is not None and not answer.done():
            answer.set_result(supplied)


def _frame_of(request: Any) -> Any:
    """The frame that asks; None for a worker, and for a page that is only about to open."""
    with suppress(Exception):
        return request.frame
    return None


DRAWN_BY = "drawn by Chromium for Tallybook: the document as its scripts left it; what was not shown is marked hidden"
_IN, _OUT = sys.stdin.buffer, sys.stdout.buffer


async def _run(order: Order) -> Drawn | Failed:
    page, loop = _BrowserPage(order), asyncio.get_running_loop()

    def listen() -> None:
        while (supplied := receive(_IN, msgspec.msgpack.Decoder(Supplied))) is not None:
            loop.call_soon_threadsafe(page.supply, supplied)
        end(order, 0)

    threading.Thread(target=listen, daemon=True).start()
    return await page.run()


def main() -> None:
    """Draw what is ordered, and end."""
    global _OUT
    _OUT = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no message
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent = os.getppid()
    _adopt()
    order = receive(_IN, msgspec.msgpack.Decoder(Order))
    if order is None:
        return
    os.environ["TMPDIR"] = order.folder
    signal.signal(signal.SIGTERM, lambda *_: _SAYING.locked() or end(order, 0))
    threading.Thread(target=watch, args=(order, parent), daemon=True).start()
    try:
        told = asyncio.run(_run(order))
        with _SAYING:
            send(_OUT, told)
    finally:
        end(order, 0)


def _adopt() -> None:
    """Be the parent of all that is started below, also of what would outlive its own (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


if __name__ == "__main__":
    main()
