/**
 * Centres and ink -> glyphs: each pixel of ink goes to the centre that it points at; see glyphs.py.
 *
 * A glyph is {box, height, width, amount, mine, left, top, scale, spaceBefore, mark}: its edges in
 * the picture; its ink and the soft edge round it, and which pixels are ink, both in row order; its
 * place in pixels of the scale in which it was cut out; see glyph.py.
 */

import { roundEven } from "../shared/normalise.js";

const NOBODY = -1;
const { fround } = Math;

/** The ink of each centre, all other ink removed; null where there is hardly any. */
export function cutOut(levels, centres, { glyphs: constants }) {
  const glyphs = centres.map(() => null);
  levels.forEach((maps, level) => {
    if (!centres.some((each) => each.level === level)) return;
    const ink = inkOf(maps);
    const owner = owners(maps, ink, centres, constants);
    centres.forEach((each, number) => {
      if (each.level === level) glyphs[number] = glyph(maps, ink, each, owner, number, constants);
    });
  });
  return glyphs;
}

/** All ink of a picture, as if it were one digit's. */
export function allInk(maps, { glyphs: constants }) {
  const { height, width } = maps;
  const ink = inkOf(maps);
  const mine = Uint8Array.from(ink, (amount) => amount > constants.ink);
  return cut(maps, ink, mine, grown(mine, height, width), { left: 0, top: 0, height, width }, constants);
}

/** Ink of digits or of marks, whichever is more. */
const inkOf = ({ ink: [digits, marks] }) => digits.map((amount, i) => Math.max(amount, marks[i]));

/** For each pixel whose ink it is, as an index of `centres`. */
function owners({ height, width, scale, offsets: [across, down] }, ink, centres, constants) {
  const [tall, wide] = [Math.ceil(height / 2), Math.ceil(width / 2)]; // of the offsets
  const nearest = nearestCentres(tall, wide, scale, centres, constants);
  const owner = new Int32Array(height * width).fill(NOBODY);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1, i += 1) {
      if (!(ink[i] > constants.ink)) continue;
      const at = (row >> 1) * wide + (column >> 1);
      const x = Math.trunc(Math.min(wide - 1, Math.max(0, (column + 0.5 + across[at]) / 2)));
      const y = Math.trunc(Math.min(tall - 1, Math.max(0, (row + 0.5 + down[at]) / 2)));
      owner[i] = nearest[y * wide + x];
    }
  return owner;
}

/** For each place at half the size the centre it is nearest to, in sizes of that centre. */
function nearestCentres(height, width, scale, centres, { away }) {
  const nearest = new Int32Array(width * height).fill(NOBODY);
  const least = new Float32Array(width * height).fill(away ** 2);
  centres.forEach((centre, number) => {
    const [x, y] = [(centre.x * scale) / 2, (centre.y * scale) / 2];
    const [wide, tall] = [(centre.width * scale) / 2, (centre.height * scale) / 2];
    const [top, bottom] = [Math.max(0, Math.trunc(y - away * tall)), Math.min(height, Math.trunc(y + away * tall) + 2)];
    const [left, right] = [Math.max(0, Math.trunc(x - away * wide)), Math.min(width, Math.trunc(x + away * wide) + 2)];
    if (top >= bottom || left >= right) return;
    const [down, across] = [squares(top, bottom, y, tall), squares(left, right, x, wide)];
    for (let row = top; row < bottom; row += 1)
      for (let column = left, i = row * width + left; column < right; column += 1, i += 1) {
        const distance = fround(down[row - top] + across[column - left]);
        if (!(distance < least[i])) continue;
        least[i] = distance;
        nearest[i] = number;
      }
  });
  return nearest;
}

/** The squares of the distances from a middle of the places from `first` to `end`, in sizes; in float32, so that ties are those of Python. */
function squares(first, end, middle, size) {
  const [from, unit] = [fround(middle), fround(size)];
  const result = new Float32Array(end - first);
  for (let i = 0; i < result.length; i += 1) {
    const away = fround(fround(first + i + 0.5 - from) / unit);
    result[i] = away * away;
  }
  return result;
}

