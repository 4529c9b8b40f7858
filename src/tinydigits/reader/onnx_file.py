"""What an ONNX file would make ONNX Runtime do, read off its bytes before that runs.

A model file may come from anyone. It may name other files to take weights from, loop for ever or
ask for endless memory, so only what `tinydigits export` writes is let through: its operators, with
weights inside and small windows. This walks the file's protocol buffers by itself, since the onnx
package takes longer to import than all of reading a picture.
"""

from collections.abc import Iterator

from tinydigits.image.normalise import SIDE

OPERATORS = frozenset(
    b"Sub Div Conv Relu BatchNormalization MaxPool AveragePool Reshape LogSoftmax".split()
    + b"QuantizeLinear ConvInteger Gather Add Cast ReduceSum Mul".split()
)
MOST_NODES = 200  # chosen: ours has 25, in 8-bit integers 44
LARGEST_SETTING = SIDE  # of a kernel, stride or padding: the side of an image

# The fields that matter here of the messages of onnx.proto, by their numbers.
_FIELDS = {
    "model": {7: "graph", 20: "training_info", 25: "functions"},
    "graph": {1: "node", 5: "initializer", 15: "sparse_initializer"},
    "node": {4: "op_type", 5: "attribute", 7: "domain"},
    "attribute": {
        3: "i", 5: "t", 6: "g", 8: "ints", 10: "tensors", 11: "graphs",
        22: "sparse_tensor", 23: "sparse_tensors",
    },
    "tensor": {13: "external_data", 14: "data_location"},
}  # fmt: skip


def objection(content: bytes) -> str | None:
    """Say why a model file is refused, or None if it is not.

    Raises:
        ValueError: the bytes are no protocol buffer.
    """
    nodes = 0
    for field, model in _fields(content, "model"):
        if field in ("functions", "training_info"):
            return "has functions or training steps of its own"
        for part, value in _fields(_message(model), "graph") if field == "graph" else ():
            nodes += part == "node"
            found = _of_graph(part, value)
            if found:
                return found
    return "has too many operators" if nodes > MOST_NODES else None


def _of_graph(field: str, value: bytes | int) -> str | None:
    if field == "sparse_initializer":
        return "has sparse weights"
    if field == "initializer":
        return _of_tensor(value)
    return _of_node(_message(value)) if field == "node" else None


def _of_tensor(tensor: bytes | int) -> str | None:
    outside = any(field and value for field, value in _fields(_message(tensor), "tensor"))
    return "keeps weights in other files" if outside else None


def _of_node(node: bytes) -> str | None:
    for field, value in _fields(node, "node"):
        if field == "op_type" and value not in OPERATORS:
            return f"has the operator {_message(value)[:40].decode('ascii', 'replace')}"
        if field == "domain" and value not in (b"", b"ai.onnx"):
            return "has operators that are not ONNX's own"
        found = _of_attribute(_message(value)) if field == "attribute" else None
        if found:
            return found
    return None


def _of_attribute(attribute: bytes) -> str | None:
    for field, value in _fields(attribute, "attribute"):
        if field in ("g", "graphs", "sparse_tensor", "sparse_tensors"):
            return "has a graph within its graph"
        if field in ("t", "tensors") and (found := _of_tensor(value)):
            return found
        numbers = _numbers(value) if field in ("i", "ints") else []
        if any(LARGEST_SETTING < number < 2**63 for number in numbers):  # above: negative
            return f"has a setting above {LARGEST_SETTING}"
    return None


def _fields(message: bytes, kind: str) -> Iterator[tuple[str, bytes | int]]:
    """Name and value of each field of a message of that kind; "" where the field is not known."""
    return ((_FIELDS[kind].get(number, ""), value) for number, value in fields(message))


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value of each field: an integer, or the bytes of anything longer."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(message, at)
            yield key >> 3, number
            continue
        if kind == 2:
            length, at = _varint(message, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"unknown wire type {kind}")
        if at + length > len(message):
            raise ValueError("a field is cut off")
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number whose groups of 7 bits begin at `at`, and where it ends."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        number, at = number | (byte & 127) << shift, at + 1
        if byte < 128:
            return number, at
    raise ValueError("a number is cut off or too long")


def _numbers(value: bytes | int) -> list[int]:
    """Integers, packed or single."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(number)
    return numbers


def _message(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where a message was expected")
    return value
