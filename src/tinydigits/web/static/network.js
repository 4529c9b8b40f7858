/**
 * The network, run. It walks the list of layers that `tinydigits export RUN -o FILE.json` writes,
 * so it knows no architecture: whatever is made of these layers runs here.
 *
 * What flows from layer to layer is a stack of maps, {channels, height, width, values}: value
 * (channel, row, column) is values[(channel * height + row) * width + column].
 */

import { floatsOf } from "./base64.js";
import { view } from "./views.js";

/** The exported object, its arrays turned from base64 into numbers. */
export function decode(exported) {
  const arrays = (layer) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, value]) => [name, name !== "type" && typeof value === "string" ? floatsOf(value) : value]),
    );
  return { ...exported, layers: exported.layers.map(arrays) };
}

/**
 * A 28x28 image in [0, 1], ink 1, through all layers.
 *
 * @param off for each layer that has any, the channels to be switched off: Map(index -> Set).
 * @returns every stack of maps, from the network's input to its ten scores.
 */
export function forward(network, image, off = new Map()) {
  const input = stack(1, 28, 28);
  input.values = Float32Array.from(image, (pixel) => (pixel - network.mean) / network.std);
  const stacks = [input];
  network.layers.forEach((layer, index) => {
    const output = LAYERS[layer.type](layer, stacks[index]);
    off.get(index)?.forEach((channel) => mapOf(output, channel).fill(0));
    stacks.push(output);
  });
  return stacks;
}

/** Probabilities of the ten digits: the mean over the network's views of the image. */
export function recognise(network, image, off) {
  const mean = new Float64Array(10);
  for (const [size, degrees] of network.views) {
    const scores = forward(network, view(image, size, degrees), off).at(-1).values;
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

export const stack = (channels, height, width) => ({ channels, height, width, values: new Float32Array(channels * height * width) });

export function mapOf(stack, channel) {
  const area = stack.height * stack.width;
  return stack.values.subarray(channel * area, (channel + 1) * area);
}

const LAYERS = {
  /** Each value is a sum over a small window of all input maps, weighted by its map's kernel. */
  conv2d(layer, input) {
    const { weight, bias } = layer;
    const { windows, terms, height, width } = gather(layer, input);
    const output = stack(layer.out_channels, height, width);
    const { values } = output;
    const area = height * width;
    // Four places at a time: each weight is fetched once for all, and no sum waits for another.
    // What the last four of a channel write too many, the next channel overwrites.
    for (let channel = 0; channel < output.channels; channel += 1)
      for (let place = 0, at = channel * area; place < area; place += 4, at += 4) {
        let one = bias[channel], two = one, three = one, four = one;
        for (let term = 0, i = place * terms; term < terms; term += 1, i += 1) {
          const factor = weight[channel * terms + term];
          one += factor * windows[i];
          two += factor * windows[i + terms];
          three += factor * windows[i + 2 * terms];
          four += factor * windows[i + 3 * terms];
        }
        values[at] = one;
        values[at + 1] = two;
        values[at + 2] = three;
        values[at + 3] = four;
      }
    return output;
  },

  relu(_, input) {
    const output = stack(input.channels, input.height, input.width);
    for (let i = 0; i < output.values.length; i += 1) output.values[i] = Math.max(0, input.values[i]);
    return output;
  },

  /** Each map shifted and scaled by what training found its mean and variance to be. */
  batch_norm({ channels, eps, weight, bias, mean, var: variance }, input) {
    const output = stack(channels, input.height, input.width);
    for (let channel = 0; channel < channels; channel += 1) {
      const scale = weight[channel] / Math.sqrt(variance[channel] + eps);
      mapOf(output, channel).set(mapOf(input, channel).map((value) => (value - mean[channel]) * scale + bias[channel]));
    }
    return output;
  },

  max_pool: (layer, input) => pool(layer.kernel, input, (window) => window.reduce((a, b) => Math.max(a, b))),

  avg_pool: (layer, input) => pool(layer.kernel, input, (window) => window.reduce((a, b) => a + b) / window.length),
};

/** For each place of a convolution's output, the values its sum is taken over, one after another. */
export function gather({ kernel, stride, padding }, input) {
  const height = Math.floor((input.height + 2 * padding - kernel) / stride) + 1;
  const width = Math.floor((input.width + 2 * padding - kernel) / stride) + 1;
  const terms = input.channels * kernel * kernel;
  const windows = new Float32Array((height * width + 3) * terms);
  let at = 0;
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      for (let channel = 0; channel < input.channels; channel += 1)
        for (let y = row * stride - padding, bottom = y + kernel; y < bottom; y += 1)
          for (let x = column * stride - padding, right = x + kernel; x < right; x += 1, at += 1)
            if (y >= 0 && y < input.height && x >= 0 && x < input.width)
              windows[at] = input.values[(channel * input.height + y) * input.width + x];
  return { windows, terms, height, width };
}

/** One value for each window of the given side; the windows lie side by side. */
function pool(side, input, summary) {
  const output = stack(input.channels, Math.floor(input.height / side), Math.floor(input.width / side));
  const window = new Float32Array(side * side);
  for (let channel = 0, at = 0; channel < output.channels; channel += 1)
    for (let row = 0; row < output.height; row += 1)
      for (let column = 0; column < output.width; column += 1, at += 1) {
        const corner = (channel * input.height + row * side) * input.width + column * side;
        for (let i = 0; i < window.length; i += 1)
          window[i] = input.values[corner + Math.floor(i / side) * input.width + (i % side)];
        output.values[at] = summary(window);
      }
  return output;
}
