"""The trained finder as an ONNX file, with weights of 8 bits.

Batch norm is folded into the convolutions before it. A weight is an integer of 8 bits times a scale
of its output channel, so the file takes a quarter of the room; ONNX Runtime multiplies them out
when it loads, and so does the page (web/finder_layers.py).
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from finder.net import COARSE, Finder, Separable
from tinydigits.files import atomic_write
from tinydigits.reader.evidence import PLAIN
from tinydigits.reader.finder import HEATS, Evidence

# Planes and stride of what the network gives; see `Maps`.
OUTPUTS = {
    "ink": (2, 1),
    "offsets": (2, 2),
    "heat": (HEATS + 1, 4),
    "told": (COARSE - HEATS - 1, 4),
}


@dataclass(frozen=True)
class Layer:
    """One step from planes to planes."""

    # "conv", "add", "twice" (nearest, to twice the size), "shuffle" (depth to space) or "sigmoid"
    kind: str
    inputs: tuple[str, ...]  # names of what goes in
    output: str  # name of what comes out
    relu: bool = False  # whether negative values become 0 in the end
    # int8 (out, in / groups, rows, columns), of a convolution
    weight: NDArray[np.int8] | None = field(default=None, repr=False)
    # float32 (out,): what its integers are multiplied by
    scale: NDArray[np.float32] | None = field(default=None, repr=False)
    bias: NDArray[np.float32] | None = field(default=None, repr=False)  # float32 (out,)
    stride: int = 1  # of a convolution, whose padding is half its kernel
    groups: int = 1  # of a convolution


class _Walk:
    """Writes the layers down in the order in which they are computed."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []

    def conv(
        self, x: str, conv: nn.Conv2d, norm: nn.BatchNorm2d | None, output: str, relu: bool = False
    ) -> str:
        weight, bias = conv.weight.detach(), conv.bias.detach() if conv.bias is not None else None
        if norm is not None:
            gain = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)  # type: ignore[operator]
            weight = weight * gain[:, None, None, None]
            bias = norm.bias.detach() - norm.running_mean * gain  # type: ignore[operator]
        bias = torch.zeros(len(weight)) if bias is None else bias
        return self.weighted(x, weight, bias, output, relu, conv.stride[0], conv.groups)

    def weighted(
        self, x: str, weight: Tensor, bias: Tensor, output: str, relu: bool = False,
        stride: int = 1, groups: int = 1,
    ) -> str:  # fmt: skip
        scale = (weight.abs().amax((1, 2, 3)) / 127).clamp(min=1e-12).numpy().astype(np.float32)
        whole = np.rint(weight.numpy() / scale[:, None, None, None]).astype(np.int8)
        self.layers.append(
            Layer("conv", (x,), output, relu, whole, scale, bias.numpy(), stride, groups)
        )
        return output

    def parts(self, x: str, conv: nn.Conv2d, first: int, one: str, other: str) -> None:
        """A convolution whose first planes are one output and whose others are another."""
        assert conv.bias is not None
        weight, bias = conv.weight.detach(), conv.bias.detach()
        self.weighted(x, weight[:first], bias[:first], one)
        self.weighted(x, weight[first:], bias[first:], other)

    def down(self, x: str, block: nn.Sequential, output: str) -> str:
        return self.conv(x, block[0], block[1], output, relu=True)  # type: ignore[arg-type]

    def blocks(self, x: str, blocks: nn.Sequential, name: str) -> str:
        for number, block in enumerate(blocks):
            assert isinstance(block, Separable)
            own = f"{name}.{number}"
            apart = self.conv(x, block.depthwise, None, f"{own}.depthwise")
            mixed = self.conv(apart, block.pointwise, block.norm, f"{own}.pointwise")
            x = self.add(x, mixed, own)
        return x

    def add(self, x: str, y: str, output: str) -> str:
        self.layers.append(Layer("add", (x, y), output, relu=True))
        return output

    def up(self, x: str, conv: nn.Conv2d, beside: str, name: str) -> str:
        small = self.conv(x, conv, None, f"{name}.small")
        self.layers.append(Layer("twice", (small,), f"{name}.large"))
        return self.add(beside, f"{name}.large", name)


