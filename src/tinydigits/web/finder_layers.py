"""The finder's ONNX file -> what the page takes of it, so that its weights are kept once.

`layers` are those of the network, in the order of their computation; `evidence` is how what speaks
for a digit is weighed (the reader's evidence.py).

A layer says its type, the names of its inputs and of its output, and whether negative values become
0 (relu). A convolution, whose padding is half its kernel, also has its weight, int8
(out_channels, in_channels / groups, kernel, kernel), and scale and bias, float32 (out_channels,),
as bytes. The input is `x`; what no layer takes is what the network gives.
"""

import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinydigits.errors import TinydigitsError
from tinydigits.reader.finder import Evidence
from tinydigits.reader.onnx_file import fields

_GRAPH, _METADATA = 7, 14  # of ModelProto; the numbers are those of onnx.proto
_KEY, _VALUE = 1, 2  # of StringStringEntryProto
_NODE, _INITIALIZER = 1, 5  # of GraphProto
_INPUT, _OUTPUT, _OP_TYPE, _ATTRIBUTE = 1, 2, 4, 5  # of NodeProto
_NAME, _INT, _INTS = 1, 3, 8  # of AttributeProto
_DIMS, _TENSOR_NAME, _RAW = 1, 8, 9  # of TensorProto
_TYPES = {"Add": "add", "Resize": "twice", "DepthToSpace": "shuffle", "Sigmoid": "sigmoid"}


def finder_parts(path: Path) -> dict[str, Any]:
    """The layers and the evidence of a file that weights/finder/export.py wrote.

    Raises:
        TinydigitsError: it holds anything else.
        OSError: it cannot be read.
    """
    try:
        model = _parsed(path.read_bytes())
        return {"layers": _layers(_parsed(model[_GRAPH][0])), "evidence": _evidence(model)}
    except (ValueError, TypeError, LookupError) as error:
        raise TinydigitsError(
            f"{path} is no finder ({error}); expected a file made by weights/finder/export.py"
        ) from error


def _evidence(model: Any) -> dict[str, tuple[float, ...]]:
    entries = [_parsed(entry) for entry in model[_METADATA]]
    told = json.loads({entry[_KEY][0]: entry[_VALUE][0] for entry in entries}[b"evidence"])
    return asdict(Evidence(*(tuple(told[name]) for name in ("mix", "weights", "line"))))


def _layers(graph: Any) -> list[dict[str, Any]]:
    tensors = {each[_TENSOR_NAME][0]: each for each in map(_parsed, graph[_INITIALIZER])}
    layers: list[dict[str, Any]] = []
    for node in map(_parsed, graph[_NODE]):
        kind, output = node[_OP_TYPE][0].decode(), node[_OUTPUT][0]
        first, *others = node[_INPUT]
        if kind == "Cast":
            tensors[output] = tensors[first]
        elif kind == "Mul":  # integers times their scales
            tensors[output] = {**tensors[first], "scale": tensors[others[0]][_RAW][0]}
        elif kind == "Relu":
            layers[-1] |= {"output": output.decode(), "relu": True}
        elif kind == "Conv":
            weight, bias = (tensors[name] for name in others)
            layers.append(_layer("conv2d", [first], output) | _convolution(node, weight, bias))
        elif kind in _TYPES:
            layers.append(_layer(_TYPES[kind], node[_INPUT][: 1 + (kind == "Add")], output))
        else:
            raise ValueError(f"it has the operator {kind[:40]}")
    return layers


def _layer(kind: str, inputs: list[bytes], output: bytes) -> dict[str, Any]:
    named = {"inputs": [name.decode() for name in inputs], "output": output.decode()}
    return {"type": kind, **named, "relu": False}


def _convolution(node: Any, weight: Any, bias: Any) -> dict[str, Any]:
    settings = {each[_NAME][0]: each for each in map(_parsed, node[_ATTRIBUTE])}
    out_channels, in_channels, kernel, _ = weight[_DIMS]
    groups = settings[b"group"][_INT][0]
    return {
        "in_channels": in_channels * groups,
        "out_channels": out_channels,
        "kernel": kernel,
        "stride": settings[b"strides"][_INTS][0],
        "groups": groups,
        "weight": weight[_RAW][0],
        "scale": weight["scale"],
        "bias": bias[_RAW][0],
    }


def _parsed(message: bytes) -> Any:
    """A message's values by their fields' numbers."""
    found = defaultdict(list)
    for field, value in fields(message):
        found[field].append(value)
    return found
