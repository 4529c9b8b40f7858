/**
 * The network, run. It walks the list of layers that `tinydigits export RUN -o FILE.json` writes,
 * so it knows no architecture: whatever is made of these layers runs here.
 *
 * What flows from layer to layer is a stack of maps, {channels, height, width, values}: value
 * (channel, row, column) is values[(row * width + column) * channels + channel].
 */

import { floatsOf } from "./base64.js";
import { dense, packed, planes } from "./dense.js";
import { view } from "./views.js";

/** The exported object, its arrays, in base64 or as bytes, turned into numbers. */
export function decode(exported) {
  const arrays = (layer) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, value]) => [name, (typeof value === "string" && name !== "type") || value instanceof Uint8Array ? floatsOf(value) : value]),
    );
  return { ...exported, layers: exported.layers.map(arrays) };
}

/**
 * A 28x28 image in [0, 1], ink 1, through all layers.
 *
 * @param off for each layer that has any, the channels to be switched off: Map(index -> Set).
 * @returns every stack of maps, from the network's input to its ten scores.
 */
export function forward(network, image, off) {
  const stacks = [];
  through(network, image, off, (stack) => stacks.push({ ...stack, values: stack.values.slice() }));
  return stacks;
}

/** The scores, and on the way every stack of maps, which the next layer may write over. */
function through(network, image, off, visit) {
  let stack = planes(1, 28, 28);
  for (let i = 0; i < 784; i += 1) stack.values[i] = (image[i] - network.mean) / network.std;
  visit?.(stack);
  network.layers.forEach((layer, index) => {
    stack = LAYERS[layer.type](layer, stack) ?? stack;
    const { channels, values } = stack;
    off?.get(index)?.forEach((channel) => {
      for (let i = channel; i < values.length; i += channels) values[i] = 0;
    });
    visit?.(stack);
  });
  return stack.values;
}

/** Probabilities of the ten digits: the mean over the network's views of the image. */
export function recognise(network, image, off) {
  const mean = new Float64Array(10);
  for (const [size, degrees] of network.views) {
    const scores = through(network, view(image, size, degrees), off);
    softmax(scores, network.temperature).forEach((p, digit) => (mean[digit] += p / network.views.length));
  }
  return mean;
}

/** Scores to probabilities; the higher the temperature, the more alike. */
export function softmax(scores, temperature) {
  const largest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp((score - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** One of the maps, row by row. */
export function mapOf({ channels, values }, channel) {
  return Float32Array.from({ length: values.length / channels }, (_, place) => values[place * channels + channel]);
}

const prepared = new WeakMap(); // convolutions, with their weights in the order in which they are used

const LAYERS = {
  /** Each value is a sum over a small window of all input maps, weighted by its map's kernel. */
  conv2d(layer, input) {
    const { kernel, stride, padding, in_channels, out_channels } = layer;
    if (!prepared.has(layer)) prepared.set(layer, { ...layer, ...packed(layer) });
    const { height, width, line } = input;
    const wide = planes(in_channels, height, width, padding);
    for (let row = 0; row < height; row += 1) wide.values.set(input.values.subarray(row * line, (row + 1) * line), wide.start + row * wide.line);
    const side = (length) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const output = planes(out_channels, side(height), side(width));
    dense(prepared.get(layer), wide, output);
    return output;
  },

  relu(_, { values }) {
    for (let i = 0; i < values.length; i += 1) if (values[i] < 0) values[i] = 0;
  },

  /** Each map shifted and scaled by what training found its mean and variance to be. */
  batch_norm({ channels, eps, weight, bias, mean, var: variance }, { values }) {
    for (let channel = 0; channel < channels; channel += 1) {
      const scale = weight[channel] / Math.sqrt(variance[channel] + eps);
      const shift = bias[channel] - mean[channel] * scale;
      for (let i = channel; i < values.length; i += channels) values[i] = values[i] * scale + shift;
    }
  },

  max_pool: (layer, input) => pool(layer.kernel, input, -Infinity, Math.max),

  avg_pool: (layer, input) => pool(layer.kernel, input, 0, (sum, value) => sum + value / layer.kernel ** 2),
};

/** One value for each window of the given side, made of all its values in turn; the windows lie side by side. */
function pool(side, { channels, height, width, line, values }, first, add) {
  const output = planes(channels, Math.floor(height / side), Math.floor(width / side));
  for (let row = 0, at = 0; row < output.height; row += 1)
    for (let column = 0; column < output.width; column += 1)
      for (let channel = 0; channel < channels; channel += 1, at += 1) {
        let value = first;
        let from = row * side * line + column * side * channels + channel;
        for (let y = 0; y < side; y += 1, from += line)
          for (let x = 0; x < side; x += 1) value = add(value, values[from + x * channels]);
        output.values[at] = value;
      }
  return output;
}
