/**
 * The network, run. It walks the list of layers that `tinydigits export RUN -o FILE.json` writes,
 * so it knows no architecture: whatever is made of these layers runs here.
 *
 * What flows from layer to layer is a stack of maps, {channels, height, width, values}: value
 * (channel, row, column) is values[(channel * height + row) * width + column].
 */

import { floatsOf } from "./base64.js";
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
export function forward(network, image, off = new Map()) {
  const input = stack(1, 28, 28);
  for (let i = 0; i < 784; i += 1) input.values[i] = (image[i] - network.mean) / network.std;
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
    const [places, copies] = distinct(windows, terms, area, width);
    // Two places and four channels at a time, as in convolutions.js: each number that is fetched is
    // used four times or twice. A last four that is not full has its last channel more than once.
    const fours = Array.from({ length: Math.ceil(output.channels / 4) }, (_, i) => [0, 1, 2, 3].map((n) => Math.min(4 * i + n, output.channels - 1)));
    const beside = new Float32Array(4 * terms * fours.length); // for each four, term by term, the four channels' weights
    fours.forEach((four, i) => four.forEach((channel, n) => {
      for (let term = 0; term < terms; term += 1) beside[4 * (i * terms + term) + n] = weight[channel * terms + term];
    }));
    for (let n = 0; n < places.length; n += 2) {
      const place = places[n], other = places[Math.min(n + 1, places.length - 1)];
      for (let i = 0, k = 0; i < fours.length; i += 1) {
        const four = fours[i];
        let a0 = bias[four[0]], a1 = bias[four[1]], a2 = bias[four[2]], a3 = bias[four[3]];
        let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        for (let at = place * terms, to = other * terms, end = at + terms; at < end; at += 1, to += 1, k += 4) {
          const a = windows[at], b = windows[to];
          const k0 = beside[k], k1 = beside[k + 1], k2 = beside[k + 2], k3 = beside[k + 3];
          a0 += a * k0;
          a1 += a * k1;
          a2 += a * k2;
          a3 += a * k3;
          b0 += b * k0;
          b1 += b * k1;
          b2 += b * k2;
          b3 += b * k3;
        }
        values[four[0] * area + place] = a0;
        values[four[1] * area + place] = a1;
        values[four[2] * area + place] = a2;
        values[four[3] * area + place] = a3;
        values[four[0] * area + other] = b0;
        values[four[1] * area + other] = b1;
        values[four[2] * area + other] = b2;
        values[four[3] * area + other] = b3;
      }
    }
    for (let channel = 0; channel < output.channels * area; channel += area)
      for (let n = 0; n < copies.length; n += 2) values[channel + copies[n]] = values[channel + copies[n + 1]];
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
      const shift = bias[channel] - mean[channel] * scale;
      const area = input.height * input.width;
      for (let i = channel * area; i < (channel + 1) * area; i += 1) output.values[i] = input.values[i] * scale + shift;
    }
    return output;
  },

  max_pool: (layer, input) => pool(layer.kernel, input, -Infinity, Math.max),

  avg_pool: (layer, input) => pool(layer.kernel, input, 0, (sum, value) => sum + value / layer.kernel ** 2),
};

let room = new Float32Array(0); // for one convolution's windows after another's: to ask for memory takes as long as to fill it

/** For each place of a convolution's output, the values its sum is taken over, one after another; until it is called again. */
function gather({ kernel, stride, padding }, input) {
  const height = Math.floor((input.height + 2 * padding - kernel) / stride) + 1;
  const width = Math.floor((input.width + 2 * padding - kernel) / stride) + 1;
  const terms = input.channels * kernel * kernel;
  const length = height * width * terms;
  if (room.length < length) room = new Float32Array(length);
  const windows = room.subarray(0, length).fill(0);
  let at = 0;
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      for (let channel = 0; channel < input.channels; channel += 1)
        for (let y = row * stride - padding, bottom = y + kernel; y < bottom; y += 1, at += kernel) {
          if (y < 0 || y >= input.height) continue;
          const left = column * stride - padding;
          const from = (channel * input.height + y) * input.width;
          const end = Math.min(left + kernel, input.width);
          for (let x = Math.max(0, left); x < end; x += 1) windows[at + x - left] = input.values[from + x];
        }
  return { windows, terms, height, width };
}

/** The places whose windows differ from those at their left and above; and the others, each before the place it is a copy of. */
function distinct(windows, terms, area, width) {
  const [places, copies] = [[], []];
  const same = (place, other) => {
    if (other < 0) return false;
    for (let at = place * terms, to = other * terms, end = at + terms; at < end; at += 1, to += 1) if (windows[at] !== windows[to]) return false;
    return true;
  };
  for (let place = 0; place < area; place += 1) {
    if (same(place, place - 1)) copies.push(place, place - 1);
    else if (same(place, place - width)) copies.push(place, place - width);
    else places.push(place);
  }
  return [places, copies];
}

/** One value for each window of the given side, made of all its values in turn; the windows lie side by side. */
function pool(side, input, first, add) {
  const output = stack(input.channels, Math.floor(input.height / side), Math.floor(input.width / side));
  for (let channel = 0, at = 0; channel < output.channels; channel += 1)
    for (let row = 0; row < output.height; row += 1)
      for (let column = 0; column < output.width; column += 1, at += 1) {
        let value = first;
        let from = (channel * input.height + row * side) * input.width + column * side;
        for (let y = 0; y < side; y += 1, from += input.width)
          for (let x = 0; x < side; x += 1) value = add(value, input.values[from + x]);
        output.values[at] = value;
      }
  return output;
}
