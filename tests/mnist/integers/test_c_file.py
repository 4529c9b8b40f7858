"""The C file: the same integers by any compiler, what it states, and how it is called."""

import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from integers_kit import (
    STRICT,
    Bytes,
    Compile,
    answers,
    needed,
    odd_network,
    onnx_scores,
    pictures,
    untrained,
)
from safetensors.torch import save_file

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.integers.c_file import write_c
from tinydigits.mnist.integers.onnx_file import onnx_model
from tinydigits.mnist.integers.quantise import Integers, quantise, scores
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")


@pytest.mark.parametrize(
    ("compiler", "flags"),
    [
        ("gcc", ("-O2",)),
        *(
            pytest.param(compiler, (level,), marks=pytest.mark.slow)
            for compiler in ("gcc", "clang")
            for level in ("-O0", "-O3", "-Os")
        ),
        ("gcc", ("-O1", *SANITIZERS)),
        ("clang", ("-O1", "-fsanitize=undefined", "-fsanitize-trap=undefined")),
    ],
    ids=lambda value: value if isinstance(value, str) else value[-1],
)
def test_c_has_the_integers_that_numpy_has(
    compiler: str,
    flags: tuple[str, ...],
    integers: Integers,
    source: Path,
    images: Bytes,
    compiled: Compile,
) -> None:
    if compiler == "clang" and not shutil.which("clang"):
        pytest.skip("no clang here")
    program = compiled(needed(compiler), *STRICT, *flags, source)
    found, wanted = answers([program], images), scores(integers, images)
    assert np.array_equal(found[:, :10], wanted)
    assert np.array_equal(found[:, 10], wanted.argmax(1))


SIBLINGS: tuple[NetName, ...] = ("700", "2k", "8k", "40k", "chip")
OTHERS = {name: partial(untrained, 1, name) for name in SIBLINGS} | {"odd": odd_network}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * n.endswith("k")) for n in OTHERS]
)
def test_other_networks_are_the_same_integers_everywhere(
    name: str, tmp_path: Path, images: Bytes, compiled: Compile
) -> None:
    integers = quantise(OTHERS[name](), pictures(100, 0))
    write_c(integers, tmp_path / "sibling.c", program=True)
    program = compiled(needed("gcc"), *STRICT, *SANITIZERS, tmp_path / "sibling.c")
    wanted = scores(integers, images)
    assert len(np.unique(wanted, axis=0)) > len(images) // 2
    assert np.array_equal(answers([program], images)[:, :10], wanted)
    floats = (images / 255).astype(np.float32)
    assert np.array_equal(onnx_scores(onnx_model(integers), floats), wanted)


def test_the_chips_sibling_is_within_its_bounds(tmp_path: Path) -> None:
    """12 kB of flash with at most 1.6 kB of code, 4 kB of RAM with 400 bytes of stack."""
    cost = write_c(quantise(untrained(1, "chip"), pictures(100, 0)), tmp_path / "chip.c")
    assert cost.flash <= 12_000 - 1_600
    assert cost.ram <= 4_000 - 400
    assert cost.multiply_adds == 243_312 <= 250_000


def stated(source: Path, what: str) -> int:
    text = " ".join(source.with_suffix(".h").read_text(encoding="utf-8").split())
    found = re.search(what.replace("#", "([0-9,]+)"), text)
    assert found
    return int(found[1].replace(",", ""))


def test_flash_and_ram_are_as_stated(source: Path, compiled: Compile, integers: Integers) -> None:
    tables = ["layers", "weights", "biases", "shifts", "last_weights", "last_biases"]
    total = " + ".join(f"sizeof {name}" for name in tables)
    check = source.with_name("check.c")
    check.write_text(
        f'#include <stdio.h>\n#define main program\n#include "{source.name}"\n#undef main\n'
        f'int main(void) {{ return !printf("%d %d\\n", (int)({total}), (int)sizeof(digits)); }}\n',
        encoding="utf-8",
    )
    done = subprocess.run([compiled(needed("gcc"), check)], capture_output=True, text=True)
    flash, ram = map(int, done.stdout.split())
    assert flash == stated(source, "Flash: # bytes of tables") < 20_000
    assert ram == stated(source, "RAM: # bytes, one `digits`") < 4096
    assert integers.multiply_adds == stated(source, "at most # for an image")


