"""Bulk reading and seeds by one process, by more and by Ray, in turn: results/scale.json.

    python benchmarks/scale.py [--quick] [--parts alone gather bulk seeds memory memory-ray]

In full: 50,000 pictures read three ways twice, 200,000 for the memory, four seeds two ways; about
an hour on two idle cores. Quick: 6,000 pictures, no memory, two seeds; less than ten minutes.
Pictures are MNIST's images as PNG files of 28x28; for the memory 99 in 100 are blank. Every way
is the command that a person types, timed whole, so that starting is in it. Processes and Ray have
as many workers as there are cores.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from common import CORES, arguments, load, machine, save
from reading import reader_digest
from tinydigits import Reader
from tinydigits.mnist.idx import read_idx_folder
from tinydigits.reader.processes import hold_reader
from tinydigits.reader.session import SHIPPED
from tinydigits.scale.bulk import prepare
from tinydigits.scale.ids import check_ids
from tinydigits.scale.pack import SCHEMA, pack
from tinydigits.scale.pieces import TOGETHER

WAYS = {
    "one process": ("--workers", "1"),
    "processes": ("--workers", str(CORES)),
    "Ray": ("--cluster", "local"),
}
_SEEDS = {"after each other": ("--threads", str(CORES)), "side by side": ("--workers", str(CORES))}


def images() -> np.ndarray:
    """MNIST's 70,000 images, uint8 (N, 28, 28)."""
    (train, _, test, _), _ = read_idx_folder(Path(os.environ.get("TINYDIGITS_DATA", "data")))
    return np.concatenate([train, test])


def png(image: np.ndarray, side: int = 28) -> bytes:
    """A picture of this many pixels a side."""
    file = io.BytesIO()
    picture = Image.fromarray(image)
    if side != 28:
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    picture.save(file, "PNG")
    return file.getvalue()


def make_shards(
    folder: Path, count: int, side: int = 28, together: int = TOGETHER, blank: bool = False
) -> None:
    """Shards of `count` pictures as `pack` makes them; of `blank` ones every 100th has a digit."""
    folder.mkdir()
    contents, groups = images(), range(0, count, together)
    if blank:
        contents = contents[:100] * (np.arange(100) == 0)[:, None, None].astype(np.uint8)
    for first in range(0, len(groups), 10):
        with pq.ParquetWriter(folder / f"shard-{first:06}.parquet", SCHEMA) as writer:
            for start in groups[first : first + 10]:
                numbers = range(start, min(start + together, count))
                pictures = [png(contents[n % len(contents)], side) for n in numbers]
                writer.write_table(pa.table([[f"{n:09}" for n in numbers], pictures], SCHEMA))


def command_seconds(*arguments: str | Path) -> float:
    """How long a command takes, whole."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tinydigits", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def bulk(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Pictures per second of each way, and the seconds that it takes for one picture."""
    make_shards(folder / "all", count)
    make_shards(folder / "one", 1)
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    start: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way, options in WAYS.items():
            for what, kept in (("one", start), ("all", seconds)):
                out = folder / f"out {what} {way} {number}"
                found = command_seconds("bulk", folder / what, "--out", out, *options)
                kept[way].append(found)
            check(out, count)
    return {
        "pictures": count,
        "rounds": rounds,
        "seconds": {way: statistics.median(found) for way, found in seconds.items()},
        "start_seconds": {way: statistics.median(found) for way, found in start.items()},
    }


def check(out: Path, count: int) -> None:
    """Every id once."""
    ids = pq.read_table(out, columns=["id"])["id"].to_pylist()
    assert len(ids) == len(set(ids)) == count, out


