"""Photographs read by the page: its numbers under node, the worker in Chromium, against Python."""

import base64
import json
import math
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from PIL import Image, ImageDraw, ImageFont

from finder.export import export
from finder.net import Finder as Network
from tests.reader import made
from tinydigits import Reader
from tinydigits.errors import TinydigitsError
from tinydigits.image.picture import open_picture
from tinydigits.reader.centres import Centre, centre_of, find_centres
from tinydigits.reader.close_up import close_up
from tinydigits.reader.evidence import PLAIN, seen, weigh
from tinydigits.reader.finder import CLASSES, MARKS, Finder, Maps, inputs
from tinydigits.reader.finder import SHIPPED as FINDER
from tinydigits.reader.fuse import fused
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.glyphs import all_ink, cut_out
from tinydigits.reader.reading import Reading
from tinydigits.reader.rows import find_lines, find_slope
from tinydigits.reader.scales import look
from tinydigits.reader.session import SHIPPED
from tinydigits.reader.split import best_way, parts
from tinydigits.web.constants import constants
from tinydigits.web.finder_layers import finder_parts
from tinydigits.web.page import STATIC, build_page

Grey = NDArray[np.uint8]
SIZES = [(33, 47), (28, 28), (1, 1), (5, 300), (17, 16), (480, 640)]  # height, width