CALLS = """
#include <stdio.h>
#include "digits.h"
static uint8_t one[784], other[784];
static digits a, b;
static int32_t first[10], second[10], third[10];
int main(void) {
    int y, i;
    if (fread(one, 1, 784, stdin) != 784 || fread(other, 1, 784, stdin) != 784) return 1;
    digits_read(&a, one, first);
    /* two at once, one with rows too many */
    digits_begin(&a);
    digits_begin(&b);
    for (y = 0; y < 28; y++) {
        digits_row(&a, one + 28 * y);
        digits_row(&b, other + 28 * y);
    }
    digits_row(&a, one);
    digits_row(&a, one);
    digits_end(&b, third);
    digits_end(&a, second);
    for (i = 0; i < 10; i++) if (first[i] != second[i]) return 2;
    digits_read(&a, other, second);
    for (i = 0; i < 10; i++) if (second[i] != third[i]) return 3;
    /* rows that are not given are blank */
    for (i = 20 * 28; i < 784; i++) one[i] = 0;
    digits_read(&a, one, first);
    digits_begin(&a);
    for (y = 0; y < 20; y++) digits_row(&a, one + 28 * y);
    digits_end(&a, second);
    for (i = 0; i < 10; i++) if (first[i] != second[i]) return 4;
    return 0;
}
"""


def test_row_by_row(integers: Integers, tmp_path: Path, images: Bytes, compiled: Compile) -> None:
    write_c(integers, tmp_path / "digits.c")
    (tmp_path / "calls.c").write_text(CALLS, encoding="utf-8")
    files = (tmp_path / "digits.c", tmp_path / "calls.c")
    program = compiled(needed("gcc"), "-std=c99", *SANITIZERS, *files)
    assert subprocess.run([program], input=images[[0, 40]].tobytes()).returncode == 0


def test_the_program_says_what_an_image_is(source: Path, compiled: Compile) -> None:
    program = compiled(needed("gcc"), "-O1", source)
    for size, status in ((0, 0), (784, 0), (783, 1), (1000, 1)):
        done = subprocess.run([program], input=bytes(size), capture_output=True)
        assert done.returncode == status
        assert done.stdout.count(b"\n") == size // 784
        assert done.stderr.startswith(b"digits: an image is 784 bytes" if status else b"")
        assert bool(done.stderr) == bool(status)


@pytest.mark.parametrize("name", ["two words.c", "zwölf.c", 'quote".c'])
def test_a_name_that_c_cannot_include_is_refused(
    name: str, tmp_path: Path, integers: Integers
) -> None:
    with pytest.raises(TinydigitsError, match="C includes it by name; use letters"):
        write_c(integers, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_command(
    tmp_path: Path, net: Net, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    monkeypatch.chdir(tmp_path)
    for extra in ((), ("--main",)):
        words = ("export", "net.safetensors", "-o", "new/chip.c", "--data", "digits", *extra)
        status, output, errors = command(*words)
        assert (status, errors) == (0, "")
        assert output.startswith("wrote new/chip.c and chip.h:\nflash  19,608 bytes of tables")
        assert "images read alike" in output and "multiply-adds  4,667,968" in output
        text = Path("new/chip.c").read_text(encoding="utf-8")
        assert '#include "chip.h"' in text and "@" not in text
        assert ("int main" in text) == bool(extra)
    assert sorted(file.name for file in Path("new").iterdir()) == ["chip.c", "chip.h"]
