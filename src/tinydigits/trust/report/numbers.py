"""The report's first parts, told: accuracy, certainty, corruptions."""

from tinydigits.mnist.writers import ByWriter
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.trust import figures as plots
from tinydigits.trust.accuracy import Accuracy, Seeds
from tinydigits.trust.calibration import Confidence
from tinydigits.trust.measures import Calibration, share
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
    alone, wrong = found.alone, found.alone.n - found.alone.count
    finding = (
        f"It reads {percent(alone.share)} of {alone.n:,} {text(found.dataset)} test images "
        f"rightly; on other images drawn like these, expect {percent(alone.low)} to "
        f"{percent(alone.high)}."
    )
    rows = [
        ("the network alone", f"{alone.n:,}", f"{wrong:,}", interval(alone)),
        (
            "in the reader's three views",
            f"{found.views.n:,}",
            f"{found.views.n - found.views.count:,}",
            interval(found.views),
        ),
    ]
    if found.undisputed:
        left = found.undisputed
        rows.append(
            (
                "alone, without 15 disputed labels",
                f"{left.n:,}",
                f"{left.n - left.count:,}",
                interval(left),
            )
        )
    body = table(("", "images", "wrong", "right, 95&nbsp;% interval (Wilson)"), rows)
    body += _by_writer(found.by_writer) if found.by_writer else ""
    body += _seeds(found.seeds) if found.seeds else ""
    digits = [
        (str(digit), f"{own.n:,}", f"{own.n - own.count:,}", interval(own))
        for digit, own in enumerate(found.per_class)
    ]
    body += "<h3>By digit</h3>" + table(("digit", "images", "wrong", "right"), digits)
    if found.costliest:
        worst = found.costliest[0]
        often = "; ".join(f"{each.true} as {each.read}: {each.count}" for each in found.costliest)
        body += "<h3>What is taken for what</h3>" + paragraph(
            f"The confusion that costs most is {worst.true} read as {worst.read}, "
            f"{worst.count} of {worst.errors} errors ({often}). Rows are the true digits, columns "
            "what was read."
        )
        body += _confusion(found.confusion)
    return Section("accuracy", "How often is it right?", finding, body)


def _by_writer(found: ByWriter) -> str:
    return paragraph(
        f"{found.writers} people wrote the test images, and one person's errors come together. Had "
        f"others written them, the network alone would be right in {percent(found.low)} to "
        f"{percent(found.high)} (95&nbsp;% interval over writers)."
    )


