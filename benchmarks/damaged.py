"""Ten thousand damaged files through `Reader.read`: readings or one sentence, within bounds.

    python benchmarks/damaged.py [--files N]

Files of every format the reader knows are cut short, have bytes or bits changed, headers replaced,
sizes rewritten, parts doubled, dropped or taken from another file. Each must give a `Reading`, or
a `TinydigitsError` or `OSError` of one line; never another exception, a warning, a word on
standard error, more than 2 s of processor time, or a process of more than 600 MB.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from common import arguments, save

MOST_SECONDS, MOST_MB = 2.0, 600
BATCH = 250  # files per process, so that one that dies or hangs says which files to look at
Generator = np.random.Generator


def whole_files(rng: Generator) -> list[tuple[str, bytes]]:
    """Sound files of every format and of several modes, small and large."""
    found = []
    for side in (24, 90, 700):
        grey = np.uint8(255 * (rng.random((side, side + 5)) < 0.8))
        base = Image.fromarray(grey)
        for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"):
            for kind, options in _FORMATS:
                if options.get("compression") in _ALOUD.get(mode, ("group4",)):
                    continue
                file = io.BytesIO()
                try:
                    _as(base, mode).save(file, kind, **options)
                except (OSError, ValueError):  # a format that hasn't got the mode
                    continue
                found.append((f"{kind} {mode}", file.getvalue()))
    return found


_FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PNG", {}),
    ("JPEG", {"quality": 80}),
    ("JPEG", {"quality": 60, "progressive": True}),
    ("GIF", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "group4"}),
    ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", {"compression": "jpeg"}),
    ("WEBP", {"lossless": True}),
    ("WEBP", {"quality": 70}),
)
# Compressions that libtiff refuses for a mode aloud, on standard error: fax is for black and white,
# JPEG for grey and colours.
_ALOUD = {"1": ("jpeg",), "P": ("group4", "jpeg"), "I;16": ("group4", "jpeg")}


def _as(picture: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    return picture.convert(mode)


def _cut(data: bytes, other: bytes, rng: Generator) -> bytes:
    return data[: int(rng.integers(1, len(data)))]


def _bytes_changed(data: bytes, other: bytes, rng: Generator) -> bytes:
    found = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(0, len(found), int(rng.integers(1, 30)))
    found[at] = rng.integers(0, 256, len(at))
    return found.tobytes()


def _bits_changed(data: bytes, other: bytes, rng: Generator) -> bytes:
    found = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(0, len(found), int(rng.integers(1, 4)))
    found[at] ^= np.uint8(1) << rng.integers(0, 8, len(at)).astype(np.uint8)
    return found.tobytes()


def _head_changed(data: bytes, other: bytes, rng: Generator) -> bytes:
    found = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(0, min(200, len(found)), int(rng.integers(1, 8)))
    found[at] = rng.choice(np.array([0, 1, 2, 0x7F, 0x80, 0xFF], np.uint8), len(at))
    return found.tobytes()


def _other_head(data: bytes, other: bytes, rng: Generator) -> bytes:
    cut = int(rng.integers(2, 60))
    return other[:cut] + data[cut:]


def _spliced(data: bytes, other: bytes, rng: Generator) -> bytes:
    return data[: int(rng.integers(1, len(data)))] + other[int(rng.integers(len(other))) :]


def _doubled(data: bytes, other: bytes, rng: Generator) -> bytes:
    start, end = sorted(int(n) for n in rng.integers(0, len(data), 2))
    return data[:end] + data[start:end] * int(rng.integers(1, 5)) + data[end:]


def _dropped(data: bytes, other: bytes, rng: Generator) -> bytes:
    start, end = sorted(int(n) for n in rng.integers(0, len(data), 2))
    return data[:start] + data[end:]


def _size_changed(data: bytes, other: bytes, rng: Generator) -> bytes:
    """Numbers near the start replaced by large ones, of either order of bytes."""
    at = int(rng.integers(4, min(60, len(data))))
    order = str(rng.choice(["big", "little"]))
    number = int(rng.choice([0, 1, 5000, 6300, 20000, 65535, 2**31 - 1, 2**32 - 1]))
    width = 4 if number > 65535 else int(rng.choice([2, 4]))
    found = data[:at] + number.to_bytes(width, order) + data[at + width :]  # type: ignore[arg-type]
    return _png_sums(found) if found.startswith(b"\x89PNG") and rng.random() < 0.7 else found


def _png_sums(data: bytes) -> bytes:
    """The same PNG with the checksum of its header put right, so that its sizes are believed."""
    import zlib

    return data[:29] + zlib.crc32(data[12:29]).to_bytes(4, "big") + data[33:]


def _rubbish(data: bytes, other: bytes, rng: Generator) -> bytes:
    return data[: int(rng.integers(0, 12))] + rng.bytes(int(rng.integers(0, 4000)))


DAMAGE: tuple[Callable[[bytes, bytes, Generator], bytes], ...] = (
    *(_cut, _bytes_changed, _bits_changed, _head_changed, _other_head),
    *(_spliced, _doubled, _dropped, _size_changed, _rubbish),
)


def damaged(seed: int, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The file of that seed, and what was done to which."""
    rng = np.random.default_rng([16, seed])
    (kind, data), (_, other) = (files[int(n)] for n in rng.integers(0, len(files), 2))
    harm = DAMAGE[int(rng.integers(len(DAMAGE)))]
    return f"{kind} {harm.__name__.strip('_')}", harm(data, other, rng)


