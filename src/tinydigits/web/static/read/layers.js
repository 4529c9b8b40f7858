/** Every layer's activations as pictures, each of whose pixels, a unit, can be pointed at. */

import { blocksOf, tellOf } from "./blocks.js";
import { paintMap, sharpContext, signed } from "./colours.js";
import { make, number } from "../shared/dom.js";
import { describe, fieldOf } from "./explain.js";
import { mapOf } from "../shared/network.js";

const GAP = 4;
const LARGEST = 52; // CSS pixels of a map's side

/**
 * Build the rows of pictures, in blocks that are closed until somebody opens them.
 *
 * @param close called with a block's number when somebody closes it.
 * @param point called with the unit that is pointed at, or moved to by keyboard, and how:
 *   "hover", "click", "key", or "off" to switch its map off or on.
 * @returns {show(stacks, off, unit), paintAll, open(numbers)}: show paints those rows that can be seen; open shows those blocks alone.
 */
export function makeLayers(root, network, stacks, point, close) {
  root.replaceChildren();
  const visible = new Set();
  const rows = stacks.map((stack, index) => makeRow(network, stack, index));
  let shown = { stacks, off: new Map(), unit: null };

  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const row = rows.find(({ canvas }) => canvas === target);
      visible[isIntersecting ? "add" : "delete"](row);
      if (isIntersecting) paint(row, network, shown);
    }
  }, { rootMargin: "100px" });

  const blocks = blocksOf(network).map((block, number) => {
    const { name, sentence } = tellOf(network, stacks, block);
    const shut = make("button", { className: "small", textContent: "Close", onclick: () => close(number), attributes: { "aria-label": `Close block ${number + 1}` } });
    const head = make("div", { className: "block-head" }, [make("h3", { textContent: `${number + 1}. ${name}` }), make("p", { className: "note", textContent: sentence }), shut]);
    return make("section", { className: "block", tabIndex: -1, attributes: { "aria-label": `Block ${number + 1}` } }, [head, ...rows.slice(block.first, block.end).map(({ element }) => element)]);
  });
  root.append(make("div", { className: "block" }, [rows[0].element]), ...blocks);
  rows.forEach((row) => {
    watcher.observe(row.canvas);
    listen(row, () => shown, point);
  });

  const fit = () => rows.filter(({ canvas }) => canvas.parentElement.clientWidth).forEach((row) => Object.assign(row.canvas.style, sizeOf(row, layout(row))));
  const show = (stacks, off, unit) => {
    shown = { stacks, off, unit };
    visible.forEach((row) => paint(row, network, shown));
  };
  new ResizeObserver(() => {
    fit();
    show(shown.stacks, shown.off, shown.unit);
  }).observe(root);
  return {
    show,
    paintAll() {
      fit();
      rows.forEach((row) => paint(row, network, shown));
    },
    blocks,
    open: (numbers) => blocks.forEach((block, number) => (block.hidden = !numbers.has(number))),
  };
}

function makeRow(network, stack, index) {
  const layer = network.layers[index - 1];
  const { name, detail } = layer ? describe(layer, stack) : { name: "Input", detail: "28×28, minus the mean, divided by the standard deviation" };
  const range = make("span", { className: "range" });
  const title = make("p", { className: "layer-name" }, [make("b", { textContent: name }), make("span", { textContent: detail }), range]);
  const label = `${name}: ${stack.channels} of ${stack.height} by ${stack.width}`;
  const canvas = make("canvas", {
    tabIndex: 0,
    attributes: { role: "application", "aria-label": label, "aria-describedby": "layer-keys" },
  });
  const element = make("div", { className: "layer" }, [title, make("div", { className: "maps" }, [canvas])]);
  return { index, name, canvas, range, element, stack };
}

/** How many maps lie side by side, and how large they are. */
function layout({ canvas, stack }) {
  const width = canvas.parentElement.clientWidth;
  const columns = width >= 480 ? 16 : 8;
  const side = Math.min(LARGEST, Math.floor((width - (columns - 1) * GAP) / columns));
  return { columns, side };
}

const sizeOf = ({ stack: { channels } }, { columns, side }) => ({
  width: `${Math.min(columns, channels) * (side + GAP) - GAP}px`,
  height: `${Math.ceil(channels / columns) * (side + GAP) - GAP}px`,
});

function paint(row, network, { stacks, off, unit }) {
  const { columns, side } = layout(row);
  const stack = stacks[row.index];
  const context = sharpContext(row.canvas, row.canvas.clientWidth, row.canvas.clientHeight);
  const { scale, text } = rangeOf(stack.values);
  row.range.textContent = text;
  for (let channel = 0; channel < stack.channels; channel += 1) {
    const square = [(channel % columns) * (side + GAP), Math.floor(channel / columns) * (side + GAP), side];
    paintMap(context, { ...stack, values: mapOf(stack, channel) }, signed, scale || 1, square);
    if (stack.channels === network.labels.length) nameDigit(context, row.canvas, network.labels[channel], square);
    if (off.get(row.index - 1)?.has(channel)) crossOut(context, square);
  }
  if (unit) markUnit(context, row, network, stacks, unit, { columns, side });
}

