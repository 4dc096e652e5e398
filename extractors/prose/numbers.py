"""Numbers as a text writes them: digits, words, ranges, ratios, percentages, with their hedges."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from itertools import pairwise

from extractors.prose.tokens import NUM, PUNCT, WORD, Sentence, Token
from extractors.words import BIT, Lexicon

NUMBER, MULT, FRACTION, HALF = BIT["numbers"], BIT["multipliers"], BIT["fractions"], BIT["halves"]
ARTICLE, HEDGE, AFTER, PERCENT, TIMES = (
    BIT["articles"],
    BIT["hedges"],
    BIT["hedges_after"],
    BIT["percent"],
    BIT["times"],
)
ARRIVAL = BIT["arrivals"]
UP_TO, MOVING = BIT["up_to"], BIT["rises"] | BIT["revised"] | BIT["rise_to"]
FROM, TO, BETWEEN, AND, OR, AGAINST, IN = (
    BIT[role] for role in ("from", "to", "between", "and", "or", "against", "in")
)
FOLD = BIT["folds"]
_STARTS = FOLD | NUMBER | FRACTION | MULT | ARTICLE | HALF
_LOOKALIKES = str.maketrans("OoОоlIІ", "0000111")
_BETWEEN_HEDGES = ARTICLE | BIT["determiners"]
_DASHES = frozenset("-–—‒‑−")
_LONGEST = 30
_NEAR, _ENDS = 4, 8
_ROUND = frozenset(map(Decimal, (10, 20, 100, 1000)))
"""What a share is told out of: "seven in ten"."""


class Number:
    """A number in tokens first..last (exclusive); a range has low and high, `form` tells what else it is."""

    __slots__ = (
        "bare",
        "core",
        "first",
        "form",
        "former",
        "high",
        "last",
        "low",
        "qualifier",
        "signed",
        "value",
        "worded",
    )

    def __init__(self, first: int, last: int, value: Decimal) -> None:
        self.first, self.core, self.last = first, first, last
        self.value: Decimal | None = value
        self.low: Decimal | None = None
        self.high: Decimal | None = None
        self.qualifier: str | None = None
        self.form = "count"  # count, percent, times, ratio, fraction
        self.signed = False
        self.former = False  # where a movement began: "rose from 63 to 80"
        self.worded = False  # written in letters
        self.bare = False  # digits without grouping, magnitude or hedge: may be a year or a code

    @property
    def bare_core(self) -> bool:
        """Whether it is one plain number of digits, whatever hedge stands before."""
        return not self.worded and self.form == "count" and self.last == self.core + 1

    @property
    def largest(self) -> Decimal:
        """The value, or a range's upper end."""
        return self.value if self.value is not None else self.high if self.high is not None else Decimal(0)


