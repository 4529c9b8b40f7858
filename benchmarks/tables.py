"""The tables, made from benchmarks/results/: `python benchmarks/tables.py` rewrites them.

It draws docs/accuracy.png and docs/speed.png, too, from the same numbers.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->` in README.md, MODEL_CARD.md, a page of
docs/ or a page of docs/tables/. Documents show at most ten rows; the whole table has a page in
docs/tables/. A test fails while they and the results disagree.
"""

import re
import statistics
from collections.abc import Callable
from pathlib import Path

from charts import draw_accuracy, draw_speed
from common import RESULTS, ROOT, arguments, load, percent, table
from family_tables import draw_family, family_table
from others_tables import others_summary, others_table
from reading_tables import (
    headline,
    limits,
    metamorphic_table,
    reading_summary,
    reading_table,
    real_card,
    real_summary,
    real_table,
    sources_table,
    weights_table,
)
from scale_tables import plan_table, scale_table
from seconds_tables import lengths_table, levels_table
from speed_tables import devices, processor_of, speed_table, training_table
from tinydigits.files import atomic_write
from tinydigits.mnist.bench import Line, compare, read_lines, summarise, undisputed
from tinydigits.mnist.recipe import PRESETS
from trust_tables import trust_limits, trust_summary, trust_table


def accuracy_table() -> str:
    """A row per recipe that has runs: MNIST test accuracy over its seeds, at the last epoch."""
    titles = ["recipe", "epochs", "seeds", "mean accuracy", "standard deviation", "95 % interval"]
    rows = []
    for name, lines in accuracy_lines().items():
        found = summarise([line["accuracy"] for line in lines])
        without = statistics.fmean(undisputed(line, 10_000) for line in lines)
        row = [f"`{name}`", PRESETS[name].epochs, found.n, f"**{percent(found.mean)}**"]
        row += [percent(found.std, 3), _span(*found.interval), _span(found.low, found.high)]
        rows.append([*row, percent(without)])
    differences = []
    for better, worse in (("fast", "original"), ("best", "original"), ("best", "fast")):
        between = compare(accuracy_lines()[better], accuracy_lines()[worse], 10_000)
        differences.append(
            f"`{better}` minus `{worse}` {percent(between.difference)} ({_span(*between.interval)})"
        )
    return (
        f"{table([*titles, 'range', 'mean without 15 disputed labels'], rows)}\n\n"
        f"Seed by seed, with 95 % intervals: {', '.join(differences)}. Other test images would "
        f"change a run's accuracy by about {percent(between.sampling)} (standard error)."
    )


def _span(low: float, high: float, digits: int = 2, sign: str = "") -> str:
    return f"{percent(low, digits, sign)} to {percent(high, digits, sign)}"


def accuracy_lines() -> dict[str, list[Line]]:
    """The lines of each recipe that has runs."""
    path = RESULTS / "accuracy.jsonl"
    found = {name: read_lines(path, recipe, "mnist") for name, recipe in PRESETS.items()}
    return {name: lines for name, lines in found.items() if lines}


def precision_table() -> str:
    """`fast` over seeds in float32, by an AVX2 processor's instructions, and in bfloat16."""
    path = RESULTS / "speed.jsonl"
    kinds = {"float32": "AVX2", "bfloat16": "AMX"}
    places = {name: next(d for d in devices(path) if kind in d) for name, kind in kinds.items()}
    for epochs in range(PRESETS["fast"].epochs, 0, -1):  # the longest that both have runs of
        recipe = PRESETS["fast"].changed(epochs=epochs)
        lines = {name: read_lines(path, recipe, "mnist", place) for name, place in places.items()}
        if all(lines.values()):
            break
    titles = [f"`fast`, {epochs} epochs, in", "on", "seeds", "mean accuracy", "standard deviation"]
    rows = []
    for name, runs in lines.items():
        found = summarise([line["accuracy"] for line in runs])
        row = [name, processor_of(places[name]), found.n, f"**{percent(found.mean, 3)}**"]
        rows.append([*row, percent(found.std, 3), _span(found.low, found.high)])
    between = compare(lines["bfloat16"], lines["float32"], 10_000)
    return (
        f"{table([*titles, 'range'], rows)}\n\nSeed by seed, bfloat16 minus float32: "
        f"{percent(between.difference, 3, '+')} ({_span(*between.interval, 3, '+')})."
    )


