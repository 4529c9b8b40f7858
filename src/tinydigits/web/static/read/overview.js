/** The layers as one picture: a row of maps for each block, joined by lines; a tap opens a block below. */

import { blocksOf, shownOf, tellOf } from "./blocks.js";
import { paintMap, sharpContext, signed } from "./colours.js";
import { make } from "../shared/dom.js";
import { fullColour } from "./layers.js";
import { mapOf } from "../shared/network.js";

const LARGEST = 26; // CSS pixels of a map's side,
const LOW = { screen: matchMedia("(height < 700px)"), largest: 17 }; // and on a low screen
const JOINED = 3; // maps above that a map is joined to
const STEP = 90; // ms from block to block, when a digit flows through

/**
 * Build the picture.
 *
 * @param open called with a block's number when somebody taps it.
 * @returns {show(stacks), mark(opened), flow, rows}: mark says which blocks are open; flow lets what is shown appear from block to
 *   block, and gives a promise of its end; rows hold each block's canvas, name and sentence.
 */
export function makeOverview(root, network, stacks, open) {
  const rows = blocksOf(network).map((block, number) => makeRow(network, stacks, block, () => open(number)));
  root.replaceChildren(...rows.map(({ element }) => element));
  let shown = stacks;
  const show = (stacks) => {
    shown = stacks;
    rows.forEach((row) => paint(row, stacks[row.index], network.labels));
  };
  const paintAll = () => {
    if (!root.clientWidth) return;
    show(shown);
    rows.forEach((row, i) => join(row, rows[i - 1]));
  };
  const size = new ResizeObserver(paintAll);
  size.observe(root);
  addEventListener("themechange", paintAll);
  return {
    show,
    paintAll,
    rows,
    mark: (opened) => rows.forEach(({ element }, i) => element.setAttribute("aria-expanded", String(opened.has(i)))),
    forget() {
      size.disconnect();
      removeEventListener("themechange", paintAll);
    },
    async flow() {
      rows.forEach(({ element }) => element.classList.add("waiting"));
      for (const { element } of rows) {
        await new Promise((done) => setTimeout(done, STEP));
        element.classList.remove("waiting");
      }
    },
  };
}

function makeRow(network, stacks, block, tapped) {
  const index = shownOf(block, stacks);
  const { name, sentence } = tellOf(network, stacks, block);
  const lines = make("canvas", { className: "joined", attributes: { "aria-hidden": "true" } });
  const maps = make("canvas", { className: "small-maps", attributes: { "aria-hidden": "true" } });
  const told = make("span", { className: "told" }, [make("b", { textContent: name }), ` ${sentence}`]);
  const element = make("button", { className: "block-row", onclick: tapped, attributes: { "aria-expanded": "false" } }, [lines, told, maps]);
  const layer = network.layers.slice(block.first - 1, block.end - 1).find(({ type }) => type === "conv2d");
  return { block, index, name, sentence, layer, element, lines, maps, channels: stacks[index].channels };
}

/** Where a block's maps stand: side and distance, in CSS pixels, and the first one's left edge. */
function placed({ maps, channels }) {
  const width = maps.clientWidth;
  const side = Math.max(2, Math.min(LOW.screen.matches ? LOW.largest : LARGEST, Math.floor(width / channels) - 1));
  const pitch = Math.min(width / channels, 2 * side);
  return { side, pitch, left: (width - pitch * channels) / 2 + (pitch - side) / 2 };
}

function paint(row, stack, labels) {
  const { side, pitch, left } = placed(row);
  row.maps.style.height = `${side}px`;
  const context = sharpContext(row.maps, row.maps.clientWidth, side);
  const scale = fullColour(stack.values) || 1;
  const named = stack.channels === labels.length;
  for (let channel = 0; channel < stack.channels; channel += 1) {
    const x = left + channel * pitch;
    paintMap(context, { ...stack, values: mapOf(stack, channel) }, signed, scale, [x, 0, side]);
    if (!named) continue;
    context.fillStyle = getComputedStyle(row.maps).color;
    context.font = "600 11px system-ui, sans-serif";
    context.fillText(labels[channel], Math.max(0, x - 8), side / 2 + 4);
  }
}

/** A line to each map from those of the maps above that weigh most in it. */
function join(row, above) {
  const { layer, lines, element, maps } = row;
  lines.style.height = `${element.clientHeight - maps.clientHeight}px`;
  const [width, height] = [lines.clientWidth, lines.clientHeight];
  const context = sharpContext(lines, width, height);
  if (!layer || !above) return;
  const [from, to] = [placed(above), placed(row)];
  context.strokeStyle = getComputedStyle(lines).color;
  for (let channel = 0; channel < layer.out_channels; channel += 1)
    for (const { input, share } of strongest(layer, channel)) {
      context.globalAlpha = share;
      context.beginPath();
      context.moveTo(from.left + input * from.pitch + from.side / 2, 0);
      context.lineTo(to.left + channel * to.pitch + to.side / 2, height);
      context.stroke();
    }
}

/** The input maps that weigh most in a convolution's map, and their shares of the most. */
function strongest({ in_channels: given, kernel, weight }, channel) {
  const size = kernel ** 2;
  const sums = Array.from({ length: given }, (_, input) => {
    const from = (channel * given + input) * size;
    return { input, sum: weight.subarray(from, from + size).reduce((sum, value) => sum + Math.abs(value), 0) };
  }).sort((a, b) => b.sum - a.sum);
  return sums.slice(0, JOINED).map(({ input, sum }) => ({ input, share: sum / (sums[0].sum || 1) }));
}
