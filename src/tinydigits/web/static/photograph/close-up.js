/** A picture that its ink fills -> smaller, with a margin of paper round it; see the reader's close_up.py. */

import { roundEven } from "../shared/normalise.js";
import { medianOf } from "./glyphs.js";
import { reduced } from "./resample.js";

/** A grey picture {height, width, values} so shown, and where a box in it lies: {grey, back}; null if ink does not fill it. */
export function closeUp(picture, { close_up: { side, margin, filled, narrowest, apart }, digit: { least_contrast } }) {
  const { height, width } = picture;
  const factor = Math.ceil(Math.max(height, width) / side);
  const small = reduced(picture, factor);
  const tones = Math.max(height, width) <= narrowest * Math.min(height, width) && tonesOf(small);
  if (!tones || tones.strongest < least_contrast || tones.apart < apart || spans(small, tones) < filled) return null;
  const grey = { height: small.height + 2 * margin, width: small.width + 2 * margin };
  grey.values = new Uint8Array(grey.height * grey.width).fill(roundEven(tones.paper));
  for (let row = 0; row < small.height; row += 1)
    grey.values.set(small.values.subarray(row * small.width, (row + 1) * small.width), (row + margin) * grey.width + margin);
  const at = (edge) => (edge - margin) * factor;
  const back = ({ left, top, right, bottom }) => ({
    left: Math.max(0, at(left)),
    top: Math.max(0, at(top)),
    right: Math.min(width, at(right)),
    bottom: Math.min(height, at(bottom)),
  });
  return { grey, back };
}

/** Tone of the paper, the sign and the most by which ink differs from it, and how far they are apart; see image/digit.py. */
function tonesOf({ height, width, values }) {
  const { threshold, apart } = thresholdOf(values);
  let bright = 0;
  for (let i = 0; i < values.length; i += 1) {
    const [row, column] = [Math.floor(i / width), i % width];
    if (!row || !column || row === height - 1 || column === width - 1) bright += values[i] > threshold ? 1 : -1;
  }
  const paper = values.filter((value) => value > threshold === bright > 0);
  if (paper.length === values.length) return null;
  const tone = medianOf(paper);
  const sign = bright > 0 ? -1 : 1;
  return { paper: tone, sign, strongest: values.reduce((most, value) => Math.max(most, sign * (value - tone)), 0), apart };
}

/** The tone that parts two classes best, and what share of the variance lies between them (Otsu, 1979). */
function thresholdOf(values) {
  const counts = new Float64Array(256);
  let [sum, squares] = [0, 0];
  for (const value of values) {
    counts[value] += 1;
    sum += value;
    squares += value * value;
  }
  let [below, darker, most, threshold] = [0, 0, 0, 0];
  counts.forEach((count, tone) => {
    below += count;
    darker += count * tone;
    const between = ((sum * below) / values.length - darker) ** 2 / Math.max(below * (values.length - below), 1);
    if (between > most) [most, threshold] = [between, tone];
  });
  return { threshold, apart: most / Math.max(squares / values.length - (sum / values.length) ** 2, 1e-9) };
}

/** The larger share of width and height that ink spans. */
function spans({ height, width, values }, { paper, sign, strongest }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  values.forEach((value, i) => {
    if (sign * (value - paper) <= strongest / 2) return;
    const [row, column] = [Math.floor(i / width), i % width];
    [left, right, top, bottom] = [Math.min(left, column), Math.max(right, column), Math.min(top, row), Math.max(bottom, row)];
  });
  return Math.max((right + 1 - left) / width, (bottom + 1 - top) / height);
}
