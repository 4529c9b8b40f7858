"""Numbers with marks in them: dates, sums, decimals, times, brackets."""

from pictures.judging.hands import Sources
from pictures.judging.page import Generator, Page, between, kind
from pictures.judging.pages import slope
from pictures.judging.paper import on_paper
from pictures.judging.writing import sheet, write


def _written(sources: Sources, rng: Generator, patterns: list[str]) -> Page:
    """One to three lines, each by any of the patterns."""
    hand, height = sources.hand(rng), between(rng, 28, 120)
    chosen = rng.choice(patterns, int(rng.integers(1, 4)))
    gap = (rng.uniform(0.12, 0.2), rng.uniform(0.25, 0.5))
    made = sheet([write(str(pattern), hand, height, rng, gap=gap) for pattern in chosen], rng)
    return Page(on_paper(made.ink, rng, slope), made.lines)


@kind("dates with slashes: 12/03/2024")
def dates_slash(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["dd/dd/dddd", "d/d/dd", "dddd/dd/dd", "dd/dd"])


@kind("dates with dashes: 3-4-2019")
def dates_dash(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["dd-dd-dddd", "d-d-dddd", "dddd-dd-dd"])


@kind("dates with points: 24.11.2026")
def dates_point(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["dd.dd.dddd", "d.d.dd", "dd.dd"])


@kind("sums: 12+7, -3")
def sums(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["dd+d", "d+d", "-d", "-ddd", "dd-d", "d+dd+ddd", "+dd"])


@kind("decimals: 1.5, 1,234.56")
def decimals(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["d.d", "d.dd", "d,ddd.dd", "ddd,ddd", "dd,d", "-d.d"])


@kind("times: 12:45")
def times(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["dd:dd", "d:dd", "dd:dd:dd"])


@kind("brackets and telephone numbers: (555) 123-4567")
def brackets(sources: Sources, rng: Generator) -> Page:
    return _written(sources, rng, ["(ddd)", "(ddd) ddd-dddd", "(d)", "(-d)", "+dd (d) ddd"])
