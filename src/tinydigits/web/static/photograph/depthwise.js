/**
 * Convolutions of each channel by itself.
 *
 * Numbers are taken one by one here, never by `const [a, b] = …`: V8 would hold indices as
 * fractions, or sums as objects, and take two to three times as long.
 */

/** Each channel by itself, kernel 3 x 3: three numbers are fetched for each place, six are still at hand. */
export function depthwise3({ weight, bias }, { values: from, channels, line, start, height, width }, { values: to }) {
  for (let row = 0; row < height; row += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const i = 9 * channel;
      const k0 = weight[i], k1 = weight[i + 1], k2 = weight[i + 2];
      const k3 = weight[i + 3], k4 = weight[i + 4], k5 = weight[i + 5];
      const k6 = weight[i + 6], k7 = weight[i + 7], k8 = weight[i + 8];
      const shift = bias[channel];
      let at = start + row * line + channel;
      let place = at - line - channels;
      let a0 = from[place], b0 = from[place + line], c0 = from[place + 2 * line];
      place += channels;
      let a1 = from[place], b1 = from[place + line], c1 = from[place + 2 * line];
      place += channels;
      for (const end = at + width * channels; at < end; at += channels, place += channels) {
        const a2 = from[place], b2 = from[place + line], c2 = from[place + 2 * line];
        to[at] = shift + (k0 * a0 + k1 * a1 + k2 * a2) + (k3 * b0 + k4 * b1 + k5 * b2) + (k6 * c0 + k7 * c1 + k8 * c2);
        a0 = a1, b0 = b1, c0 = c1;
        a1 = a2, b1 = b2, c1 = c2;
      }
    }
}

/** The same, kernel 5 x 5, a row of the kernel after another. */
export function depthwise5({ weight, bias }, { values: from, channels, line, start, height, width }, { values: to }) {
  for (let row = 0; row < height; row += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const first = start + row * line + channel;
      const end = first + width * channels;
      for (let at = first; at < end; at += channels) to[at] = bias[channel];
      for (let y = 0, i = 25 * channel; y < 5; y += 1, i += 5) {
        const k0 = weight[i], k1 = weight[i + 1], k2 = weight[i + 2], k3 = weight[i + 3], k4 = weight[i + 4];
        let place = first + (y - 2) * line + 2 * channels;
        let a0 = from[place - 4 * channels], a1 = from[place - 3 * channels], a2 = from[place - 2 * channels], a3 = from[place - channels];
        for (let at = first; at < end; at += channels, place += channels) {
          const a4 = from[place];
          to[at] += k0 * a0 + k1 * a1 + k2 * a2 + k3 * a3 + k4 * a4;
          a0 = a1, a1 = a2, a2 = a3, a3 = a4;
        }
      }
    }
}
