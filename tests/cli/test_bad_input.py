"""What cannot be, refused at once and in one sentence, by each command that could be given it."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("export run -o out.onnx --temperature nan", "nan is no number"),
        ("trust run --temperature nan", "nan is no number"),
        ("trust run --real-sets sets.json", "--real-sets goes with --real"),
        ("read x.png --min-confidence nan", "nan is no number"),
        ("bulk x --out y --min-confidence nan", "nan is no number"),
        ("backprop --updates many", "Invalid value for '--updates'"),
        ("export run -o out.txt", "name FILE.onnx, FILE.json or FILE.c"),
        ("export run -o out.onnx --main", "goes with -o FILE.c"),
        ("export run -o out.json --int8", "goes with -o FILE.onnx or FILE.c"),
        ("bench accuracy --data digits --against nonsense", "there is no recipe 'nonsense'"),
    ],
)
def test_it_is_refused_before_any_work(arguments: str, said: str, command: Any) -> None:
    done = command(*arguments.split())
    assert done.status in (1, 2)
    assert said in done.errors
    assert done.output == ""
