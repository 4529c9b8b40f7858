"""The section of the report on real pictures: how each set was read, the worst first."""

from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.trust.real_pictures import RealPictures, Scores, SetRead
from tinydigits.trust.report.html import (
    Section,
    count,
    interval,
    interval_bar,
    paragraph,
    percent,
    table,
    text,
)

_TITLE = "Does it read real pictures?"


def real_section(found: RealPictures | None) -> Section:
    """Whether it reads photographs, scans and drawings that people made."""
    if not found:
        finding = "Not measured: no real pictures were given."
        return Section("real", _TITLE, finding, paragraph(_NONE, "note"))
    body = paragraph(_WHAT) + paragraph(_INTERVALS, "note") + _KEY
    body += "".join(map(_bars, found.sets))
    rows = [(f"<code>{text(each.name)}</code>", *_cells(each.scores)) for each in found.sets]
    if len(found.sets) > 1:
        rows.append(("all", *_cells(found.total)))
    terms = "".join(f"<li><b>{term}</b>: {words}</li>" for term, words in _TERMS.items())
    body += f'<h3>In numbers</h3><ul class="note">{terms}</ul>' + table(_TITLES, rows, "real")
    return Section("real", _TITLE, _finding(found), body + _sources(found.sets))


_NONE = (
    "With <code>--real DIR</code>, a folder that holds a folder for each set, with pictures and a "
    "labels.tsv (a file, a tab, its digits), the report says how many of their digits are read. "
    "The model card of tinydigits has such numbers, but of the weights that it ships with."
)
_WHAT = (
    "Photographs, scans and drawings that people made, set by set. The sets with the fewest "
    "correct digits come first, after those without any digit. The finder that tinydigits ships "
    "with locates the digits; the network judged here recognises them."
)
_INTERVALS = (
    "The lines show Wilson's 95&nbsp;% intervals, as if each digit were independent of the others. "
    "Digits of one page or one person are alike, so the true intervals are wider."
)
_KEY = (
    '<p class="key pale"><i></i> correct digits <i class="other"></i> fully correct texts (where '
    "there is no digit: pictures in which none was read)</p>"
)
_TERMS = {
    "correct": "the digit stands in its place in the order of the true text (longest common "
    "subsequence)",
    "fully correct": "the text has all its digits and no others; signs such as + are not compared",
    "wrong or invented": "the digit that was read is not in the true text",
    "sure": f"the confidence is {percent(MIN_CONFIDENCE, 0)} or more",
    "sure but wrong": "of all sure digits, those that are not in the true text; this text may "
    "leave out what the picture shows, such as a page number",
    "correct and sure": "of the correct digits, those that are sure",
}
_TITLES = (
    *("set", "correct digits", "fully correct texts", "wrong or invented", "sure but wrong"),
    *("correct and sure", "pictures", "digits"),
)


def _finding(found: RealPictures) -> str:
    total, rest = found.total, [each for each in found.sets if each.scores.right.n]
    told = f"In {count(total.whole.n, 'real picture')}, "
    if rest:
        right, digits = percent(total.right.share, 1), count(total.right.n, "digit")
        told += f"the reader reads {right} of {digits} correctly"
        if len(rest) > 1:
            worst = percent(rest[0].scores.right.share, 1)
            told += f"; in the worst set ({_shown(rest[0])}), {worst}"
        told += f". It also reads {count(total.invented, 'digit')} wrongly or where there is none. "
    else:
        told += f"none of which shows a digit, the reader reads {count(total.invented, 'digit')}. "
    sure = total.sure_wrong
    return f"{told}Of {count(sure.n, 'sure digit')}, {sure.count:,} are wrong."


def _shown(found: SetRead) -> str:
    return text(found.about.shows or found.name)


def _bars(found: SetRead) -> str:
    right, whole = found.scores.right, found.scores.whole
    name = f" <span class=range>{text(found.name)}</span>" if found.about.shows else ""
    bars = interval_bar(right) if right.n else ""
    bars += interval_bar(whole, "other")
    return f"<div class=set><h4>{_shown(found)}{name}</h4><div>{bars}</div></div>"


def _cells(found: Scores) -> tuple[str, ...]:
    return (
        interval(found.right, 1) if found.right.n else "–",
        interval(found.whole, 0),
        f"{found.invented:,}",
        f"{found.sure_wrong.count:,} <span class=range>of {found.sure_wrong.n:,}</span>",
        interval(found.sure, 0) if found.sure.n else "–",
        f"{found.whole.n:,}",
        f"{found.right.n:,}",
    )


def _sources(sets: list[SetRead]) -> str:
    items = "".join(
        f"<li><code>{text(each.name)}</code>: {text(each.about.origin)}"
        f"{text(each.about.licence and f' ({each.about.licence})')}</li>"
        for each in sets
        if each.about.origin
    )
    if not items:
        return ""
    words = "The pictures are not part of this report. Where no licence is named, none is known."
    return f'<h3>Sources</h3>{paragraph(words)}<ul class="note">{items}</ul>'
