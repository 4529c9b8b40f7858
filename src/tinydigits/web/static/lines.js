/**
 * Things on a page -> its lines of writing, whatever the size of each; see lines.py. A thing's box
 * is {left, top, right, bottom}.
 */

/** Lines from the top, of indices from the left. */
export function findLines(boxes, slope, { level, alike, reach, gap }) {
  if (boxes.length < 2) return boxes.map((_, i) => [i]);
  const height = boxes.map(({ top, bottom }) => bottom - top);
  const centre = boxes.map(({ left, right }) => (left + right) / 2);
  const middle = boxes.map(({ top, bottom }, i) => (top + bottom) / 2 - slope * centre[i]);
  const tallest = (line) => Math.max(...line.map((i) => height[i]));
  const lines = linesOfASize(height, centre, middle, level, alike).sort((a, b) => tallest(b) - tallest(a));
  const kept = [];
  for (const line of lines) {
    const home = kept.find((other) => standsIn(line.map((i) => boxes[i]), other.map((i) => boxes[i]), slope, reach, gap));
    if (home) home.push(...line);
    else kept.push(line);
  }
  const up = (line) => median(line.map((i) => middle[i]));
  return kept.sort((a, b) => up(a) - up(b)).map((line) => line.sort((a, b) => centre[a] - centre[b]));
}

/** The tallest first, each in the line of the nearest that is as high up and not twice its height. */
function linesOfASize(height, centre, middle, level, alike) {
  const lineOf = new Map(); // in the order in which they were placed
  const lines = [];
  for (const i of [...height.keys()].sort((a, b) => height[b] - height[a])) {
    const near = [...lineOf.keys()].filter((j) => Math.abs(middle[j] - middle[i]) <= level * height[j] && height[i] >= alike * height[j]);
    const nearest = least(near.sort((a, b) => a - b), (j) => Math.abs(centre[j] - centre[i]));
    const line = nearest === undefined ? lines[lines.push([]) - 1] : lineOf.get(nearest);
    line.push(i);
    lineOf.set(i, line);
  }
  return lines;
}

/** Whether a line of small things is part of a line of taller ones. */
function standsIn(ours, taller, slope, reach, gap) {
  const height = ({ top, bottom }) => bottom - top;
  const largest = Math.max(...taller.map(height));
  const theirs = taller.filter((box) => 2 * height(box) >= largest);
  for (const box of ours) {
    const apart = (other) => Math.max(other.left - box.right, box.left - other.right);
    const near = least(theirs, apart);
    const down = (slope * (box.left + box.right - near.left - near.right)) / 2;
    const middle = (box.top + box.bottom) / 2 - down;
    const tall = height(near);
    if (apart(near) > gap * tall || middle < near.top - reach * tall || middle > near.bottom + reach * tall) return false;
  }
  const overlap = theirs.some((other) => ours.some((box) => other.left < box.right && other.right > box.left));
  return !(overlap && median(ours.map(height)) > 0.4 * median(theirs.map(height)));
}

/** The first of those with the smallest value; undefined if there are none. */
function least(items, value) {
  let best;
  for (const item of items) if (best === undefined || value(item) < value(best)) best = item;
  return best;
}

export function median(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const half = (ordered.length - 1) / 2;
  return (ordered[Math.floor(half)] + ordered[Math.ceil(half)]) / 2;
}
