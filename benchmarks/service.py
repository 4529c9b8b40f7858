"""Does the service survive what kills its processes, and how much does it read in a second?

    python benchmarks/service.py [--runs 20]
    python benchmarks/service.py --load [--seconds 10]

That many services of two processes and of four are started; processes of theirs are killed before
and while eight connections send one request after the other, and SIGTERM ends them:
results/service_kills.json. With `--load`, a service with the settings it has by default gets
requests of one picture each for some seconds, then requests of 64: results/service_load.json.
Nothing else should run then; the client needs a part of the same cores. Every answer is compared
with what a `Reader` here makes of the same pictures.
"""

import asyncio
import io
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from common import arguments, machine, save
from tinydigits import Reader, TinydigitsError
from tinydigits.mnist.idx import read_idx_folder

_LOADS = ((1, 8), (64, 4))  # pictures in a request, connections that send such requests
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Picture(NamedTuple):
    """One of MNIST's test images as a PNG file, a `Reader`'s text of it, and its label."""

    png: bytes
    text: str
    label: str


class Answer(NamedTuple):
    """What came back for a request with these pictures, and after how long."""

    pictures: list[Picture]
    status: int
    body: bytes
    seconds: float


@dataclass
class Seen:
    """What clients saw: answers, and requests that had none."""

    answers: list[Answer] = field(default_factory=list)
    lost: int = 0

    def read(self) -> list[tuple[str | None, Picture]]:
        """The text of each picture that was read."""
        pairs = (
            zip(json.loads(answer.body)["readings"], answer.pictures, strict=True)
            for answer in self.answers
            if answer.status == 200
        )
        return [(reading.get("text"), picture) for pair in pairs for reading, picture in pair]

    def counts(self) -> dict[str, Any]:
        """Answers of each status, pictures that a `Reader` reads otherwise, and requests lost."""
        statuses = Counter(answer.status for answer in self.answers)
        wrong = sum(text != picture.text for text, picture in self.read())
        return {"statuses": _counts(statuses), "wrong": wrong, "lost": self.lost}


def pictures(count: int) -> list[Picture]:
    """MNIST's first test images."""
    folder, reader = Path(os.environ.get("TINYDIGITS_DATA", "data")), Reader()
    _, _, images, labels = read_idx_folder(folder)[0]
    found = []
    for image, label in zip(images[:count], labels[:count], strict=True):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        text = reader.read(file.getvalue()).text
        found.append(Picture(file.getvalue(), text, str(label)))
    return found


def request(group: list[Picture]) -> bytes:
    """A request to read one picture, its body, or several, as a form."""
    kind, body = "image/png", group[0].png
    if len(group) > 1:
        kind = "multipart/form-data; boundary=part"
        head = '--part\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        files = (head.encode() + picture.png + b"\r\n" for picture in group)
        body = b"".join(files) + b"--part--\r\n"
    header = f"POST /v1/read HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n"
    return f"{header}content-length: {len(body)}\r\n\r\n".encode() + body