# A constant that Python does not have is an error, not `undefined`.
HARNESS = """
import fs from "node:fs";
const strict = (values) => new Proxy(values, { get: (all, name) => {
  if (!(name in all)) throw new Error(`no constant ${String(name)}`);
  return all[name];
} });
const task = JSON.parse(fs.readFileSync(0));
const parts = Object.entries(task.constants).map(([name, each]) => [name, strict(each)]);
const constants = strict(Object.fromEntries(parts));
const bytes = (picture) =>
  ({ ...picture, values: Uint8Array.from(Buffer.from(picture.bytes, "base64")) });
const asBytes = (value) =>
  value.base64 === undefined ? value : Uint8Array.from(Buffer.from(value.base64, "base64"));
const weights = (layer) =>
  Object.fromEntries(Object.entries(layer).map(([name, value]) => [name, asBytes(value)]));
const base64 = (values) => Buffer.from(Float32Array.from(values).buffer).toString("base64");
const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const asMaps = ({ planes, grey, small, ...maps }) => ({
  ...maps,
  ...Object.fromEntries(Object.entries(planes).map(([name, all]) => [name, all.map(floats)])),
  grey: asBytes(grey),
  small: floats(small),
});
"""


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that was not trained: its numbers are as good as any to compare."""
    torch.manual_seed(0)
    net = Network()
    for each in net.modules():
        if isinstance(each, torch.nn.BatchNorm2d):
            each.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
            each.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    path = tmp_path_factory.mktemp("finder") / "finder.onnx"
    export(net, path)
    return path


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run JavaScript that imports the page's modules; it finds its task as `task`."""
    copied = tmp_path_factory.mktemp("modules") / "static"
    shutil.copytree(STATIC, copied)
    (copied / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    folder = copied / "photograph"

    def run(script: str, **task: Any) -> Any:
        (folder / "test.js").write_text(HARNESS + script, encoding="utf-8")
        sent = json.dumps({"constants": constants(), **task})
        done = subprocess.run(
            ["node", folder / "test.js"], input=sent, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def sent(picture: NDArray[Any]) -> dict[str, Any]:
    data = base64.b64encode(np.ascontiguousarray(picture).tobytes()).decode()
    return {"height": picture.shape[0], "width": picture.shape[1], "bytes": data}


def in_base64(layer: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in layer.items()
    }


def sent_finder(path: Path) -> dict[str, Any]:
    own = finder_parts(path)
    return {**own, "layers": [in_base64(each) for each in own["layers"]]}


def sent_network() -> dict[str, Any]:
    network: dict[str, Any]
    network = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    return network


def sent_maps(maps: Maps) -> dict[str, Any]:
    def coded(plane: NDArray[Any]) -> str:
        return base64.b64encode(np.ascontiguousarray(plane, np.float32).tobytes()).decode()

    height, width = maps.grey.shape
    rows, columns = maps.small.shape
    return {
        "scale": maps.scale,
        "height": height,
        "width": width,
        "rows": rows,
        "columns": columns,
        "grey": {"base64": base64.b64encode(np.ascontiguousarray(maps.grey).tobytes()).decode()},
        "small": coded(maps.small),
        "planes": {
            name: [coded(plane) for plane in getattr(maps, name)]
            for name in ("ink", "offsets", "heat", "told")
        },
    }


class Recorded:
    """A finder that keeps what it sees, so that JavaScript can be told the same."""

    def __init__(self, finder: Any) -> None:
        self.finder, self.evidence = finder, finder.evidence
        self.seen: list[Maps] = []

    def maps(self, grey: Grey, scale: float) -> Maps:
        self.seen.append(self.finder.maps(grey, scale))
        return self.seen[-1]


def floats(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4")


def patchy(height: int, width: int, seed: int = 0) -> Grey:
    """Soft patches, noise, and a part that is entirely even."""
    rng = np.random.default_rng(seed)
    small = rng.integers(60, 240, (1 + height // 12, 1 + width // 12)).astype(np.uint8)
    large = np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))
    large[height // 2 :] = rng.integers(0, 256, large[height // 2 :].shape)
    large[: height // 2, : width // 2] = 200
    return large


def test_the_pages_file_holds_the_numbers_of_the_onnx_file(exported: Path) -> None:
    model = onnx.load(exported)
    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    layers = finder_parts(exported)["layers"]
    convolutions = [layer for layer in layers if layer["type"] == "conv2d"]
    assert len(convolutions) == sum(node.op_type == "Conv" for node in model.graph.node)
    for layer in convolutions:
        name = layer["output"]
        for key, kind in (("weight", "<i1"), ("scale", "<f4"), ("bias", "<f4")):
            own = arrays[f"{name}.{'whole' if key == 'weight' else key}"]
            assert layer[key] == own.astype(kind).tobytes(), (name, key)
    others = [node for node in model.graph.node if node.op_type in ("Add", "Resize", "Sigmoid")]
    assert len(layers) == len(convolutions) + len(others) + 1  # and one DepthToSpace
    assert sum(layer["relu"] for layer in layers) == sum(
        node.op_type == "Relu" for node in model.graph.node
    )


def test_the_page_weighs_evidence_by_the_finders_file(exported: Path, tmp_path: Path) -> None:
    assert finder_parts(exported)["evidence"] == asdict(PLAIN)
    assert finder_parts(FINDER)["evidence"] == asdict(Finder().evidence) != asdict(PLAIN)


def test_what_is_no_finder_is_refused_in_a_sentence(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "finder.onnx"
    model = onnx.load(exported)
    helper.set_model_props(model, {"evidence": json.dumps({"mix": [1, 1], "weights": [1]})})
    others = model.SerializeToString()
    for content in (b"", b"no ONNX file", SHIPPED.read_bytes(), others):
        path.write_bytes(content)
        with pytest.raises(TinydigitsError, match=r"finder\.onnx is no finder"):
            build_page(finder=path)


@pytest.mark.parametrize("shape", SIZES)
def test_inputs_and_maps_are_those_of_python(
    shape: tuple[int, int], exported: Path, run: Callable[..., Any]
) -> None:
    script = """
    import { finderOf, inputs } from "./finder.js";
    const picture = bytes(task.picture);
    const x = inputs(picture, constants.finder);
    const { height, width } = picture;
    const at = (i) => x.start + Math.floor(i / width) * x.line + (i % width) * x.channels;
    const plain = [0, 1, 2].map((channel) =>
      Float32Array.from({ length: height * width }, (_, i) => x.values[at(i) + channel]));
    const shares = [];
    const finder = finderOf({ layers: task.layers.map(weights) }, constants);
    const found = finder.maps(picture, 0.5, (share) => shares.push(share));
    const all = (planes) => base64(planes.flatMap((plane) => Array.from(plane)));
    const out = { inputs: all(plain), small: base64(found.small), shares, scale: found.scale };
    for (const name of ["ink", "offsets", "heat", "told"]) out[name] = all(found[name]);
    console.log(JSON.stringify(out));
    """
    grey = patchy(*shape)
    found = run(script, picture=sent(grey), layers=sent_finder(exported)["layers"])
    assert np.abs(floats(found["inputs"]) - inputs(grey).ravel()).max() < 1e-4
    wanted = Finder(exported).maps(grey, 0.5)
    for name in ("ink", "offsets", "heat", "small", "told"):
        own = floats(found[name])
        assert own.size == getattr(wanted, name).size, name
        assert np.abs(own - getattr(wanted, name).ravel()).max() < 1e-3, name
    assert found["scale"] == 0.5
    assert found["shares"] == sorted(found["shares"]) and math.isclose(found["shares"][-1], 1)


@pytest.mark.parametrize("forbidden", [False, True])
def test_convolutions_are_pytorchs_with_vectors_and_without(
    forbidden: bool, run: Callable[..., Any]
) -> None:
    """Kernels, strides, edges and channels that fill no four; small and larger than `room` is."""
    script = """
    if (task.forbidden) delete globalThis.WebAssembly;
    const { dense, packed, planes } = await import("../shared/dense.js");
    const { tile } = await import("../shared/tile.js");
    const found = task.layers.map((layer) => {
      const [channels, height, width] = layer.shape;
      const numbers = { weight: floats(layer.weight), bias: floats(layer.bias) };
      const input = planes(channels, height, width, layer.border);
      const output = planes(layer.out_channels, ...layer.made, 1);
      const each = ({ channels, height, width, line, start, values }, visit) => {
        for (let channel = 0; channel < channels; channel += 1)
          for (let i = 0; i < height * width; i += 1) {
            const at = start + Math.floor(i / width) * line + (i % width) * channels + channel;
            visit(values, at);
          }
      };
      const left = Array.from(floats(layer.input)).reverse();
      each(input, (values, at) => (values[at] = left.pop()));
      dense({ ...layer, ...packed({ ...layer, ...numbers }) }, input, output);
      const made = [];
      each(output, (values, at) => {
        made.push(values[at]);
        values[at] = 0;
      });
      return { made: base64(made), border: output.values.every((value) => value === 0) };
    });
    console.log(JSON.stringify({ found, plain: tile.name === "plain" }));
    """
    torch.manual_seed(3)
    layers, wanted = [], []
    for inputs_, outputs, kernel, stride, padding, height, width in (
        (3, 5, 3, 2, 1, 12, 26), (1, 16, 3, 1, 1, 28, 28), (16, 4, 3, 1, 0, 9, 5),
        (24, 27, 1, 1, 0, 3, 7), (2, 3, 5, 3, 2, 11, 10), (5, 9, 4, 1, 3, 6, 2),
        (7, 2, 1, 1, 0, 1, 1), (96, 40, 3, 1, 1, 4, 400),
    ):  # fmt: skip
        picture = torch.randn(inputs_, height, width)
        net = torch.nn.Conv2d(inputs_, outputs, kernel, stride, padding)
        relu = outputs % 2 == 1
        with torch.no_grad():
            made = net(picture)
            wanted.append((made.relu() if relu else made).numpy())
        given = {
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "border": max(2, padding),
            "in_channels": inputs_,
            "out_channels": outputs,
            "relu": relu,
            "shape": list(picture.shape),
            "made": list(made.shape[1:]),
        }
        for name, array in (("weight", net.weight), ("bias", net.bias), ("input", picture)):
            assert array is not None
            numbers = np.ascontiguousarray(array.detach().numpy())
            given[name] = base64.b64encode(numbers.tobytes()).decode()
        layers.append(given)
    answer = run(script, layers=layers, forbidden=forbidden)
    assert answer["plain"] is forbidden
    for own, other in zip(answer["found"], wanted, strict=True):
        assert own["border"], "something was written beyond an edge"
        assert np.abs(floats(own["made"]) - other.ravel()).max() < 1e-4


def test_pictures_are_resized_to_the_same_bytes(run: Callable[..., Any]) -> None:
    script = """
    import { BOX, CUBIC, reduced, resized } from "./resample.js";
    const show = ({ height, width, values }) => [height, width, Array.from(values)];
    console.log(JSON.stringify(task.pictures.map(bytes).map((picture) => [
      show(reduced(picture, 2)),
      show(resized(picture, 2 * picture.width, 2 * picture.height, CUBIC)),
      show(resized(picture, Math.ceil(picture.width / 2.7), Math.ceil(picture.height / 2.7), BOX)),
    ])));
    """
    sizes = [*SIZES[:5], (90, 41)]  # Pillow goes along the columns of the last one first
    pictures = [np.random.default_rng(1).integers(0, 256, size, np.uint8) for size in sizes]
    found = run(script, pictures=[sent(each) for each in pictures])
    for grey, (half, twice, less) in zip(pictures, found, strict=True):
        image = Image.fromarray(grey)
        size = tuple(math.ceil(side / 2.7) for side in image.size)
        wanted = [
            image.reduce(2),
            image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC),
            image.resize(size, Image.Resampling.BOX),
        ]
        for own, other in zip((half, twice, less), wanted, strict=True):
            np.testing.assert_array_equal(np.reshape(own[2], own[:2]), np.asarray(other))


def test_large_pictures_become_smaller_to_the_same_bytes(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
    import { openPicture } from "./picture.js";
    const picture = { ...constants.picture, working_side: task.side };
    console.log(JSON.stringify(task.pictures.map(bytes).map(({ height, width, values }) => {
      const data = new Uint8ClampedArray(4 * height * width).fill(255);
      values.forEach((value, i) => data.fill(value, 4 * i, 4 * i + 3));
      const grey = openPicture({ height, width, data }, { ...task.constants, picture });
      return { ...grey, values: Array.from(grey.values) };
    })));
    """
    monkeypatch.setattr("tinydigits.image.picture.WORKING_SIDE", 100)
    rng = np.random.default_rng(5)
    sides = [(401, 199), (199, 401), (300, 225), (301, 200), (455, 455), (901, 77), (83, 160)]
    pictures = [rng.integers(0, 256, side, np.uint8) for side in sides]
    found = run(script, side=100, pictures=[sent(each) for each in pictures])
    for grey, own in zip(pictures, found, strict=True):
        wanted = open_picture(Image.fromarray(grey)).grey
        assert (own["height"], own["width"]) == wanted.shape
        np.testing.assert_array_equal(np.reshape(own["values"], wanted.shape), wanted)


def test_pictures_that_ink_fills_get_the_margin_of_python(run: Callable[..., Any]) -> None:
    rng = np.random.default_rng(5)
    pictures: list[Grey] = [np.full((30, 20), 90, np.uint8), np.array([[0, 255]], np.uint8)]
    for height, width in ((16, 16), (57, 40), (96, 131), (300, 225)):
        page = Image.new("L", (width, height), 255)
        ImageDraw.Draw(page).line(
            [(0, 0), (width - 1, 0), (width // 3, height - 1)], fill=20, width=1 + height // 6
        )
        noise = rng.normal(0, 4, (height, width))
        picture = np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8)
        pictures += [picture, 255 - picture, np.pad(picture, height, constant_values=255)]
    script = """
    import { closeUp } from "./close-up.js";
    console.log(JSON.stringify(task.pictures.map((picture) => {
      const close = closeUp(bytes(picture), constants);
      if (!close) return null;
      const { height, width, values } = close.grey;
      const box = close.back({ left: 3, top: 12, right: 30, bottom: 79 });
      return { shape: [height, width], values: Array.from(values), box: Object.values(box) };
    })));
    """
    found = run(script, pictures=[sent(each) for each in pictures])
    for picture, own in zip(pictures, found, strict=True):
        close = close_up(picture)
        assert (own is None) == (close is None), picture.shape
        if close:
            grey, back = close
            assert own["shape"] == list(grey.shape) and own["values"] == grey.ravel().tolist()
            assert own["box"] == list(back((3, 12, 30, 79)))
    assert 0 < sum(each is None for each in found) < len(found) - 4


def test_colours_become_the_grey_of_python(run: Callable[..., Any]) -> None:
    script = """
    import { openPicture } from "./picture.js";
    console.log(JSON.stringify(task.pictures.map(bytes).map(({ height, width, values }) => {
      const grey = openPicture({ height, width, data: values }, constants);
      return [grey.height, grey.width, base64(grey.values)];
    })));
    """
    pictures = colourful()
    for picture, found in zip(pictures, run(script, pictures=[*map(sent, pictures)]), strict=True):
        wanted = open_picture(Image.fromarray(picture)).grey
        own = floats(found[2]).reshape(found[:2])
        assert own.shape == wanted.shape
        # The last bits of an eigenvector may round a tone to the one beside it.
        assert np.abs(own - wanted).max() <= 1
        assert (own != wanted).mean() < 0.01


def colourful() -> list[NDArray[np.uint8]]:
    """RGBA: red on green, grey, ink on nothing, a label on nothing, larger than is read, tiny."""
    rng = np.random.default_rng(2)
    on_green = np.full((70, 90, 4), (40, 120, 60, 255), np.uint8)
    on_green[20:50, 30:36] = (160, 80, 60, 255)
    on_green[..., :3] += rng.integers(0, 12, (70, 90, 1), np.uint8)
    plain = np.full((60, 40, 4), 255, np.uint8)
    plain[10:50, 15:20, :3] = 30
    for ink in (0, 255):
        plain = plain.copy()
        alone = np.zeros((50, 50, 4), np.uint8)
        alone[10:40, 20:26] = (ink, ink, ink, 255)
    label = np.zeros((60, 60, 4), np.uint8)
    label[15:50, 10:50] = (240, 220, 120, 255)
    label[20:45, 26:30] = (20, 20, 120, 255)
    large = np.dstack(
        [rng.integers(0, 256, (900, 1700, 3), np.uint8), np.full((900, 1700), 255, np.uint8)]
    )
    huge = np.repeat(np.repeat(large[:200, :1300], 5, 0), 4, 1)
    tiny = np.array([[[10, 200, 30, 255]]], np.uint8)
    return [on_green, plain, alone, label, large, huge, tiny]


class ByHand:
    """A finder that knows what was drawn: its maps are exact, so that all after them is tested."""

    evidence = PLAIN

    def __init__(self, things: list[tuple[str, float, float, int]], size: tuple[int, int]) -> None:
        """Draw things (what, x, y, size of its font), dark on white."""
        self.image = Image.new("L", size, 255)
        self.boxes = []
        draw = ImageDraw.Draw(self.image)
        for what, x, y, tall in things:
            font = ImageFont.load_default(tall)
            draw.text((x, y), what, 0, font, anchor="lt")
            self.boxes.append((what, draw.textbbox((x, y), what, font, anchor="lt")))

    def maps(self, grey: Grey, scale: float) -> Maps:
        height, width = grey.shape
        rows, columns = -(-height // 4), -(-width // 4)
        ink = np.stack([1 - grey / 255, np.zeros(grey.shape)]).astype(np.float32)
        offsets = np.zeros((2, -(-height // 2), -(-width // 2)), np.float32)
        heat = np.full((3, rows, columns), 0.01, np.float32)
        told = np.zeros((27, rows, columns), np.float32)
        y, x = np.indices(offsets.shape[1:]) * 2 + 1.0
        for number, (what, edges) in enumerate(self.boxes):
            left, top, right, bottom = (edge * scale for edge in edges)
            middle, level = (left + right) / 2, (top + bottom) / 2
            near = (x > left - 3) & (x < right + 3) & (y > top - 3) & (y < bottom + 3)
            offsets[0][near], offsets[1][near] = (middle - x)[near], (level - y)[near]
            kind = 0 if what.isdigit() else 1 if what in MARKS else 2
            row, column = min(rows - 1, int(level / 4)), min(columns - 1, int(middle / 4))
            heat[kind, row, column] = 0.75 + 0.2 * np.cos(number)
            around = np.s_[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
            told[0][around] = np.log(max(right - left, 1) / 32)
            told[1][around] = np.log(max(bottom - top, 1) / 32)
            told[(2 + CLASSES.index(what if kind < 2 else "letter"), *around)] = 6
        small = np.full((rows, columns), 0.9 if scale < 0.5 else 0.0, np.float32)
        return Maps(scale, grey, ink, offsets, heat, small, told)


def pages() -> list[ByHand]:
    row = [(char, 20 + 22 * i, 30 + 2 * i, 26) for i, char in enumerate("314-159")]
    table = [
        (str((3 * i + j) % 10), 30 + 60 * j, 20 + 48 * i, 22) for i in range(6) for j in range(8)
    ]
    sizes = [("7", 20, 20, 120), ("2", 110, 70, 40), ("5", 145, 75, 34), ("a", 220, 70, 40)]
    crowd = [
        ("8", 10, 10, 40),
        ("3", 22, 10, 40),
        ("1", 60, 14, 36),
        ("+", 90, 20, 36),
        ("4", 150, 12, 40),
    ]
    # Gaps that grow by 3 pixels, on both sides of what parts two numbers.
    spaced = [("3", 10 + 22 * i + 3 * i * (i + 1) // 2, 20, 26) for i in range(8)]
    slanted = [
        (str((i + j) % 10), 20 + 40 * i, 20 + 9 * i + 60 * j + (i * i) // 4, 20 + 2 * j)
        for j in range(3)
        for i in range(9)
        if (i, j) != (4, 1)
    ]
    return [
        ByHand(row, (220, 90)),
        ByHand(table, (520, 320)),
        ByHand(spaced, (300, 60)),
        ByHand(slanted, (420, 330)),
        ByHand(sizes, (300, 200)),
        ByHand(crowd, (220, 80)),
        ByHand([("6", 8, 6, 22)], (32, 36)),
        ByHand([("x", 20, 20, 30)], (90, 70)),
        ByHand([], (64, 64)),
    ]


# A finder that says in turn what it was recorded to say, of the pictures that it was asked for.
REPLAYED = """
const replayed = ({ evidence, seen }) => {
  const left = seen.map(asMaps);
  const maps = (picture, scale) => {
    const next = left.shift();
    const same = next.scale === scale && next.width === picture.width &&
      Buffer.from(picture.values).equals(Buffer.from(next.grey));
    if (!same) throw new Error(`another picture was looked at, in scale ${scale}`);
    return next;
  };
  return { constants, evidence, maps, left };
};
"""


def test_what_was_found_is_read_as_python_reads_it(run: Callable[..., Any]) -> None:
    script = """
    import { decode } from "../shared/network.js";
    import { findDigits } from "./found.js";
    import { reading } from "./reader.js";
    const network = decode(task.network);
    console.log(JSON.stringify(task.pages.map(({ picture, ...given }) => {
      const finder = replayed(given);
      const { digits, ...rest } =
        reading(findDigits(finder, network, bytes(picture)), 1, constants);
      const plain = (digit) => ({ ...digit, image: Array.from(digit.image) });
      return { ...rest, digits: digits.map(plain), left: finder.left.length };
    })));
    """
    found_by_hand = pages()
    recorded = [Recorded(each) for each in found_by_hand]
    read = [
        Reader(finder=finder).read(each.image)  # type: ignore[arg-type]
        for finder, each in zip(recorded, found_by_hand, strict=True)
    ]
    given = [
        {
            "picture": sent(np.asarray(each.image)),
            "evidence": asdict(each.evidence),
            "seen": [sent_maps(maps) for maps in finder.seen],
        }
        for finder, each in zip(recorded, found_by_hand, strict=True)
    ]
    found = run(REPLAYED + script, network=sent_network(), pages=given)
    for own, wanted in zip(found, read, strict=True):
        assert own["left"] == 0, "it was looked at less often"
        agree(own, wanted)
        for digit, each in zip(own["digits"], wanted.digits, strict=True):
            assert np.abs(np.array(digit["image"]) - each.image.ravel()).max() < 1e-3
    texts = [wanted.text for wanted in read]
    assert texts[0] == "314-159" and len(texts[1].split("\n")) == 6 and texts[-1] == ""


def agree(own: dict[str, Any], wanted: Reading) -> None:
    assert own["text"] == wanted.text
    assert own["left_out"] == wanted.left_out
    assert [digit["box"] for digit in own["digits"]] == [list(each.box) for each in wanted.digits]
    for digit, each in zip(own["digits"], wanted.digits, strict=True):
        assert np.abs(np.array(digit["probabilities"]) - each.probabilities).max() < 1e-3
        assert digit["uncertain"] == each.uncertain


Strokes = dict[str, list[list[list[float]]]]


def penned(
    strokes: Strokes, *lines: str, tall: int = 48, pen: int = 4, step: float = 0.9
) -> Image.Image:
    """Lines of digits drawn with a pen, dark on light; other signs are printed."""
    size = round((max(map(len, lines)) * step + 1) * tall), round((1.6 * len(lines) + 0.6) * tall)
    image = Image.new("L", size, 225)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        for column, sign in enumerate(line):
            left, top = (0.4 + step * column) * tall, (0.6 + 1.6 * row) * tall
            if sign not in strokes:
                draw.text((left, top), sign, 40, ImageFont.load_default(tall))
            for stroke in strokes.get(sign, []):
                points = [(left + x * tall / 100, top + y * tall / 100) for x, y in stroke]
                draw.line(points, 40, pen, "curve")
    return image


@pytest.fixture(scope="module")
def drawings(strokes: Strokes) -> dict[str, Image.Image]:
    page = penned(strokes, "20/47", "5178 36")
    rng = np.random.default_rng(3)
    noisy = np.asarray(page) / 255 * np.linspace(0.5, 0.9, page.width)
    uneven = np.clip(255 * noisy + rng.normal(0, 5, noisy.shape), 0, 255).astype(np.uint8)
    return {
        "page": page,
        "anticlockwise": page.transpose(Image.Transpose.ROTATE_90),
        "upside down": page.transpose(Image.Transpose.ROTATE_180),
        "clockwise": page.transpose(Image.Transpose.ROTATE_270),
        "light on dark": page.point(lambda tone: 255 - tone),
        "faint": page.point(lambda tone: 200 + tone // 75),
        "uneven light": Image.fromarray(uneven),
        "touching": penned(strokes, "2714", "3540", step=0.62, pen=6),
        "parted": penned(strokes, "3141", tall=20, pen=3, step=0.5),
        "on each other": penned(strokes, "11", step=0.3),
        "one digit": penned(strokes, "9", tall=150, pen=16),
        "one thin digit": penned(strokes, "3", tall=150, pen=3),
        "small": penned(strokes, "8", tall=14, pen=2),
        "letters": penned({"k": strokes["letter k"], "1": strokes["1"]}, "kk1"),
        "letters among digits": penned(strokes | {"k": strokes["letter k"]}, "417", "kkk", tall=64),
        "nothing": Image.new("L", (120, 90), 200),
    }


def test_drawings_are_read_as_python_reads_them(
    drawings: dict[str, Image.Image], run: Callable[..., Any]
) -> None:
    script = """
    import { decode } from "../shared/network.js";
    import { finderOf } from "./finder.js";
    import { read } from "./reader.js";
    const { layers, evidence } = task.finder;
    const finder = finderOf({ layers: layers.map(weights), evidence }, constants);
    const network = decode(task.network);
    console.log(JSON.stringify(task.pictures.map(bytes).map(({ height, width, values }) => {
      const shares = [];
      const picture = { height, width, data: values };
      const found = read({ finder, network }, picture, (share) => shares.push(share));
      const digits = found.digits.map(({ image, ...digit }) => digit);
      return { ...found, digits, levels: found.levels.length, last: shares.at(-1) };
    })));
    """
    found = run(
        script,
        finder=sent_finder(FINDER),
        network=sent_network(),
        pictures=[sent(np.asarray(each.convert("RGBA"))) for each in drawings.values()],
    )
    reader, texts = Reader(), {}
    for (name, picture), own in zip(drawings.items(), found, strict=True):
        wanted = reader.read(picture)
        agree(own, wanted)
        assert own["last"] == pytest.approx(1), name
        texts[name] = wanted.text
    assert texts["parted"] and texts["one digit"] == "9"
    assert texts["page"] == texts["clockwise"] == texts["anticlockwise"] == texts["upside down"]


def test_each_step_gives_what_python_gives(
    drawings: dict[str, Image.Image], run: Callable[..., Any]
) -> None:
    script = """
    import { centreOf, findCentres } from "./centres.js";
    import { seenOf, weigh } from "./evidence.js";
    import { allInk, cutOut } from "./glyphs.js";
    const shown = (glyph) => glyph && {
      ...glyph, box: Object.values(glyph.box),
      amount: Array.from(glyph.amount), mine: Array.from(glyph.mine),
    };
    console.log(JSON.stringify(task.pictures.map((picture) => {
      const levels = picture.map(asMaps);
      const centres = findCentres(levels, constants);
      const glyphs = cutOut(levels, centres, constants);
      const seen = glyphs.map((glyph, i) =>
        glyph && seenOf(levels[centres[i].level], centres[i], glyph, constants));
      const weighed = glyphs.map((glyph, i) =>
        glyph && weigh(task.evidence, seen[i], centres[i].classes, task.read, constants.evidence));
      const whole = levels.map((maps) => allInk(maps, constants));
      const told = levels.map((maps, level) =>
        whole[level] && centreOf(whole[level].box, level, maps, constants));
      return { centres, glyphs: glyphs.map(shown), seen, weighed, whole: whole.map(shown), told };
    })));
    """
    finder = Finder()
    names = ["page", "faint", "uneven light", "touching", "small", "letters", "nothing"]
    pictures = [look(finder, np.asarray(drawings[name])) for name in names]
    read = np.array([[0.9, 0.05, 0.03] + 7 * [0.02 / 7]], np.float32)
    found = run(
        script,
        evidence=asdict(finder.evidence),
        read=read[0].tolist(),
        pictures=[[sent_maps(maps) for maps in levels] for levels in pictures],
    )
    for levels, own in zip(pictures, found, strict=True):
        centres = find_centres(levels)
        assert len(own["centres"]) == len(centres)
        for centre, told in zip(centres, own["centres"], strict=True):
            same_centre(told, centre)
        glyphs = cut_out(levels, centres)
        for glyph, cut in zip(glyphs, own["glyphs"], strict=True):
            same_glyph(cut, glyph)
        for i, glyph in enumerate(glyphs):
            if glyph is not None:
                expected = seen(levels[centres[i].level], centres[i], glyph)
                assert own["seen"][i] == pytest.approx(expected.tolist(), abs=1e-3)
                digits, chance = weigh(
                    finder.evidence, expected[None], centres[i].classes[None, :10], read
                )
                assert own["weighed"][i]["chance"] == pytest.approx(chance[0], abs=1e-3)
                assert own["weighed"][i]["digits"] == pytest.approx(digits[0].tolist(), abs=1e-3)
        for level, maps in enumerate(levels):
            whole = all_ink(maps)
            same_glyph(own["whole"][level], whole)
            if whole is not None:
                same_centre(own["told"][level], centre_of(whole.box, level, maps))
    assert sum(len(own["centres"]) for own in found) > 30


def same_centre(own: dict[str, Any], wanted: Centre) -> None:
    for name in ("level", "kind"):
        assert own[name] == getattr(wanted, name)
    for name in ("x", "y", "width", "height", "heat", "score"):
        assert own[name] == pytest.approx(getattr(wanted, name), rel=1e-5), name
    for name in ("classes", "turns"):
        assert own[name] == pytest.approx(getattr(wanted, name).tolist(), abs=1e-5), name


def same_glyph(own: dict[str, Any] | None, wanted: Glyph | None) -> None:
    assert (own is None) == (wanted is None)
    if own is None or wanted is None:
        return
    assert own["box"] == list(wanted.box)
    assert (own["left"], own["top"], own["scale"]) == (*wanted.offset, wanted.scale)
    assert (own["height"], own["width"]) == wanted.amount.shape
    assert own["mine"] == wanted.mine.ravel().astype(int).tolist()
    assert np.abs(np.array(own["amount"]) - wanted.amount.ravel()).max() < 1e-5


EDGES = "left", "top", "right", "bottom"


def test_looks_are_fused_as_python_fuses_them(run: Callable[..., Any]) -> None:
    script = """
    import { fused } from "./fuse.js";
    const withChance = (each, probabilities, sure) => ({ ...each, probabilities, sure });
    console.log(JSON.stringify(fused(task.looks, withChance, constants.fuse)));
    """
    rng = np.random.default_rng(7)
    looks = []
    for _ in range(5):
        look = []
        for place in range(12):
            if rng.random() < 0.8:
                x, y = 14 * place + rng.integers(0, 6), rng.integers(0, 6)
                box = int(x), int(y), int(x + rng.integers(12, 20)), int(y + rng.integers(18, 30))
                read = rng.dirichlet(np.full(10, 0.3)).astype(np.float32)
                look.append(replace(made.found(box), probabilities=read))
        looks.append(look)
    given = [
        [
            {
                "glyph": {"box": dict(zip(EDGES, each.glyph.box, strict=True))},
                "probabilities": each.probabilities.tolist(),
                "sure": each.sure,
            }
            for each in look
        ]
        for look in looks
    ]
    wanted = fused(looks)
    assert len(wanted) < sum(map(len, looks)) / 2
    for own, thing in zip(run(script, looks=given), wanted, strict=True):
        assert tuple(own["glyph"]["box"].values()) == thing.glyph.box
        assert int(np.argmax(own["probabilities"])) == int(thing.probabilities.argmax())
        assert max(own["sure"], 0.101) == pytest.approx(thing.sure, abs=1e-5)


def test_what_touches_is_parted_as_python_parts_it(
    strokes: Strokes, run: Callable[..., Any]
) -> None:
    script = """
    import { bestWay, part as parted, parts as partsOf } from "./split.js";
    const keyOf = ({ left, width, mine }) => `${left} ${width} ${mine.reduce((a, b) => a + b)}`;
    const lazily = (glyph, found, sure) => {
      const table = new Map(found.map(({ glyph: each }, i) => [keyOf(each), Math.exp(sure[i])]));
      let asked = 0;
      const recognised = (glyphs) => glyphs.map((each) => {
        asked += 1;
        return { glyph: each, sure: table.get(keyOf(each)) };
      });
      const whole = { glyph, sure: Math.exp(sure[0]) };
      const chosen = parted([whole], 1, recognised, (each) => each, constants.split);
      const best = bestWay(found, sure, constants.split).map((i) => found[i]);
      return { asked, same: String(chosen.map((each) => keyOf(each.glyph))) ===
        String(best.map((each) => keyOf(each.glyph))) };
    };
    console.log(JSON.stringify(task.glyphs.map(({ sure, likely, ...given }) => {
      const glyph = {
        ...given, amount: floats(given.amount), mine: asBytes(given.mine),
        left: 3, top: 4, scale: 0.5, spaceBefore: true, mark: "",
      };
      const found = partsOf(glyph, sure, constants.split);
      return {
        way: bestWay(found, likely.slice(0, found.length), constants.split),
        lazily: lazily(glyph, found, [sure, ...likely.slice(1, found.length)]),
        parts: found.slice(1).map(({ first, second, cost, glyph: part }) => ({
          first, second, cost, left: part.left, top: part.top, scale: part.scale,
          height: part.height, width: part.width, spaceBefore: part.spaceBefore,
          box: Object.values(part.box),
          amount: Array.from(part.amount), mine: Array.from(part.mine),
        })),
      };
    })));
    """
    glyphs, given = [], []
    rng = np.random.default_rng(4)
    for text, step in (("27", 0.5), ("14", 0.45), ("80", 0.6), ("35214", 0.55), ("5", 1.0)):
        picture = np.asarray(penned(strokes, text, step=step, pen=5), np.float32)
        amount = np.clip((225 - picture) / 185, 0, 1)
        for sure in (-0.6, -0.9, -9.0):
            glyph = Glyph((0, 0, 1, 1), amount, amount > 0.3, (3, 4), 0.5, space_before=True)
            parted = np.log(rng.uniform(0.6, 1, 400)).tolist()
            glyphs.append((glyph, sure, parted))
            given.append(
                {
                    "height": amount.shape[0],
                    "width": amount.shape[1],
                    "amount": base64.b64encode(amount.tobytes()).decode(),
                    "mine": {"base64": base64.b64encode(glyph.mine.tobytes()).decode()},
                    "sure": sure,
                    "likely": parted,
                }
            )
    found = run(script, glyphs=given)
    for (glyph, sure, parted), own in zip(glyphs, found, strict=True):
        wanted = parts(glyph, sure)
        assert len(own["parts"]) == len(wanted) - 1
        for cut, part in zip(own["parts"], wanted[1:], strict=True):
            assert (cut["first"], cut["second"]) == (part.first, part.second)
            assert cut["cost"] == pytest.approx(part.cost)
            assert cut["spaceBefore"] == part.glyph.space_before
            same_glyph(cut, part.glyph)
        assert own["way"] == best_way(wanted, parted[: len(wanted)])
        assert own["lazily"]["same"], "though not all parts were recognised"
    counts = [len(own["parts"]) for own in found]
    assert 0 == counts[-3] < counts[0] < counts[1] < counts[2]
    assert max(len(own["way"]) for own in found) > 2
    assert sum(own["lazily"]["asked"] for own in found) < 0.7 * sum(counts)


def scattered(seed: int) -> NDArray[np.int64]:
    """Boxes (n, 4) of rows that slant and bend, of several sizes, and of some that lie anywhere."""
    rng = np.random.default_rng(seed)
    slope, bend = rng.uniform(-0.3, 0.3), rng.uniform(-4e-4, 4e-4)
    boxes = []
    for row in range(rng.integers(1, 6)):
        x, size = rng.uniform(0, 80), rng.uniform(14, 40)
        for _ in range(rng.integers(1, 12)):
            x += size * rng.choice([0.8, 1.2, 3.0, 7.0])
            y = 70 * row + slope * x + bend * x * x + rng.normal(0, 0.12 * size)
            tall = size * rng.choice([0.4, 0.9, 1.0, 1.1])
            boxes.append([x, y, x + rng.uniform(0.3, 0.8) * tall, y + tall])
    for _ in range(rng.integers(0, 6)):
        x, y, size = rng.uniform(0, 500), rng.uniform(0, 300), rng.uniform(8, 60)
        boxes.append([x, y, x + size / 2, y + size])
    return np.rint(boxes).astype(np.int64)


def test_boxes_become_the_lines_of_python(run: Callable[..., Any]) -> None:
    script = """
    import { findLines, findSlope } from "./rows.js";
    const box = ([left, top, right, bottom]) => ({ left, top, right, bottom });
    console.log(JSON.stringify(task.pages.map((page) => {
      const boxes = page.map(box);
      const slope = findSlope(boxes, constants.rows);
      return [slope, findLines(boxes, slope, constants.rows)];
    })));
    """
    pages = [scattered(seed) for seed in range(200)]
    found = run(script, pages=[page.tolist() for page in pages])
    for seed, (page, (slope, lines)) in enumerate(zip(pages, found, strict=True)):
        assert slope == pytest.approx(find_slope(page)), seed
        assert lines == find_lines(page), seed


READ = """async ({ width, height, bytes }) => {
  const data = Uint8ClampedArray.from(atob(bytes), (character) => character.charCodeAt(0));
  const shares = [];
  let beats = 0;
  const heart = setInterval(() => (beats += 1), 10);
  const { readPhotograph } = globalThis.tinydigits;
  const progress = (share) => shares.push(share);
  const found = await readPhotograph(new ImageData(data, width, height), progress);
  clearInterval(heart);
  const base64 = (values) => {
    let text = "";
    for (const byte of new Uint8Array(Float32Array.from(values).buffer))
      text += String.fromCharCode(byte);
    return btoa(text);
  };
  const levels = found.levels.map((maps) => ({
    scale: maps.scale,
    ink: maps.ink.map(base64),
    offsets: maps.offsets.map(base64),
    heat: maps.heat.map(base64),
    small: [base64(maps.small)],
    told: maps.told.map(base64),
  }));
  return { text: found.text, digits: found.digits.length, levels, shares, beats };
}"""


@pytest.fixture(scope="session")
def page_file(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "digits.html"
    path.write_text(build_page(finder=exported).html, encoding="utf-8")
    return path


def test_the_page_reads_photographs_in_a_worker(open_page: Any, exported: Path) -> None:
    page, finder = open_page().page, Finder(exported)
    for shape in ((480, 640), (33, 47), (28, 28)):
        grey = patchy(*shape)
        picture = np.dstack([grey] * 3 + [np.full(shape, 255, np.uint8)])
        found = page.evaluate(READ, sent(picture))
        wanted = look(finder, grey)
        assert [level["scale"] for level in found["levels"]] == [maps.scale for maps in wanted]
        for level, maps in zip(found["levels"], wanted, strict=True):
            for name in ("ink", "offsets", "heat", "small", "told"):
                own = np.concatenate([floats(each) for each in level[name]])
                assert np.abs(own - getattr(maps, name).ravel()).max() < 1e-3, (shape, name)
        assert found["text"] == Reader(finder=finder).read(grey).text
        assert found["shares"] == sorted(found["shares"]) and len(found["shares"]) > 50
        if shape == (480, 640):
            assert found["beats"] > 3, "the page waited"


def test_a_picture_that_cannot_be_read_gets_a_sentence_and_the_next_is_read(open_page: Any) -> None:
    page = open_page().page
    failed = """(picture) => globalThis.tinydigits.readPhotograph(picture)
      .then(() => "", (error) => error.message)"""
    assert page.evaluate(failed, {"width": 0, "height": 0, "data": []}) == "The picture is empty."
    large = {"width": 9000, "height": 9000, "data": {"length": 4 * 9000**2}}
    assert "9000x9000 pixels is too large; at most 40 million" in page.evaluate(failed, large)
    picture = np.full((40, 40, 4), 255, np.uint8)
    assert page.evaluate(READ, sent(picture))["text"] == ""
