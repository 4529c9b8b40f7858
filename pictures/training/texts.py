"""What people write with digits: amounts, dates, times, sums, numbers rich in 1s, and so on."""

from collections.abc import Callable

from pictures.scene import Generator, one_of
from pictures.training.writing import ANY, WORD

Text = Callable[[Generator], str]
CURRENCY = "$€£₹¥"


def _pick(rng: Generator, *choices: str) -> str:
    return one_of(choices, rng)


def number(rng: Generator, most: int = 9) -> str:
    """A whole number of 1 to `most` digits."""
    return ANY * int(rng.integers(1, most + 1))


def ones(rng: Generator) -> str:
    """A number of 1s, 7s and 4s with few others, as 11, 111, 1011, 7117."""
    pool = "1" * 12 + "7" * 4 + "4" + "0" + ANY * 2
    return "".join(rng.choice(list(pool), int(rng.integers(1, 8))))


def among_ones(rng: Generator) -> str:
    """A year, a time, a number with 1s side by side: 2011, 10:11, 1101, 31.11."""
    body = "".join(rng.choice(["1", "0", ANY], int(rng.integers(2, 6)), p=[0.6, 0.15, 0.25]))
    return _pick(
        rng, body, f"20{body[:2]}", f"1{ANY}11", f"{body[:2]}:11", f"11.{body[:2]}", f"{ANY}11"
    )


def noughts(rng: Generator) -> str:
    """A round number."""
    return ANY * int(rng.integers(1, 4)) + "0" * int(rng.integers(1, 6))


def alike(rng: Generator) -> str:
    """One digit over and over."""
    return str(rng.integers(10)) * int(rng.integers(2, 9))


def in_turn(rng: Generator) -> str:
    """Digits in their order."""
    start = int(rng.integers(0, 10))
    turn = "".join(str((start + k) % 10) for k in range(int(rng.integers(3, 11))))
    return " ".join(turn) if rng.random() < 0.5 else turn


def grouped(rng: Generator) -> str:
    """Thousands apart by a point, a comma, a space or an apostrophe."""
    mark = _pick(rng, ".", ",", ",", " ", "'")
    groups = [ANY * int(rng.integers(1, 4)), *[ANY * 3] * int(rng.integers(1, 4))]
    return mark.join(groups)


def decimal(rng: Generator) -> str:
    """A number with a point or comma, perhaps with a sign before it."""
    sign = "-" if rng.random() < 0.15 else "+" if rng.random() < 0.05 else ""
    whole = ANY * int(rng.integers(0 if rng.random() < 0.1 else 1, 5))
    return sign + whole + _pick(rng, ".", ",") + ANY * int(rng.integers(1, 5))


def amount(rng: Generator) -> str:
    """Money."""
    body = grouped(rng) if rng.random() < 0.4 else number(rng, 5)
    body += _pick(rng, "", ".00", ",00", f".{ANY * 2}", f",{ANY * 2}", ",-", ".-", "/-", "-", ".")
    money = one_of(CURRENCY, rng)
    return _pick(rng, body, body, money + body, body + money, f"{money} {body}", f"{body} {money}")


def negative(rng: Generator) -> str:
    """A number below zero, or one in brackets as accountants do."""
    body = number(rng, 4) if rng.random() < 0.6 else decimal(rng).lstrip("+-")
    return _pick(rng, f"-{body}", f"({body})", f"- {body}", f"{body}-")


def date(rng: Generator) -> str:
    """A date."""
    mark = _pick(rng, "/", ".", "-", "/", " ")
    day, month = ANY * int(rng.integers(1, 3)), ANY * int(rng.integers(1, 3))
    year = _pick(rng, ANY * 2, f"19{ANY * 2}", f"20{ANY * 2}", f"18{ANY * 2}")
    if rng.random() < 0.1:
        return f"20{ANY * 2}-{ANY * 2}-{ANY * 2}"
    return mark.join([day, month, year])


