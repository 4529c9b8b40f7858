"""The tables of docs/scale.md, from results/scale.json."""

from typing import Any

from common import load, table
from reading_tables import is_earlier, milliseconds_of_300_pixels


def scale_table() -> str:
    """Bulk reading three ways, seeds two ways, and memory."""
    found = load("scale")
    bulk, rows = found["bulk"], []
    titles = [f"{bulk['pictures']:,} pictures read by", "seconds", "of them for the first picture"]
    first = bulk["seconds"]["one process"]
    for way, seconds in bulk["seconds"].items():
        name = way if way == "one process" else f"{way}, {bulk['machine']['cores']} workers"
        row = [name, f"{seconds:.0f}", f"{bulk['start_seconds'][way]:.1f}"]
        rows.append([*row, f"{bulk['pictures'] / seconds:.0f}", f"**{first / seconds:.2f}**"])
    parts = [table([*titles, "pictures per second", "speed-up"], rows)]
    told = f"{bulk['rounds']} rounds in turn, medians. {_where(bulk)}. "
    parts.append(f"{told}Ray was started for the command.")
    if is_earlier(bulk):
        then, now = found["alone"]["milliseconds"]["300"], milliseconds_of_300_pixels()
        parts.append(
            "**Measured with an earlier reader, and not since.** A picture of 300 pixels took it "
            f"{then:.1f} ms of a core, and takes {now:.1f} ms now."
        )
    return "\n\n".join([*parts, *_seeds(found["seeds"]), *_memory(found)])


def _seeds(found: dict[str, Any]) -> list[str]:
    after, beside = found["seconds"]["after each other"], found["seconds"]["side by side"]
    rounds = f"{found['rounds']} round{'s' if found['rounds'] > 1 else ''}"
    cores, same = found["machine"]["cores"], "with" if found["same_as_single_runs"] else "NOT with"
    ways = [[f"after each other, {cores} threads", f"{after:.0f}", "1.00"]]
    name = f"side by side, {cores} processes of one thread"
    ways.append([name, f"{beside:.0f}", f"**{after / beside:.2f}**"])
    title = f"{found['seeds']} seeds of `fast`, one epoch of {found['data'].upper()} each"
    return [
        table([title, "seconds", "speed-up"], ways),
        f"{rounds}. {_where(found)}. The seeds side by side end {same} the same errors and the "
        "same loss as single runs.",
    ]


def _where(part: dict[str, Any]) -> str:
    load, cores = part["load_average"], part["machine"]["cores"]
    state = f"shared with other work, load {load:.0f}" if load > 1.5 * cores else "otherwise idle"
    return f"{part['machine']['processor']}, {cores} cores, {state}"


def _memory(found: dict[str, Any]) -> list[str]:
    """The memory of a long command, by each way."""
    lines = []
    for part, way in (("memory", "local processes"), ("memory-ray", "Ray")):
        tenths = found[part]["median_of_each_tenth"]
        lines.append(
            f"Memory over {found[part]['pictures']:,} pictures with {way}: {tenths[1]:.0f} MiB in "
            f"the second tenth, {tenths[-1]:.0f} MiB in the last, {found[part]['highest']:.0f} MiB "
            "at most."
        )
    return lines


def plan_table() -> str:
    """What a million pictures take, reckoned from the processor time for one."""
    found = load("scale")
    alone, gather = found["alone"], found["gather"]
    titles = ["a million pictures of", "core-hours", "shards", "parts", "to pack", "to compare ids"]
    rows = [
        [
            f"{side} pixels",
            f"{milliseconds / 3.6:.2f}",
            f"{alone['bytes_in'][side] / 1000:.2f} GB",
            f"{alone['bytes_out'] / 1000:.3f} GB",
            f"{1e6 / gather['files_per_second']:.0f} s",
            f"{1e6 / gather['ids_per_second']:.1f} s",
        ]
        for side, milliseconds in alone["milliseconds"].items()
    ]
    return table(titles, rows)