def backprop_table() -> str:
    """Updates to E < 0.0001 at each learning rate, and the rate at which E first rises."""
    found = load("backprop")
    rates = found["learning_rates"]
    updates = [curve["updates_to_1e-4"] for curve in rates.values()]
    return table(
        ["learning rate", *rates, f"{found['first_rise']:.1f}"],
        [["updates until E < 0.0001", *updates, "E first rises"]],
    )


def engine_table() -> str:
    """The real network trained by our engine and by PyTorch, on the same 10,000 images."""
    titles = ["trained by", "runs", "MNIST test accuracy", "standard deviation"]
    rows = []
    for name, title in (("engine", "our engine"), ("pytorch", "PyTorch")):
        line = load("engine")[name]
        shares = [percent(line["test_accuracy_mean"]), percent(line["test_accuracy_std"])]
        rows.append([title, line["runs"], *shares, f"{line['seconds_per_epoch_median']:.0f}"])
    return table([*titles, "seconds per epoch"], rows)


def canvas_table() -> str:
    """What the page's pad reads of digits drawn with the mouse, a row per pen width."""
    found = load("canvas")
    rows = []
    for pen, row in found["pens"].items():
        shares = [f"**{percent(row['accuracy'], 1)}**", percent(row["sure"] / row["digits"], 1)]
        height = percent(int(pen) / found["height"], 0)
        rows.append([height, row["digits"], *shares, row["sure_and_wrong"]])
    pairs, taken = found["pairs"], found["prediction_ms"]
    return (
        table(["pen, of a digit's height", "digits", "right", "surely", "surely and wrong"], rows)
        + f"\n\nOf {pairs['numbers']} pairs drawn side by side it reads {pairs['right']} as the "
        f"right number. A prediction while drawing takes {taken['median']:.0f} ms (median; "
        f"{taken['p95']:.0f} ms in 95 of 100; {found['processor']})."
    )


def photographs_table() -> str:
    """How long the page takes for a photograph, and whether it reads real ones as Python does."""
    found, alike = load("photograph"), load("page_reading")["sets"]
    rows = []
    for name, row in found["seconds"].items():
        size, digits = name.split(", ")
        rows.append([size.replace("x", "×"), digits.split()[0], f"{row['core']:.1f}"])
    same, all_of_them = (sum(row[key] for row in alike.values()) for key in ("same", "pictures"))
    return (
        table(["a picture of", "digits on it", "seconds of one core"], rows)
        + f"\n\nMeasured in Chromium {found['chromium'].split('.')[0]} on {found['processor']}. "
        f"Of {all_of_them} real pictures, given to both as the same pixels, the page reads {same} "
        "with the text that Python reads."
    )


def microcontrollers_table() -> str:
    """What the C files need on each emulated board, and how well their networks read."""
    found = load("microcontrollers")
    networks = found["networks"]
    titles = ["emulated processor, gcc"]
    for name in networks:
        titles += [f"`{name}`: flash, bytes", "instructions for an image", "stack, bytes"]
    rows = []
    for board in networks["best"]["boards"]:
        cells = [board]
        for row in (network["boards"][board] for network in networks.values()):
            cells += [f"{row['flash']:,}", f"{row['instructions'] / 1e6:.2f} million"]
            cells.append(row["stack"])
        rows.append(cells)
    needs = [
        f"`{name}` has {network['flash']:,} bytes of tables in flash, {network['ram']:,} bytes of "
        f"state in RAM, and takes at most {network['multiply_adds']:,} multiply-adds for an image"
        for name, network in networks.items()
    ]
    errors = [
        f"`weights/{name}.safetensors` reads {row['float_errors']} wrong in floats and "
        f"{row['integer_errors']} in integers ({row['read_otherwise']} read otherwise)"
        for name, row in found["errors_of_10000"].items()
    ]
    return (
        f"{table(titles, rows)}\n\n"
        f"{'; '.join(needs)}. The rest of the flash is code. Instructions are the mean of "
        f"{found['images']} MNIST test images. Of the 10,000 test images, {'; '.join(errors)}."
    )


