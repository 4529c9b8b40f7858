/**
 * Boxes {left, top, right, bottom} of digits -> the page's lines, also where it is curved or seen
 * from the side; see rows.py.
 */

/** Lines from the top, of indices from the left. */
export function findLines(boxes, slope, constants) {
  if (boxes.length < 2) return boxes.map((_, i) => [i]);
  const things = boxes.map((box) => ({ ...box, x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, height: box.bottom - box.top }));
  const lines = withSmall(joined(chains(things, slope, constants), things, slope, constants), things, slope, constants);
  const place = (line) => median(line.map((i) => things[i].y - slope * things[i].x));
  return sorted(lines, place);
}

/** The slope, down per pixel to the right, along which middles line up best (Postl, 1986). */
export function findSlope(boxes, { steepest, level }) {
  if (boxes.length < 3) return 0;
  const x = boxes.map(({ left, right }) => (left + right) / 2);
  const y = boxes.map(({ top, bottom }) => (top + bottom) / 2);
  const height = median(boxes.map(({ top, bottom }) => bottom - top));
  const mean = x.reduce((a, b) => a + b) / x.length;
  const trials = Array.from({ length: 2 * steepest + 1 }, (_, i) => (i - steepest) / 100);
  let [best, slope] = [0, 0];
  for (const trial of sorted(trials, Math.abs)) {
    const rows = y.map((middle, i) => (middle - trial * (x[i] - mean)) / ((level / 2) * height));
    const value = concentration(rows);
    if (value > best) [best, slope] = [value, trial];
  }
  return slope;
}

/** How much the rows fall into few bins: the sum of the squares of a smoothed histogram. */
function concentration(rows) {
  const first = Math.min(...rows);
  const counts = new Map();
  for (const row of rows)
    for (const [step, share] of [[-1, 0.5], [0, 1], [1, 0.5]]) {
      const bin = Math.trunc(row - first) + step;
      counts.set(bin, (counts.get(bin) ?? 0) + share);
    }
  return [...counts.values()].reduce((sum, count) => sum + count * count, 0);
}

/** Digits linked to their neighbours at the right, where each is the other's nearest. */
function chains(things, slope, { level, bend }) {
  const cost = (one, other) => {
    const low = Math.min(one.height, other.height);
    const across = other.x - one.x;
    const down = Math.abs(other.y - one.y - slope * across) / low;
    const gap = (other.left - one.right) / low;
    const fits = across > 0 && down < level + bend * Math.max(gap, 0) && Math.max(one.height, other.height) <= 2 * low;
    return fits ? Math.max(gap, 0) + 2 * down : Infinity;
  };
  const after = things.map((one) => nearest(things, (other) => cost(one, other)));
  const before = things.map((other) => nearest(things, (one) => cost(one, other)));
  return followed(after.map((next, i) => (next !== undefined && before[next] === i ? next : undefined)));
}

/** Lists of indices, each followed by the one that `after` names, if it names one. */
function followed(after) {
  const follows = new Set(after);
  return [...after.keys()].filter((i) => !follows.has(i)).map((first) => {
    const chain = [];
    for (let i = first; i !== undefined; i = after[i]) chain.push(i);
    return chain;
  });
}

/** Chains that go on from each other, put together, the nearest first. */
function joined(chains, things, slope, constants) {
  while (chains.length > 1) {
    const after = chains.map(() => undefined);
    const taken = new Set();
    for (const [gap, i, j] of sorted(gapsOf(chains, things, slope, constants), ([gap]) => gap)) {
      if (gap === Infinity) break;
      if (after[i] !== undefined || taken.has(j)) continue;
      after[i] = j;
      taken.add(j);
    }
    if (!taken.size) break;
    chains = followed(after).map((group) => group.flatMap((i) => chains[i]));
  }
  return chains;
}

/** [gap, chain, another that begins so far to its right], Infinity where it does not go on from there. */
function gapsOf(chains, things, slope, { level, ends }) {
  const sides = chains.map((chain) => {
    const [start, end] = [chain.slice(0, ends), chain.slice(-ends)].map((some) => endOf(some.map((i) => things[i]), slope, ends));
    return { start, end, left: things[chain[0]].left, right: things[chain.at(-1)].right };
  });
  return sides.flatMap(({ end, right }, i) =>
    sides.map(({ start, left }, j) => {
      const [gap, middle] = [left - right, (left + right) / 2];
      const at = ({ x, y, slope }) => y + slope * (middle - x);
      const low = Math.min(end.height, start.height);
      const fits = Math.abs(at(end) - at(start)) <= level * low && gap >= -level * low && Math.max(end.height, start.height) <= 2 * low;
      return [fits && i !== j ? gap : Infinity, i, j];
    }));
}

