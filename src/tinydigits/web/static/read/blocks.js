/** The network's blocks: each is a convolution and the layers that follow it up to the next. */

import { fieldOf } from "./explain.js";

/** [first, end) of the stacks that each block makes; what stands before the first convolution is with the first. */
export function blocksOf({ layers }) {
  const starts = layers.flatMap(({ type }, i) => (type === "conv2d" ? [i + 1] : []));
  if (!starts.length) return [{ first: 1, end: layers.length + 1 }];
  return starts.map((start, i) => ({ first: i ? start : 1, end: starts[i + 1] ?? layers.length + 1 }));
}

/** The stack that shows a block best: its last that is more than one number a map. */
export function shownOf({ first, end }, stacks) {
  for (let index = end - 1; index > first; index -= 1) if (stacks[index].height > 1) return index;
  return first;
}

/** A block's name, and a sentence on what it looks for. */
export function tellOf(network, stacks, block) {
  const inside = network.layers.slice(block.first - 1, block.end - 1);
  const layer = inside.find(({ type }) => type === "conv2d");
  if (!layer) return { name: "Layers", sentence: "No convolution is among them." };
  const { kernel, in_channels: given, out_channels: made } = layer;
  const index = block.first - 1 + inside.indexOf(layer) + 1;
  const middle = { index, channel: 0, row: Math.floor(stacks[index].height / 2), column: Math.floor(stacks[index].width / 2) };
  const { top, bottom } = fieldOf(network, stacks, middle);
  const side = bottom - top + 1;
  const last = block.end > network.layers.length;
  const pooled = !last && inside.some(({ type }) => type.endsWith("pool")) ? ", at half size" : "";
  const own = kernel === 1 ? `Mixes the ${given} maps into ${made}, at each place` : `${searched(side)} in ${side}×${side} pixels`;
  return { name: `${kernel}×${kernel}, ${made} maps`, sentence: last ? "One map for each digit, strongest where it is seen." : `${own}${pooled}.` };
}

function searched(side) {
  if (side <= 4) return "Looks for edges and dots";
  if (side <= 8) return "Looks for ends and bends";
  if (side <= 15) return "Looks for bars, hooks and arcs";
  if (side <= 22) return "Looks for loops and joints";
  return "Looks for whole digits";
}