/** The value that gets the full colour. A few that are far beyond the others must not pale them. */
export const fullColour = (values) => rangeOf(values).scale;

function rangeOf(values) {
  let [low, high, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i += 1) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
    squares += values[i] * values[i];
  }
  const largest = Math.max(high, -low);
  const scale = Math.min(largest, 4 * Math.sqrt(squares / values.length));
  const range = low < 0 ? `±${number(scale, 1)}` : `0 to ${number(scale, 1)}`;
  return { scale, text: scale < largest ? `${range} and beyond` : range };
}

/** Where there is a map for each digit, say which it is of. */
function nameDigit(context, canvas, label, [x, y, side]) {
  const style = getComputedStyle(canvas);
  context.font = `600 ${Math.round(side / 3.2)}px ${style.fontFamily}`;
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = style.getPropertyValue("--card");
  context.fillStyle = style.color;
  context.strokeText(label, x + 4, y + side / 2.8);
  context.fillText(label, x + 4, y + side / 2.8);
}

function crossOut(context, [x, y, side]) {
  context.strokeStyle = getComputedStyle(document.body).color;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + side, y + side);
  context.moveTo(x + side, y);
  context.lineTo(x, y + side);
  context.stroke();
}

/** Frame the unit in its map, and what it sees in the maps of every layer before. */
function markUnit(context, row, network, stacks, unit, { columns, side }) {
  if (row.index > unit.index) return;
  const { height, width, channels } = stacks[row.index];
  const field = fieldOf(network, stacks, unit, row.index);
  const own = row.index === unit.index;
  const layer = network.layers[unit.index - 1];
  const sameMap = own || (row.index === unit.index - 1 && layer.type !== "conv2d");
  context.strokeStyle = getComputedStyle(row.canvas).color;
  context.lineWidth = own ? 2 : 1.25;
  for (let channel = 0; channel < channels; channel += 1) {
    if (sameMap && channel !== unit.channel) continue;
    const [x, y] = [(channel % columns) * (side + GAP), Math.floor(channel / columns) * (side + GAP)];
    const [across, down] = [side / width, side / height];
    context.strokeRect(
      x + field.left * across,
      y + field.top * down,
      (field.right - field.left + 1) * across,
      (field.bottom - field.top + 1) * down,
    );
  }
}

function listen(row, shown, point) {
  const { canvas, index, stack } = row;
  const unitAt = (event) => {
    const { columns, side } = layout(row);
    const column = Math.floor(event.offsetX / (side + GAP));
    const channel = Math.floor(event.offsetY / (side + GAP)) * columns + column;
    const within = (offset, length) => Math.min(length - 1, Math.max(0, Math.floor(((offset % (side + GAP)) / side) * length)));
    if (column >= columns || channel < 0 || channel >= stack.channels) return null;
    return { index, channel, row: within(event.offsetY, stack.height), column: within(event.offsetX, stack.width) };
  };
  canvas.addEventListener("pointermove", (event) => {
    const unit = event.pointerType !== "touch" && unitAt(event);
    if (unit) point(unit, "hover");
  });
  canvas.addEventListener("click", (event) => {
    const unit = unitAt(event);
    if (unit) point(unit, "click");
  });
  const current = () =>
    shown().unit?.index === index
      ? shown().unit
      : { index, channel: 0, row: Math.floor(stack.height / 2), column: Math.floor(stack.width / 2) };
  canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && point(current(), "key"));
  canvas.addEventListener("keydown", (event) => {
    const unit = moved(current(), event.key, stack);
    if (unit) {
      shown().unit = unit; // the next key may come before the next frame
      point(unit, "key");
    } else if (event.key === "Delete") point(current(), "off");
    else return;
    event.preventDefault();
  });
}

/** The unit that a key leads to: arrows within a map, Page Up and Page Down from map to map. */
function moved(unit, key, { channels, height, width }) {
  const steps = {
    ArrowUp: { row: -1 }, ArrowDown: { row: 1 }, ArrowLeft: { column: -1 }, ArrowRight: { column: 1 },
    PageUp: { channel: -1 }, PageDown: { channel: 1 },
  };
  if (!steps[key]) return null;
  const { row = 0, column = 0, channel = 0 } = steps[key];
  const within = (value, length) => Math.min(length - 1, Math.max(0, value));
  return {
    ...unit,
    row: within(unit.row + row, height),
    column: within(unit.column + column, width),
    channel: within(unit.channel + channel, channels),
  };
}
