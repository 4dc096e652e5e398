"""Addresses: which hosts are public, what is shown of an address, and which answers turn us away."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import blocked_reason, public_url
from sources.web.addresses import address_problem, url_problem


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1",
        "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "::127.0.0.1", "not an address",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    assert address_problem(address) is not None


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("https://desk:pw@a.example:8443/x", "https://a.example:8443/x"),
        ("https://desk@a.example/x", "https://a.example/x"),
        ("https://desk:p@w@a.example/x", "https://a.example/x"),
        ("https://a.example/@x", "https://a.example/@x"),
        ("https://desk:pw@[::1]:80/x", "https://[::1]:80/x"),
        ("https://desk:p/w@a.example/x", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_user_and_password(url: str, shown: str) -> None:
    assert public_url(url) == shown


@given(st.text(max_size=60))
def test_any_text_can_be_judged_as_an_address(text: str) -> None:
    for url in (text, f"http://{text}", f"https://u:p@{text}/"):
        problem = url_problem(url)
        assert problem is None or problem[0] in ("scheme", "bad_url")


@given(st.from_regex(r"[a-z:@.%!]{0,20}", fullmatch=True))
def test_no_part_of_a_secret_is_shown(rest: str) -> None:
    assert "SECRET" not in public_url(f"https://desk:{rest}SECRET{rest}@a.example/x")


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (429, {}, b"", "rate_limited"),
        (451, {}, b"", "legal"),
        (403, {"CF-Mitigated": "challenge"}, b"", "challenge"),
        (202, {"x-amzn-waf-action": "challenge"}, b"", "challenge"),
        (200, {"Content-Type": "text/html"}, b"<TITLE>\n Just a  moment... </TITLE>", "challenge"),
        (503, {}, b"<title>Attention Required! | Cloudflare</title>", "challenge"),
        (503, {}, b"<title>Maintenance</title>", None),
        (404, {}, b"", None),
        (200, {}, b"<title>Just a moment... how challenges work</title>", None),
        (200, {"Content-Type": "application/json"}, b'"<title>Just a moment...</title>"', None),
    ],
)
def test_an_answer_turns_us_away_by_its_status_or_its_challenge(
    status: int, headers: dict[str, str], body: bytes, reason: str | None
) -> None:
    assert blocked_reason(status, headers, body) == reason


def test_the_catalogue_alone_does_not_pay_for_requests() -> None:
    code = "import sys, sources; sources.Catalogue; print('requests' in sys.modules); sources.Fetcher"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.strip() == "False"
