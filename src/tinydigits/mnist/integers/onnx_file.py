"""A network in integers -> an ONNX model of the same integers.

Like every model file it takes images (N, 1, 28, 28) in [0, 1] and gives log-probabilities (N, 10).
In between, its values are the C file's to the bit; `scores` is the name of the ten
integers, int32 (N, 10), that the log-probabilities are made of.
"""

from typing import Any

import numpy as np

from tinydigits.mnist.integers.quantise import Integers, Layer, places

_OPSET, _IR = 18, 8


def onnx_model(integers: Integers) -> Any:
    """The network as an ONNX ModelProto."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], []

    def constant(name: str, value: Any) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], output, **settings))
        return output

    def layer_nodes(layer: Layer, x: str, name: str) -> str:
        weight = constant(f"{name}.weight", layer.weight)
        bias = constant(f"{name}.bias", layer.bias.transpose(2, 0, 1)[None])
        if layer.padding:
            place = constant(f"{name}.place", places(layer))
            for axis, side in ((2, "rows"), (3, "columns")):
                bias = node("Gather", [bias, place], f"{name}.{side}", axis=axis)
        settings = {"pads": [layer.padding] * 4, "kernel_shape": list(layer.weight.shape[2:])}
        x = node("ConvInteger", [x, weight], f"{name}.products", **settings)
        x = node("Add", [x, bias], f"{name}.sums")
        x = node("Cast", [x], f"{name}.floats", to=TensorProto.FLOAT)
        # Powers of two divide without an error, and ONNX, too, rounds half to even.
        divisor = constant(f"{name}.divisor", np.exp2(layer.shift.astype(np.float32)))
        zero = constant(f"{name}.zero", np.zeros(len(layer.shift), np.uint8))
        x = node("QuantizeLinear", [x, divisor, zero], f"{name}.bytes", axis=1)
        if layer.pool:
            x = node("MaxPool", [x], f"{name}.pooled", kernel_shape=[2, 2], strides=[2, 2])
        return x

    pixel, zero = constant("pixel", np.float32(1 / 255)), constant("zero", np.uint8(0))
    x = node("QuantizeLinear", ["images", pixel, zero], "pixels")
    for number, layer in enumerate(integers.layers):
        x = layer_nodes(layer, x, f"layers.{number}")
    last = constant("last.weight", integers.weight[:, :, None, None])
    x = node("ConvInteger", [x, last], "last.products", kernel_shape=[1, 1])
    x = node("ReduceSum", [x, constant("last.axes", np.array([2, 3]))], "last.sums", keepdims=0)
    x = node("Add", [x, constant("last.bias", integers.bias)], "scores")
    x = node("Cast", [x], "last.floats", to=TensorProto.FLOAT)
    x = node("Mul", [x, constant("step", np.float32(integers.step))], "last.scaled")
    node("LogSoftmax", [x], "log_probs", axis=1)

    def value(name: str, *shape: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])

    graph = helper.make_graph(
        nodes, "digits", [value("images", 1, 28, 28)], [value("log_probs", 10)], constants
    )
    opset = helper.make_opsetid("", _OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=_IR)
