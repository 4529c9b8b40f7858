"""The first sections of the report: accuracy, confidence, corruptions."""

from tinydigits.mnist.writers import ByWriter
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.trust import figures as plots
from tinydigits.trust.accuracy import Accuracy, Seeds
from tinydigits.trust.calibration import Confidence
from tinydigits.trust.measures import Calibration, Share, share
from tinydigits.trust.report.html import (
    Section,
    Tile,
    bar,
    count,
    figure,
    interval,
    paragraph,
    percent,
    table,
    text,
    tiles,
)
from tinydigits.trust.robustness import Robustness


def accuracy_section(found: Accuracy) -> Section:
    """How often it is right."""
    alone = found.alone
    finding = (
        f"It reads {percent(alone.share)} of {alone.n:,} {text(found.dataset)} test images "
        f"correctly. On other images of the same kind, expect {percent(alone.low)} to "
        f"{percent(alone.high)}."
    )
    rows = [
        _row("the network alone", alone),
        _row("mean of the reader's three views", found.views),
    ]
    if found.undisputed:
        rows.append(_row("the network alone, without 15 disputed labels", found.undisputed))
    body = table(("", "images", "wrong", "correct, 95&nbsp;% interval (Wilson)"), rows)
    body += _by_writer(found.by_writer) if found.by_writer else ""
    body += _seeds(found.seeds) if found.seeds else ""
    digits = [_row(str(digit), own) for digit, own in enumerate(found.per_class)]
    body += "<h3>By digit</h3>" + table(("digit", "images", "wrong", "correct"), digits)
    if found.costliest:
        worst = found.costliest[0]
        often = "; ".join(f"{each.true} as {each.read}: {each.count}" for each in found.costliest)
        body += "<h3>Confusions</h3>" + paragraph(
            f"The most frequent confusion is {worst.true} read as {worst.read}: {worst.count} of "
            f"{worst.errors} errors ({often}). Rows are the true digits, columns the answers."
        )
        body += _confusion(found.confusion)
    return Section("accuracy", "How often is it right?", finding, body)


def _row(name: str, own: Share) -> tuple[str, ...]:
    return name, f"{own.n:,}", f"{own.n - own.count:,}", interval(own)


def _by_writer(found: ByWriter) -> str:
    return paragraph(
        f"{found.writers} people wrote the test images, and one person's errors come together. Had "
        f"others written them, the network alone would be correct in {percent(found.low)} to "
        f"{percent(found.high)} (95&nbsp;% interval over writers)."
    )


def _seeds(found: Seeds) -> str:
    low, high = found.all.interval
    words = (
        f"Accuracy also depends on chance in training: {count(found.all.n, 'run')} of "
        f"<code>{text(found.recipe)}</code> with other seeds average {percent(found.all.mean)} "
        f"(standard deviation {percent(found.all.std, 3)}, 95&nbsp;% interval of the mean "
        f"{percent(low)} to {percent(high)}, range {percent(found.all.low)} to "
        f"{percent(found.all.high)})"
    )
    if found.undisputed:
        words += f"; without the disputed labels {percent(found.undisputed.mean)}"
    return paragraph(words + ".")


def _confusion(counts: list[list[int]]) -> str:
    most = max(1, max(n for i, row in enumerate(counts) for j, n in enumerate(row) if i != j))
    cells = []
    for true, row in enumerate(counts):
        shown = [str(true)]
        for read, number in enumerate(row):
            if true == read:
                shown.append(f"<span class=right>{number:,}</span>")
            else:
                strength = f"--s:{number / most:.2f}"
                shown.append(f'<span class=heat style="{strength}">{number or ""}</span>')
        cells.append(shown)
    return table(["", *map(str, range(10))], cells, "confusion")


