"""A report -> the page: head, the numbers that matter most, and every section."""

from pathlib import Path

from tinydigits.mnist.data import Data
from tinydigits.trust.report.html import Section, count, percent, text
from tinydigits.trust.report.labels import label_errors_section, why_section
from tinydigits.trust.report.numbers import accuracy_section, confidence_section, robustness_section
from tinydigits.trust.report.parts import Report
from tinydigits.trust.report.pictures import not_digits_section, writers_section
from tinydigits.trust.report.real import real_section

_STYLE = Path(__file__).with_name("report.css")


def build_page(report: Report, data: Data) -> str:
    """The report as one HTML file that refers to nothing outside itself.

    Args:
        report: what was found.
        data: that it was found on, for pictures of doubtful labels.
    """
    sections = _sections(report, data)
    told = "".join(
        f'<section id="{each.key}"><h2>{text(each.title)}</h2>'
        f'<p class="finding">{each.finding}</p>{each.body}</section>'
        for each in sections
    )
    name, style = text(report.model.name), _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        f"<title>How far {name} can be trusted</title><style>{style}</style></head>"
        f"<body><header><h1>How far <em>{name}</em> can be trusted</h1>{_subject(report)}"
        f"{_heads(report)}</header><main>{told}</main>{_foot(report)}</body></html>\n"
    )


def _sections(report: Report, data: Data) -> list[Section]:
    sections = [
        accuracy_section(report.accuracy),
        confidence_section(report.confidence),
        real_section(report.real),
        robustness_section(report.robustness),
        writers_section(report.writers, report.sweeps),
        not_digits_section(report.not_digits),
        why_section(report.why),
    ]
    if report.label_errors:
        sections.append(label_errors_section(report.label_errors, data))
    return sections


def _subject(report: Report) -> str:
    model = report.model
    parts = [f"file {model.digest}"]
    if model.parameters:
        parts.append(f"{model.parameters:,} parameters")
    if model.recipe:
        parts.append(f"recipe {model.recipe}, seed {model.seed}, {count(model.epochs, 'epoch')}")
    parts.append(f"judged on {report.accuracy.dataset}")
    return f'<p class="subject">{text("; ".join(parts))}</p>'


def _heads(report: Report) -> str:
    """The few numbers that a person who reads no further should see."""
    answered = report.confidence.coverage[0]
    heads = [
        ("accuracy", percent(report.accuracy.alone.share), "of test images correct"),
        (
            "certainty",
            percent(answered.share, 1),
            f"of images answered at {percent(answered.risk, 1)} errors",
        ),
    ]
    if report.real:
        read = report.real.total.right.share
        heads.append(("real", percent(read, 1), "of digits in real pictures correct"))
    heads.append(
        (
            "corruptions",
            percent(report.robustness.mean[0], 1),
            "wrong under fifteen corruptions, network alone",
        )
    )
    new = [each for each in report.writers.sources if each.kept_out]
    if new:
        right = sum(each.right.count for each in new) / sum(each.right.n for each in new)
        heads.append(("writers", percent(right, 1), "of new writers' digits correct"))
    alike, letters = (kind.sure.share for kind in report.not_digits.kinds[:2])
    words = f"of letters like O, l and S give a sure digit; {percent(letters, 1)} of other letters"
    heads.append(("not_digits", percent(alike, 1), words))
    if report.label_errors and report.label_errors.disputed:
        number = f"{report.label_errors.disputed_found} of {len(report.label_errors.disputed)}"
        heads.append(("labels", number, "disputed test labels found"))
    items = "".join(
        f'<li><a href="#{key}"><b>{number}</b>{words}</a></li>' for key, number, words in heads
    )
    return f'<ul class="heads">{items}</ul>'


def _foot(report: Report) -> str:
    made = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    seconds = report.seconds
    took = f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
    return (
        f'<footer class="note"><p>Made by <code>tinydigits trust</code> in '
        f"{took} on {text(report.machine)}, with {text(made)}. The same "
        "numbers, and more of them, are in report.json.</p></footer>"
    )
