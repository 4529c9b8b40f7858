"""A network in integers, its C file, and compiling that."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from integers_kit import Bytes, Compile, pictures, untrained, weights

from tinydigits.mnist.integers.c_file import write_c
from tinydigits.mnist.integers.quantise import Integers, quantise
from tinydigits.mnist.model import Net


@pytest.fixture(scope="session")
def net() -> Net:
    return untrained(0)


@pytest.fixture(scope="session")
def integers(net: Net) -> Integers:
    return quantise(net, pictures(200, 1))


@pytest.fixture(scope="session")
def images() -> Bytes:
    return np.asarray(pictures(60, 2)[:, 0].numpy())


@pytest.fixture(scope="session")
def source(integers: Integers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """digits.c with its program, and digits.h."""
    path = tmp_path_factory.mktemp("c") / "digits.c"
    write_c(integers, path, program=True)
    return path


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compile C files with a compiler and flags -> the program."""

    def run(compiler: str, *arguments: str | Path) -> Path:
        program = tmp_path_factory.mktemp("compiled") / "program"
        command = [compiler, *map(str, arguments), "-o", str(program)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert not done.returncode, done.stderr
        return program

    return run


@pytest.fixture(scope="session")
def best() -> Net:
    """The weights of recipe `best` that are in the repository."""
    return weights("best")