def time(rng: Generator) -> str:
    """A time of day, or from one to another."""
    mark = _pick(rng, ":", ":", ".", "h")
    at = f"{ANY * int(rng.integers(1, 3))}{mark}{ANY * 2}"
    return _pick(rng, at, at, f"{at}:{ANY * 2}", f"{at}-{ANY * 2}{mark}{ANY * 2}", f"{at} pm")


def phone(rng: Generator) -> str:
    """A telephone number."""
    groups = [ANY * int(rng.integers(2, 5)) for _ in range(int(rng.integers(2, 5)))]
    body = _pick(rng, " ", "-", ".", "/", "").join(groups)
    return _pick(rng, body, body, f"+{ANY * 2} {body}", f"({ANY * 3}) {body}", f"0{body}")


def total(rng: Generator) -> str:
    """A sum in one line."""
    sign = _pick(rng, "+", "+", "-", "×", "÷", ":", "/", "x", "*")
    terms = [number(rng, 3) for _ in range(int(rng.integers(2, 5)))]
    space = _pick(rng, "", " ")
    body = f"{space}{sign}{space}".join(terms)
    return body + _pick(rng, "", "=", f"{space}={space}{number(rng, 4)}", f"{space}={space}?")


def share(rng: Generator) -> str:
    """Percent, degrees, ordinals, measures: digits beside signs and letters."""
    body = number(rng, 3)
    unit = _pick(
        rng, "%", "%", "%", "°", "°C", "th", "kg", "cm", "m", "€", "km", "ml", "x", "a", "!"
    )
    return _pick(rng, f"{body}{unit}", f"{body} {unit}", f"{decimal(rng)}{unit}", f"~{body}")


def signed(rng: Generator) -> str:
    """Digits with a sign right beside them: 50%, $12, #4, 21°, £3.50."""
    body = number(rng, 4) if rng.random() < 0.65 else pointed(rng)
    before, after = _pick(rng, *"$$$##£€₹@"), _pick(rng, *"%%%%%°°°€£$", "°C", "°F", " %")
    return before + body if rng.random() < 0.45 else body + after


def pointed(rng: Generator) -> str:
    """Few digits about a point, comma or colon: 8.8, 0.5, 1,75, 10:11."""
    mark = _pick(rng, ".", ".", ".", ",", ":")
    return ANY * int(rng.integers(1, 3)) + mark + ANY * int(rng.integers(1, 3))


def fraction(rng: Generator) -> str:
    """Part and whole: 3/4, 18/20, 24/100."""
    return f"{number(rng, 3)}/{number(rng, 3)}"


def code(rng: Generator) -> str:
    """Digits and capitals mixed: plates, postcodes, references, roll numbers."""
    pool = [*"ABCDEFGHJKLMNPQRSTUVWXYZ", *[ANY] * 30]
    return "".join(rng.choice(pool, int(rng.integers(3, 9))))


def numbered(rng: Generator) -> str:
    """No. 12, #7, 3), (4), 5., Q6."""
    body = number(rng, 2)
    return _pick(rng, f"No. {body}", f"#{body}", f"{body})", f"({body})", f"{body}.", f"Q{body}")


def words(rng: Generator) -> str:
    """Words with a number before, after or between."""
    body = number(rng, 4)
    return _pick(rng, f"{WORD} {body}", f"{body} {WORD}", f"{WORD} {ANY} {WORD}", WORD + body)


COMMON: list[tuple[Text, float]] = [
    *((number, 6), (ones, 2.5), (among_ones, 1.5), (noughts, 1.5), (alike, 0.7), (in_turn, 1)),
    *((grouped, 1.5), (decimal, 1.5), (pointed, 1.5), (signed, 2), (amount, 1), (negative, 0.7)),
    *((date, 1.5), (time, 0.8), (phone, 1.2), (total, 1), (share, 0.8), (fraction, 0.7)),
    *((code, 0.5), (numbered, 0.4), (words, 0.5)),
]
_WEIGHTS = [weight / sum(weight for _, weight in COMMON) for _, weight in COMMON]


def any_text(rng: Generator) -> str:
    """Any of these."""
    return COMMON[int(rng.choice(len(COMMON), p=_WEIGHTS))][0](rng)
