"""What to do about each way in which fetching fails, said beside the failure."""

from __future__ import annotations

_OTHER_ADDRESS = "open the address in a browser; if the report has moved, change url in the definition"
_BY_HAND = "open the address in a browser; a page saved there can be recorded with tallybook manual"
_DATA = "look for the data that the page's scripts load, and give that address as url"
_LATER = "nothing was recorded; the next run tries again"

ADVICE = {
    "bad_url": "correct url in the definition",
    "scheme": "correct url in the definition",
    "dns": "check the host's name in the definition and this machine's network",
    "private_address": "set allow_private_addresses: true in the definition, which holds for hosts that it names",
    "unreachable": _LATER,
    "connection": _LATER,
    "tls": "nothing is read over a connection that nobody vouches for; the publisher must mend it, or url must change",
    "timeout": _LATER,
    "redirects": _OTHER_ADDRESS,
    "http_status": _LATER,
    "gone": _OTHER_ADDRESS,
    "page_link": "pages are followed on the first one's host alone; the next run tries again",
    "page_loop": "look at how the publisher's pages go on, and correct paging in the definition",
    "page_repeated": "does the server know the parameter that paging names? Correct it in the definition",
    "page_unreadable": "nothing was recorded of the others either; the next run tries again",
    "page_total": "the rows may have changed meanwhile; nothing was recorded, and the next run tries again",
    "too_many_pages": "ask for more rows a page in url, or raise paging.most_pages in the definition",
    "too_large": "if the report is really so long, raise TALLYBOOK_FETCH_BYTES",
    "truncated": _LATER,
    "encoding": _LATER,
    "host_down": "its other sources wait too, so that nobody is hammered; the next run tries again",
    "robots_unreachable": "a host whose robots.txt fails is not asked; the next run tries again",
    "robots": "ask the publisher, or say in the definition why it may be read: ignore_robots: …",
    "rate_limited": "ask less often: another cron line, or more TALLYBOOK_HOST_SPACING",
    "challenge": _BY_HAND,
    "consent": _BY_HAND,
    "login": _BY_HAND,
    "forbidden": _BY_HAND,
    "legal": _BY_HAND,
    "proxy_login": "the proxy of this machine asks for a login",
    "suspended": "the publisher's own account is closed; look for another carrier and change url in the definition",
    "parked": "whoever has the domain now is not the publisher; change url in the definition",
    "maintenance": _LATER,
    "not_found": _OTHER_ADDRESS,
    "server_error": _LATER,
    "error_answer": _LATER,
    "script_shell": f"{_DATA}, or let a browser draw it (fetch: browser; sources new --browser)",
    "not_drawn": "look at the page in a browser; wait_for in the definition names what it shows once it is drawn",
    "browser": "does Chromium start on this machine? Nothing was recorded, and the next run tries again",
    "too_many_requests": _DATA,
    "too_heavy": _DATA,
    "wrong_type": _OTHER_ADDRESS,
    "picture": "it is kept as evidence; figures that a person reads in it are recorded with tallybook manual",
    "charset": "nothing was concluded from it; the publisher must mend it",
}
"""A sentence for each reason of a `FetchError`."""