def _seeds(found: Seeds) -> str:
    low, high = found.all.interval
    words = (
        f"Chance in training moves it, too: {count(found.all.n, 'run')} of "
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
            f"It knows: if it answers only where it is {percent(first.confidence, 2)} sure or "
            f"more, it answers {percent(first.share, 1)} of the images with no more than "
            f"{percent(first.risk, 1)} of the answers wrong ({first.wrong})."
        )
    else:
        finding = f"It cannot be asked for {percent(first.risk, 1)} errors: its surest is wrong."
    rows = [
        _calibration_row("the network alone", found.alone),
        _calibration_row("three views", found.before),
        _calibration_row(f"three views, temperature {found.temperature:g}", found.after),
    ]
    body = table(("", "error", "loss", "Brier score"), rows) + paragraph(_temperature(found))
    body += figure(plots.svg(plots.reliability(_reliability(found))), _RELIABILITY)
    body += figure(
        plots.svg(plots.risk(found.curve, first.risk, first.share)),
        "How many answers are wrong if only the surest are given.",
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
    body += table(("wrong at most", "answered", "if this sure", "wrong"), limits)
    body += paragraph(
        f"At the reader's own threshold, {percent(MIN_CONFIDENCE, 0)}, it is sure of "
        f"{percent(found.sure.share, 1)}, of which {found.sure_wrong.count:,} wrong: "
        f"{interval(found.sure_wrong)}. These limits were found on the images that they are "
        "told of; on others they will differ by about what the intervals say."
    )
    return Section("certainty", "Does it know when it is right?", finding, body)


_RELIABILITY = (
    "Of the answers that are about so sure, so many are right, with Wilson's 95&nbsp;% intervals; "
    "15 bins of equal width. Few answers lie left of the last bin."
)


def _calibration_row(name: str, found: Calibration) -> tuple[str, str, str, str]:
    return name, percent(found.error, 2), f"{found.loss:.4f}", f"{found.brier:.5f}"


def _temperature(found: Confidence) -> str:
    origin = (
        "The file has no temperature. One was fitted for this table, on every other image for the "
        "images between, and the other way about, so that no image is judged by itself; "
        f"for all together it is {found.temperature:g}. Nothing else follows from it."
        if found.fitted
        else "The temperature is the model's own."
    )
    return (
        f"{origin} The error is the expected calibration error, the mean distance between how sure "
        "and how right (Guo et al. 2017); the loss is the mean negative log-likelihood in nats; "
        "the score is the squared distance from the right answer (Brier 1950). Less is better."
    )


def _reliability(
    found: Confidence,
) -> dict[str, list[tuple[float, tuple[float, float, float]]]]:
    series = {}
    for name, each in (("before temperature", found.before), ("after", found.after)):
        points = []
        for own in each.bins:
            right = share(round(own.accuracy * own.n), own.n)
            points.append((own.confidence, (right.share, right.low, right.high)))
        series[name] = points
    return series


def robustness_section(found: Robustness) -> Section:
    """What spoils it."""
    worst, mildest = found.rows[0], found.rows[-1]
    finding = (
        f"What spoils it most is {worst.name}: {percent(worst.errors.share, 1)} wrong; over all "
        f"fifteen corruptions the network alone reads {percent(found.mean[0], 1)} wrong, and the "
        f"reader {percent(found.mean[1], 1)}. {mildest.name.capitalize()} does least."
    )
    most = max(max(row.errors.share, row.reader_errors.share) for row in found.rows)
    body = paragraph(_CORRUPTIONS)
    rows = [
        f"<div class=corruption><h4>{text(row.name)}</h4>"
        f"{bar(row.errors.share, most, percent(row.errors.share, 1))}"
        f"{bar(row.reader_errors.share, most, percent(row.reader_errors.share, 1), 'other')}"
        f"{tiles([Tile(*example) for example in row.examples], 'small')}</div>"
        for row in found.rows
    ]
    key = '<p class="key"><i></i> the network alone <i class="other"></i> through the reader</p>'
    body += key + "".join(rows)
    clean, reader = found.clean
    body += paragraph(
        f"Without any corruption: {interval(clean)} alone, {interval(reader)} through the reader, "
        f"which read {reader.n:,} of each kind, evenly spread, as pictures of 28 x 28 pixels. "
        "To the reader, what is left out or split in two is wrong as well. With "
        f"{clean.n:,} images a share is known to about ±{percent(_half(clean.n), 1)}, "
        f"through the reader to ±{percent(_half(reader.n), 1)}, at worst."
    )
    return Section("corruptions", "What can it stand?", finding, body + _published(found))


_CORRUPTIONS = (
    "The fifteen corruptions of MNIST-C (Mu and Gilmer 2019), by their published settings, "
    "drawn over the test images. No recipe here trains on them. The pictures are some that the "
    "network read wrong, where there are any."
)


def _half(n: int) -> float:
    own = share(n // 2, n)
    return (own.high - own.low) / 2


def _published(found: Robustness) -> str:
    if found.source == "drawn here":
        return paragraph(
            "The corruptions were drawn here, not taken from the published files; with "
            "<code>--mnist-c</code> those are taken, and the two compared.",
            "note",
        )
    rows = [
        (text(row.name), percent(row.errors.share), percent(row.drawn_errors.share))
        for row in found.rows
        if row.drawn_errors
    ]
    return "<h3>The published files and ours</h3>" + table(("", "published", "drawn here"), rows)