/** What of the ink is this centre's, and the soft edge around it. */
function glyph(maps, ink, centre, owner, number, constants) {
  const [x, y] = [centre.x * maps.scale, centre.y * maps.scale];
  const [across, down] = [centre.width, centre.height].map((side) => 4 + constants.away * side * maps.scale);
  const [left, top] = [Math.max(0, Math.trunc(x - across)), Math.max(0, Math.trunc(y - down))];
  const width = Math.max(0, Math.min(maps.width, Math.trunc(x + across) + 1) - left);
  const height = Math.max(0, Math.min(maps.height, Math.trunc(y + down) + 1) - top);
  const mine = new Uint8Array(height * width);
  const free = new Uint8Array(height * width);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0, at = (top + row) * maps.width + left; column < width; column += 1, i += 1, at += 1) {
      mine[i] = owner[at] === number ? 1 : 0;
      free[i] = owner[at] === NOBODY ? 1 : 0;
    }
  const seen = grown(mine, height, width);
  for (let i = 0; i < seen.length; i += 1) seen[i] = mine[i] | (seen[i] & free[i]);
  return cut(maps, ink, mine, seen, { left, top, height, width }, constants);
}

/**
 * The ink that is seen, in a window that holds what is its own.
 *
 * It is as dark as the mean of what the finder says and of what the picture shows: the one knows
 * what is ink, the other how dark it is.
 */
function cut(maps, ink, mine, seen, window, constants) {
  const edges = edgesOf(mine, window.height, window.width);
  if (edges.count < constants.fewest) return null;
  const [first, above] = [Math.max(0, edges.left - 2), Math.max(0, edges.top - 2)];
  const [left, top] = [window.left + first, window.top + above];
  const width = Math.min(window.width, edges.right + 2) - first;
  const height = Math.min(window.height, edges.bottom + 2) - above;
  const own = within(mine, window.width, first, above, height, width);
  const visible = within(seen, window.width, first, above, height, width);
  const [tones, grey] = [ink, maps.grey].map((plane) => within(plane, maps.width, left, top, height, width));
  const { paper, contrast } = tonesOf(grey, tones, own, constants);
  const amount = new Float32Array(height * width);
  for (let i = 0; i < amount.length; i += 1)
    if (visible[i]) amount[i] = Math.sqrt(tones[i] * Math.min(1, Math.max(0, (grey[i] - paper) / contrast)));
  const glyph = { height, width, amount, mine: own, left, top, scale: maps.scale, spaceBefore: false, mark: "" };
  return { ...glyph, box: boxOf(glyph) };
}

/** A part of a plane that is `line` wide. */
export function within(plane, line, left, top, height, width) {
  const result = new plane.constructor(height * width);
  for (let row = 0; row < height; row += 1) {
    const from = (top + row) * line + left;
    result.set(plane.subarray(from, from + width), row * width);
  }
  return result;
}

/** How bright a picture's paper is, and how much brighter the ink of what is `mine`. */
function tonesOf(grey, ink, mine, { faint, least_contrast }) {
  const middle = medianOf(ink.filter((_, i) => mine[i]));
  const dark = medianOf(grey.filter((_, i) => mine[i] && ink[i] >= middle));
  const around = grey.filter((_, i) => ink[i] < faint);
  const paper = around.length ? medianOf(around) : 255 * (dark < 128);
  const contrast = dark - paper;
  if (Math.abs(contrast) >= least_contrast) return { paper, contrast };
  return { paper, contrast: contrast > 0 ? least_contrast : -least_contrast };
}

/** The median of a typed array, which is sorted. */
export function medianOf(values) {
  values.sort();
  const half = (values.length - 1) / 2;
  return fround((values[Math.floor(half)] + values[Math.ceil(half)]) / 2);
}

/** The mask and all pixels beside it. */
function grown(mask, height, width) {
  const result = new Uint8Array(mask.length);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1, i += 1) {
      if (!mask[i]) continue;
      const right = Math.min(width - 1, column + 1);
      const bottom = Math.min(height - 1, row + 1);
      for (let y = Math.max(0, row - 1); y <= bottom; y += 1) for (let x = Math.max(0, column - 1); x <= right; x += 1) result[y * width + x] = 1;
    }
  return result;
}

/** Where a mask's first and last pixels are, right and bottom just outside, and how many it has. */
export function edgesOf(mask, height, width) {
  let left = width, top = height, right = 0, bottom = 0, count = 0;
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1, i += 1) {
      if (!mask[i]) continue;
      count += 1;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
      if (row < top) top = row;
      bottom = row + 1;
    }
  return { left, top, right, bottom, count };
}

/** The edges of a glyph's ink in the picture. */
export function boxOf({ mine, height, width, left, top, scale }) {
  const edges = edgesOf(mine, height, width);
  const box = { left: left + edges.left, top: top + edges.top, right: left + edges.right, bottom: top + edges.bottom };
  for (const edge of Object.keys(box)) box[edge] = roundEven(box[edge] / scale);
  return { ...box, right: Math.max(box.right, box.left + 1), bottom: Math.max(box.bottom, box.top + 1) };
}
