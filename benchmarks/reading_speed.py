"""How fast the reader reads, and how many times as fast as another version, both in turn.

    python benchmarks/reading_speed.py [--against SRC] [--rounds N]

SRC is the `src` folder of a worktree of the other version. Every measurement is made by both, one
after the other, N times; medians count. The pictures are MNIST's test images enlarged and a page
of 12 megapixels that the generator draws. In process means one call of `Reader.read` on one
thread, the model already loaded. A cold start finds modules compiled, as installing leaves them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from common import ROOT, add_sources, arguments, save
from pictures.judging import KINDS, Sources
from reading import here

FILES = 500
# Median seconds of a call of Reader.read on each file named, after one that is not counted.
_IN_PROCESS = """
import json, statistics, sys, time
from tinydigits import Reader
reader, found = Reader(), []
for path, calls in zip(sys.argv[1::2], map(int, sys.argv[2::2])):
    data = open(path, "rb").read()
    reader.read(data)
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        reader.read(data)
        times.append(time.perf_counter() - start)
    found.append(statistics.median(times))
print(json.dumps(found))
"""


def draw(folder: Path, sources: Sources) -> None:
    """One picture of 300 pixels, one of 12 megapixels, and FILES of 200 pixels."""
    rng = np.random.default_rng(6)
    images, _ = sources.mnist
    (folder / "many").mkdir()
    for index in range(FILES):
        picture = Image.fromarray(255 - images[index % len(images)])
        picture.resize((200, 200), Image.Resampling.BICUBIC).save(
            folder / "many" / f"{index:03}.png"
        )
    picture = Image.fromarray(255 - images[0]).resize((300, 300), Image.Resampling.BICUBIC)
    picture.save(folder / "300.png")
    page = KINDS["pages"].page(sources, 3).picture.convert("L").resize((4000, 3000))
    grain = rng.normal(0, 3, (3000, 4000))
    large = Image.fromarray(np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8))
    large.save(folder / "12mp.jpg", quality=90)
    large.save(folder / "12mp.bmp")  # which takes no time to decode, and isn't decoded coarsely


def measure(source: Path, folder: Path) -> dict[str, float]:
    """One round with the version whose sources lie there."""
    environment = os.environ | {"PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    pictures = [("300.png", 25), ("12mp.jpg", 3), ("12mp.bmp", 3)]
    words = [word for name, calls in pictures for word in (str(folder / name), str(calls))]
    command = [sys.executable, "-c", _IN_PROCESS, *words]
    small, jpeg, bitmap = json.loads(subprocess.check_output(command, env=environment))
    cold = _command_seconds(environment, folder / "300.png")
    many = _command_seconds(environment, folder / "many")
    return {
        "picture_300_ms": 1000 * small,
        "picture_12_megapixels_jpeg_s": jpeg,
        "picture_12_megapixels_s": bitmap,
        "cold_start_s": cold,
        "files_per_s": FILES / many,
    }


def _command_seconds(environment: dict[str, str], what: Path) -> float:
    command = [sys.executable, "-m", "tinydigits", "read", str(what)]
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The median of each measurement."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--against", type=Path, metavar="SRC")
    parser.add_argument("--rounds", type=int, default=9)
    add_sources(parser, handwriting=False)
    chosen = parser.parse_args()
    versions = {"now": ROOT / "src"} | ({"before": chosen.against} if chosen.against else {})
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in versions}
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder), here(None, chosen.data_dir))
        for _ in range(chosen.rounds):
            for name, source in versions.items():
                rounds[name].append(measure(source, Path(folder)))
    result: dict[str, Any] = {name: medians(each) for name, each in rounds.items()}
    if chosen.against:
        times = {name: result["before"][name] / now for name, now in result["now"].items()}
        result["times_as_fast"] = times | {"files_per_s": 1 / times["files_per_s"]}
    result |= {"rounds": chosen.rounds, "cores": os.cpu_count(), "load_average": os.getloadavg()[0]}
    save("reading_speed", result)


if __name__ == "__main__":
    main()
