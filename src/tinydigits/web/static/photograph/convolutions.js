/**
 * Convolutions quick enough for photographs: about 2 G multiply-adds a second on one core.
 *
 * Planes lie channels last, in rooms for whole fours of channels (the last may stay empty), with
 * BORDER places of 0 on all sides. So a convolution reads beyond an edge as it reads within, and
 * each row of its kernel is one run of numbers.
 *
 * Numbers are taken one by one here, never by `const [a, b] = …`: V8 would hold indices as
 * fractions, or sums as objects, and take two to three times as long.
 */

const BORDER = 2;

/** Empty planes; value (channel, row, column) is values[start + row * line + column * pitch + channel]. */
export function planes(channels, height, width) {
  const pitch = 4 * Math.ceil(channels / 4);
  const line = (width + 2 * BORDER) * pitch;
  // One place more: `dense` may read, for a place that it drops, one beyond the end.
  const values = new Float32Array((height + 2 * BORDER) * line + pitch);
  return { channels, height, width, pitch, line, start: BORDER * (line + pitch), values };
}

/**
 * Weights (output channels, input channels, kernel, kernel) in the order in which `dense` uses
 * them: by fours of output channels; in these row, column, input channel, and then the four.
 */
export function packed(weight, outputs, inputs, kernel) {
  const area = kernel * kernel;
  const pitch = 4 * Math.ceil(inputs / 4);
  const ordered = new Float32Array(4 * Math.ceil(outputs / 4) * pitch * area);
  for (let output = 0; output < outputs; output += 1)
    for (let input = 0; input < inputs; input += 1)
      for (let place = 0; place < area; place += 1)
        ordered[4 * ((Math.floor(output / 4) * area + place) * pitch + input) + (output % 4)] =
          weight[(output * inputs + input) * area + place];
  return ordered;
}

/**
 * Each output channel from all input channels. Two places and four channels at a time: each
 * number that is fetched is used twice or four times, and no sum waits for another.
 */
export function dense({ kernel, stride, weight, bias, relu }, input, output) {
  const { values: from, pitch, line } = input;
  const { values: to, height, width } = output;
  const run = kernel * pitch;
  const step = stride * pitch;
  const half = kernel >> 1;
  const least = relu ? 0 : -Infinity;
  for (let row = 0; row < height; row += 1) {
    const first = input.start + (row * stride - half) * line - half * pitch;
    for (let channel = 0; channel < output.pitch; channel += 4) {
      const bias0 = bias[channel], bias1 = bias[channel + 1], bias2 = bias[channel + 2], bias3 = bias[channel + 3];
      const weights = channel * kernel * run;
      let at = output.start + row * output.line + channel;
      for (let column = 0; column < width; column += 2, at += 2 * output.pitch) {
        let a0 = bias0, a1 = bias1, a2 = bias2, a3 = bias3;
        let b0 = bias0, b1 = bias1, b2 = bias2, b3 = bias3;
        let place = first + column * step;
        for (let y = 0, i = weights; y < kernel; y += 1, place += line - run)
          for (const end = place + run; place < end; place += 1, i += 4) {
            const a = from[place], b = from[place + step];
            const k0 = weight[i], k1 = weight[i + 1], k2 = weight[i + 2], k3 = weight[i + 3];
            a0 += a * k0;
            a1 += a * k1;
            a2 += a * k2;
            a3 += a * k3;
            b0 += b * k0;
            b1 += b * k1;
            b2 += b * k2;
            b3 += b * k3;
          }
        to[at] = Math.max(a0, least);
        to[at + 1] = Math.max(a1, least);
        to[at + 2] = Math.max(a2, least);
        to[at + 3] = Math.max(a3, least);
        if (column + 1 === width) continue;
        const next = at + output.pitch;
        to[next] = Math.max(b0, least);
        to[next + 1] = Math.max(b1, least);
        to[next + 2] = Math.max(b2, least);
        to[next + 3] = Math.max(b3, least);
      }
    }
  }
}

/** Each channel by itself, kernel 3 x 3: three numbers are fetched for each place, six are still at hand. */
export function depthwise3({ weight, bias }, { values: from, pitch, line, start, channels, height, width }, { values: to }) {
  for (let row = 0; row < height; row += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const i = 9 * channel;
      const k0 = weight[i], k1 = weight[i + 1], k2 = weight[i + 2];
      const k3 = weight[i + 3], k4 = weight[i + 4], k5 = weight[i + 5];
      const k6 = weight[i + 6], k7 = weight[i + 7], k8 = weight[i + 8];
      const shift = bias[channel];
      let at = start + row * line + channel;
      let place = at - line - pitch;
      let a0 = from[place], b0 = from[place + line], c0 = from[place + 2 * line];
      place += pitch;
      let a1 = from[place], b1 = from[place + line], c1 = from[place + 2 * line];
      place += pitch;
      for (const end = at + width * pitch; at < end; at += pitch, place += pitch) {
        const a2 = from[place], b2 = from[place + line], c2 = from[place + 2 * line];
        to[at] = shift + (k0 * a0 + k1 * a1 + k2 * a2) + (k3 * b0 + k4 * b1 + k5 * b2) + (k6 * c0 + k7 * c1 + k8 * c2);
        a0 = a1, b0 = b1, c0 = c1;
        a1 = a2, b1 = b2, c1 = c2;
      }
    }
}

/** The same, kernel 5 x 5, a row of the kernel after another. */
export function depthwise5({ weight, bias }, { values: from, pitch, line, start, channels, height, width }, { values: to }) {
  for (let row = 0; row < height; row += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const first = start + row * line + channel;
      const end = first + width * pitch;
      for (let at = first; at < end; at += pitch) to[at] = bias[channel];
      for (let y = 0, i = 25 * channel; y < 5; y += 1, i += 5) {
        const k0 = weight[i], k1 = weight[i + 1], k2 = weight[i + 2], k3 = weight[i + 3], k4 = weight[i + 4];
        let place = first + (y - 2) * line + 2 * pitch;
        let a0 = from[place - 4 * pitch], a1 = from[place - 3 * pitch], a2 = from[place - 2 * pitch], a3 = from[place - pitch];
        for (let at = first; at < end; at += pitch, place += pitch) {
          const a4 = from[place];
          to[at] += k0 * a0 + k1 * a1 + k2 * a2 + k3 * a3 + k4 * a4;
          a0 = a1, a1 = a2, a2 = a3, a3 = a4;
        }
      }
    }
}
