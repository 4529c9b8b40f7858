/** A picture -> its digits and marks by the finder, in lines; see found.py. */

import { findCentres } from "./centres.js";
import { cutOut } from "./glyphs.js";
import { recognise } from "../network.js";
import { normalise, roundEven } from "../normalise.js";
import { findLines, findSlope, median, nearestOf, sorted } from "./rows.js";

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

/** Digits in lines, and each mark beside the digit that it stands next to. */
function inLines(found, constants) {
  const digits = found.filter(({ mark }) => !mark);
  if (!digits.length) return [];
  const boxes = digits.map(({ box }) => box);
  const slope = findSlope(boxes, constants.rows);
  const lines = findLines(boxes, slope, constants.rows).map((line) => line.map((i) => digits[i]));
  const owners = new Map(lines.flatMap((line) => line.map((each) => [each, line])));
  for (const each of found) {
    const nearest = each.mark ? nearestOf(each.box, boxes, slope, constants.rows) : undefined;
    if (nearest !== undefined) owners.get(digits[nearest]).push(each);
  }
  return lines.map((line) => withSpaces(sorted(line, ({ box }) => box.left + box.right), constants.found.gap));
}

function withSpaces(line, gap) {
  const wide = gap * median(line.filter(({ mark }) => !mark).map(({ box }) => box.bottom - box.top));
  return line.map((each, i) => ({ ...each, spaceBefore: i > 0 && each.box.left - line[i - 1].box.right > wide }));
}
