"""What cannot be, refused at once and in one sentence, by each command that could be given it."""

import subprocess
import sys

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinydigits", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("export run -o out.onnx --temperature nan", "nan is no number"),
        ("export run -o out.json --temperature nan", "nan is no number"),
        ("trust run --temperature nan", "nan is no number"),
        ("read x.png --min-confidence nan", "nan is no number"),
        ("bulk x --out y --min-confidence nan", "nan is no number"),
        ("export run -o out.txt", "name FILE.onnx, FILE.json or FILE.c"),
        ("export run -o out.onnx --main", "goes with -o FILE.c"),
        ("export run -o out.json --int8", "goes with -o FILE.onnx or FILE.c"),
        ("bench accuracy --data digits --against nonsense", "there is no recipe 'nonsense'"),
    ],
)
def test_it_is_refused_before_any_work(command: str, said: str) -> None:
    done = run(*command.split())
    assert done.returncode in (1, 2)
    assert said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
