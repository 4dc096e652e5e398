"""Pages that are no report, in the words of many languages, and reports that speak of such pages."""

from __future__ import annotations

import pytest

from sources.blocked import BLOCKED, blocked_reason
from sources.forms import true_charset

HTML = {"Content-Type": "text/html; charset=utf-8"}


def judged(markup: str, status: int = 200) -> str | None:
    return blocked_reason(status, HTML, markup.encode())


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<title>Un momento</title><h1>Verifica que eres humano</h1>", "challenge"),
        ("<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>", "challenge"),
        ("<h1>人机验证</h1>", "challenge"),
        ("<h1>Доступ запрещён</h1><p>Ваш адрес 10.1.2.3</p>", "forbidden"),
        ("<h1>تم رفض الوصول</h1>", "forbidden"),
        ("<p>Сервис недоступен в вашей стране</p>", "forbidden"),
        ("<h1>Забагато запитів</h1>", "rate_limited"),
        ("<p>Увійдіть, щоб читати далі</p>", "login"),
        ("<title>Connexion | Le Journal</title><form><input type='password'></form>", "login"),
        ("<p>Роботу сайту призупинено. Зверніться до хостинг-провайдера.</p>", "suspended"),
        ("<title>Konto zawieszone</title>", "suspended"),
        ("<p>This domain has expired. Is it yours?</p>", "parked"),
        ("<p>Ce nom de domaine est à vendre</p>", "parked"),
        ("<h1>Bevor Sie fortfahren</h1><button>Alle akzeptieren</button>", "consent"),
        ("<title>Bakım Çalışması</title>", "maintenance"),
        ("<p>Сайт временно недоступен</p>", "maintenance"),
        ("<title>404 — Сторінку не знайдено · Міністерство</title>" + "<a href='/'>меню</a>" * 200, "not_found"),
        ("<h1>Seite nicht gefunden</h1>", "not_found"),
        ("<h1>Internal Server Error</h1>", "server_error"),
        ("<p>Wystąpił błąd. Spróbuj ponownie.</p>", "server_error"),
        ("<noscript>Veuillez activer JavaScript</noscript><script src=a></script>", "script_shell"),
        ("<div id=__next></div><script>1</script>", "script_shell"),
    ],
)
def test_a_page_that_is_no_report_says_so(markup: str, reason: str) -> None:
    assert judged(f"<html><body>{markup}</body></html>") == reason


@pytest.mark.parametrize(
    "markup",
    [
        "<title>Account suspended after 300 posts about the dead</title><p>The ministry counts 31 killed.</p>",
        "<h1>Losses</h1><p>12 bodies were not found; 5 people are missing.</p>",
        "<p>On 3 January: 5 tanks.</p><script>nonce=1</script>",
        "<div id='root'><p>Total: 119,154</p></div><script src='a.js'></script>",
        "<noscript>Please enable JavaScript</noscript><p>Confirmed deaths: 31</p>",
        "<h1>Daily</h1><p>" + "At least 31 civilians were killed, officials said. " * 40 + "</p><p>We value cookies; "
        "accept all cookies to continue.</p>",
        "<form>Sign in <input type='password'></form><p>" + "At least 31 civilians were killed. " * 60 + "</p>",
        "<p>Technical maintenance of 12 vehicles; 40 destroyed.</p>",
        "",
    ],
)
def test_a_report_is_taken_for_a_report(markup: str) -> None:
    assert judged(f"<html><body>{markup}</body></html>") is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "internal"}', "error_answer"),
        (b'{"message": "Not Found", "status": "404"}', "error_answer"),
        (b'{"ok": false, "detail": "Too many requests"}', "rate_limited"),
        (b'{"success": false, "message": "Login required"}', "login"),
        (b'{"message": "The data were fetched successfully.", "data": {"tanks": 5}}', None),
        (b'{"status": "ok", "code": 200, "message": "fine"}', None),
        (b'{"error": null, "tanks": 5}', None),
        (b"[]", None),
        (b"date,tanks\n2025-01-01,5\n", None),
        (b"Too many requests", "rate_limited"),
    ],
)
def test_a_short_answer_that_is_an_error_is_told_from_data(body: bytes, reason: str | None) -> None:
    assert blocked_reason(200, {}, body) == reason


def test_a_page_in_an_older_charset_is_understood() -> None:
    page = "<title>Доступ запрещен</title>".encode("cp1251")
    assert blocked_reason(200, {"Content-Type": "text/html; charset=windows-1251"}, page) == "forbidden"


def test_words_of_a_failing_of_theirs_are_no_block() -> None:
    assert not {"maintenance", "not_found", "server_error", "script_shell", "error_answer"} & BLOCKED


@pytest.mark.parametrize(
    ("text", "codec", "declared", "true"),
    [
        ("Танків: 5", "utf-8", "windows-1251", "utf-8"),
        ("Танків: 5", "cp1251", "windows-1251", "windows-1251"),
        ("tanks: 5", "ascii", "iso-8859-1", "iso-8859-1"),
        ("Танків", "utf-16", "utf-16", "utf-16"),
        ("坦克 5", "gb18030", "gb18030", "gb18030"),
        ("Танків", "utf-8", None, None),
        ("Танків", "utf-8", "no-such-charset", "no-such-charset"),
    ],
)
def test_utf8_is_believed_whatever_is_declared(text: str, codec: str, declared: str | None, true: str | None) -> None:
    assert true_charset(text.encode(codec), declared) == true
