"""Numbers with marks in them: dates, sums, decimals, times, brackets."""

from pictures.judging.hands import Sources
from pictures.judging.page import Page, kind
from pictures.judging.pages import slope
from pictures.judging.paper import on_paper
from pictures.judging.writing import sheet, write
from pictures.scene import Generator, between


def _register(name: str, title: str, *patterns: str) -> None:
    """A kind of one to three lines, each by any of the patterns."""

    @kind(title, name=name)
    def written(sources: Sources, rng: Generator) -> Page:
        hand, height = sources.hand(rng), between(rng, 28, 120)
        chosen = rng.choice(patterns, int(rng.integers(1, 4)))
        gap = (rng.uniform(0.12, 0.2), rng.uniform(0.25, 0.5))
        made = sheet([write(str(pattern), hand, height, rng, gap=gap) for pattern in chosen], rng)
        return Page(on_paper(made.ink, rng, slope), made.lines)


_register(
    *("dates_slash", "dates with slashes: 12/03/2024"),
    *("dd/dd/dddd", "d/d/dd", "dddd/dd/dd", "dd/dd"),
)
_register("dates_dash", "dates with dashes: 3-4-2019", "dd-dd-dddd", "d-d-dddd", "dddd-dd-dd")
_register("dates_point", "dates with points: 24.11.2026", "dd.dd.dddd", "d.d.dd", "dd.dd")
_register("sums", "sums: 12+7, -3", "dd+d", "d+d", "-d", "-ddd", "dd-d", "d+dd+ddd", "+dd")
_register(
    *("decimals", "decimals: 1.5, 1,234.56"),
    *("d.d", "d.dd", "d,ddd.dd", "ddd,ddd", "dd,d", "-d.d"),
)
_register("times", "times: 12:45", "dd:dd", "d:dd", "dd:dd:dd")
_register(
    *("brackets", "brackets and telephone numbers: (555) 123-4567"),
    *("(ddd)", "(ddd) ddd-dddd", "(d)", "(-d)", "+dd (d) ddd"),
)
