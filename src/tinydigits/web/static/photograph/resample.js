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

/**
 * A picture {height, width, values}, with any number of bytes a pixel, in another size.
 *
 * @param taken {height, width} of the picture that is taken, from the left and the top; they may end within a pixel.
 */
export function resized(picture, width, height, filter, taken = picture) {
  const bytes = picture.values.length / (picture.height * picture.width);
  const across = (values, lines) => along(values, lines, picture.width, bytes, width, filter, taken.width);
  const down = (values, wide) => along(values, 1, picture.height, wide * bytes, height, filter, taken.height);
  // Pillow goes along columns first where that saves it work.
  const lower = picture.height - height;
  const values = lower > 0 && lower > 2 * (picture.width - width) ? across(down(picture.values, picture.width), height) : down(across(picture.values, picture.height), width);
  return { height, width, values };
}

/** `lines` of `length` runs of so many bytes, each made `target` runs long. */
function along(values, lines, length, run, target, filter, taken) {
  if (length === target && taken === target) return values;
  const result = new Uint8ClampedArray(lines * target * run);
  const scale = Math.fround(taken) / target;
  const reach = Math.max(scale, 1);
  for (let place = 0; place < target; place += 1) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - filter.reach * reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + filter.reach * reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => filter.weight((first + i - centre + 0.5) * (1 / reach)));
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

/** The mean of so many pixels, `across` times `down`, at the far edges of what there is of them. */
export function reduced({ height, width, values }, across, down = across) {
  const bytes = values.length / (height * width);
  const result = { height: Math.ceil(height / down), width: Math.ceil(width / across) };
  result.values = new Uint8Array(result.height * result.width * bytes);
  const sums = new Float64Array(result.width * bytes);
  for (let row = 0, top = 0; row < result.height; row += 1, top += down) {
    const tall = Math.min(down, height - top);
    sums.fill(0);
    for (let y = top; y < top + tall; y += 1)
      for (let column = 0, at = y * width * bytes, to = 0; column < result.width; column += 1, to += bytes)
        for (const end = at + bytes * Math.min(across, width - column * across); at < end; at += bytes)
          for (let i = 0; i < bytes; i += 1) sums[to + i] += values[at + i];
    for (let i = 0; i < sums.length; i += 1) {
      const area = tall * Math.min(across, width - across * Math.floor(i / bytes));
      result.values[row * sums.length + i] = Math.floor(((sums[i] + (area >> 1)) * partOf(area)) / 2 ** 24);
    }
  }
  return result;
}

/** 1 / area, in units of 2 ** -24, rounded as Pillow does. */
const partOf = (area) => Math.trunc(Math.fround(2 ** 24 / area));
