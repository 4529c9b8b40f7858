/** A picture -> its digits and marks by the finder, in lines; see found.py. */

import { findCentres } from "./centres.js";
import { cutOut } from "./glyphs.js";
import { findLines, median } from "./lines.js";
import { recognise } from "./network.js";
import { normalise, roundEven } from "./normalise.js";

const BLANK = new Float32Array(28 * 28);

/**
 * What a picture's maps show, in lines: each digit or mark with its box {left, top, right, bottom}
 * in pixels of the picture, mark ("" for a digit), spaceBefore, and a digit's image and
 * probabilities; and how many things were left out, by what they are.
 */
export function findDigits(levels, network, constants) {
  const { own, least, sure_mark } = constants.found;
  const { mark, letter } = constants.centres;
  const centres = findCentres(levels, constants);
  const cut = cutOut(levels, centres, constants);
  const leftOut = { letter: centres.filter(({ kind }) => kind === letter).length, "no ink": 0, mark: 0, "no digit": 0 };
  const found = [];
  centres.forEach((centre, i) => {
    if (centre.kind === letter) return;
    if (!cut[i]) return (leftOut["no ink"] += 1);
    const box = boxOf(cut[i], levels[centre.level].scale, constants);
    if (centre.kind === mark) {
      if (centre.heat * Math.max(...centre.classes.slice(10)) < sure_mark) return (leftOut.mark += 1);
      return found.push({ box, mark: markOf(centre, constants.finder.marks), spaceBefore: false });
    }
    const image = normalise(cut[i])?.image ?? BLANK;
    const probabilities = told(centre, recognise(network, image), own);
    if (centre.heat * Math.max(...probabilities) < least) return (leftOut["no digit"] += 1);
    found.push({ box, mark: "", spaceBefore: false, image, probabilities, ink: cut[i] });
  });
  return { lines: inLines(found, constants), leftOut };
}

/** The box of what is plainly ink, in pixels of the picture. */
function boxOf({ height, width, values, left, top }, scale, { glyphs }) {
  const box = { left: Infinity, top: Infinity, right: 0, bottom: 0 };
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1, i += 1) {
      if (!(values[i] > glyphs.ink)) continue;
      box.left = Math.min(box.left, left + column);
      box.top = Math.min(box.top, top + row);
      box.right = Math.max(box.right, left + column + 1);
      box.bottom = Math.max(box.bottom, top + row + 1);
    }
  for (const edge of Object.keys(box)) box[edge] = roundEven(box[edge] / scale);
  return { ...box, right: Math.max(box.right, box.left + 1), bottom: Math.max(box.bottom, box.top + 1) };
}

function markOf({ classes }, marks) {
  const shares = classes.slice(10, 10 + marks.length);
  return marks[shares.indexOf(Math.max(...shares))];
}

/** What the recogniser says and what the finder says, together. */
function told({ classes, heat }, probabilities, own) {
  const sum = Math.max(classes.slice(0, 10).reduce((a, b) => a + b), 1e-9);
  const digit = Math.min(1, heat / 0.5);
  return Array.from(probabilities, (share, i) => digit * ((1 - own) * share + (own * classes[i]) / sum) + (1 - digit) / 10);
}

function inLines(found, constants) {
  const digits = found.filter(({ mark }) => !mark).map(({ box }) => box);
  if (!digits.length) return [];
  return findLines(found.map(({ box }) => box), slope(digits), constants.lines)
    .map((line) => line.map((i) => found[i]))
    .filter((line) => line.some(({ mark }) => !mark))
    .map((line) => withSpaces(line, constants.found.gap));
}

function withSpaces(line, gap) {
  const wide = gap * median(line.filter(({ mark }) => !mark).map(({ box }) => box.bottom - box.top));
  return line.map((each, i) => ({ ...each, spaceBefore: i > 0 && each.box.left - line[i - 1].box.right > wide }));
}

/** The slope along which the digits' middles line up best (Postl, 1986). */
function slope(boxes) {
  if (boxes.length < 3) return 0;
  const [x, y] = [["left", "right"], ["top", "bottom"]].map(([from, to]) => boxes.map((box) => (box[from] + box[to]) / 2));
  const height = median(boxes.map(({ top, bottom }) => bottom - top));
  const mean = x.reduce((a, b) => a + b) / x.length;
  const trials = Array.from({ length: 73 }, (_, i) => i * (0.72 / 72) - 0.36).sort((a, b) => Math.abs(a) - Math.abs(b));
  let [best, found] = [0, 0];
  for (const trial of trials) {
    const value = concentration(y.map((middle, i) => (middle - trial * (x[i] - mean)) / (0.25 * height))) * (1 - 0.15 * Math.abs(trial));
    if (value > 1.001 * best) [best, found] = [value, trial];
  }
  return found;
}

/** How much the places fall into few bins: the sum of the squares of a smoothed histogram. */
function concentration(places) {
  const first = Math.min(...places);
  const counts = new Map();
  for (const place of places)
    for (const [step, share] of [[-1, 0.5], [0, 1], [1, 0.5]]) {
      const bin = Math.trunc(place - first) + step;
      counts.set(bin, (counts.get(bin) ?? 0) + share);
    }
  return [...counts.values()].reduce((sum, count) => sum + count * count, 0);
}
