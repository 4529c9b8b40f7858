"""The C file on emulated microcontrollers: flash, RAM, stack and instructions for an image.

    python benchmarks/microcontrollers.py
    python benchmarks/microcontrollers.py --weights chip      # of one network anew

Needs gcc-arm-none-eabi, gcc-riscv64-unknown-elf, qemu-system-arm and qemu-system-misc, and MNIST.
QEMU counts instructions, not cycles: no board was at hand, and waiting for flash is not counted.
The programs are linked without any library. It writes benchmarks/results/microcontrollers.json.
"""

import statistics
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common import arguments, load, save

HERE = Path(__file__).parent
IMAGES = 20
WEIGHTS = ("best", "reader", "chip")
MEASURED = ("best", "chip")  # on the boards: `reader` has the layers of `best`
_FLAGS = ("-std=gnu99", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib")
_KNOWN = 200_000  # instructions that board.c runs to tell what a count means


@dataclass(frozen=True)
class Board:
    """An emulated microcontroller: compiler and flags, emulator, and where its memory is."""

    name: str
    compiler: tuple[str, ...]
    emulator: tuple[str, ...]
    flash: str
    ram: str


_ARM = ("arm-none-eabi-gcc", "-mthumb")
_RISCV = ("riscv64-unknown-elf-gcc", "-march=rv32imc_zicsr", "-mabi=ilp32")
_QEMU = ("qemu-system-arm", "-M")
_QEMU_RISCV = ("qemu-system-riscv32", "-M", "sifive_e", "-bios", "none")
_M0, _M4 = ((*_ARM, f"-mcpu=cortex-m{kind}") for kind in (0, 4))
BOARDS = (
    Board("Cortex-M0", _M0, (*_QEMU, "microbit"), "0x0", "0x20000000"),
    Board("Cortex-M4", _M4, (*_QEMU, "mps2-an386"), "0x0", "0x20000000"),
    Board("RISC-V, 32 bits", _RISCV, _QEMU_RISCV, "0x20400000", "0x80000000"),
)


@dataclass(frozen=True)
class Run:
    """What a board did with images."""

    scores: NDArray[np.int32]  # int32 (N, 10)
    digits: list[int]  # the digit of each image
    instructions: list[int]  # that each image took
    code: int  # bytes of flash, tables included; images and the program around are left out
    stack: int  # bytes of stack used at most


def read_on(board: Board, source: Path, images: NDArray[np.uint8], optimise: str) -> Run:
    """Compile FILE.c for a board and have it read images (N, 28, 28), emulated."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = ",\n".join(f"{{{','.join(map(str, image.ravel()))}}}" for image in images)
        text = (
            f"#define COUNT {len(images)}\nstatic const uint8_t images[COUNT][784] = {{{rows}}};\n"
        )
        (folder / "images.h").write_text(text, encoding="utf-8")
        header = source.with_suffix(".h").read_text(encoding="utf-8")
        (folder / "digits.h").write_text(header, encoding="utf-8")
        script = (HERE / "boards" / "board.ld").read_text(encoding="utf-8")
        script = script.replace("@FLASH@", board.flash).replace("@RAM@", board.ram)
        (folder / "board.ld").write_text(script, encoding="utf-8")
        compiler = (*board.compiler, *_FLAGS, optimise)
        part, program = folder / "digits.o", folder / "program.elf"
        _do(*compiler, "-c", source, "-o", part)
        main = HERE / "boards" / "board.c"
        _do(*compiler, f"-I{folder}", "-T", folder / "board.ld", part, main, "-o", program)
        size = _do(board.compiler[0].replace("gcc", "size"), part).stdout.split()
        count = ("-nographic", "-icount", "shift=0", "-semihosting", "-kernel", program)
        done = _do(*board.emulator, *count)
    return _run(done.stderr or done.stdout, int(size[6]))


def _run(text: str, code: int) -> Run:
    (known,), *rows, (stack,) = (
        [int(word, 16) for word in line.split()] for line in text.splitlines()
    )
    table = np.array(rows, np.uint32)
    return Run(
        scores=table[:, :10].view(np.int32),
        digits=table[:, 10].tolist(),
        instructions=[round(taken * _KNOWN / known) for taken in table[:, 11].tolist()],
        code=code,
        stack=stack,
    )


def _do(*command: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr}")
    return done


def measured(source: Path, images: NDArray[np.uint8], wanted: NDArray[np.int32]) -> dict[str, Any]:
    """Every board's numbers, -Os and -O2; the scores have to be these."""
    rows: dict[str, Any] = {}
    for board in BOARDS:
        for optimise in ("-Os", "-O2"):
            run = read_on(board, source, images, optimise)
            if not np.array_equal(run.scores, wanted):
                raise RuntimeError(f"{board.name} {optimise} gives other scores")
            row = {"flash": run.code, "stack": run.stack}
            row["instructions"] = round(statistics.mean(run.instructions))
            row["most_instructions"] = max(run.instructions)
            rows[f"{board.name}, {optimise}"] = row
            print(f"{board.name}, {optimise}: {row}", flush=True)
    return rows


def accuracy(integers: Any, model: Any, data: Any) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """Test images read wrong, by floats and by integers, and the integers' scores."""
    from tinydigits.mnist.integers.quantise import scores
    from tinydigits.mnist.model import predict

    found = scores(integers, data.test_images[:, 0].numpy())
    exact = predict(model, data.test_images).argmax(1).numpy()
    labels = data.test_labels.numpy()
    row = {
        "float_errors": int((exact != labels).sum()),
        "integer_errors": int((found.argmax(1) != labels).sum()),
        "read_otherwise": int((found.argmax(1) != exact).sum()),
    }
    return row, found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--weights", nargs="+", choices=WEIGHTS, default=WEIGHTS)
    given = parser.parse_args()
    from tinydigits.cli.mnist import CALIBRATION_IMAGES
    from tinydigits.mnist.data import load_data
    from tinydigits.mnist.integers.c_file import write_c
    from tinydigits.mnist.integers.quantise import quantise
    from tinydigits.mnist.weights import load_model

    data = load_data("mnist")
    images = data.test_images[:IMAGES, 0].numpy()
    results = load("microcontrollers") or {"errors_of_10000": {}, "networks": {}}
    for name in given.weights:
        model = load_model(HERE.parent / "weights" / f"{name}.safetensors")
        integers = quantise(model, data.train_images[:CALIBRATION_IMAGES])
        results["errors_of_10000"][name], found = accuracy(integers, model, data)
        print(f"{name}: {results['errors_of_10000'][name]}", flush=True)
        if name not in MEASURED:
            continue
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"{name}.c"
            cost = write_c(integers, source)
            boards = measured(source, images, found[:IMAGES])
        results["networks"][name] = asdict(cost) | {"boards": boards}
    save("microcontrollers", results | {"images": IMAGES})


if __name__ == "__main__":
    main()
