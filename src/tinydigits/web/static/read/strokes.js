/**
 * What was drawn: strokes, {width, points: [[x, y], …]}, in the units of the pad. Here they are
 * sorted into digits and turned into ink.
 */

/** Pixels of the longer side of a digit's ink: five for each that the network sees. */
const LONGER_SIDE = 100;

/**
 * The strokes of each digit, from left to right. Strokes belong together if one lies above the
 * other for a third of the narrower one's breadth: so the bar of a 5 finds its 5.
 */
export function digitsOf(strokes) {
  const groups = [];
  for (const stroke of strokes) {
    const group = { strokes: [stroke], ...extent([stroke]) };
    for (let i = groups.length - 1; i >= 0; i -= 1)
      if (belongTogether(groups[i], group)) {
        const [other] = groups.splice(i, 1);
        group.strokes.unshift(...other.strokes);
        Object.assign(group, extent(group.strokes));
      }
    groups.push(group);
  }
  return groups.filter(isMoreThanADot).sort((a, b) => a.left + a.right - b.left - b.right);
}

function belongTogether(one, other) {
  const shared = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  return shared >= Math.min(one.right - one.left, other.right - other.left) / 3;
}

/** A tap of the pen is no digit. */
function isMoreThanADot({ strokes, left, top, right, bottom }) {
  return Math.max(right - left, bottom - top) > 2 * Math.max(...strokes.map((stroke) => stroke.width));
}

/**
 * Whether the pen went further than for any digit, as it does in a scribble. No digit of the 20
 * writers of the UCI pen digits that the network may learn from takes more than 5 times its
 * longer side (the median is 2.4); a hand that trembles gets one more.
 */
export function isOverdrawn({ strokes, left, top, right, bottom }) {
  const width = Math.max(...strokes.map((stroke) => stroke.width));
  return strokes.reduce((sum, { points }) => sum + lengthOf(points), 0) > 6 * (Math.max(right - left, bottom - top) - width);
}

function lengthOf(points) {
  return points.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - points[i][0], y - points[i][1]), 0);
}

/** The box of all that the pen has touched. */
export function extent(strokes) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { width, points } of strokes)
    for (const [x, y] of points) {
      box.left = Math.min(box.left, x - width / 2);
      box.top = Math.min(box.top, y - width / 2);
      box.right = Math.max(box.right, x + width / 2);
      box.bottom = Math.max(box.bottom, y + width / 2);
    }
  return box;
}

/** Draw a stroke as one line, its corners and ends round, its course smoothed between the points. */
export function trace(context, { width, points }) {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [[x, y], [nextX, nextY]] = [points[i], points[i + 1]];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...points.at(-1));
  context.stroke();
}

let scratch;

/** A digit's strokes as ink, {height, width, values}, and where its pixels lie on the pad. */
export function inkOf({ strokes, left, top, right, bottom }) {
  const scale = LONGER_SIDE / Math.max(right - left, bottom - top);
  const margin = 2 / scale;
  const width = Math.ceil((right - left + 2 * margin) * scale);
  const height = Math.ceil((bottom - top + 2 * margin) * scale);
  scratch ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  Object.assign(scratch.canvas, { width, height });
  scratch.setTransform(scale, 0, 0, scale, (margin - left) * scale, (margin - top) * scale);
  for (const stroke of strokes) trace(scratch, stroke);
  const { data } = scratch.getImageData(0, 0, width, height);
  const values = Float32Array.from({ length: width * height }, (_, i) => data[4 * i + 3] / 255);
  return { height, width, values, left: left - margin, top: top - margin, scale };
}
