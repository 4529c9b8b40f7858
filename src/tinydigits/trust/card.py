"""MODEL_CARD.md for the shipped weights, made from the `report.json` of a report on them.

After Mitchell et al., "Model cards for model reporting", 2019. What was done to make the weights
is written here; every measured number comes from the report, apart from those of real pictures,
which `benchmarks/tables.py` fills in.
"""

from typing import Any

from tinydigits.trust.not_digits import LOOK_ALIKE

Plain = dict[str, Any]

_USE = """\
## Intended use

For reading handwritten digits, single or in numbers, from pictures: forms, notes, photographs,
exercises, drawings on a screen. Also for teaching how such a network learns. Where a number must be
right, take only sure answers (confidence 0.98 or more), and have a person check the others; sure
answers are wrong at times, too.

Not for letters or words. Not for amounts or identities without a person's check. Not for grading or
identifying anyone. It knows only the ten digits as they are written in Europe and America."""

_REAL = """\
## Real pictures

Photographs, scans and drawings from public repositories, read by the whole reader: by these weights
and the finder that ships with them. The sets that are read worst come first. None was used in
training; the kinds of drawn training pictures were chosen with what failed on them in mind, which
flatters the reader a little. Intervals are Wilson's at 95 %, as if every digit were by itself;
those of one page or one person are alike, so the true ones are wider. A digit that is "sure" has a
confidence of 0.98 or more. [Where each set comes from](docs/real-pictures.md); the pictures are not
part of this project.

<!-- real-card -->
<!-- /real-card -->"""

_DATA = """\
## Data and training

The network is convolutional and has {parameters:,} parameters. It gets 28x28 images; in pictures,
the reader finds the digits with another network, the finder.

First the network was trained by the recipe `best` for 26 epochs on MNIST's 60,000 training images
and on drawings: of pen strokes by 20 writers (UCI, Alpaydin and Alimoglu 1996), of scanned
envelopes (U.S. Postal Service), of printed digits, and of things that are no digit. Then it was
trained for 10 more epochs on

- 20,800 digits and 6,400 other things that the finder cut out of 4,000 drawn pictures,
- 24,000 of MNIST's images,
- 13,900 drawn pen strokes, scans and MNIST's images, and
- 4,800 drawings of no digit.

The target for what is no digit is ten equal probabilities. In the end, a third of the weights from
before the 10 epochs was mixed in again (`weights/make.py`).

Ten other writers, every third scan and other fonts set the temperature, {temperature:g}, and the
reader's thresholds. MNIST's test images were scored at the end and chose nothing. Drawn into
pictures, however, they are among the images on which the reader was developed. The writers are few,
and mostly from one university; MNIST's are American census workers and pupils."""

_LICENCE = """\
## Licence

MIT, like the code. The training data keep their own licences: MNIST is by Yann LeCun, Corinna
Cortes and Christopher Burges; the pen digits are CC BY 4.0."""

_NEXT = """\
## Where to go next

- [The whole report](docs/trust/report.html) (download it, or open it from a clone)
- [docs/trust.md](docs/trust.md): what is measured and how, and other models beside this one
- [docs/reading.md](docs/reading.md): how well the whole reader reads pictures"""


def model_card(report: Plain) -> str:
    """The card as Markdown, from the content of a `report.json`; without real pictures' numbers."""
    model = report["model"]
    head = (
        "# Model card: the reader's weights\n\n"
        "This card describes the weights of the recogniser that tinydigits ships with:\n"
        f"`weights/reader.safetensors` (SHA-256 begins with {model['digest']}), exported as\n"
        "`digits.onnx`. `make trust` makes it from a report on them."
    )
    parts = [head, _USE, _limits(report), _REAL, _numbers(report), _DATA.format(**model)]
    return "\n\n".join([*parts, _LICENCE, _NEXT]) + "\n"


def _numbers(report: Plain) -> str:
    accuracy, confidence = report["accuracy"], report["confidence"]
    robust, answered = report["robustness"], confidence["coverage"][0]
    rows = [
        ("MNIST test images correct, network alone", _interval(accuracy["alone"])),
        ("the same, mean of the reader's three views", _interval(accuracy["views"])),
        ("without 15 disputed labels, network alone", _interval(accuracy["undisputed"])),
        (
            "expected calibration error, three views, with temperature",
            _percent(confidence["after"]["error"]),
        ),
        (
            f"share of these images answered at {_percent(answered['risk'], 1)} errors",
            _percent(answered["share"], 1),
        ),
        ("mean error on MNIST-C's 15 corruptions, network alone", _percent(robust["mean"][0], 1)),
        ("the same through the reader", _percent(robust["mean"][1], 1)),
    ]
    rows += [
        (f"{each['name']}, kept out of training: correct", _interval(each["right"], 1))
        for each in report["writers"]["sources"]
        if each["kept_out"]
    ]
    rows += [
        (f"{each['name']}: a sure digit is read", _interval(each["sure"], 1))
        for each in report["not_digits"]["kinds"]
    ]
    table = "\n".join(f"| {what} | {number} |" for what, number in rows)
    return (
        "## Numbers\n\nMeasured once, with Wilson's 95 % intervals for other images of the same "
        "kind. From the\npen strokes on, the rows are of pictures that the whole reader read. The "
        "report explains each\nnumber.\n\n| measure | result |\n|---|---|\n" + table
    )


def _limits(report: Plain) -> str:
    worst, reader = (_worst(report, errors) for errors in ("errors", "reader_errors"))
    alike, others = (_taken(report, looks) for looks in (True, False))
    kind = report["not_digits"]["kinds"][1]
    return (
        "## Limits\n\n"
        f"- Corruptions with the most errors, network alone: {worst}. Through the reader: {reader}."
        f"\n- Letters that look like digits and are surely read as one, most often: {alike}.\n"
        f"- Other letters that are surely read as a digit: {others}. Of these pictures, the "
        f"reader\n  cuts {kind['parted']} apart and reads several digits.\n"
        "- A 1 with a long flag may be read as 7. The network does not use what stands beside a "
        "digit.\n- Confidence is calibrated for digits like those below. Expect less on other "
        "writers, pens\n  and papers, and measure: `tinydigits trust` takes your own folder with "
        "`--data`."
    )


def _worst(report: Plain, errors: str) -> str:
    rows = sorted(report["robustness"]["rows"], key=lambda row: -row[errors]["share"])[:3]
    return ", ".join(f"{row['name']} ({_percent(row[errors]['share'], 0)})" for row in rows)


def _taken(report: Plain, look_alikes: bool) -> str:
    own = [
        f"{each['letter']} ({each['sure']} of {each['n']}, as {each['as_']})"
        for each in report["not_digits"]["letters"]
        if each["sure"] and (each["letter"] in LOOK_ALIKE) == look_alikes
    ]
    return ", ".join(own[:5]) or "none"


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f} %"


def _interval(share: Plain | None, digits: int = 2) -> str:
    if share is None:
        return "–"
    low, high = (f"{100 * share[end]:.{digits}f}" for end in ("low", "high"))
    return f"{_percent(share['share'], digits)} ({low} to {high}), n = {share['n']:,}"