def int8_table() -> str:
    """Errors of the same runs in floats and in integers, as means over seeds."""
    rows = []
    for found in load("int8").values():
        runs = found["runs"]
        means = [
            sum(run[key] for run in runs) / len(runs)
            for key in ("float_errors", "integer_errors", "read_otherwise")
        ]
        lost = f"{(means[1] - means[0]) / 100:.3f} %"
        net = f"`{found['net']}`, {found['epochs']} epochs"
        rows.append([net, len(runs), *(f"{mean:.1f}" for mean in means), lost])
    titles = ["network", "seeds", "wrong in floats", "wrong in integers", "read otherwise", "lost"]
    return table(titles, rows)


def service_table() -> str:
    """How much the service reads in a second, one picture in a request and many."""
    found = load("service_load")
    loads, machine, rows = found["loads"], found["machine"], []
    for row in loads:
        rates = [f"**{row[f'{what}_per_second']:,.1f}**" for what in ("requests", "pictures")]
        taken = [f"{row[name]:,.0f} ms" for name in ("median_ms", "p99_ms")]
        rows.append([row["pictures_together"], row["connections"], *rates, *taken])
    titles = ["pictures in a request", "connections", "requests per second", "pictures per second"]
    refused = sum(sum(row["statuses"].values()) - row["statuses"]["200"] for row in loads)
    wrong, lost = (sum(row[key] for row in loads) for key in ("wrong", "lost"))
    return (
        table([*titles, "median time to the answer", "99 of 100 answers within"], rows)
        + f"\n\nThe pictures are {found['pictures']:,} of MNIST's test images as PNG files of "
        f"28×28 pixels, sent for {loads[0]['seconds']:.0f} seconds in each way, on "
        f"{machine['processor']}, {machine['cores']} cores (load average before: "
        f"{found['load_average']:.1f}). The client ran on the same cores. {refused} requests were "
        f"refused, {lost} had no answer, and {wrong} pictures were read otherwise than by "
        f"`Reader.read`. {percent(loads[-1]['right_share'], 1)} of the answers are the right digit."
    )


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": accuracy_table,
    "backprop": backprop_table,
    "canvas": canvas_table,
    "engine": engine_table,
    "family": family_table,
    "headline": headline,
    "int8": int8_table,
    "metamorphic": metamorphic_table,
    "microcontrollers": microcontrollers_table,
    "others": others_summary,
    "others-all": others_table,
    "photographs": photographs_table,
    "precision": precision_table,
    "reading": reading_summary,
    "reading-all": reading_table,
    "reading-limits": limits,
    "real": real_summary,
    "real-all": real_table,
    "real-card": real_card,
    "real-sources": sources_table,
    "scale": scale_table,
    "scale-plan": plan_table,
    "seconds": levels_table,
    "seconds-all": lengths_table,
    "service": service_table,
    "speed": speed_table,
    "training": training_table,
    "trust": trust_summary,
    "trust-limits": trust_limits,
    "trust-all": trust_table,
    "weights": weights_table,
}


def pages() -> list[Path]:
    """The documents that may hold a table."""
    return [ROOT / "README.md", ROOT / "MODEL_CARD.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def with_tables(text: str) -> str:
    """The text with each table that has a place in it made anew."""
    for name, made in TABLES.items():
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, made=made: found[1] + made() + "\n" + found[2], text)
    return text


def main() -> None:
    arguments(__doc__).parse_args()
    for path in pages():
        atomic_write(path, with_tables(path.read_text(encoding="utf-8")))
    draw_accuracy(accuracy_lines(), ROOT / "docs" / "accuracy.png")
    draw_speed(ROOT / "docs" / "speed.png")
    draw_family(ROOT / "docs" / "family.png")


if __name__ == "__main__":
    main()
