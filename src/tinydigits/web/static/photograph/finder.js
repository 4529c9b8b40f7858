/**
 * Where digits are: the finder looks at a picture in one scale. It does what the reader's
 * finder.py does, to the last bits of float32 where the ground is so even that these count.
 */

import { planes } from "../shared/dense.js";
import { decodeFinder, run } from "./finder-network.js";

const { fround } = Math;

/**
 * The finder, ready to look: {constants, evidence, maps(picture, scale, progress)}.
 *
 * @param given layers and evidence, as web/finder_layers.py has them.
 */
export function finderOf(given, constants) {
  const network = decodeFinder(given);
  return { constants, evidence: given.evidence, maps: (...look) => maps(network, constants.finder, ...look) };
}

/**
 * A grey picture {height, width, values}, bytes in row order, as planes: standardised by the whole picture, by what is nearby, and 1; beyond the picture all are 0.
 */
export function inputs({ height, width, values }, constants) {
  const { stride, even, most } = constants;
  const filled = (side) => Math.ceil(side / stride) * stride;
  const clip = (value) => Math.min(most, Math.max(-most, value));
  const tones = Float32Array.from({ length: 256 }, (_, value) => value / 255);
  const plane = Float32Array.from(values, (value) => tones[value]);
  const [mean, spread] = moments(plane);
  const nearby = surroundings({ height, width, values: plane }, constants);
  const result = planes(3, filled(height), filled(width), 2);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0, at = placeOf(result, row, 0); column < width; column += 1, i += 1, at += result.channels) {
      result.values[at] = clip((plane[i] - mean) / (spread + even[0]));
      result.values[at + 1] = clip((plane[i] - nearby.mean[i]) / (nearby.spread[i] + even[1]));
      result.values[at + 2] = 1;
    }
  return result;
}

function moments(plane) {
  let [sum, squares] = [0, 0];
  for (const value of plane) sum += value;
  const mean = sum / plane.length;
  for (const value of plane) squares += (value - mean) ** 2;
  return [mean, Math.sqrt(squares / plane.length)];
}

/** Mean and standard deviation around each pixel, straight lines between blocks' centres. */
function surroundings(picture, { block, around }) {
  const squared = { ...picture, values: picture.values.map((value) => value * value) };
  const [mean, square] = [picture, squared].map((each) => smooth(blocks(each, block), around));
  const spread = { ...mean, values: mean.values.map((value, i) => Math.sqrt(Math.max(fround(square.values[i] - fround(value * value)), 0))) };
  return { mean: enlarged(mean, block, picture), spread: enlarged(spread, block, picture) };
}

/** The mean of each block, at the far edges of what there is of it. */
function blocks({ height, width, values }, side) {
  const result = { height: Math.ceil(height / side), width: Math.ceil(width / side) };
  result.values = new Float32Array(result.height * result.width);
  const sums = new Float64Array(result.width);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0, i = row * width; column < width; column += 1, i += 1) sums[Math.floor(column / side)] += values[i];
    if ((row + 1) % side && row + 1 < height) continue;
    for (let column = 0; column < result.width; column += 1) {
      const area = ((row % side) + 1) * Math.min(side, width - column * side);
      result.values[Math.floor(row / side) * result.width + column] = sums[column] / area;
      sums[column] = 0;
    }
  }
  return result;
}

/** The mean of 5 x 5 blocks; beyond an edge the outermost counts again. */
function smooth({ height, width, values }, around) {
  const within = (index, length) => Math.min(length - 1, Math.max(0, index));
  const mean = (terms) => {
    let sum = 0;
    for (let step = -around; step <= around; step += 1) sum = fround(sum + terms(step));
    return sum / (2 * around + 1);
  };
  const each = (value) => Float32Array.from(values, (_, i) => value(Math.floor(i / width), i % width));
  const down = each((row, column) => mean((step) => values[within(row + step, height) * width + column]));
  return { height, width, values: each((row, column) => mean((step) => down[row * width + within(column + step, width)])) };
}

function enlarged({ height, width, values }, block, picture) {
  const across = between(picture.width, width, block);
  const down = between(picture.height, height, block);
  const wide = new Float32Array(height * picture.width);
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < picture.width; column += 1) {
      const { first, second, weight } = across[column];
      wide[row * picture.width + column] = (1 - weight) * values[row * width + first] + weight * values[row * width + second];
    }
  const result = new Float32Array(picture.height * picture.width);
  for (let row = 0, i = 0; row < picture.height; row += 1) {
    const { first, second, weight } = down[row];
    for (let column = 0; column < picture.width; column += 1, i += 1)
      result[i] = (1 - weight) * wide[first * picture.width + column] + weight * wide[second * picture.width + column];
  }
  return result;
}

/** The two blocks that a pixel lies between, and the second one's weight. */
function between(pixels, count, block) {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = Math.min(count - 1, Math.max(0, (pixel + 0.5) / block - 0.5));
    const first = Math.floor(place);
    return { first, second: Math.min(count - 1, first + 1), weight: place - first };
  });
}

const placeOf = ({ start, line, channels }, row, column) => start + row * line + column * channels;

/**
 * What the finder sees of a grey picture that is already in that scale, as `Maps` in finder.py: lists of planes,
 * each in row order; ink and grey have the picture's size, offsets half of it, all else `columns` x `rows` places,
 * a quarter.
 */
function maps(network, constants, picture, scale, progress) {
  const { heats, offset, seen, steps } = constants;
  const size = (step) => [Math.ceil(picture.height / step), Math.ceil(picture.width / step)];
  const found = run(network, inputs(picture, constants), progress);
  const told = Object.fromEntries(seen.map((name, output) => [name, cropped(found[name], ...size(steps[output]))]));
  const [rows, columns] = size(4);
  return {
    scale,
    height: picture.height,
    width: picture.width,
    rows,
    columns,
    grey: picture.values,
    ink: told.ink,
    offsets: told.offsets.map((plane) => plane.map((value) => offset * value)),
    heat: told.heat.slice(0, heats),
    small: told.heat[heats],
    told: told.told,
  };
}

/** Each plane of what was seen, without what lies beyond the picture. */
const cropped = (found, height, width) =>
  Array.from({ length: found.channels }, (_, channel) => {
    const plane = new Float32Array(height * width);
    for (let row = 0, i = 0; row < height; row += 1)
      for (let column = 0, at = placeOf(found, row, 0) + channel; column < width; column += 1, i += 1, at += found.channels) plane[i] = found.values[at];
    return plane;
  });