async def load(
    port: int, work: list[Picture], connections: int, seconds: float, together: int = 1
) -> Seen:
    """Connections that each send requests for `seconds`, or until the service closes them."""
    seen, until = Seen(), time.perf_counter() + seconds
    groups = [work[first : first + together] for first in range(0, len(work), together)]
    starts = (i * len(groups) // connections for i in range(connections))
    await asyncio.gather(
        *(_client(port, groups[start:] + groups[:start], until, seen) for start in starts)
    )
    return seen


async def _client(port: int, groups: list[list[Picture]], until: float, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for group in itertools.cycle(groups):
        began = time.perf_counter()
        if began > until:
            break
        try:
            writer.write(request(group))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            found = _LENGTH.search(head)
            body = await reader.readexactly(int(found[1])) if found else b""
        except (OSError, asyncio.IncompleteReadError):
            seen.lost += 1
            break
        taken = time.perf_counter() - began
        seen.answers.append(Answer(group, int(head.split()[1]), body, taken))
        if b"connection: close" in head:
            break
    writer.close()


class Service:
    """The service and its processes."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "tinydigits", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        assert found
        self.port = int(found[1])

    def end(self) -> None:
        """Have it end by SIGTERM."""
        self.process.terminate()
        self.process.communicate(timeout=70)

    def pids(self) -> list[int]:
        """Of the service and of the processes that read."""
        pid = self.process.pid
        threads = Path(f"/proc/{pid}/task").glob("*/children")  # each with what it has started
        texts = [path.read_text(encoding="utf-8") for path in threads]
        return [pid, *(int(child) for text in texts for child in text.split())]

    def readers(self) -> list[int]:
        """Of the processes that read."""
        return [
            pid
            for pid in self.pids()[1:]
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--seconds", type=float, default=10)
    chosen = parser.parse_args()
    try:
        work = pictures(1024 if chosen.load else 200)
    except TinydigitsError as error:
        sys.exit(str(error))
    if chosen.load:
        save("service_load", loaded(chosen.seconds, work))
    else:
        save("service_kills", [killed(workers, chosen.runs, work) for workers in (2, 4)])


def loaded(seconds: float, work: list[Picture]) -> dict[str, Any]:
    """How much a service answers in so many seconds of each load."""
    packages = {name: version(name) for name in ("fastapi", "onnxruntime", "uvicorn")}
    found = {"load_average": os.getloadavg()[0], "pictures": len(work)}
    service = Service()
    try:
        asyncio.run(load(service.port, work, 8, 2))  # until all its processes have their models
        found["loads"] = [answered(service.port, work, *each, seconds) for each in _LOADS]
    finally:
        service.end()
    return {"machine": machine() | packages, **found}


def answered(
    port: int, work: list[Picture], together: int, connections: int, seconds: float
) -> dict[str, Any]:
    """How many requests of so many pictures are answered in a second, and after how long."""
    began = time.perf_counter()
    seen = asyncio.run(load(port, work, connections, seconds, together))
    taken, read = time.perf_counter() - began, seen.read()
    times = [1000 * answer.seconds for answer in seen.answers if answer.status == 200]
    median, p99 = np.percentile(times, [50, 99])
    return {
        "pictures_together": together,
        "connections": connections,
        "seconds": round(taken, 1),
        "requests_per_second": round(len(times) / taken, 1),
        "pictures_per_second": round(len(read) / taken, 1),
        "median_ms": round(median, 1),
        "p99_ms": round(p99, 1),
        "right_share": round(sum(text == each.label for text, each in read) / len(read), 4),
        **seen.counts(),
    }


def killed(workers: int, runs: int, work: list[Picture]) -> dict[str, Any]:
    """Services that lose a process at rest and two under load, and that SIGTERM ends."""
    total, seconds, statuses, left = Seen(), [], Counter[int](), 0
    for seed in range(runs):
        service = Service("--workers", str(workers))
        seen, ended_after, pids = asyncio.run(_killed(service, work, random.Random(seed)))
        seconds.append(ended_after)
        statuses[service.process.returncode] += 1
        left += sum(map(_runs, pids))
        total.answers += seen.answers
        total.lost += seen.lost
        print(workers, seed, seen.counts(), round(ended_after, 2), flush=True)
    return {
        "processes": workers,
        "runs": runs,
        "exit_statuses": _counts(statuses),
        "slowest_end_seconds": round(max(seconds), 2),
        "processes_left": left,
        **total.counts(),
    }


def _counts(statuses: Counter[int]) -> dict[str, int]:
    return {str(status): count for status, count in sorted(statuses.items())}


def _runs(pid: int) -> bool:
    """Whether it does, and is not just waiting to be counted by its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        return stat.rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def _killed(
    service: Service, work: list[Picture], rng: random.Random
) -> tuple[Seen, float, set[int]]:
    pids = set(service.pids())
    os.kill(rng.choice(service.readers()), signal.SIGKILL)
    seen = asyncio.create_task(load(service.port, work, 8, 60))
    for _ in range(2):
        await asyncio.sleep(rng.uniform(0.2, 1.5))
        pids |= set(service.pids())
        os.kill(rng.choice(service.readers()), signal.SIGKILL)
    await asyncio.sleep(rng.uniform(0, 0.5))
    pids |= set(service.pids())
    began = time.perf_counter()
    await asyncio.to_thread(service.end)
    seconds = time.perf_counter() - began
    await asyncio.sleep(0.5)  # for the system to bury the last
    return await seen, seconds, pids


if __name__ == "__main__":
    main()
