"""The HTML log is one safe file that shows numbers, quotes, verdicts and holds."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from model import Instant, Update
from publish.html import log_html, marked
from tests.publish.made import AUGUST_3, JULY_18, baseline, change, check, figure, group, stated, update

QUOTE = "The list holds 121,507 names, 2,353 more than at the last update."
HOSTILE = "</style><script>alert(1)</script>\x1b[31m\u202e\"'><img src=x onerror=alert(1)>"


def page(*updates: Update, **options: Any) -> BeautifulSoup:
    written = log_html(updates, title="What changed", generated_at=Instant(AUGUST_3), **options)
    return BeautifulSoup(written, "lxml")


def text_of(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


def the_count() -> Update:
    return update(
        change(
            "new",
            119_154,
            figure(121_507, quote=QUOTE, number_text="121,507", attributed_to=("the Outlet", "the Broadcaster")),
            stated=stated("matches", baseline=baseline(), quote=QUOTE),
        ),
        change(
            "new",
            figure(5_300, qualifier="more_than", number_text="over 5,300"),
            figure(5_400, qualifier="more_than", number_text="over 5,400", quote="over 5,400 officers"),
            series="demo_count/officers",
        ),
        change("new", 13_300, 13_300, series="demo_count/conscripts"),
    )


def test_a_count_is_shown_with_old_new_difference_and_the_version_it_counts_from() -> None:
    article = page(the_count()).select_one("article")
    assert article is not None
    assert text_of(article.h3) == "2,353 more: 119,154 → 121,507 killed , as of 31 July 2025"
    cells = [text_of(cell) for cell in article.select("tbody tr")[0].find_all(["th", "td"])]
    assert cells == ["killed", "119,154", "121,507", "+2,353", "+2,353 matches mediazona/12"]
    assert "Killed: matches the stated +2,353, counted from 119,154 (mediazona/12, known 18 July 2025)" in text_of(
        article
    )
    assert "1 more figure stands as it was" in text_of(article)


def test_the_quote_marks_the_number_and_the_stated_increase() -> None:
    quote = page(the_count()).select_one("blockquote")
    assert quote is not None
    assert [bold.text for bold in quote.select("mark b")] == ["121,507", "2,353"]
    assert quote.p is not None
    assert quote.p.text == QUOTE
    assert "said by the Outlet and the Broadcaster" in text_of(quote)


def test_the_hedge_stands_in_words_left_of_the_number() -> None:
    row = page(the_count()).select("article tbody tr")[1]
    assert [text_of(cell) for cell in row.select("td.num")] == ["over 5,300", "over 5,400", "+100"]
    assert [text_of(hedge) for hedge in row.select(".hedge")] == ["over", "over"]


@pytest.mark.parametrize("number_text", ["12", "112", ""])
def test_a_number_inside_a_larger_number_is_not_marked(number_text: str) -> None:
    one = update(change("new", 11, figure(12, quote="of 1120 found 12 are new", number_text=number_text)))
    marked = [bold.text for bold in page(one).select("mark b")]
    assert marked == (["12"] if number_text == "12" else [])


def test_a_long_quote_is_shortened_around_its_number() -> None:
    quote = "before " * 200 + "121,507 names" + " after" * 200
    one = update(change("new", 119_154, figure(121_507, quote=quote, number_text="121,507")))
    mark = page(one).select_one("mark")
    assert mark is not None
    assert len(mark.text) < 400
    assert mark.text.startswith("… ")
    assert mark.text.endswith(" …")
    assert mark.b is not None
    assert mark.b.text == "121,507"


def test_a_held_value_says_so_and_why() -> None:
    held = update(
        change("new", 11_132, 111_138, series="demo_daily/tanks", as_of="2025-08-03", held=True),
        status="held",
        checks=(check("hold", "a step of +100,006 in a day; usually +3"), check("pass", "all there", "expected")),
    )
    document = page(held)
    article = document.select_one("article.hold")
    assert article is not None
    assert text_of(article.h3) == "held: 100,006 more: 11,132 → 111,138 tanks , as of 3 August 2025"
    assert "held, does not count" in text_of(article.header)
    assert [text_of(note) for note in article.select(".checks li")] == [
        "held: jump a step of +100,006 in a day; usually +3"
    ]
    assert "1 is held and does not count" in text_of(document.select_one("main p"))


def test_a_stated_change_that_does_not_agree_is_told_with_both_numbers() -> None:
    one = update(
        change("new", 31_021, 31_052, series="demo_bulletin/artillery", stated=stated("mismatch", 40, computed=31)),
    )
    document = page(one)
    assert "States +40, but the ledger gives +31 since 31,021" in text_of(document.article)
    assert "stated +40, computed +31" in text_of(document.select_one("td.stated"))
    assert "1 stated change does not agree with the ledger" in text_of(document.select_one("main p"))


def test_many_changes_are_shown_as_groups_with_the_leading_one_listed() -> None:
    changes = [change("revised", n, n + 1, series="big/a", as_of=f"2022-03-{n:02}") for n in range(1, 30)]
    big = update(
        *changes,
        change("new", 2, 5, series="big/a"),
        source="big",
        changes_total=585,
        groups=(group("revised", 564, up=545, down=19, net=3552, series="big/a"), group("new", 21, net=25)),
    )
    article = page(big).article
    assert article is not None
    assert [text_of(row.td) for row in article.select(".groups tr")] == [
        "564 days revised (545 up, 19 down), net +3,552",
        "21 new days, +25",
    ]
    assert "585 changes in all" in text_of(article)
    assert len(article.select(".rows tbody tr")) == 1


def test_a_row_that_moved_is_told_in_one_sentence() -> None:
    moved = update(
        *(
            change("withdrawn", value, None, series=f"t/{name}", as_of="2025-07-14", how="row", redated="2025-07-13")
            for name, value in (("a", 10), ("b", 20))
        ),
        *(
            change("late", None, value, series=f"t/{name}", as_of="2025-07-13", redated="2025-07-14")
            for name, value in (("a", 10), ("b", 20))
        ),
        source="t",
    )
    article = page(moved).article
    assert article is not None
    told = "Moved: the row of 14 July 2025 is dated 13 July 2025 now, same 2 numbers."
    assert text_of(article).count(told) == 1
    assert not article.select(".rows tbody tr")


def test_an_older_ordinary_update_folds_into_one_line_and_a_warned_one_never_does() -> None:
    def day(number: int, known_at: str, **fields: Any) -> Update:
        one = change("new", 10 + number, 11 + number, series="b/tanks", as_of=known_at[:10])
        return update(one, source="b", number=number, known_at=known_at, title="Bulletin", **fields)

    newest, second, third = (day(n, f"2025-08-0{n}T06:00:00Z") for n in (4, 3, 2))
    warned = day(1, "2025-08-01T06:00:00Z", checks=(check("warn", "an unusual step"),))
    document = page(warned, third, newest, second)
    folds = document.select("details.fold")
    assert len(folds) == 1
    assert text_of(folds[0].summary) == "Bulletin 2 updates, 2 to 3 August 2025: tanks 12 → 14 +2 in 2 updates"
    assert [text_of(section.h2) for section in document.select(".day")] == [
        "Known 4 August 2025",
        "Known 3 August 2025",
        "Known 1 August 2025",
    ]
    assert "an unusual step" in text_of(document.select(".day > article")[-1])


def test_hostile_text_stays_text_everywhere() -> None:
    evil = figure(5, quote=HOSTILE + " 5", number_text="5", attributed_to=(HOSTILE,), whom=HOSTILE)
    one = update(
        change("new", 3, evil, series=f"x/{HOSTILE}", stated=stated("matches", 2, quote=HOSTILE + " 2")),
        title=HOSTILE,
        basis=HOSTILE,
        url="javascript:alert(1)",
        checks=(check("warn", HOSTILE, HOSTILE),),
        groups=(group("new", 1, series=None, measure=HOSTILE),),
        changes_total=30,
    )
    written = log_html([one], title=HOSTILE, generated_at=Instant(AUGUST_3), titles={"x/y": HOSTILE})
    document = BeautifulSoup(written, "lxml")
    assert not document.select("script, img, iframe, object, link, [onerror], [style]")
    assert not document.select("a[href^=javascript]")
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert text_of(document.article).count("alert(1)") > 5


def test_the_file_asks_nobody_for_anything_and_its_policy_allows_its_own_style_alone() -> None:
    written = log_html([the_count()], title="What changed", generated_at=Instant(AUGUST_3))
    document = BeautifulSoup(written, "lxml")
    style = document.style.string if document.style else ""
    digest = base64.b64encode(hashlib.sha256((style or "").encode()).digest()).decode()
    policy = document.select_one("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert policy["content"] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"@import|url\(", style or "")
    assert not document.select("[src], link, script")
    assert [link["href"] for link in document.select("a[href^=http]")] == ["https://counter.example/count"]


def test_the_page_says_when_it_was_written_and_that_nothing_changed() -> None:
    document = page()
    assert "Nothing has changed." in text_of(document.main)
    assert "3 August 2025, 06:00 UTC" in text_of(document.footer)


def test_sources_are_listed_with_their_holds_and_how_they_count() -> None:
    held = update(change("new", 1, 900, held=True), status="held", source="file", title="The file", known_at=JULY_18)
    aside = text_of(page(the_count(), held).aside)
    assert "The count by name counted 1 update, newest 2 August 2025" in aside
    assert "The file 1 held" in aside


@pytest.mark.parametrize(
    ("quote", "number", "shown"),
    [
        ("58,950 of them, 950 more", "950", "58,950 of them, <b>950</b> more"),
        ("about 1.950 and 950.", "950", "about 1.950 and <b>950</b>."),
        ("۱۳٬۸۵۰ نفر، ۳۷ نفر", "37", "۱۳٬۸۵۰ نفر، <b>۳۷</b> نفر"),
        ("بلغ ٢٬٣٥٣ قتيلاً", "2[,.]?353", "بلغ <b>٢٬٣٥٣</b> قتيلاً"),
        ("only 58,950", "950", "only 58,<b>950</b>"),
    ],
)
def test_a_number_is_marked_where_it_stands_alone_in_whatever_digits(quote: str, number: str, shown: str) -> None:
    assert marked(quote, [number]) == f"<mark>{shown}</mark>"


def test_a_name_from_right_to_left_turns_no_number_beside_it() -> None:
    cell = marked("missing, القاهرة, 2025-08-12: 1236", ["1236"])
    assert cell == "<mark>missing, <bdi>القاهرة</bdi>, 2025-08-12: <b>1236</b></mark>"
    assert "<bdi>دير البلح</bdi>, 7" in marked("Places: دير البلح, 7 <people>", [])
    assert "<bdi>" not in marked("ارتفع عدد القتلى إلى 1236 شخصا في Gaza", ["1236"])
