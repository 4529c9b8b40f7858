/**
 * The finder's network, run: it walks the list of layers that the page carries. A
 * layer takes planes by their names and gives planes a name.
 */

import { dense, packed, planes } from "../shared/dense.js";
import { depthwise3, depthwise5 } from "./depthwise.js";

/** The layers as web/finder_layers.py has them, their bytes turned into numbers in the order in which they are used. */
export function decodeFinder({ layers }) {
  const side = { x: 1 }; // of planes, in sides of the picture
  const last = {}; // the layer that reads planes last
  const decoded = layers.map((layer, index) => {
    const { inputs, output, type, stride = 1 } = layer;
    side[output] = (side[inputs[0]] / stride) * (type === "twice" || type === "shuffle" ? 2 : 1);
    for (const name of inputs) last[name] = index;
    const weights = type === "conv2d" ? decodeWeights(layer) : {};
    return { ...layer, ...weights, work: side[output] ** 2 * (weights.weight?.length ?? 1) };
  });
  decoded.forEach((layer, index) => (layer.done = Object.keys(last).filter((name) => last[name] === index)));
  return { layers: decoded };
}

/** Weights are whole numbers of 8 bits, times a scale of their output channel. */
function decodeWeights(layer) {
  const scales = floatsOf(layer.scale);
  const whole = new Int8Array(layer.weight.slice().buffer);
  const each = whole.length / scales.length;
  const weight = Float32Array.from(whole, (value, i) => value * scales[Math.floor(i / each)]);
  const numbers = { weight, bias: floatsOf(layer.bias) };
  return layer.groups === 1 ? packed({ ...layer, ...numbers }) : numbers;
}

const BORDER = 2; // as far as the widest kernel, 5 x 5, reaches

const floatsOf = (bytes) => new Float32Array(bytes.slice().buffer);

/**
 * A picture's planes, their sides multiples of 16, through all layers.
 *
 * @param progress is told after each layer what share of the work is done.
 * @returns the planes that no layer reads, by their names.
 */
export function run({ layers }, picture, progress = () => {}) {
  const all = layers.reduce((sum, { work }) => sum + work, 0);
  const made = { x: picture };
  const spent = []; // planes whose memory may be used again
  let worked = 0;
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => made[name]);
    const step = STEPS[layer.type];
    made[layer.output] = take(spent, ...step.shape(layer, inputs[0]));
    step.run(layer, made[layer.output], ...inputs);
    for (const name of layer.done) {
      spent.push(made[name]);
      delete made[name];
    }
    progress((worked += layer.work) / all);
  }
  return made;
}

/** Planes with borders of 0: spent ones of the same shape, where there are such. */
function take(spent, channels, height, width) {
  const at = spent.findIndex((each) => each.channels === channels && each.height === height && each.width === width);
  return at < 0 ? planes(channels, height, width, BORDER) : spent.splice(at, 1)[0];
}

const alike = (_, { channels, height, width }) => [channels, height, width];

const STEPS = {
  conv2d: {
    shape: ({ out_channels, stride }, { height, width }) => [out_channels, height / stride, width / stride],
    run(layer, output, input) {
      const { groups, kernel, stride, relu } = layer;
      const apart = { 3: depthwise3, 5: depthwise5 }[kernel];
      if (groups === 1) dense(layer, input, output);
      else if (apart && groups === input.channels && stride === 1 && !relu) apart(layer, input, output);
      else throw new Error(`There is no code for the convolution “${layer.output}”.`);
    },
  },

  add: {
    shape: alike,
    run({ relu }, { values }, { values: one }, { values: other }) {
      const least = relu ? 0 : -Infinity;
      for (let i = 0; i < values.length; i += 1) values[i] = Math.max(least, one[i] + other[i]);
    },
  },

  /** Each value four times, in a square. */
  twice: {
    shape: (_, { channels, height, width }) => [channels, 2 * height, 2 * width],
    run(_, output, input) {
      const { channels, values, start, line } = output;
      for (let row = 0; row < output.height; row += 1) {
        let at = start + row * line;
        let from = input.start + (row >> 1) * input.line;
        for (let column = 0; column < input.width; column += 1, at += channels)
          for (const end = from + channels; from < end; from += 1, at += 1) values[at] = values[at + channels] = input.values[from];
      }
    },
  },

  /** Four channels become one of twice the size: each its part of the squares, row by row. */
  shuffle: {
    shape: (_, { channels, height, width }) => [channels / 4, 2 * height, 2 * width],
    run(_, { channels, height, width, values, start, line }, input) {
      for (let row = 0; row < height; row += 1)
        for (let column = 0; column < width; column += 1) {
          const at = start + row * line + column * channels;
          const from = input.start + (row >> 1) * input.line + (column >> 1) * input.channels + 2 * (row % 2) + (column % 2);
          for (let channel = 0; channel < channels; channel += 1) values[at + channel] = input.values[from + 4 * channel];
        }
    },
  },

  sigmoid: {
    shape: alike,
    run(_, { channels, height, width, values, start, line }, { values: from }) {
      for (let row = 0; row < height; row += 1)
        for (let at = start + row * line, end = at + width * channels; at < end; at += 1) values[at] = 1 / (1 + Math.exp(-from[at]));
    },
  },
};