/** The middle of some neighbours, the slope of their line, and their height. */
function endOf(some, slope, ends) {
  const mean = (value) => some.reduce((sum, each) => sum + value(each), 0) / some.length;
  const [x, y] = [mean((each) => each.x), mean((each) => each.y)];
  const height = median(some.map((each) => each.height));
  if (some.length < ends) return { x, y, slope, height };
  const own = mean((each) => (each.x - x) * (each.y - y)) / Math.max(mean((each) => (each.x - x) ** 2), 1 / some.length);
  return { x, y, slope: (slope + own) / 2, height };
}

/** Lines of small digits joined to the taller line that they stand in. */
function withSmall(lines, things, slope, constants) {
  const kept = [];
  for (const line of sorted(lines, (line) => -median(line.map((i) => things[i].height)))) {
    const small = line.map((i) => things[i]);
    const home = kept.find((taller) => standsIn(small, taller.map((i) => things[i]), slope, constants));
    if (home) home.push(...line);
    else kept.push([...line]);
  }
  return kept.map((line) => sorted(line, (i) => things[i].x));
}

function standsIn(small, taller, slope, constants) {
  return small.every((box) => nearestOf(box, taller, slope, constants) !== undefined && !covers(box, taller));
}

/** Whether a box lies above or below one of the others, by more than half its width. */
function covers(box, others) {
  return others.some((other) => {
    const across = Math.min(other.right, box.right) - Math.max(other.left, box.left);
    const down = Math.min(other.bottom, box.bottom) - Math.max(other.top, box.top);
    return across > (box.right - box.left) / 2 && down < (box.bottom - box.top) / 2;
  });
}

/** Which of the digits at the same height something small stands beside; undefined if it does not. */
function nearestOf(box, others, slope, { level }) {
  return nearest(others, ({ left, top, right, bottom }) => {
    const apart = Math.max(left - box.right, box.left - right, 0);
    const height = bottom - top;
    const middle = (box.top + box.bottom) / 2 - (slope * (box.left + box.right - left - right)) / 2;
    const isLevel = Math.abs(2 * middle - top - bottom) <= (1 + 2 * level) * height;
    return isLevel && apart <= 2 * height ? apart : Infinity;
  });
}

/** Digits in lines, and each mark beside the digit that it stands next to. */
export function inLines(digits, marks, constants) {
  if (!digits.length) return [];
  const boxes = digits.map(({ glyph }) => glyph.box);
  const slope = findSlope(boxes, constants);
  const lines = findLines(boxes, slope, constants).map((line) => line.map((i) => digits[i]));
  const owners = new Map(lines.flatMap((line) => line.map((each) => [each, line])));
  for (const each of marks) {
    const nearest = nearestOf(each.glyph.box, boxes, slope, constants);
    if (nearest !== undefined) owners.get(digits[nearest]).push(each);
  }
  return lines.map((line) => withSpaces(sorted(line, ({ glyph: { box } }) => box.left + box.right), constants));
}

/** The same line; what stands further from the one before than digits of a number do says so. */
function withSpaces(line, { gap }) {
  const heights = line.filter(({ glyph }) => !glyph.mark).map(({ glyph: { box } }) => box.bottom - box.top);
  const wide = gap * median(heights);
  const isFar = (i) => i > 0 && line[i].glyph.box.left - line[i - 1].glyph.box.right > wide;
  return line.map((each, i) => ({ ...each, glyph: { ...each.glyph, spaceBefore: isFar(i) } }));
}

/** The index of the first item with the smallest value; undefined if all are Infinity. */
function nearest(items, value) {
  let [least, best] = [Infinity, undefined];
  items.forEach((item, i) => {
    const own = value(item);
    if (own < least) [least, best] = [own, i];
  });
  return best;
}

const sorted = (items, value) => [...items].sort((a, b) => value(a) - value(b));

function median(values) {
  const ordered = sorted(values, Number);
  const half = (ordered.length - 1) / 2;
  return (ordered[Math.floor(half)] + ordered[Math.ceil(half)]) / 2;
}
