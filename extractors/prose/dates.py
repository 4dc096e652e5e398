"""Dates and periods as a text names them, resolved against the day of publication."""

from __future__ import annotations

import datetime as dt
import re

from extractors.prose.tokens import CODE, DATE, NUM, PUNCT, WORD, Sentence, Token
from extractors.words import BIT, Lexicon
from extractors.words.lexicon import SOLAR

MONTH, WEEKDAY, DAY, PAST_DAY, SAME_DAY = (BIT[role] for role in ("months", "weekdays", "days", "past_day", "same_day"))
SPAN, LOOSE, RATE, ENDS, STARTS = (BIT[role] for role in ("spans", "loose", "rates", "ends", "starts"))
AS_OF, SINCE, UNTIL, DURING = (BIT[role] for role in ("as_of", "since", "until", "during"))
FROM, TO, AND, BETWEEN, OF = (BIT[role] for role in ("from", "to", "and", "between", "of"))
NIGHT, WEEKEND, LASTING, DAY_WORD = BIT["night"], BIT["weekend"], BIT["durations"], BIT["day_words"]
_DATED = NIGHT | WEEKEND | LASTING | MONTH | WEEKDAY | DAY | PAST_DAY | SAME_DAY | SPAN | LOOSE | RATE
_SKIPPED = BIT["determiners"] | ENDS | STARTS | OF | BIT["prepositions"]
_YEAR_LEADS = _SKIPPED | BIT["articles"] | AS_OF | SINCE | UNTIL | DURING | MONTH | FROM | TO | AND | BETWEEN
_COUNTED = BIT["nouns"] | BIT["events"] | BIT["nations"] | BIT["multipliers"] | BIT["percent"]
_FORM = re.compile(r"(\d+)[./-](\d+)[./-](\d+)")
_YEAR_SPAN = 20
_SOLAR_YEARS = 1500
"""Years below are of the Persian calendar where a text is Persian."""
_SOLAR_START = -356033
"""What makes its day count agree with ours: 1 Farvardin 1400 is 21 March 2021."""
_CLOCK = frozenset(("am", "pm", "a.m", "p.m", "a.m.", "p.m.", ".", "gmt", "utc", "noon", "midnight", "local", "time"))
_SINCE_REACH = 16
"""Words within which "since fighting broke out between the two in April" still governs its date."""


class DateSpan:
    """A date or period in tokens first..last (exclusive); `role` is what its preposition makes of it.

    Roles: as_of, since, until, during, rate, loose (a closed span without dates). `grain` is day, month, year or span.
    """

    __slots__ = ("end", "first", "grain", "last", "role", "start")

    def __init__(self, first: int, last: int, start: dt.date | None, end: dt.date | None, grain: str) -> None:
        self.first, self.last, self.start, self.end, self.grain = first, last, start, end, grain
        self.role = "during"


