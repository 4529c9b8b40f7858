"""The tables of docs/scale.md, from results/scale.json."""

from typing import Any

from common import load, table
from reading_tables import is_earlier, milliseconds_of_300_pixels

PRICE = 0.04  # dollars for an hour of one core: an assumption, to be replaced by one's own


def scale_table() -> str:
    """Bulk reading three ways, seeds two ways, and memory, as far as they are measured."""
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
    parts += [f"{told}Ray was started for the command.", *_earlier(bulk, found)]
    return "\n\n".join([*parts, *_seeds(found.get("seeds")), *_memory(found)])


def _seeds(found: dict[str, Any] | None) -> list[str]:
    if not found:
        return []
    after, beside = found["seconds"]["after each other"], found["seconds"]["side by side"]
    rounds = f"{found['rounds']} round{'s' if found['rounds'] > 1 else ''}"
    cores, same = found["machine"]["cores"], "with" if found["same_as_single_runs"] else "NOT with"
    ways = [[f"after each other, {cores} threads", f"{after:.0f}", "1.00"]]
    name = f"side by side, {cores} processes of one thread"
    ways.append([name, f"{beside:.0f}", f"**{after / beside:.2f}**"])
    titles = [
        f"{found['seeds']} seeds of `fast`, one epoch of {found['data'].upper()} each",
        "seconds",
    ]
    return [
        table([*titles, "speed-up"], ways),
        f"{rounds}. {_where(found)}. The seeds side by side end {same} the same errors and the "
        "same loss as single runs.",
    ]


def _where(part: dict[str, Any]) -> str:
    load, cores = part["load_average"], part["machine"]["cores"]
    state = f"shared with other work, load {load:.0f}" if load > 1.5 * cores else "otherwise idle"
    return f"{part['machine']['processor']}, {cores} cores, {state}"


def _memory(found: dict[str, Any]) -> list[str]:
    """The memory of a long command, by each way that was measured."""
    lines = []
    for part, way in (("memory", "local processes"), ("memory-ray", "Ray")):
        if part in found:
            tenths = found[part]["median_of_each_tenth"]
            lines.append(
                f"Memory over {found[part]['pictures']:,} pictures with {way}: {tenths[1]:.0f} "
                f"MiB in the second tenth, {tenths[-1]:.0f} MiB in the last, "
                f"{found[part]['highest']:.0f} MiB at most."
            )
    return lines


def _earlier(part: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """A warning, if a part was measured with an earlier reader."""
    if not is_earlier(part):
        return []
    then, now = found["alone"]["milliseconds"]["300"], milliseconds_of_300_pixels()
    return [
        f"**Measured with an earlier reader, and not since.** A picture of 300 pixels took it "
        f"{then:.1f} ms of a core, and takes {now:.1f} ms now. Expect reading to take about "
        f"{now / then:.0f} times as long as this table says."
    ]


def plan_table() -> str:
    """What so many pictures take, reckoned from the processor time for one."""
    found = load("scale")
    titles = ["pictures", "core-hours", "on 2 cores", "on 1,000 cores", "dollars", "shards"]
    titles += ["parts", "network, 1,000 cores", "to pack", "to compare ids"]
    sides, powers = ("28", "300"), (6, 7, 8, 9)
    made = table(titles, [_plan(power, side, found) for side in sides for power in powers])
    return "\n\n".join([made, *_earlier(found["alone"], found)])


def _plan(power: int, side: str, found: dict[str, Any]) -> list[str]:
    alone, gather, count = found["alone"], found["gather"], 10**power
    hours = count * alone["milliseconds"][side] / 3.6e6
    bytes_in, bytes_out = alone["bytes_in"][side] * count, alone["bytes_out"] * count
    passes = 1 + count // 50_000_000
    return [
        f"10<sup>{power}</sup> of {side} pixels",
        f"{hours:,.1f}" if hours < 10 else f"{hours:,.0f}",
        _duration(hours / 2),
        _duration(hours / 1000),
        f"{hours * PRICE:,.2f}" if hours < 1000 else f"{hours * PRICE:,.0f}",
        _size(bytes_in),
        _size(bytes_out),
        f"{8 * bytes_in / (3.6e3 * hours / 1000) / 1e6:,.0f} Mbit/s",
        _duration(count / gather["files_per_second"] / 3600),
        _duration(passes * count / gather["ids_per_second"] / 3600),
    ]


def _duration(hours: float) -> str:
    for unit, size in (("days", 24), ("hours", 1), ("minutes", 1 / 60)):
        if hours >= 2 * size:
            return f"{hours / size:,.0f} {unit}"
    return f"{hours * 3600:,.0f} s"


def _size(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e6:,.0f} MB"