def alone(folder: Path) -> dict[str, Any]:
    """Milliseconds of one core for a picture, from shard to part: as above, and of 300 pixels.

    Processor time, so that what else runs on the machine matters less; the median of five pieces.
    """
    reader, milliseconds, sizes = Reader(), {}, {}
    hold_reader(reader)
    for side in (28, 300):
        make_shards(folder / f"alone {side}", 1000, side, together=200)
        job = prepare(folder / f"alone {side}", folder / f"alone out {side}", reader)
        job.parts.begin(job.plan)
        found = []
        for piece in job.missing:
            began = time.process_time()
            job.task()(piece)
            found.append(1000 * (time.process_time() - began) / piece.count)
        milliseconds[str(side)] = statistics.median(found)
        sizes[str(side)] = folder_size(folder / f"alone {side}") / job.total
    out = folder_size(folder / "alone out 28") / job.total
    return {"milliseconds": milliseconds, "bytes_in": sizes, "bytes_out": out}


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def gather(folder: Path) -> dict[str, float]:
    """How many files `pack` takes in a second, and how many ids are compared."""
    make_files = folder / "files"
    make_files.mkdir()
    for number, image in enumerate(images()[:10_000]):
        (make_files / f"{number:05}.png").write_bytes(png(image))
    began = time.process_time()
    packed = sum(pack(make_files, folder / "packed"))
    files = packed / (time.process_time() - began)
    ids = pa.table({"id": [f"forms/2026/{number:09}.png" for number in range(2_000_000)]})
    pq.write_table(ids, folder / "ids.parquet")
    began = time.process_time()
    check_ids([folder / "ids.parquet"], len(ids))
    return {"files_per_second": files, "ids_per_second": len(ids) / (time.process_time() - began)}


def memory(folder: Path, count: int, way: str) -> dict[str, Any]:
    """MiB of the command and its processes (what they share counted once), as it goes on."""
    make_shards(folder / "in", count, blank=True)
    command = [sys.executable, "-m", "tinydigits", "bulk", str(folder / "in")]
    command += ["--out", str(folder / "out"), *WAYS[way]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    samples = list(mebibytes(psutil.Process(process.pid)))
    assert process.wait() == 0
    check(folder / "out", count)
    tenths = np.array_split(np.array(samples), 10)
    return {
        "pictures": count,
        "highest": max(samples),
        "median_of_each_tenth": [float(np.median(tenth)) for tenth in tenths],
    }


def mebibytes(process: psutil.Process) -> Iterator[float]:
    """A sample a second until the process ends."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        total = 0
        for each in [process, *process.children(recursive=True)]:
            try:
                total += each.memory_full_info().pss
            except psutil.Error:
                continue  # it has just ended
        if total:
            yield total / 2**20
        time.sleep(1)


def seeds(folder: Path, count: int, rounds: int, data: str = "mnist") -> dict[str, Any]:
    """Seconds for so many seeds of `fast`, one epoch, either way; and one by one on one thread."""
    seconds: dict[str, list[float]] = {way: [] for way in _SEEDS}
    command = ["bench", "accuracy", "--recipe", "fast", "--epochs", "1", "--seeds", str(count)]
    command += ["--data", data]
    environment = os.environ.pop("OMP_NUM_THREADS", None)
    for number in range(rounds):
        for way, options in _SEEDS.items():
            path = folder / f"{way} {number}.jsonl"
            seconds[way].append(command_seconds(*command, "--results", path, *options))
    if environment:
        os.environ["OMP_NUM_THREADS"] = environment
    command_seconds(*command, "--threads", "1", "--results", folder / "single.jsonl")
    single, together = (
        {line["seed"]: (line["wrong"], line["loss"]) for line in map(json.loads, text)}
        for text in (
            (folder / "single.jsonl").read_text(encoding="utf-8").splitlines(),
            (folder / "side by side 0.jsonl").read_text(encoding="utf-8").splitlines(),
        )
    )
    return {
        "seeds": count,
        "data": data,
        "rounds": rounds,
        "seconds": {way: statistics.median(found) for way, found in seconds.items()},
        "same_as_single_runs": single == together,
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--parts", nargs="+", metavar="PART")
    chosen = parser.parse_args()
    few = chosen.quick
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "alone": alone,
        "gather": gather,
        "bulk": lambda folder: bulk(folder, 6_000 if few else 50_000, 1 if few else 2),
        "seeds": lambda folder: seeds(folder, 2 if few else 4, 1 if few else 2),
        "memory": lambda folder: memory(folder, 200_000, "processes"),
        "memory-ray": lambda folder: memory(folder, 200_000, "Ray"),
    }
    for part in chosen.parts or [name for name in parts if not (few and "memory" in name)]:
        with tempfile.TemporaryDirectory() as folder:
            found = parts[part](Path(folder))
        where = {
            "machine": machine(),
            "load_average": os.getloadavg()[0],
            "reader_sha256": reader_digest(SHIPPED),
        }
        save("scale", {**load("scale"), part: {**where, **found}}, quiet=True)
        print(part, json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
