/** A picture -> what the finder sees of it, in as many scales as it needs; see the reader's scales.py. */

import { maps } from "./finder.js";

const WHOLE = 2 ** 22; // a weight of 1, as Pillow rounds them

/**
 * Maps of a grey picture {height, width, values} from fine to coarse, a factor of 2 apart.
 *
 * @param progress is told what share of the work is done.
 */
export function look(finder, grey, progress = () => {}) {
  const { first, least, tiny, small, small_places } = finder.constants.scales;
  const pictures = [{ scale: 1, grey }];
  for (;;) {
    const { scale, grey: fine } = pictures.at(-1);
    const sides = [fine.height, fine.width].map((side) => Math.ceil(side / 2));
    if (Math.max(...sides) < least[0] || Math.min(...sides) < least[1]) break;
    pictures.push({ scale: scale / 2, grey: halved(fine) });
  }
  if (Math.max(grey.height, grey.width) <= tiny) pictures.unshift({ scale: 2, grey: doubled(grey) });
  const area = ({ grey: { height, width } }) => height * width;
  const all = pictures.reduce((sum, picture) => sum + area(picture), 0);
  const levels = [];
  let seen = 0;
  for (const picture of pictures.reverse()) {
    const { height, width } = picture.grey;
    const wanted = () => levels[0].small.reduce((count, chance) => count + (chance > small), 0) >= small_places;
    if (Math.max(height, width) > first && levels.length && !wanted()) break;
    levels.unshift(maps(finder, picture.grey, picture.scale, (share) => progress((seen + share * area(picture)) / all)));
    seen += area(picture);
  }
  return levels;
}

/** Half the size: the mean of 2 x 2 pixels, at the far edges of what there is of them. */
export function halved({ height, width, values }) {
  const result = { height: Math.ceil(height / 2), width: Math.ceil(width / 2) };
  result.values = new Uint8Array(result.height * result.width);
  for (let row = 0, i = 0; row < result.height; row += 1)
    for (let column = 0; column < result.width; column += 1, i += 1) {
      const at = 2 * row * width + 2 * column;
      const right = 2 * column + 1 < width ? 1 : 0;
      const down = 2 * row + 1 < height ? width : 0;
      // An edge that is there once counts twice, which leaves the mean as it is.
      result.values[i] = (values[at] + values[at + right] + values[at + down] + values[at + down + right] + 2) >> 2;
    }
  return result;
}

/** Twice the size, by cubic curves (Keys, 1981, a = -1/2), along rows and then columns. */
export function doubled({ height, width, values }) {
  const wide = stretched(values, height, width, width, 1);
  return { height: 2 * height, width: 2 * width, values: stretched(wide, 2 * width, height, 1, 2 * width) };
}

/** Lines of so many bytes, each made twice as long; `pitch` from line to line, `step` within one. */
function stretched(values, lines, length, pitch, step) {
  const result = new Uint8ClampedArray(2 * values.length);
  for (let place = 0; place < 2 * length; place += 1) {
    const centre = (place + 0.5) / 2;
    const [from, to] = [Math.max(0, Math.floor(centre - 1.5)), Math.min(length, Math.floor(centre + 2.5))];
    const weights = Array.from({ length: to - from }, (_, i) => cubic(from + i + 0.5 - centre));
    const sum = weights.reduce((a, b) => a + b);
    const whole = weights.map((weight) => Math.round((weight / sum) * WHOLE));
    for (let line = 0; line < lines; line += 1) {
      const total = whole.reduce((so, weight, i) => so + weight * values[line * pitch + (from + i) * step], 0);
      result[line * (step === 1 ? 2 * pitch : 1) + place * step] = Math.floor(total / WHOLE + 0.5);
    }
  }
  return result;
}

function cubic(distance) {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
