/**
 * The ink of one digit -> 28x28 as MNIST has it: steps 1 to 3 of tests/golden/README.md, whose
 * vectors hold this to what the Python reader does. Ink drawn here has no noise.
 */

const SIDE = 28;
const BOX = 20;

/**
 * Ink {height, width, values}, paper 0, in row order -> {image, place}, or null if there is none.
 * The image is Float32Array(784) in [0, 1]. `place` says where it lies on the ink: the image's
 * edge (x, y), counted in its pixels, is the ink's left + x * across, top + y * down.
 */
export function normalise(ink) {
  const plain = stretched(ink);
  const core = boxOf(plain, 0.5);
  if (!core) return null;
  // NIST's digits were black and white before they were reduced to MNIST's size.
  const gain = Math.max(1, Math.max(core.bottom - core.top, core.right - core.left) / BOX);
  const sharp = { ...plain, values: plain.values.map((tone) => clip(0.5 + (tone - 0.5) * gain, 0, 1)) };
  const box = boxOf(sharp, 0.1);
  const shrink = Math.max(box.bottom - box.top, box.right - box.left) / BOX;
  const small = resampled(sharp, box, shrink);
  const { row, column } = centred(small);

  const largest = small.values.reduce((a, b) => Math.max(a, b));
  const image = new Float32Array(SIDE * SIDE);
  small.values.forEach((tone, i) => {
    image[(row + Math.floor(i / small.width)) * SIDE + column + (i % small.width)] = tone / largest;
  });
  const across = (box.right - box.left) / small.width;
  const down = (box.bottom - box.top) / small.height;
  return { image, place: { left: box.left - column * across, top: box.top - row * down, across, down } };
}

/** Contrast from paper to plain ink: the 60th percentile of what is more than half as dark as the darkest. */
function stretched(ink) {
  const darkest = ink.values.reduce((a, b) => Math.max(a, b), 0);
  const strongest = ink.values.filter((tone) => tone > 0.5 * darkest).sort();
  const at = 0.6 * (strongest.length - 1);
  const below = strongest[Math.floor(at)];
  const high = below + (strongest[Math.ceil(at)] - below) * (at % 1);
  return { ...ink, values: ink.values.map((tone) => clip(tone / Math.max(high, 1e-3), 0, 1)) };
}

/** The box round all that is darker than `level`; bottom and right lie just outside it. */
function boxOf({ width, values }, level) {
  const box = { top: Infinity, bottom: 0, left: Infinity, right: 0 };
  values.forEach((tone, i) => {
    if (!(tone > level)) return;
    const row = Math.floor(i / width);
    const column = i % width;
    box.top = Math.min(box.top, row);
    box.bottom = Math.max(box.bottom, row + 1);
    box.left = Math.min(box.left, column);
    box.right = Math.max(box.right, column + 1);
  });
  return box.bottom ? box : null;
}

/** What lies within the box, each axis reduced or enlarged by itself: the longer side becomes 20. */
function resampled(ink, box, shrink) {
  const rows = weights(box.bottom - box.top, shrink);
  const columns = weights(box.right - box.left, shrink);
  const narrow = new Float32Array((box.bottom - box.top) * columns.length);
  for (let row = box.top, at = 0; row < box.bottom; row += 1)
    for (const terms of columns) {
      for (const [column, weight] of terms) narrow[at] += weight * ink.values[row * ink.width + box.left + column];
      at += 1;
    }
  const values = new Float32Array(rows.length * columns.length);
  rows.forEach((terms, row) => {
    for (const [from, weight] of terms)
      for (let column = 0; column < columns.length; column += 1)
        values[row * columns.length + column] += weight * narrow[from * columns.length + column];
  });
  return { height: rows.length, width: columns.length, values };
}

/**
 * For each of the new pixels, the old ones it is made of, [index, weight] each: a triangle that
 * reaches one pixel of the coarser of the two grids to either side.
 */
function weights(source, shrink) {
  const target = Math.max(1, roundEven(source / shrink));
  const scale = source / target;
  return Array.from({ length: target }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const terms = [];
    for (let i = 0; i < source; i += 1) {
      const weight = 1 - Math.abs(i + 0.5 - centre) / Math.max(scale, 1);
      if (weight > 0) terms.push([i, weight]);
    }
    const sum = terms.reduce((total, [, weight]) => total + weight, 0);
    return terms.map(([i, weight]) => [i, weight / sum]);
  });
}

/** Where a digit's first row and column go, so that its centre of mass comes nearest to pixel (14, 14). */
function centred({ height, width, values }) {
  let [mass, down, across] = [0, 0, 0];
  values.forEach((tone, i) => {
    mass += tone;
    down += tone * Math.floor(i / width);
    across += tone * (i % width);
  });
  const start = (moment, length) => clip(roundEven(SIDE / 2 - moment / mass), 0, SIDE - length);
  return { row: start(down, height), column: start(across, width) };
}

/** To the nearest whole number, and half-way to the even one, as NumPy and Python round. */
export function roundEven(value) {
  const below = Math.floor(value);
  const half = value - below === 0.5;
  return half ? below + (below % 2) : Math.round(value);
}

const clip = (value, low, high) => Math.min(high, Math.max(low, value));
