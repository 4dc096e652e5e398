"""Web addresses: which may be asked, which hosts are public, and how an address is shown without its password."""

from __future__ import annotations

import ipaddress
import re

from model import public_text, public_url, split_url

__all__ = ["SCHEMES", "address_problem", "public_text", "public_url", "url_problem"]

SCHEMES = ("http", "https")

_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
# Metadata hosts of clouds that look public, to some versions of Python at least.
_METADATA = tuple(ipaddress.ip_network(each) for each in ("168.63.129.16/32", "192.0.0.0/24"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def url_problem(url: str) -> tuple[str, str] | None:
    """Why an address cannot be asked, as (`scheme` or `bad_url`, sentence); None for a sound http(s) address."""
    if _UNFIT.search(url):
        return "bad_url", f"{_UNFIT.sub('�', public_url(url))} holds a space, backslash or control character"
    parts = split_url(url)
    if parts is None:
        return "bad_url", "the address cannot be read; write https://host/path"
    if parts.scheme not in SCHEMES:
        what = f"{parts.scheme}: is not fetched" if parts.scheme else f"{public_url(url)} has no scheme"
        return "scheme", f"{what}; only http and https addresses are"
    if not parts.hostname:
        return "bad_url", f"{public_url(url)} names no host"
    return None


def address_problem(address: str) -> str | None:
    """Why an IP address is not a public host's; None when it is.

    Loopback, private, link-local, metadata, multicast and reserved addresses are not public; neither is an IPv6
    address that carries such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    try:
        ip = _carried(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return f"{address} is no IP address"
    for name in ("loopback", "link_local", "multicast", "unspecified", "reserved", "private", "site_local"):
        if getattr(ip, f"is_{name}", False):
            return f"{address} is a {name.replace('_', '-')} address"
    if not ip.is_global or any(ip in network for network in _METADATA):
        return f"{address} is not an address of the public internet"
    return None


def _carried(ip: IPAddress) -> IPAddress:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None) or ip
