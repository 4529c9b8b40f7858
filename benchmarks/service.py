"""Does the service survive what kills its processes? Keeps results/service_kills.json.

    python benchmarks/service.py [--runs 20]

That many services of two processes and of four are started; processes of theirs are killed before
and while eight connections send one request after the other, and SIGTERM ends them. Every answer is
compared with what a `Reader` here makes of the same picture.
"""

import asyncio
import io
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
from pathlib import Path
from typing import Any

from PIL import Image

from common import arguments, save
from tinydigits import Reader
from tinydigits.mnist.idx import read_idx_folder

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Seen:
    """What clients saw: answers of each status, wrong ones, and requests that had none."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Job:
    """A request's bytes and the text that its answer must hold."""

    request: bytes
    text: str


def jobs(count: int) -> list[Job]:
    """Requests of MNIST's test images as PNG files of 28x28 pixels."""
    folder, reader = Path(os.environ.get("TINYDIGITS_DATA", "data")), Reader()
    found = []
    for image in read_idx_folder(folder)[0][2][:count]:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        body = file.getvalue()
        head = "POST /v1/read HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\n"
        request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
        found.append(Job(request, reader.read(body).text))
    return found


async def load(port: int, work: list[Job], connections: int, seconds: float) -> Seen:
    """Connections that each send requests for `seconds`, or until the service closes them."""
    seen, until = Seen(), time.perf_counter() + seconds
    await asyncio.gather(
        *(_client(port, work[i % len(work) :] + work, until, seen) for i in range(connections))
    )
    return seen


async def _client(port: int, work: list[Job], until: float, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    index, stays = 0, True
    while stays and time.perf_counter() < until:
        job = work[index % len(work)]
        try:
            writer.write(job.request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            found = _LENGTH.search(head)
            body = await reader.readexactly(int(found[1])) if found else b""
        except (OSError, asyncio.IncompleteReadError):
            seen.lost += 1
            break
        status, stays = int(head.split()[1]), b"connection: close" not in head
        seen.statuses[status] += 1
        if status == 200:
            seen.wrong += json.loads(body)["readings"][0]["text"] != job.text
        index += 1
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
    runs, work = parser.parse_args().runs, jobs(200)
    save("service_kills", [killed(workers, runs, work) for workers in (2, 4)])


def killed(workers: int, runs: int, work: list[Job]) -> dict[str, Any]:
    """Services that lose a process at rest and two under load, and that SIGTERM ends."""
    total, seconds, statuses, left = Seen(), [], Counter[int](), 0
    for seed in range(runs):
        service = Service("--workers", str(workers))
        seen, ended_after, pids = asyncio.run(_killed(service, work, random.Random(seed)))
        seconds.append(ended_after)
        statuses[service.process.returncode] += 1
        left += sum(map(_runs, pids))
        total.statuses += seen.statuses
        total.wrong, total.lost = total.wrong + seen.wrong, total.lost + seen.lost
        print(workers, seed, dict(seen.statuses), seen.lost, round(ended_after, 2), flush=True)
    return {
        "processes": workers,
        "runs": runs,
        "exit_statuses": _counts(statuses),
        "slowest_end_seconds": round(max(seconds), 2),
        "processes_left": left,
        "statuses": _counts(total.statuses),
        "wrong": total.wrong,
        "lost": total.lost,
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
    service: Service, work: list[Job], rng: random.Random
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
    service.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(service.process.wait, 70)
    seconds = time.perf_counter() - began
    await asyncio.sleep(0.5)  # for the system to bury the last
    return await seen, seconds, pids


if __name__ == "__main__":
    main()