def layers(net: Finder) -> list[Layer]:
    """The network's layers; they take `x` and give `OUTPUTS`."""
    walk = _Walk()
    x1 = walk.blocks(walk.down("x", net.down1, "down1"), net.in1, "in1")
    x2 = walk.blocks(walk.down(x1, net.down2, "down2"), net.in2, "in2")
    x3 = walk.blocks(walk.down(x2, net.down3, "down3"), net.in3, "in3")
    x4 = walk.blocks(walk.down(x3, net.down4, "down4"), net.in4, "in4")
    y3 = walk.blocks(walk.up(x4, net.up3, x3, "up3"), net.out3, "out3")
    y2 = walk.blocks(walk.up(y3, net.up2, x2, "up2"), net.out2, "out2")
    y1 = walk.blocks(walk.up(y2, net.up1, x1, "up1"), net.out1, "out1")
    wide = walk.down(y2, net.wide, "wide")
    walk.parts(wide, net.coarse, HEATS + 1, "heat.logits", "told")
    walk.parts(y1, net.fine, 2, "offsets", "fine")
    walk.layers += [
        Layer("shuffle", ("fine",), "ink.logits"),
        Layer("sigmoid", ("ink.logits",), "ink"),
        Layer("sigmoid", ("heat.logits",), "heat"),
    ]
    return walk.layers


def onnx_model(found: list[Layer], evidence: Evidence = PLAIN) -> onnx.ModelProto:
    """The same layers as ONNX Runtime takes them, and how what they say is weighed."""
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = [
        numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice")
    ]
    for layer in found:
        output = f"{layer.output}.before" if layer.relu else layer.output
        nodes += _nodes(layer, output, weights)
        if layer.relu:
            nodes.append(helper.make_node("Relu", [output], [layer.output]))
    graph = helper.make_graph(
        nodes,
        "finder",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [1, planes, f"height/{step}", f"width/{step}"]
            )
            for name, (planes, step) in OUTPUTS.items()
        ],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, producer_name="tinydigits", ir_version=8)
    helper.set_model_props(model, {"evidence": json.dumps(asdict(evidence))})
    onnx.checker.check_model(model, full_check=True)
    return model


def _nodes(layer: Layer, output: str, weights: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    if layer.kind == "add":
        return [helper.make_node("Add", list(layer.inputs), [output])]
    if layer.kind == "twice":
        return [
            helper.make_node(
                "Resize", [*layer.inputs, "", "twice"], [output],
                mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric",
            )
        ]  # fmt: skip
    if layer.kind == "sigmoid":
        return [helper.make_node("Sigmoid", list(layer.inputs), [output])]
    if layer.kind == "shuffle":
        return [
            helper.make_node("DepthToSpace", list(layer.inputs), [output], blocksize=2, mode="CRD")
        ]
    assert layer.weight is not None and layer.scale is not None and layer.bias is not None
    name = layer.output
    weights += [
        numpy_helper.from_array(layer.weight, f"{name}.whole"),
        numpy_helper.from_array(layer.scale.reshape(-1, 1, 1, 1), f"{name}.scale"),
        numpy_helper.from_array(layer.bias, f"{name}.bias"),
    ]
    edge = layer.weight.shape[2] // 2
    return [
        helper.make_node("Cast", [f"{name}.whole"], [f"{name}.cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.cast", f"{name}.scale"], [f"{name}.weight"]),
        helper.make_node(
            "Conv", [*layer.inputs, f"{name}.weight", f"{name}.bias"], [output],
            strides=[layer.stride] * 2, pads=[edge] * 4, group=layer.groups,
        ),
    ]  # fmt: skip


def export(net: Finder, path: Path, evidence: Evidence = PLAIN) -> None:
    """Write the ONNX file, which the page's finder is read from as well."""
    atomic_write(path, onnx_model(layers(net.eval()), evidence).SerializeToString())
