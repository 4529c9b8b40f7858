/** Bytes resized as Pillow does it, which rounds its weights: the same picture, to the last bit. */

const WHOLE = 2 ** 22; // a weight of 1

/** Filters: how far they reach, in pixels of the coarser of the two grids, and their weights. */
export const BOX = { reach: 0.5, weight: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) };

/** Cubic curves (Keys, 1981, a = -1/2). */
export const CUBIC = {
  reach: 2,
  weight(distance) {
    const x = Math.abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

/** A picture {height, width, values}, with any number of bytes a pixel, in another size: rows first, then columns. */
export function resized(picture, width, height, filter) {
  const bytes = picture.values.length / (picture.height * picture.width);
  const wide = along(picture.values, picture.height, picture.width, bytes, width, filter);
  const values = along(wide, 1, picture.height, width * bytes, height, filter);
  return { height, width, values };
}

/** `lines` of `length` runs of so many bytes, each made `target` runs long. */
function along(values, lines, length, run, target, filter) {
  if (length === target) return values;
  const result = new Uint8ClampedArray(lines * target * run);
  const scale = length / target;
  const reach = Math.max(scale, 1);
  for (let place = 0; place < target; place += 1) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - filter.reach * reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + filter.reach * reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => filter.weight((first + i + 0.5 - centre) / reach));
    const sum = weights.reduce((a, b) => a + b);
    const whole = Float64Array.from(weights, (weight) => Math.round((weight / sum) * WHOLE));
    for (let line = 0; line < lines; line += 1) {
      const from = (line * length + first) * run;
      const to = (line * target + place) * run;
      for (let i = 0; i < run; i += 1) {
        let total = WHOLE / 2;
        for (let j = 0, at = from + i; j < whole.length; j += 1, at += run) total += whole[j] * values[at];
        result[to + i] = Math.floor(total / WHOLE);
      }
    }
  }
  return result;
}

/** The mean of squares of so many pixels, at the far edges of what there is of them. */
export function reduced({ height, width, values }, side) {
  const bytes = values.length / (height * width);
  const result = { height: Math.ceil(height / side), width: Math.ceil(width / side) };
  result.values = new Uint8Array(result.height * result.width * bytes);
  const sums = new Float64Array(result.width * bytes);
  for (let row = 0, top = 0; row < result.height; row += 1, top += side) {
    const tall = Math.min(side, height - top);
    sums.fill(0);
    for (let y = top; y < top + tall; y += 1)
      for (let column = 0, at = y * width * bytes, to = 0; column < result.width; column += 1, to += bytes)
        for (const end = at + bytes * Math.min(side, width - column * side); at < end; at += bytes)
          for (let i = 0; i < bytes; i += 1) sums[to + i] += values[at + i];
    for (let i = 0; i < sums.length; i += 1) {
      const area = tall * Math.min(side, width - side * Math.floor(i / bytes));
      result.values[row * sums.length + i] = Math.floor((sums[i] + (area >> 1)) / area);
    }
  }
  return result;
}