def confidence_section(found: Confidence) -> Section:
    """Whether it knows."""
    first = found.coverage[0]
    if first.share:
        finding = (
            f"If it answers only with a confidence of {percent(first.confidence, 2)} or more, it "
            f"answers {percent(first.share, 1)} of the images, and {first.wrong:,} of these "
            f"answers are wrong (at most {percent(first.risk, 1)})."
        )
    else:
        finding = (
            f"No threshold keeps errors at {percent(first.risk, 1)}: its most confident answer is "
            "wrong."
        )
    rows = [
        _calibration_row("the network alone", found.alone),
        _calibration_row("three views", found.before),
        _calibration_row(f"three views, temperature {found.temperature:g}", found.after),
    ]
    body = table(("", "calibration error", "loss", "Brier score"), rows)
    body += paragraph(_temperature(found))
    series = {"without temperature": found.before.bins, "with temperature": found.after.bins}
    body += figure(plots.reliability(series), _RELIABILITY)
    body += figure(
        plots.risk(found.curve, first.risk, first.share),
        "Share of wrong answers if only the most confident answers are given.",
    )
    limits = [
        (
            percent(each.risk, 2),
            percent(each.share, 1),
            percent(each.confidence, 2) if each.share else "–",
            str(each.wrong),
        )
        for each in sorted(found.coverage, key=lambda each: each.risk)
    ]
    body += table(
        ("errors allowed", "images answered", "from this confidence", "wrong answers"), limits
    )
    body += paragraph(
        f"At the reader's own threshold, a confidence of {percent(MIN_CONFIDENCE, 0)}, it is sure "
        f"of {percent(found.sure.share, 1)} of the images. Of these answers, "
        f"{found.sure_wrong.count:,} are wrong: {interval(found.sure_wrong)}. The thresholds in "
        "the table were chosen on the same images they are reported for; on other images they "
        "differ by about the width of the intervals."
    )
    return Section("certainty", "Does it know when it is unsure?", finding, body)


_RELIABILITY = (
    "Share of correct answers at each level of confidence, with Wilson's 95&nbsp;% intervals, in "
    "15 bins of equal width. Few answers lie left of the last bin."
)


def _calibration_row(name: str, found: Calibration) -> tuple[str, str, str, str]:
    return name, percent(found.error, 2), f"{found.loss:.4f}", f"{found.brier:.5f}"


def _temperature(found: Confidence) -> str:
    origin = (
        "The file has no temperature, so one was fitted for this table: on the even images for "
        "the odd ones, and the other way round, so that no image judges itself. Fitted to all "
        f"images it is {found.temperature:g}. It is used nowhere else."
        if found.fitted
        else "The temperature is the model's own."
    )
    return (
        f"{origin} The calibration error is the expected one, the mean difference between "
        "confidence and accuracy (Guo et al. 2017). The loss is the mean negative log-likelihood "
        "in nats. The Brier score is the squared distance from the correct answer (Brier 1950). "
        "Less is better."
    )


def robustness_section(found: Robustness) -> Section:
    """How much distortion it tolerates."""
    worst, mildest = found.rows[0], found.rows[-1]
    finding = (
        f"Of fifteen corruptions, {worst.name} is the worst for the network alone: "
        f"{percent(worst.errors.share, 1)} of its answers are wrong. On average over all fifteen, "
        f"the network alone gets {percent(found.mean[0], 1)} wrong, the whole reader "
        f"{percent(found.mean[1], 1)}. The mildest is {mildest.name}."
    )
    most = max(max(row.errors.share, row.reader_errors.share) for row in found.rows)
    body = paragraph(_CORRUPTIONS)
    rows = [
        f"<div class=corruption><h4>{text(row.name)}</h4>"
        f"{bar(row.errors.share, most)}{bar(row.reader_errors.share, most, 'other')}"
        f"{tiles([Tile(*example) for example in row.examples], 'small')}</div>"
        for row in found.rows
    ]
    key = '<p class="key"><i></i> the network alone <i class="other"></i> through the reader</p>'
    body += key + "".join(rows)
    clean, reader = found.clean
    body += paragraph(
        f"Without any corruption, {interval(clean)} of the answers are wrong alone, and "
        f"{interval(reader)} through the reader. "
        f"The reader read {reader.n:,} images of each kind, evenly spread, as pictures of 28 x 28 "
        "pixels. A digit that the reader leaves out or splits in two counts as wrong. With "
        f"{clean.n:,} images, a share is known to within ±{_half(clean.n)} percentage points "
        f"(95&nbsp;% interval); with the {reader.n:,} of the reader, to ±{_half(reader.n)}."
    )
    return Section(
        "corruptions", "How much distortion does it tolerate?", finding, body + _published(found)
    )


_CORRUPTIONS = (
    "The fifteen corruptions of MNIST-C (Mu and Gilmer 2019), with their published settings, "
    "applied to the test images. No recipe of tinydigits trains on them. The pictures are examples "
    "that the network misread, where there are any."
)


def _half(n: int) -> str:
    """Half an interval of n images at its widest, in percentage points."""
    own = share(n // 2, n)
    return f"{50 * (own.high - own.low):.1f}"


def _published(found: Robustness) -> str:
    rows = [
        (text(row.name), percent(row.errors.share), percent(row.drawn_errors.share))
        for row in found.rows
        if row.drawn_errors
    ]
    if not rows:
        return paragraph(
            "The corruptions were drawn here, not taken from the published files. "
            "<code>--mnist-c</code> takes those, and compares the two.",
            "note",
        )
    return "<h3>The published files and ours</h3>" + table(("", "published", "drawn here"), rows)