def read_some(seeds: range) -> None:
    """Read the files of these seeds, printing a line of JSON for each; what a process does."""
    from tinydigits import Reader, TinydigitsError

    warnings.simplefilter("error")
    reader, files = Reader(), whole_files(np.random.default_rng(0))
    for seed in seeds:
        what, data = damaged(seed, files)
        start, fault = time.process_time(), ""
        try:
            reading = reader.read(data)
            outcome = "read, digits" if reading.digits else "read, nothing"
        except (TinydigitsError, OSError) as error:
            outcome = "refused"
            if not str(error) or "\n" in str(error) or not str(error).isprintable():
                fault = f"not one line: {str(error)!r}"
        except BaseException as error:
            outcome, fault = "raised", f"{type(error).__name__}: {error}"
        seconds = time.process_time() - start
        if seconds > MOST_SECONDS:
            fault = f"took {seconds:.1f} s"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        line = {"seed": seed, "what": what, "outcome": outcome, "fault": fault}
        print(json.dumps(line | {"seconds": seconds, "peak_mb": peak}), flush=True)


def run_batch(seeds: range) -> tuple[list[dict[str, Any]], list[str]]:
    """The lines of a process that reads these, and its faults as a whole."""
    command = [sys.executable, __file__, "--batch", str(seeds.start), str(seeds.stop)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as child:
            try:
                out, _ = child.communicate(timeout=60 + 2 * MOST_SECONDS * len(seeds))
            except subprocess.TimeoutExpired:
                child.kill()
                out, _ = child.communicate()
        errors.seek(0)
        words = errors.read().strip()
    lines = [json.loads(line) for line in out.splitlines() if line.endswith("}")]
    faults = [f"{seeds}: {words.count(chr(10)) + 1} lines of words: {words[-90:]}"] if words else []
    if len(lines) < len(seeds):
        faults.append(f"seed {seeds.start + len(lines)}: the process ended with {child.returncode}")
    peak = max((line["peak_mb"] for line in lines), default=0)
    if peak > MOST_MB:
        faults.append(f"{seeds}: {peak:.0f} MB")
    return lines, faults


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--batch", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.batch:
        read_some(range(*chosen.batch))
        return
    lines: list[dict[str, Any]] = []
    faults: list[str] = []
    for start in range(0, chosen.files, BATCH):
        some, wrong = run_batch(range(start, min(start + BATCH, chosen.files)))
        lines += some
        faults += wrong + [
            f"seed {x['seed']}, {x['what']}: {x['fault']}" for x in some if x["fault"]
        ]
        print(f"{len(lines)} files, {len(faults)} faults", file=sys.stderr, flush=True)
    outcomes = [line["outcome"] for line in lines]
    result = {
        "files": len(lines),
        "outcomes": {name: outcomes.count(name) for name in sorted(set(outcomes))},
        "slowest_s": max(line["seconds"] for line in lines),
        "most_mb": max(line["peak_mb"] for line in lines),
        "faults": faults,
    }
    save("damaged", result)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