class NumberReader:
    """Reads the numbers of one sentence: tokens a..b of a list, without the places a date has taken."""

    def __init__(self, tokens: list[Token], lexicon: Lexicon) -> None:
        self.tokens, self.lexicon = tokens, lexicon

    def read(self, sentence: Sentence, taken: set[int]) -> list[Number]:
        """All numbers of a sentence, hedges and ranges included, in order."""
        found: list[Number] = []
        a, b, floor = sentence.a, sentence.b, sentence.a
        for i in sentence.hot:
            token = self.tokens[i]
            if i < floor or i in taken or not (token.kind == NUM or token.roles & _STARTS):
                continue
            number = self._number(i, b)
            if number is not None:
                found.append(self._extend(number, a, b, taken, floor))
                floor = found[-1].last
        for one, other in pairwise(found):
            self._note_former(one, other, a)
            self._note_compared(one, other, taken)
        return found

    def _note_compared(self, one: Number, other: Number, taken: set[int]) -> None:
        """See what a number is compared with on another day: "80, more than 63 on Monday" has no hedge."""
        sizes = {"less_than": one.largest < other.largest, "more_than": one.largest > other.largest}
        dated = not taken.isdisjoint(range(other.last, other.last + _NEAR - 1))
        counted = one.form == other.form == "count"
        if counted and dated and sizes.get(other.qualifier or "") and self.tokens[other.first - 1].w == ",":
            other.former, other.qualifier = True, None

    def _note_former(self, one: Number, other: Number, a: int) -> None:
        """See where a movement began: "from 63 on Monday to 80", "to 80 from 63", "80, up from 63"."""
        tokens = self.tokens
        start, back = self._lead(one.first, a), self._lead(other.first, one.last)
        leads_on = tokens[other.first - 1].roles & (TO | ARRIVAL) and 0 < other.first - one.last <= _NEAR
        if start is not None and leads_on and self._moves(start):
            one.former = True
        elif back is not None and back - one.last <= 2 and tokens[back].roles & FROM:
            moved = tokens[back - 1].roles & MOVING if back > one.last else self._moves(back)
            other.former = bool(moved) and other.form == one.form

    def _number(self, i: int, b: int) -> Number | None:
        number = self._core(i, b)
        if number is None:
            return None
        self._form(number, b)
        return number

    def _core(self, i: int, b: int) -> Number | None:
        tokens = self.tokens
        token = tokens[i]
        if token.kind == NUM:
            return self._digits(i, b)
        if token.roles & FOLD:
            number = Number(i, i + 1, token.values["folds"])
            number.form, number.worded = "times", True
            return number
        if token.roles & FRACTION and not (token.roles & HALF and self._half_of_magnitude(i, b)):
            number = Number(i, i + 1, token.values["fractions"])
            number.form, number.worded = "fraction", True
            return number
        return self._words(i, b)

    def _half_of_magnitude(self, i: int, b: int) -> bool:
        j = i + 1
        if j < b and self.tokens[j].roles & ARTICLE:
            j += 1
        return j < b and bool(self.tokens[j].roles & MULT)

    def _digits(self, i: int, b: int) -> Number | None:
        tokens, token = self.tokens, self.tokens[i]
        suffix = token.suffix
        scale: Decimal | None = None
        lookalike = _lookalike(token) if suffix else None
        if lookalike is not None:
            return Number(i, i + 1, lookalike)
        if suffix:
            scale, keep = self._suffix(suffix)
            if not keep:
                return None
        last = i + 1
        magnitude = last < b and tokens[last].kind == WORD and bool(tokens[last].roles & MULT)
        percent = last < b and bool(tokens[last].roles & PERCENT)
        value = self._value(token, magnitude or percent or scale is not None)
        if value is None:
            return None
        number = Number(i, last, value * (scale or 1))
        number.bare = not token.sep and scale is None and not magnitude and not percent
        if magnitude:
            self._magnitudes(number, b)
        return number

    def _suffix(self, suffix: str) -> tuple[Decimal | None, bool]:
        low = suffix.lstrip("-‑'’").casefold()
        entry = self.lexicon.lookup(low)
        if entry.roles & MULT:
            return entry.values["multipliers"], True
        return None, low in self.lexicon.suffixes

    def _value(self, token: Token, fractional: bool) -> Decimal | None:
        text = token.w
        if len(text) > _LONGEST:
            return None
        groups = text.split(token.sep) if token.sep else [text]
        if len(groups) == 2 and token.sep == self.lexicon.decimal and (fractional or groups[0] == "0"):
            return _decimal(text)
        if token.sep:
            text = "".join(groups)
        elif text.count(",") > 1:
            text = text.replace(",", "")
        return _decimal(text)

    def _magnitudes(self, number: Number, b: int) -> None:
        """Take the magnitude after digits ("1.2 million"), and smaller ones after it ("1 million 200 thousand")."""
        tokens = self.tokens
        unit = tokens[number.last].values["multipliers"]
        assert number.value is not None
        number.value *= unit
        number.last += 1
        if number.last < b and tokens[number.last].w == "." and tokens[number.last - 1].w in self.lexicon.abbreviations:
            number.last += number.last + 1 < b
        if self.lexicon.sums and unit >= 1000 and number.last + 1 < b and tokens[number.last].roles & AND:
            more = tokens[number.last + 1]
            part = self._value(more, False) if more.kind == NUM and not more.suffix else None
            scaled = number.last + 2 < b and tokens[number.last + 2].roles & MULT
            if part is not None and part < unit and not scaled:
                number.value += part
                number.last += 2
                return
            if part is not None and scaled and tokens[number.last + 2].values["multipliers"] < unit:
                number.last += 1
        if unit == 1000 and (rest := self._hundreds(number.last, b)):
            number.value += rest
            number.last += 1
            return
        while unit >= 1000 and number.last + 1 < b:
            more, scale = tokens[number.last], tokens[number.last + 1]
            smaller = more.kind == NUM and not more.suffix and scale.roles & MULT
            if not smaller or scale.values["multipliers"] >= unit:
                return
            part = self._value(more, True)
            if part is None:
                return
            unit = scale.values["multipliers"]
            number.value += part * unit
            number.last += 2

    def _hundreds(self, k: int, b: int) -> int:
        """The three digits that end a number behind its thousands: "6 тисяч 235", "100 mil 104"; 0 where none do."""
        more = self.tokens[k] if k < b else None
        if more is None or more.kind != NUM or len(more.w) != 3 or not more.w.isdigit() or more.suffix:
            return 0
        scaled = k + 1 < b and self.tokens[k + 1].roles & (MULT | PERCENT)
        return 0 if scaled else int(more.w)

    def _words(self, i: int, b: int) -> Number | None:
        tokens = self.tokens
        if tokens[i].roles & ARTICLE and i + 1 < b and tokens[i + 1].kind == NUM:
            return None
        total, group, j, plain = Decimal(0), None, i, False
        while j < b:
            token = tokens[j]
            roles = token.roles
            if roles & NUMBER and not (roles & MULT and group is not None):
                value = token.values["numbers"]
                if group is None:
                    group = value
                elif _adds(group, value):
                    group += value
                else:
                    break
                plain = True
            elif roles & MULT and token.kind == WORD and group is not None:
                unit = token.values["multipliers"]
                if unit < 1000 and group < 100:
                    group *= unit
                else:
                    total, group = total + group * unit, None
                plain = True
            elif group is None and total == 0 and roles & (HALF | ARTICLE) and self._leads_to_magnitude(j, b):
                group = Decimal("0.5") if roles & HALF else Decimal(1)
                if roles & HALF and tokens[j + 1].roles & ARTICLE:
                    j += 1
            elif j == i and roles & MULT and self._hedged_magnitude(i, token):
                group = token.values["multipliers"]
            elif roles & AND and plain and self._goes_on(j, b, group):
                half = self._half_after(j, b)
                if half:
                    group = (group or Decimal(0)) + Decimal("0.5")
                    j = half
            else:
                break
            j += 1
        if j == i or (group is None and not total):
            return None
        if total and group is None and (rest := self._hundreds(j, b)):
            group, j = Decimal(rest), j + 1  # "dos mil 783"
        number = Number(i, j, total + (group or 0))
        number.worded = True
        if self.lexicon.rough and tokens[j - 1].w in self.lexicon.rough:
            number.qualifier = "approximately"
        return number

    def _hedged_magnitude(self, i: int, token: Token) -> bool:
        """Whether "thousand" alone is a number, as behind a hedge where a language has no article: "до тисячі"."""
        lead = self.tokens[i - 1].roles if i else 0
        return self.lexicon.bare and token.values["multipliers"] >= 100 and bool(lead & (HEDGE | UP_TO))

    def _leads_to_magnitude(self, j: int, b: int) -> bool:
        if self.tokens[j].roles & HALF:
            return self._half_of_magnitude(j, b)
        return j + 1 < b and bool(self.tokens[j + 1].roles & MULT)

    def _goes_on(self, j: int, b: int, group: Decimal | None) -> bool:
        """Whether "and" stands inside a number: "two hundred and five", "three and a half million"."""
        if self._half_after(j, b):
            return True
        if j + 1 >= b or not self.tokens[j + 1].roles & NUMBER:
            return False
        after = self.tokens[j + 1].values["numbers"]
        if self.lexicon.sums:
            return group is None or _adds(group, after)
        return bool(self.tokens[j - 1].roles & MULT) and after < 100 and (group is None or _adds(group, after))

    def _half_after(self, j: int, b: int) -> int:
        k = j + 1
        if k < b and self.tokens[k].roles & ARTICLE:
            k += 1
        return k if k < b and k > j and self.tokens[k].roles & HALF else 0

    def _form(self, number: Number, b: int) -> None:
        """Read what follows: a percent sign, "times", a ratio's other side, or "in three"."""
        tokens, j = self.tokens, number.last
        if j >= b or number.value is None or number.form in ("fraction", "times"):
            return
        roles = tokens[j].roles
        if roles & PERCENT and self._near(j):
            number.form, number.last = "percent", j + 1
        elif roles & TIMES:
            number.form, number.last = "times", j + 1
        elif tokens[j].w in _DASHES and j + 1 < b and tokens[j + 1].roles & TIMES and tokens[j + 1].s == tokens[j].e:
            number.form, number.last = "times", j + 2
        elif roles & (AGAINST | IN) or tokens[j].w == ":":
            self._other_side(number, j, b)
        elif self._noun_inside(j, b) and number.value < 10:
            self._other_side(number, j + 1, b)

    def _noun_inside(self, j: int, b: int) -> bool:
        """Whether what is counted stands inside a share: "un train sur cinq", "una persona de cada diez"."""
        tokens = self.tokens
        if j + 2 >= b or tokens[j].kind != WORD or not tokens[j + 1].roles & IN:
            return False
        if self.lexicon.language == "en" and tokens[j].roles & BIT["nouns"]:  # "one child in three is"
            return j + 3 < b and bool(tokens[j + 3].roles & BIT["auxiliaries"])
        return self.lexicon.elides or " " in tokens[j + 1].w

    def _near(self, j: int) -> bool:
        return self.tokens[j].kind == WORD or self.tokens[j].s - self.tokens[j - 1].e <= 1

    def _other_side(self, number: Number, j: int, b: int) -> None:
        other = self._core(j + 1, b) if j + 1 < b else None
        if other is None or not other.value or number.value is None:
            return
        few = number.value in (1, 2, 3, 4, 9) or (number.value < 10 and other.value in _ROUND)
        if self.tokens[j].roles & IN and number.value < other.value <= 1000 and few:
            number.value = (number.value / other.value * 100).quantize(Decimal("0.1"))
            number.form, number.last = "percent", other.last
        elif other.value == 1 and not self.tokens[j].roles & IN and number.value > 1:
            number.form, number.last = "ratio", other.last
        elif number.value == 1 and other.value > 1 and not self.tokens[j].roles & IN:
            lead = self.tokens[max(0, number.first - 6) : number.first]
            if any(t.roles & BIT["ratios"] for t in lead):  # "stosunek strat wynosi 1 do 5"
                number.value, number.form, number.last = other.value, "ratio", other.last

    def _extend(self, number: Number, a: int, b: int, taken: set[int], floor: int) -> Number:
        number = self._range(number, b, taken, floor)
        self._hedges(number, a, floor, b)
        self._sign(number, a)
        return number

    def _range(self, number: Number, b: int, taken: set[int], floor: int) -> Number:
        tokens, j = self.tokens, number.last
        if j + 1 >= b or number.value is None:
            return number
        lead = self._lead(number.first, floor)
        joiner, k = tokens[j], j + 1
        while k < b and tokens[k].roles & (HEDGE | ARTICLE) and tokens[k].kind == WORD:
            if tokens[k].roles & ARTICLE and self._leads_to_magnitude(k, b):
                break
            k += 1
        if k >= b or k in taken or not self._joins(joiner, j, k, lead):
            return number
        other = self._number(k, b)
        if other is None or other.value is None:
            return number
        if not self._is_range(number, other, lead, joiner):
            return number
        return self._made_range(number, other, number.first if lead is None else lead)

    def _lead(self, first: int, floor: int) -> int | None:
        """The place of "from" or "between" before a number, hedges and articles passed over."""
        i = first - 1
        while i >= floor:
            roles = self.tokens[i].roles
            if roles & (FROM | BETWEEN):
                return i
            if not roles & (ARTICLE | HEDGE):
                return None
            i -= 1
        return None

    def _joins(self, joiner: Token, j: int, k: int, lead: int | None) -> bool:
        tokens = self.tokens
        if joiner.kind == PUNCT:
            tight = joiner.s - tokens[j - 1].e <= 1 and tokens[j + 1].s - joiner.e <= 1
            return joiner.w in _DASHES and tight and k == j + 1
        if joiner.roles & TO:
            return lead is not None or not self.lexicon.cyrillic
        if joiner.roles & AND and lead is not None:
            return bool(tokens[lead].roles & BETWEEN)
        return bool(joiner.roles & OR) and k == j + 1

    def _is_range(self, low: Number, high: Number, lead: int | None, joiner: Token) -> bool:
        if low.form != high.form and low.form != "count":
            return False
        self._share_magnitude(low, high)
        assert low.value is not None
        assert high.value is not None
        if not low.value < high.value:
            return False
        if joiner.roles & OR:
            return low.form == "ratio" or high.value <= low.value * 2
        if lead is None:
            return high.value <= low.value * 10 and not self._grew_by(low.first)
        return not self._moves(lead)

    def _grew_by(self, first: int) -> bool:
        """Whether "by … to …" tells an increment and where it led ("rose by 980 to 8,958")."""
        if not first or not self.tokens[first - 1].roles & BIT["amounts"]:
            return False
        return any(token.roles & MOVING for token in self.tokens[max(0, first - 7) : first])

    def _moves(self, lead: int) -> bool:
        """Whether "from … to …" tells a movement ("rose from 63 to 80"), not a range."""
        if not self.tokens[lead].roles & FROM:
            return False
        if any(token.roles & ARRIVAL for token in self.tokens[lead + 1 : lead + _ENDS]):
            return True
        for token in reversed(self.tokens[max(0, lead - 8) : lead]):
            if token.roles & MOVING or token.w == ".":
                return bool(token.roles & MOVING)
        return False

    def _share_magnitude(self, low: Number, high: Number) -> None:
        """Let the magnitude or fraction sign of the upper end hold for the lower: "300-400 thousand"."""
        scaled = self.tokens[high.last - 1 if high.form == "count" else high.last - 2]
        plain = low.last - low.first == 1 and not self.tokens[low.first].roles & MULT
        if not (plain and scaled.roles & MULT and low.value is not None and high.value is not None):
            return
        unit = scaled.values["multipliers"]
        if low.value * unit < high.value:
            low.value *= unit

    def _made_range(self, low: Number, high: Number, first: int) -> Number:
        low.first, low.last = first, high.last
        low.low, low.high, low.value = low.value, high.value, None
        low.form = high.form
        low.qualifier = "range"
        low.bare = low.bare and high.bare
        return low

    def _hedges(self, number: Number, a: int, floor: int, b: int) -> None:
        tokens = self.tokens
        i = number.first - 1
        found: list[str] = []
        while i >= floor:
            token = tokens[i]
            if i > floor and self._stop_of_hedge(i):
                i -= 1
                continue
            if token.roles & HEDGE and not (found and token.roles & BIT["prepositions"]):
                found.append(token.values["hedges"])
                number.first = i
            elif token.roles & UP_TO and number.qualifier is None and not self._moved_to(i, a):
                found.append("less_than")
                number.first = i
            elif i <= floor or not self._passed_by_hedge(i):
                break
            i -= 1
        if number.last < b and tokens[number.last].roles & AFTER:
            found.append(tokens[number.last].values["hedges_after"])
            number.last += 1
        if found and number.qualifier in (None, "approximately"):
            number.qualifier = next((q for q in found if q != "approximately"), found[0])
        if found:
            number.bare = False

    def _passed_by_hedge(self, i: int) -> bool:
        """Whether a hedge reaches a number past a word: "about the 50", "примерно в 120 000"."""
        before, token, after = self.tokens[i - 1 : i + 2]
        if not before.roles & HEDGE or token.w in ("the", "that"):
            return False
        led = token.roles & BIT["prepositions"] and after.kind == NUM and before.values["hedges"] == "approximately"
        return bool(token.roles & _BETWEEN_HEDGES or led)

    def _stop_of_hedge(self, i: int) -> bool:
        """Whether a full stop only ends a short hedge: "ok. 380 tys."."""
        short, stop = self.tokens[i - 1], self.tokens[i]
        return stop.w == "." and bool(short.roles & HEDGE) and short.w in self.lexicon.abbreviations

    def _moved_to(self, i: int, floor: int) -> bool:
        """Whether "до" tells where a count has come to ("зросла до 14 014"), not its limit."""
        return any(token.roles & MOVING for token in self.tokens[max(floor, i - 8) : i])

    def _sign(self, number: Number, a: int) -> None:
        if number.first <= a or number.qualifier is not None:
            return
        before = self.tokens[number.first - 1]
        if before.w in "+-−–" and before.kind == PUNCT and before.e == self.tokens[number.first].s:
            opened = number.first - 2 >= a and self.tokens[number.first - 2].w == "("
            summed = number.first - 2 >= a and self.tokens[number.first - 2].kind == NUM and not opened
            summed = summed and self.tokens[number.first - 2].e == before.s  # a name such as "1+1"
            if (before.w == "+" and not summed) or opened:
                number.signed = True
                number.first -= 1
                if before.w != "+" and number.value is not None:
                    number.value = -number.value


def _lookalike(token: Token) -> Decimal | None:
    """A number in which letters stand for digits ("1О8" with a Cyrillic letter), or None."""
    plain = (token.w + token.suffix).translate(_LOOKALIKES)
    sure = any(c.isdigit() or c in "OОoо" for c in token.suffix)
    return _decimal(plain) if sure and plain.isdigit() and len(plain) <= _LONGEST else None


def _decimal(text: str) -> Decimal | None:
    plain = "".join(str(unicodedata.digit(c, "")) if not c.isascii() and c.isdigit() else c for c in text)
    plain = plain.replace("٫", ".").replace(",", ".")
    try:
        return Decimal(plain)
    except ArithmeticError:
        return None


def _adds(group: Decimal, value: Decimal) -> bool:
    """Whether a number word goes on adding: 100 + 20 + 5, but not 20 + 30."""
    if value <= 0 or value >= group or value != int(value):
        return False
    place = Decimal(10) ** len(str(int(value)))
    return group % place == 0