class DateReader:
    """Reads the dates of one sentence; `published` may be None, then only full dates have a value."""

    def __init__(self, tokens: list[Token], lexicon: Lexicon, published: dt.date | None) -> None:
        self.tokens, self.lexicon, self.published = tokens, lexicon, published
        self.month: tuple[dt.date, dt.date] | None = None  # the last month named, for "during the month"

    def read(self, sentence: Sentence, same: dt.date | None) -> list[DateSpan]:
        """The dates of a sentence in order; `same` is the day that "the same day" means."""
        found: list[DateSpan] = []
        tokens, a, b = self.tokens, sentence.a, sentence.b
        free = a
        for i in sentence.hot:
            token, span = tokens[i], None
            if i < free:
                continue
            if token.roles & _DATED or token.kind == DATE:
                span = self._named(i, a if not found else found[-1].last, b, same)
            elif token.kind == NUM and self._is_year(i, a, b, found):
                span = self._year(i, b)
            if span is None:
                continue
            self._role(span, a)
            lead = tokens[max(a, span.first - 2) : span.first]
            compared = any(t.roles & (BIT["comparatives"] | BIT["hedges"] | BIT["against"] | BIT["than"]) for t in lead)
            if span.grain == "month" and span.start and span.end and not compared:
                self.month = span.start, span.end
            if not (found and self._merged(found[-1], span)):
                found.append(span)
            free = max(span.last, i + 1)
        for span in found:
            if span.role == "from":
                since = self.lexicon.cyrillic and self.tokens[max(a, span.first - 1)].roles & SINCE
                span.role = "since" if since else "during"
        return found

    def _named(self, i: int, a: int, b: int, same: dt.date | None) -> DateSpan | None:
        token = self.tokens[i]
        roles = token.roles
        if token.kind == DATE:
            return self._written(i)
        if roles & MONTH and (span := self._month(i, a, b)):
            return span
        if roles & PAST_DAY:
            if self.lexicon.language == "en" and i + 1 < b and self.tokens[i + 1].roles & OF:
                return DateSpan(i, i + 1, None, None, "vague")  # "the last day of the exchange"
            end = self.published
            return DateSpan(i, i + 1, _before(end, 1), end, "past_day")
        if roles & NIGHT:
            end = self.published
            return DateSpan(i, i + 1, _before(end, 1), end, "night")
        if roles & WEEKEND:
            return self._weekend(i)
        if roles & LASTING:
            return self._recent(i, a, b)
        if roles & SAME_DAY:
            return DateSpan(i, i + 1, same, same, "day")
        if roles & WEEKDAY:
            return self._weekday(i)
        if roles & DAY:
            day = self._shifted(token.values["days"])
            return DateSpan(i, i + 1, day, day, "day")
        if roles & SPAN:
            return self._span(i, b, token.values["spans"])
        if roles & (LOOSE | RATE):
            return DateSpan(i, i + 1, None, None, "rate" if roles & RATE else "loose")
        return None

    def _recent(self, i: int, a: int, b: int) -> DateSpan | None:
        """ "The past three months", "les trois derniers mois", "الأشهر الثلاثة الماضية": a span without dates."""
        tokens, recent = self.tokens, BIT["recent"]
        before = [k for k in range(max(a, i - 2), i) if tokens[k].roles & recent]
        behind = [k for k in range(i + 1, min(b, i + 3)) if tokens[k].roles & recent]
        if not (before or behind) or (self.lexicon.heads_last and before[:1] != [i - 2]):
            return None
        first, last = min([*before, i]), max([*behind, i])
        around = [k for k in range(max(a, first - 1), last + 1) if k not in (*before, *behind, i)]
        counted = [k for k in around if tokens[k].kind == NUM or tokens[k].roles & BIT["numbers"]]
        if not counted or any(tokens[k].kind != NUM and not tokens[k].roles for k in range(first, last)):
            return None
        return DateSpan(min(first, counted[0]), last + 1, None, None, "loose")

    def _written(self, i: int) -> DateSpan:
        match = _FORM.fullmatch(self.tokens[i].w)
        day = None
        if match:
            x, y, z = (int(part) for part in match.groups())
            if x > 31:
                day = _date(x, y, z)
            elif y > 12 or ("/" in self.tokens[i].w and self.lexicon.language == "en" and x <= 12 < y):
                day = _date(z, x, y)
            else:
                day = _date(z + 2000 if z < 100 else z, y, x)
        return DateSpan(i, i + 1, day, day, "day")

    def _month(self, i: int, a: int, b: int) -> DateSpan | None:
        tokens = self.tokens
        month = tokens[i].values["months"]
        first, last, day, low = i, i + 1, None, None
        k = i - 1
        if k >= a and tokens[k].roles & OF:
            k -= 1
        if k > a and tokens[k].w == "." and self._day_number(k - 1):
            k -= 1
        if k >= a and (day := self._day_number(k)):
            first = k
            low, first = self._low_day(first, a)
        elif i + 1 < b and (day := self._day_number(i + 1)) and tokens[i + 1].s - tokens[i].e <= 2:
            last = i + 2
            if last + 1 < b and self._runs_on(last, b) and (high := self._day_number(last + 1)):
                low, day, last = day, high, last + 2
        elif i + 2 < b and tokens[i + 1].w == "." and tokens[i + 1].s == tokens[i].e and self._day_number(i + 2):
            day, last = self._day_number(i + 2), i + 3  # "Feb. 24"
        elif self.lexicon.capital_months and not tokens[i].cap:
            return None
        elif tokens[i].roles & BIT["numbers"] and i + 1 < b and tokens[i + 1].w != ".":
            return None  # "sept"
        if last + 1 < b and tokens[last].w == "/" and tokens[last + 1].roles & MONTH:  # "أغسطس/آب"
            last += 2
        year, last = self._year_after(last, b)
        called = last < b and tokens[last].roles & LASTING  # "تیر ماه"
        if month > SOLAR and day is None and year is None and called and self.published is not None:
            year = self._this_year()
            year -= (_date(year, month, 1) or self.published) > self.published
        if month > SOLAR and day is None and year is None:  # these names are common words too
            return None
        if day is None:
            if self.lexicon.capital_months and year is None and not self._led(i, a):
                return None
            return self._whole_month(first, last, month, year)
        date = self._resolve(year, month, day)
        start = self._resolve(year, month, low) if low else date
        return DateSpan(first, last, start, date, "day" if start == date else "span")

    def _runs_on(self, k: int, b: int) -> bool:
        """Whether days go on at token k: "October 6-7", "the night of October 6 to 7"."""
        closed = k + 2 >= b or self.tokens[k + 2].kind == PUNCT
        return self.tokens[k].w in "-–—" or (bool(self.tokens[k].roles & TO) and closed)

    def _led(self, i: int, a: int) -> bool:
        return len(self.tokens[i].w) > 4 or (i > a and bool(self.tokens[i - 1].roles & _YEAR_LEADS))

    def _day_number(self, k: int) -> int | None:
        token = self.tokens[k]
        if token.roles & DAY_WORD:
            return int(token.values["day_words"])
        if token.kind != NUM or not token.w.isdigit() or len(token.w) > 2:
            return None
        suffix = token.suffix.lstrip("-‑").casefold()
        if suffix and suffix not in self.lexicon.ordinal_suffixes:
            return None
        day = int(token.w)
        return day if 1 <= day <= 31 else None

    def _low_day(self, first: int, a: int) -> tuple[int | None, int]:
        """The first day of "5–11 December" or "du 2 au 8 décembre", and where it stands."""
        tokens, k = self.tokens, first - 1
        while k > a and tokens[k].roles & BIT["determiners"]:
            k -= 1
        if k <= a or not (tokens[k].roles & (UNTIL | AND | TO) or tokens[k].w in "-–—"):
            return None, first
        k -= 1
        if k > a and tokens[k].w == ".":
            k -= 1
        day = self._day_number(k)
        joined = day is not None and self._opens_days(k, a)
        return (day, k) if joined else (None, first)

    def _opens_days(self, k: int, a: int) -> bool:
        """Whether days may run on from the number at k: behind a dash, a word or a bracket."""
        if self.tokens[k + 1].kind != WORD:
            return True
        return k > a and (self.tokens[k - 1].kind == WORD or self.tokens[k - 1].w == "(")

    def _year_after(self, last: int, b: int) -> tuple[int | None, int]:
        tokens, k = self.tokens, last
        while k < b and (tokens[k].w in (",", ".") or tokens[k].roles & OF) and k < last + 2:
            k += 1
        if k < b and tokens[k].kind == NUM and not tokens[k].sep and not tokens[k].suffix and len(tokens[k].w) == 4:
            year = int(tokens[k].w) if tokens[k].w.isdigit() else 0
            if 1000 <= year <= 2100:
                return year, self._past_year_word(k + 1, b)
        return None, last

    def _past_year_word(self, k: int, b: int) -> int:
        return k + 1 if k < b and self.tokens[k].roles & BIT["year_words"] else k

    def _whole_month(self, first: int, last: int, month: int, year: int | None) -> DateSpan:
        lead = self.tokens[first - 1] if first else None
        if lead is not None and lead.roles & STARTS:
            return DateSpan(first - 1, last, None, None, "vague")
        if year is None:
            if self.published is None or month > SOLAR:
                return DateSpan(first, last, None, None, "month")
            ahead = any(t.roles & BIT["plans"] for t in self.tokens[max(0, first - 18) : first])
            year = self.published.year - (month > self.published.month and not ahead)
        start, end = _month_ends(year, month)
        if lead is not None and lead.roles & ENDS:
            return DateSpan(first - 1, last, end, end, "day")
        return DateSpan(first, last, start, end, "month")

    def _weekday(self, i: int) -> DateSpan:
        day = None
        if self.published is not None:
            back = (self.published.isoweekday() - self.tokens[i].values["weekdays"]) % 7
            back += 7 * (back == 0 and i > 0 and bool(self.tokens[i - 1].roles & BIT["recent"]))
            day = _before(self.published, back)
        return DateSpan(i, i + 1, day, day, "weekday")

    def _weekend(self, i: int) -> DateSpan:
        """The last Saturday and Sunday, as far as they have come."""
        today = self.published
        if today is None:
            return DateSpan(i, i + 1, None, None, "loose")
        first = _before(today, (today.isoweekday() - 6) % 7)
        return DateSpan(i, i + 1, first, min(today, first + dt.timedelta(1)) if first else None, "night")

    def _part(self, i: int, b: int, name: str) -> DateSpan:
        """ "The first half of 2025", "за перші сім місяців року": part of the year behind it, else of the last such."""
        after = self.tokens[i + 1] if i + 1 < b else None
        year, last = self._year_after(i + 1, b)
        today = self.published
        if year is None and after is not None and after.roles & SPAN and after.values["spans"].startswith("year"):
            year = self._this_year() - after.values["spans"].endswith("before") if today else None
            last = i + 2
        elif year is None and after is not None and after.roles & BIT["determiners"] and today:
            year, last = self._this_year(), min(i + 3, b)
        elif year is None and name.startswith("within"):  # "за сім місяців" may end on any day
            return DateSpan(i, i + 1, None, None, "loose")
        elif year is None and today is not None and self.lexicon.language != "en":
            year, last = self._this_year(), i + 1
            span = self._months_of(i, last, year, name)
            year -= bool(span.end and span.end > today)
        if year is None or year < 1:
            return DateSpan(i, i + 1, None, None, "loose")
        return self._months_of(i, last, year, name)

    def _months_of(self, i: int, last: int, year: int, name: str) -> DateSpan:
        """The months of a year that "part_2_4" (its second quarter), "first_7" or "months_1_7" name."""
        numbers = [int(number) for number in name.split("_")[1:]]
        low, high = 0, numbers[0]
        if name.startswith("months"):
            low, high = numbers[0] - 1, numbers[1]
        elif len(numbers) == 2:
            months = 12 // numbers[1]
            low, high = (numbers[0] - 1) * months, numbers[0] * months
        base = SOLAR if self.lexicon.language == "fa" and year < _SOLAR_YEARS else 0
        end = _date(year + high // 12, base + high % 12 + 1, 1)
        return DateSpan(i, last, _date(year, base + low + 1, 1), _before(end, 1), "span")

    def _this_year(self) -> int:
        """The year of publication, in the calendar that the text counts by."""
        today = self.published
        if today is None:
            return 0
        if self.lexicon.language != "fa":
            return today.year
        return today.year - 621 - (today < _solar(today.year - 621, 1, 1))

    def _whole_year(self, year: int) -> tuple[dt.date | None, dt.date | None]:
        """The first and the last day of a year of the calendar that the text counts by."""
        base = SOLAR if self.lexicon.language == "fa" and year < _SOLAR_YEARS else 0
        return _date(year, base + 1, 1), _before(_date(year + 1, base + 1, 1), 1)

    def _span(self, i: int, b: int, name: str) -> DateSpan:
        today = self.published
        if name.startswith(("part", "first", "within", "months")):
            return self._part(i, b, name)
        if name == "month_same":
            start, last = self.month or (None, None)
            return DateSpan(i, i + 1, start, last, "month" if start else "loose")
        if i and self.tokens[i - 1].roles & STARTS:
            return DateSpan(i - 1, i + 1, None, None, "vague")
        if today is None:
            return DateSpan(i, i + 1, None, None, "loose")
        if i and self.tokens[i - 1].roles & ENDS and name == "year_before" and today.year > 1:
            _, last = self._whole_year(self._this_year() - 1)
            return DateSpan(i - 1, i + 1, last, last, "day")
        if name.startswith("month"):
            first = today.replace(day=1)
            if name == "month_start":
                return DateSpan(i, i + 1, first, None, "year")
            if name == "month_now":
                return DateSpan(i, i + 1, None, None, "vague")
            end = _before(first, 1) or first
            return DateSpan(i, i + 1, end.replace(day=1), end, "month")
        year = max(1, self._this_year() - (name == "year_before"))
        start, last = self._whole_year(year)
        return DateSpan(i, i + 1, start, None if name == "year_now" else last, "year")

    def _is_year(self, i: int, a: int, b: int, found: list[DateSpan]) -> bool:
        token = self.tokens[i]
        if token.sep or len(token.w) != 4 or token.suffix or not token.w.isdigit() or not 1000 <= int(token.w) <= 2100:
            return False
        before = self.tokens[i - 1] if i > a else None
        after = self.tokens[i + 1] if i + 1 < b else None
        if after is not None and after.roles & BIT["year_words"]:
            return True
        if before is not None and before.roles & DURING and before.roles & BIT["year_words"]:  # "در سال ۱۳۸۲"
            return True
        if before is not None and before.roles & BIT["hedges"] and not before.roles & (DURING | AS_OF):
            return False
        named = self.lexicon.noun_capitals and before is not None and before.cap and not before.roles & _COUNTED
        if named and after is not None and after.roles & (BIT["auxiliaries"] | BIT["events"]) and not after.cap:
            return 1900 <= int(token.w) <= 2040  # "beim Ausbruch 2014 starben"
        if after is not None and after.kind == WORD and after.roles & _COUNTED:
            if before is None:
                return False
            within = before.roles & DURING and not after.roles & BIT["nouns"]
            return bool(before.roles & (MONTH | STARTS | ENDS) or within)
        if before is not None and before.roles & (DURING | UNTIL) and self._put(i, a):
            return False
        if found and found[-1].last >= i - 2 and found[-1].grain in ("year", "span"):
            return True
        if before is not None and before.roles & _YEAR_LEADS:
            return True
        opens = before is None or before.kind == PUNCT or before.roles & BIT["conjunctions"]
        if opens and 1990 <= int(token.w) <= 2040 and after is not None and after.kind == WORD:
            return bool(
                after.roles & BIT["auxiliaries"] or (after.roles == 0 and not after.w.endswith("s"))
            )  # "2024 saw"
        return int(token.w) >= 1900 and (after is None or after.kind == PUNCT) and (before is None or before.w != ":")

    def _put(self, i: int, a: int) -> bool:
        """Whether a number is where a count was put: "cifró los muertos en 1654"."""
        tokens = self.tokens
        if i - 2 >= a and tokens[i - 2].roles & BIT["claims"] and tokens[i - 1].roles & OF:
            return i + 1 >= len(tokens) or tokens[i + 1].kind == PUNCT  # "die Polizei sprach von 1800"
        counted = i - 2 >= a and tokens[i - 2].roles & (BIT["nouns"] | BIT["events"] | BIT["number_words"])
        return bool(counted) and any(t.roles & BIT["puts"] for t in tokens[max(a, i - 8) : i - 2])

    def _year(self, i: int, b: int) -> DateSpan:
        tokens = self.tokens
        year = int(tokens[i].w)
        last, end = self._past_year_word(i + 1, b), year
        if last + 1 < b and tokens[last].w in "-–—" and tokens[last + 1].kind == NUM and tokens[last + 1].w.isdigit():
            text = tokens[last + 1].w
            high = int(tokens[i].w[: 4 - len(text)] + text) if len(text) in (2, 4) else 0
            if year < high < year + 1000:
                end, last = high, self._past_year_word(last + 2, b)
        lead = tokens[i - 1] if i else None
        if lead is not None and lead.roles & BIT["seasons"]:
            return DateSpan(i - 1, last, None, None, "vague")
        if lead is not None and lead.roles & STARTS and not (i > 1 and self._since_start(i - 1)):
            return DateSpan(i - 1, last, None, None, "vague")
        if lead is not None and lead.roles & ENDS:
            return DateSpan(i - 1, last, dt.date(end, 12, 31), dt.date(end, 12, 31), "day")
        if end < _SOLAR_YEARS and self.lexicon.language == "fa":
            return DateSpan(i, last, _date(year, SOLAR + 1, 1), _before(_date(end + 1, SOLAR + 1, 1), 1), "year")
        return DateSpan(i, last, dt.date(year, 1, 1), dt.date(end, 12, 31), "year")

    def _since_start(self, k: int) -> bool:
        """Whether "since" stands before "the start of"."""
        before = self.tokens[k - 1]
        if before.roles & BIT["determiners"] and not before.roles & SINCE and k > 1:
            before = self.tokens[k - 2]
        return bool(before.roles & SINCE)

    def _role(self, span: DateSpan, a: int) -> None:
        if span.grain == "rate":
            span.role = "rate"
            return
        if span.grain == "span":  # "с 3 по 9 августа" has both its ends
            return
        if self._since_before(span.first, a):
            span.role = "since"
            return
        if self.tokens[span.first].roles & ENDS and span.grain == "day":
            lead = self.tokens[span.first - 1].roles if span.first > a else 0
            if lead & SINCE and not lead & AS_OF:
                span.role, span.grain = "since", "vague"
                return
            span.role = "until" if lead & UNTIL and not lead & AS_OF else "as_of"
            return
        i = self._past_clock(span.first - 1, a)
        for _ in range(3):
            if i < a:
                return
            roles = self.tokens[i].roles
            if roles & AS_OF and not (roles & DURING and span.grain != "day"):
                span.role = "as_of"
                return
            if roles & SINCE:
                span.role = "from" if roles & OF else "since"
                return
            if roles & (UNTIL | FROM | BETWEEN):
                span.role = "from" if roles & (FROM | BETWEEN) else "until"
                return
            if not roles & _SKIPPED or roles & DURING:
                return
            i -= 1

    def _past_clock(self, i: int, a: int) -> int:
        """What stands before a time of day that leads a date: "by 8 am on Wednesday"."""
        tokens, k = self.tokens, i
        k -= bool(k > a and (tokens[k].roles & DURING or tokens[k].w == ","))
        last = k
        while k > a and (tokens[k].w in _CLOCK or tokens[k].kind == CODE):
            k -= 1
        hour = tokens[k].kind == NUM
        return k - hour if k < last or (hour and tokens[k].suffix in _CLOCK) else i

    def _since_before(self, first: int, a: int) -> bool:
        """Whether "since" governs a date from further off: "since the invasion in February 2022"."""
        for k in range(first - 1, max(a, first - _SINCE_REACH) - 1, -1):
            token = self.tokens[k]
            if token.roles & SINCE and not token.roles & (FROM | OF):
                return True
            if token.kind != WORD and not (token.w == "," and first - k <= 3):
                return False
        return False

    def _merged(self, before: DateSpan, span: DateSpan) -> bool:
        """Join "from … to …", "overnight and on Tuesday", "Monday, August 4" into the span before."""
        between = self.tokens[before.last : span.first]
        if len(between) > 4 or any(token.kind == NUM for token in between):
            return False
        roles = 0
        for token in between:
            roles |= token.roles
        words = [token for token in between if token.kind == WORD]
        if before.grain == "weekday" and span.grain == "day" and not words:
            before.start, before.end, before.last, before.grain = span.start, span.end, span.last, "day"
            return True
        if before.grain in ("past_day", "night") and span.grain in ("weekday", "day") and span.end:
            before.end, before.start, before.last = span.end, _before(span.end, 1), span.last
            return True
        dash = not words and len(between) == 1 and between[0].w in "-–—"
        led = before.role in ("since", "from") and not roles & AND
        single = _one_word(words)
        onward = dash or (bool(roles & (UNTIL | TO)) and (led or single)) or (bool(roles & AND) and single)
        alike = before.grain == span.grain or before.role in ("since", "from")
        led_day = before.role == "from" or (before.role == "since" and onward)
        if led_day and before.grain == span.grain == "weekday" and before.start and span.end:
            between_two = bool(self.tokens[max(0, before.first - 1)].roles & BETWEEN)
            before.end, before.last, before.role = span.end, span.last, "during"
            before.grain = "night" if between_two or self.lexicon.language == "en" else "span"
            return before.start <= span.end  # "between late Sunday and early Monday"
        if not onward or not alike or before.grain == "weekday":
            return False
        if before.start is None and span.end is not None:
            before.start = self._of_year(before, span.end)
        if before.start is None or span.end is None:
            return self._dateless(before, span)
        if before.start > span.end and self.tokens[before.last - 1].kind != NUM:  # "between May and August 2024"
            before.start = _date(span.end.year, before.start.month, before.start.day) or before.start
        if before.start > span.end:
            return False
        before.end, before.last, before.role, before.grain = span.end, span.last, "during", "span"
        return True

    def _dateless(self, before: DateSpan, span: DateSpan) -> bool:
        """Join the two days of a span in a year that nobody tells: "od 27 grudnia do 1 stycznia"."""
        if before.start or span.end or not before.grain == span.grain == "day":
            return False
        before.last, before.role, before.grain = span.last, "during", "loose"
        return True

    def _of_year(self, span: DateSpan, end: dt.date) -> dt.date | None:
        """The first day of a date without a year, from the date that it runs to: "entre le 1er juin et le … 2023"."""
        months = [k for k in range(span.first, span.last) if self.tokens[k].roles & MONTH]
        if len(months) != 1 or (self.tokens[months[0]].values["months"]) > SOLAR:
            return None
        month = self.tokens[months[0]].values["months"]
        days = [self._day_number(k) for k in range(span.first, span.last)]
        day = next((day for day in days if day), 1)
        return _date(end.year - (month > end.month), month, day)

    def _resolve(self, year: int | None, month: int, day: int) -> dt.date | None:
        if year is not None:
            return _date(year, month, day)
        if self.published is None or (month > SOLAR and self.lexicon.language != "fa"):
            return None
        this = self._this_year() if month > SOLAR else self.published.year
        date = _date(this, month, day)
        if date is not None and (date - self.published).days > _YEAR_SPAN:
            return _date(this - 1, month, day)
        return date

    def _shifted(self, days: int) -> dt.date | None:
        return _before(self.published, -days)


def _one_word(words: list[Token]) -> bool:
    """Whether words are one but for determiners: "und", "und dem"."""
    return sum(not token.roles & BIT["determiners"] for token in words) == 1


def _month_ends(year: int, month: int) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day of a month; one above `SOLAR` is of the Persian calendar."""
    base = SOLAR if month > SOLAR else 0
    after = _date(year + (month - base) // 12, base + (month - base) % 12 + 1, 1)
    return _date(year, month, 1), _before(after or dt.date.max, 1)


def _solar(year: int, month: int, day: int) -> dt.date:
    """A day of the Persian calendar, whose leap years come eight in 33."""
    year += 1595
    before = (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    days = 365 * year + year // 33 * 8 + (year % 33 + 3) // 4 + before + day
    return dt.date.fromordinal(days + _SOLAR_START)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        if month > SOLAR:
            return _solar(year, month - SOLAR, day) if 1 <= day <= 31 else None
        return dt.date(year, month, day)
    except ValueError:
        return None


def _before(day: dt.date | None, days: int) -> dt.date | None:
    """The day so many days before, or None where the calendar ends."""
    try:
        return day - dt.timedelta(days) if day else None
    except OverflowError:
        return None
