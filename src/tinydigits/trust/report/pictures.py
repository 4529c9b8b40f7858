"""The middle sections of the report: other writers and pens, and what is no digit."""

from tinydigits.arrays import Plane
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.trust import figures as plots
from tinydigits.trust.not_digits import LOOK_ALIKE, NotDigits
from tinydigits.trust.other_writers import Source, Sweep, Writers
from tinydigits.trust.report.html import (
    Section,
    Tile,
    figure,
    interval,
    paragraph,
    percent,
    table,
    text,
    tiles,
)

_KEPT_OUT = {
    True: "kept out of the training of the shipped weights",
    False: "used to train the shipped weights",
}


def writers_section(found: Writers, sweeps: list[Sweep]) -> Section:
    """Whether it reads other writers."""
    points = [
        (share.share, value, sweep)
        for sweep in sweeps
        for curve in sweep.curves.values()
        for value, share in curve
    ]
    lowest, value, sweep = min(points, key=lambda each: each[0])
    told = f"If one property is changed at a time, {_said(sweep, value)} hurts most: "
    told += f"{percent(lowest, 0)} of the digits are read correctly."
    if found.sources:
        new = [each for each in found.sources if each.kept_out] or found.sources
        told = (
            "Through the reader, "
            + " and ".join(
                f"{percent(each.right.share, 1)} of {text(each.name.split(',')[0])}" for each in new
            )
            + " are read correctly, by writers from whom the shipped weights did not learn. "
            + told
        )
    body = _sources(found.sources) if found.sources else paragraph(_NONE, "note")
    body += "<h3>One property changed</h3>" + paragraph(_SWEEPS)
    drawings = [
        figure(
            plots.sweep(each.curves, each.unit, each.usual, each.name == "height"),
            _CAPTIONS[each.name],
        )
        for each in sweeps
    ]
    body += f'<div class="plots">{"".join(drawings)}</div>'
    return Section("writers", "Does it read other writers?", told, body)


def _said(sweep: Sweep, value: float) -> str:
    return {
        "pen": f"a stroke of {percent(value, 0)} of the height",
        "height": f"a height of {value:g} pixels",
        "slant": f"a slant of {value:g} degrees",
        "margin": f"a margin of {percent(value, 0)} of the height",
    }[sweep.name]


_CAPTIONS = {
    "pen": "Thin to bold. Strokes of images are only thickened; thinned ones would break.",
    "height": "Small to large.",
    "slant": "Leaning to the left (negative) and to the right.",
    "margin": "Cropped to the ink, or with paper around it.",
}
_NONE = (
    "No handwriting was given. With <code>--handwriting DIR</code>, a folder with "
    "pendigits-orig.tra.gz (UCI's pen digits by writer) or usps-zip.train.gz (scanned envelopes), "
    "the report also judges other writers."
)
_SWEEPS = (
    "The same digits each time, dark on light, 60 pixels high with a margin of half of that, "
    "except for the one property that is changed. The vertical line marks its usual value, the "
    "shade Wilson's 95&nbsp;% interval. Test images keep their own strokes unless the pen is "
    "changed."
)


def _sources(sources: list[Source]) -> str:
    rows = [
        (
            f"{text(each.name)}<br><span class=range>{_KEPT_OUT[each.kept_out]}</span>",
            f"{each.right.n:,}",
            interval(each.right, 1),
            interval(each.sure_wrong, 2),
        )
        for each in sources
    ]
    body = table(("", "digits", "correct", "wrong among sure answers"), rows)
    body += paragraph(
        "Pen strokes: UCI, Alpaydin and Alimoglu 1996; scans: U.S. Postal Service, after Hastie, "
        "Tibshirani and Friedman. What was kept out of training was still used to set the shipped "
        "temperature and thresholds.",
        "note",
    )
    by_writer = [
        (writer, share, each.kept_out) for each in sources for writer, share in each.writers.items()
    ]
    if by_writer:
        by_writer.sort(key=lambda each: each[1].share)
        (worst, lowest, _), (best, highest, _) = by_writer[0], by_writer[-1]
        body += "<h3>Writer by writer</h3>" + paragraph(
            f"From {percent(lowest.share, 1)} (writer {worst}) to {percent(highest.share, 1)} "
            f"(writer {best}). A dot marks writers kept out of the shipped weights' training."
        )
        cells = [
            f"<li><b>{percent(share.share, 1)}</b> {writer}{' •' if kept_out else ''}</li>"
            for writer, share, kept_out in by_writer
        ]
        body += f'<ul class="writers">{"".join(cells)}</ul>'
    return body


def not_digits_section(found: NotDigits) -> Section:
    """Whether it leaves alone what is no digit."""
    alike, others = found.kinds[0], found.kinds[1]
    finding = (
        f"It surely reads a digit in {percent(alike.sure.share, 1)} of the letters that look like "
        f"one, such as O, l and S, and in {percent(others.sure.share, 1)} of the other letters."
    )
    if others.parted:
        finding += (
            f" It cut {others.parted} of these {others.sure.count} other letters apart and read "
            "several digits."
        )
    rows = [
        (
            f"{text(each.name)} <span class=range>{each.sure.n:,}</span>",
            interval(each.sure, 1),
            f"{each.parted:,}",
            percent(each.digit.share, 1),
            f"{each.auroc:.3f}",
        )
        for each in found.kinds
    ]
    body = table(
        ("kind, number of pictures", "a sure digit", "cut apart", "any digit", "AUROC"), rows
    )
    body += paragraph(
        f"A digit is sure from a confidence of {percent(MIN_CONFIDENCE, 0)}, the reader's "
        f"threshold; {percent(found.digits_sure.share, 1)} of the test digits are. Cut apart: how "
        "many of the pictures with a sure digit the reader cut and read as several digits. AUROC: "
        "how often a test digit is read "
        "with more confidence than such a picture, if each is taken as one glyph; 0.5 is chance. "
        "Fonts: "
        + text(", ".join(name + (" *" if seen else "") for name, seen in found.fonts.items()))
        + ". The shipped weights were trained on letters in fonts with a star, but not on letters "
        "that look like digits."
    )
    body += _taken("Other letters that gave a sure digit", others.examples)
    body += _taken("Letters like digits that gave a sure digit", alike.examples)
    rest = [example for each in found.kinds[2:] for example in each.examples]
    body += _taken("Other pictures that gave a sure digit", rest)
    return Section(
        "not_digits", "Does it leave alone what is no digit?", finding, body + _letters(found)
    )


def _taken(title: str, examples: list[tuple[Plane, str]]) -> str:
    if not examples:
        return ""
    return f"<h3>{title}</h3>" + tiles([Tile(*example) for example in examples])


def _letters(found: NotDigits) -> str:
    lists = []
    for title, alike in (("Letters that look like digits", True), ("The other letters", False)):
        cells = ""
        for each in found.letters:
            if (each.letter in LOOK_ALIKE) == alike:
                words = f"{each.sure} of {each.n}" + (f" → {text(each.as_)}" if each.as_ else "")
                kind = ' class="taken"' if each.sure else ""
                cells += f"<li{kind}><b>{text(each.letter)}</b> {words}</li>"
        lists.append(f'<h3>{title}</h3><ul class="letters">{cells}</ul>')
    return "".join(lists)
