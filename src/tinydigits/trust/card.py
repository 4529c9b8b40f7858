"""MODEL_CARD.md for the shipped weights, made from the `report.json` of a report on them.

After Mitchell et al., "Model cards for model reporting", 2019. What was done to make the weights
is written here; every measured number comes from the report.
"""

from typing import Any

from tinydigits.trust.not_digits import LOOK_ALIKE

Plain = dict[str, Any]

_USE = """\
## Intended use

Reading handwritten digits, one by one or in numbers, from pictures: forms, notes, photographs,
exercises, drawings on a screen; teaching how such a network learns. For anything that depends on
a number being right, take only answers that are sure, and have a person look at the others.

Not for: letters or words; amounts and identities without a person's check; anyone's grading or
identification. It does not know scripts other than the ten digits as they are written in Europe
and America."""

_DATA = """\
## Data and training

A convolutional network of {parameters:,} parameters, trained by the recipe `best` for 26 epochs on
MNIST's 60,000 training images, drawings of pen strokes of 20 writers (UCI, Alpaydin and Alimoglu
1996), of scanned envelopes (U.S. Postal Service), of printed digits and of no digit; then for 10
epochs more on 20,800 digits and 6,400 other things that the finder cut out of 4,000 drawn pictures,
24,000 of MNIST's images, 13,900 drawn pen strokes, scans and MNIST's images, and 4,800 drawings of
no digit, with ten equal probabilities for the label of what is none (`weights/make.py`); a third
of the weights before was mixed in again. Ten other
writers, every third scan and other fonts set its temperature, {temperature:g}, and the reader's
thresholds.
MNIST's test images, as they are, were scored at the end and chose nothing;
drawn into pictures they are among those on which the reader around these weights was developed.
The writers are few, and mostly from one university; MNIST's are American census workers and
pupils."""

_LICENCE = """\
## Licence

MIT, as the code. The training data keep their own: MNIST by Yann LeCun, Corinna Cortes and
Christopher Burges; the pen digits CC BY 4.0."""


def model_card(report: Plain) -> str:
    """The card as Markdown, from the content of a `report.json`."""
    model = report["model"]
    head = (
        "# Model card: the reader's weights\n\n"
        f"`weights/reader.safetensors` (SHA-256 begins with {model['digest']}), the same as the\n"
        "`digits.onnx` that tinydigits reads with. Made from a report by `make trust`; all of it\n"
        "is in [docs/trust/report.html](docs/trust/report.html)."
    )
    parts = [head, _USE, _DATA.format(**model), _numbers(report), _limits(report), _LICENCE]
    return "\n\n".join(parts) + "\n"


def _numbers(report: Plain) -> str:
    accuracy, confidence = report["accuracy"], report["confidence"]
    robust, answered = report["robustness"], confidence["coverage"][0]
    rows = [
        ("MNIST test images read rightly, the network alone", _interval(accuracy["alone"])),
        ("the same in the reader's three views", _interval(accuracy["views"])),
        ("without 15 disputed labels, alone", _interval(accuracy["undisputed"])),
        ("calibration error, three views, its temperature", _percent(confidence["after"]["error"])),
        (
            f"can be answered with {_percent(answered['risk'], 1)} errors",
            _percent(answered["share"], 1),
        ),
        ("MNIST-C's fifteen corruptions, mean errors, alone", _percent(robust["mean"][0], 1)),
        ("the same through the reader", _percent(robust["mean"][1], 1)),
    ]
    rows += [
        (f"{each['name']}, kept out of training", _interval(each["right"], 1))
        for each in report["writers"]["sources"]
        if each["kept_out"]
    ]
    rows += [
        (f"{each['name']}: surely taken for a digit", _interval(each["sure"], 1))
        for each in report["not_digits"]["kinds"]
    ]
    table = "\n".join(f"| {what} | {number} |" for what, number in rows)
    return (
        "## Numbers\n\nShares with Wilson's 95 % intervals, for other images of the same kind;\n"
        "what each means, and on what it was measured, stands in the report.\n\n| | |\n|---|---|\n"
        + table
    )


def _limits(report: Plain) -> str:
    rows = report["robustness"]["rows"]
    worst = ", ".join(f"{row['name']} ({_percent(row['errors']['share'], 0)})" for row in rows[:3])
    through = sorted(rows, key=lambda row: -row["reader_errors"]["share"])[:3]
    reader = ", ".join(
        f"{row['name']} ({_percent(row['reader_errors']['share'], 0)})" for row in through
    )
    alike, others = (_taken(report, looks) for looks in (True, False))
    kind = report["not_digits"]["kinds"][1]
    return (
        "## Limits\n\n"
        f"- What spoils most images for the network alone: {worst}; through the reader: {reader}.\n"
        f"- Look-alikes that it takes surely for digits, most often: {alike}.\n"
        f"- Other letters that it takes surely for digits: {others}; {kind['parted']} of these\n"
        "  pictures are taken apart and read as several digits.\n"
        "- A 1 with a long flag may be read as 7, a letter that looks like a digit as that digit; "
        "what\n  stands beside it is not understood.\n"
        "- Its certainty is calibrated on digits like those above. On other writers, pens and\n"
        "  papers expect less, and measure: `tinydigits trust` takes your own folder with `--data`."
    )


def _taken(report: Plain, look_alikes: bool) -> str:
    own = [
        f"{each['letter']} ({each['sure']} of {each['n']}, as {each['as_']})"
        for each in report["not_digits"]["letters"]
        if each["sure"] and (each["letter"] in LOOK_ALIKE) == look_alikes
    ]
    return ", ".join(own[:5]) or "none"


def _percent(share: float | None, digits: int = 2) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def _interval(share: Plain | None, digits: int = 2) -> str:
    if share is None:
        return "–"
    low, high = (f"{100 * share[end]:.{digits}f}" for end in ("low", "high"))
    return f"{_percent(share['share'], digits)} ({low} to {high}), n = {share['n']:,}"
