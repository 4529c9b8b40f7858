"""How the service bears load, on this machine alone: prints, and keeps results/service.json.

    python benchmarks/service.py [--seconds 10]
    python benchmarks/service.py --kills 20

Each scenario is a number of connections that send one request after the other for some seconds, and
every answer is compared with what a `Reader` here makes of the same picture. With `--kills`, that
many services of two processes and of four are started instead, processes of theirs are killed
before and while requests come, and SIGTERM ends them: results/service_kills.json.
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

import numpy as np
from PIL import Image

from common import arguments, save
from tinydigits import Reader
from tinydigits.mnist.device import processor_model
from tinydigits.mnist.idx import read_idx_folder

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Seen:
    """What the clients of a scenario saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Job:
    """A request's bytes and the texts that its answer must hold."""

    request: bytes
    texts: list[str]


def jobs(together: int, count: int) -> list[Job]:
    """Requests of `together` MNIST test images as PNG files of 28x28 pixels."""
    folder = Path(os.environ.get("TINYDIGITS_DATA", "data"))
    images = read_idx_folder(folder)[0][2]
    reader = Reader()
    return [
        _job([_png(image) for image in images[first : first + together]], reader)
        for first in range(0, together * count, together)
    ]


def _job(pictures: list[bytes], reader: Reader) -> Job:
    if len(pictures) == 1:
        kind, body = "image/png", pictures[0]
    else:
        kind = "multipart/form-data; boundary=part"
        head = '--part\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        body = b"".join(head.encode() + each + b"\r\n" for each in pictures) + b"--part--\r\n"
    header = f"POST /v1/read HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n"
    request = f"{header}content-length: {len(body)}\r\n\r\n".encode() + body
    return Job(request, [reader.read(each).text for each in pictures])


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


async def scenario(port: int, work: list[Job], connections: int, seconds: float) -> Seen:
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
        job, began = work[index % len(work)], time.perf_counter()
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
            seen.seconds.append(time.perf_counter() - began)
            readings = json.loads(body)["readings"]
            seen.wrong += [each["text"] for each in readings] != job.texts
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

    def megabytes(self) -> float:
        """Resident memory of all of them, at its highest."""
        texts = (Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in self.pids())
        return sum(int(text.split("VmHWM:")[1].split()[0]) for text in texts) / 1024

    def cpu_seconds(self) -> float:
        """Processor time that all of them have used."""
        stats = (Path(f"/proc/{pid}/stat").read_text(encoding="utf-8") for pid in self.pids())
        ticks = (stat.rpartition(")")[2].split()[11:13] for stat in stats)
        return sum(int(a) + int(b) for a, b in ticks) / os.sysconf("SC_CLK_TCK")


def row(seen: Seen, seconds: float, connections: int, together: int) -> dict[str, Any]:
    """A scenario's numbers."""
    taken = np.array(seen.seconds or [np.nan]) * 1000
    rate = len(seen.seconds) / seconds
    return {
        "connections": connections,
        "pictures_together": together,
        "requests_per_second": round(rate, 1),
        "pictures_per_second": round(rate * together, 1),
        "median_ms": round(float(np.median(taken)), 1),
        "p99_ms": round(float(np.percentile(taken, 99)), 1),
        **answers(seen),
    }


def answers(seen: Seen) -> dict[str, Any]:
    """How many answers of each status, how many wrong ones, and how many never came."""
    statuses = {str(k): v for k, v in sorted(seen.statuses.items())}
    return {"statuses": statuses, "wrong": seen.wrong, "lost": seen.lost}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--kills", type=int, default=0)
    given = parser.parse_args()
    seconds, single = given.seconds, jobs(1, 200)
    if given.kills:
        rows = [killed(workers, given.kills, single) for workers in (2, 4)]
        save("service_kills", rows)
        return
    many = jobs(64, 8)
    service, results = Service(), {"processor": processor_model(), "cores": os.cpu_count()}
    time.sleep(1)
    began = service.cpu_seconds()
    time.sleep(seconds)
    results["idle_share_of_a_core"] = round((service.cpu_seconds() - began) / seconds, 4)
    asyncio.run(scenario(service.port, single, 4, 1))
    loads = {"single": (single, 32, 1), "together": (many, 4, 64), "overload": (single, 128, 1)}
    for name, (work, connections, together) in loads.items():
        seen = asyncio.run(scenario(service.port, work, connections, seconds))
        results[name] = row(seen, seconds, connections, together)
        print(name, json.dumps(results[name]), flush=True)
    results["megabytes"] = round(service.megabytes())
    results["ended_under_load"] = asyncio.run(ended(service, single))
    save("service", results)


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
        "exit_statuses": {str(k): v for k, v in statuses.items()},
        "slowest_end_seconds": round(max(seconds), 2),
        "processes_left": left,
        **answers(total),
    }


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
    load = asyncio.create_task(scenario(service.port, work, 8, 60))
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
    return await load, seconds, pids


async def ended(service: Service, work: list[Job]) -> dict[str, Any]:
    """SIGTERM while 32 connections send."""
    load = asyncio.create_task(scenario(service.port, work, 32, 20))
    await asyncio.sleep(2)
    service.process.send_signal(signal.SIGTERM)
    seen = await load
    status = await asyncio.to_thread(service.process.wait, 60)
    answered = sum(seen.statuses.values())
    return {"answered": answered, "lost": seen.lost, "wrong": seen.wrong, "exit_status": status}


if __name__ == "__main__":
    main()
