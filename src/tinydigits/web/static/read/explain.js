/**
 * How a unit came by its value. A unit is {index, channel, row, column}: a place in stack `index`
 * of what `forward` gives; stack 0 is the input, and layer `index - 1` made the stack.
 */

import { mapOf } from "../shared/network.js";

const geometry = ({ type, kernel = 1, stride, padding = 0 }) => ({
  kernel,
  stride: stride ?? (type.endsWith("pool") ? kernel : 1),
  padding,
});

/** The rows and columns of a stack, {top, bottom, left, right} inclusive, that a unit of the next one sees. */
function seenBy(layer, { top, bottom, left, right }) {
  const { kernel, stride, padding } = geometry(layer);
  return {
    top: top * stride - padding,
    left: left * stride - padding,
    bottom: bottom * stride - padding + kernel - 1,
    right: right * stride - padding + kernel - 1,
  };
}

/** What a unit sees of stack `until`: of the input, it is called its receptive field. */
export function fieldOf(network, stacks, unit, until = 0) {
  let field = { top: unit.row, bottom: unit.row, left: unit.column, right: unit.column };
  for (let index = unit.index; index > until; index -= 1) field = seenBy(network.layers[index - 1], field);
  const { height, width } = stacks[until];
  return {
    top: Math.max(0, field.top),
    left: Math.max(0, field.left),
    bottom: Math.min(height - 1, field.bottom),
    right: Math.min(width - 1, field.right),
  };
}

export const valueOf = (stacks, { index, channel, row, column }) => mapOf(stacks[index], channel)[row * stacks[index].width + column];

/** The input values that a unit's layer worked on in one of its input maps; beyond the edge they are 0. */
export function windowOf(layer, input, channel, unit) {
  const { kernel, stride, padding } = geometry(layer);
  const map = mapOf(input, channel);
  return Array.from({ length: kernel * kernel }, (_, i) => {
    const row = unit.row * stride - padding + Math.floor(i / kernel);
    const column = unit.column * stride - padding + (i % kernel);
    const inside = row >= 0 && row < input.height && column >= 0 && column < input.width;
    return inside ? map[row * input.width + column] : 0;
  });
}

/** A convolution's sum by input map, the weightiest first: {channel, window, kernel, sum} each. */
export function partsOf(layer, input, unit) {
  const size = layer.kernel * layer.kernel;
  const parts = Array.from({ length: layer.in_channels }, (_, channel) => {
    const window = windowOf(layer, input, channel, unit);
    const from = (unit.channel * layer.in_channels + channel) * size;
    const kernel = Array.from(layer.weight.subarray(from, from + size));
    return { channel, window, kernel, sum: window.reduce((sum, value, i) => sum + value * kernel[i], 0) };
  });
  return parts.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
}

/** Name and purpose of a layer, in few words. */
export function describe(layer, output) {
  const maps = `${output.channels} ${output.channels === 1 ? "map" : "maps"} of ${output.height}×${output.width}`;
  const kernel = `${layer.kernel}×${layer.kernel}`;
  const count = (...arrays) => arrays.reduce((sum, array) => sum + array.length, 0).toLocaleString("en");
  switch (layer.type) {
    case "conv2d":
      return { name: `Convolution ${kernel}`, detail: `${maps}, ${count(layer.weight, layer.bias)} parameters` };
    case "relu":
      return { name: "ReLU", detail: "what is below 0 becomes 0" };
    case "batch_norm":
      return { name: "Batch norm", detail: `each map shifted and scaled, ${count(layer.weight, layer.bias)} parameters` };
    case "max_pool":
      return { name: `Maximum of ${kernel}`, detail: maps };
    default:
      return { name: `Mean of ${kernel}`, detail: maps };
  }
}
