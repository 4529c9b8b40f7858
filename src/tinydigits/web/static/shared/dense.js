/**
 * Convolutions of planes, which lie channels last, with a border of 0 on all sides where one is
 * wanted. So a convolution reads beyond an edge as it reads within, and each row of its kernel is
 * one run of numbers.
 */

import { room, tile } from "./tile.js";

/** Empty planes; value (channel, row, column) is values[start + row * line + column * channels + channel]. */
export function planes(channels, height, width, border = 0) {
  const line = (width + 2 * border) * channels;
  return { channels, height, width, line, start: border * (line + channels), values: new Float32Array((height + 2 * border) * line) };
}

/**
 * Weights (output channels, input channels, kernel, kernel) in the order in which `dense` uses
 * them: by fours of output channels; in these row, column, input channel, and then the four. The
 * last four may be filled up with 0, as its biases are.
 */
export function packed({ weight, bias, out_channels, in_channels, kernel }) {
  const area = kernel * kernel;
  const fours = Math.ceil(out_channels / 4);
  const ordered = { weight: new Float32Array(4 * fours * in_channels * area), bias: new Float32Array(4 * fours) };
  ordered.bias.set(bias);
  for (let output = 0, i = 0; output < out_channels; output += 1)
    for (let input = 0; input < in_channels; input += 1)
      for (let place = 0; place < area; place += 1, i += 1)
        ordered.weight[4 * ((Math.floor(output / 4) * area + place) * in_channels + input) + (output % 4)] = weight[i];
  return ordered;
}

/**
 * Each output channel from all input channels. The rows that a row of the output is made of, and
 * this row, lie in `room` while it is made: they are few enough to stay in a processor's cache.
 *
 * @param layer its weights and biases as `packed` gives them.
 */
export function dense({ kernel, stride, padding = kernel >> 1, weight, bias, relu }, input, output) {
  const { channels, line } = input;
  const run = kernel * channels;
  const step = stride * channels;
  const from = weight.length + bias.length;
  const to = 4 * Math.ceil((from + kernel * line) / 4 + step); // up to three places more are read, and dropped
  const pitch = bias.length;
  const numbers = room(to + (output.width + 3) * pitch);
  numbers.set(weight);
  numbers.set(bias, weight.length);
  for (let y = 0; y < output.height; y += 1) {
    const first = input.start + (y * stride - padding) * line - padding * channels;
    numbers.set(input.values.subarray(first, first + kernel * line), from);
    for (let channel = 0; channel < pitch; channel += 4)
      for (let x = 0; x < output.width; x += 4)
        tile(
          4 * (from + x * step), 4 * channel * kernel * run, 4 * (weight.length + channel), 4 * (to + x * pitch + channel),
          kernel, 4 * run, 4 * (line - run), 4 * step, 4 * pitch, relu ? 0 : -Infinity,
        );
    const at = output.start + y * output.line;
    if (pitch === output.channels) output.values.set(numbers.subarray(to, to + output.width * pitch), at);
    else for (let x = 0; x < output.width; x += 1) output.values.set(numbers.subarray(to + x * pitch, to + x * pitch + output.channels), at + x * output.channels);
  }
}
