/** Error curves as a drawing (SVG): E over the updates, a line for each learning rate. */

import { makeSvg } from "../shared/dom.js";
import { short } from "./formula.js";

const WIDE = { width: 560, height: 300, left: 58, right: 12, top: 14, bottom: 40 };
const NARROW = { width: 358, height: 250, left: 54, right: 8, top: 12, bottom: 38 };
const SMALLEST = 1e-16; // where the logarithmic scale ends: what is left of E below is rounding

/**
 * Draws into `figure`.
 *
 * @param lines [{errors, name, kind}], kind being the CSS class of the line.
 * @param marker {updates, error}: where learning stands.
 */
export function drawCurves(figure, lines, marker, { narrow, logarithmic, label }) {
  const frame = narrow ? NARROW : WIDE;
  const svg = makeSvg("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, class: "curves", role: "img", "aria-label": label });
  const last = lines[0].errors.length - 1;
  const scale = scaleOf(frame, lines.flatMap((line) => line.errors), last, logarithmic);
  svg.append(...axes(frame, scale, last));
  for (const { errors, kind } of lines) {
    const points = errors.map((error, n) => `${scale.x(n).toFixed(1)},${scale.y(error).toFixed(1)}`);
    svg.append(makeSvg("polyline", { points: points.join(" "), class: kind }));
  }
  svg.append(makeSvg("circle", { cx: scale.x(marker.updates), cy: scale.y(marker.error), r: 5, class: "marker" }));
  figure.replaceChildren(svg);
}

function scaleOf(frame, errors, last, logarithmic) {
  const highest = Math.max(...errors, SMALLEST);
  const lowest = Math.max(Math.min(...errors), SMALLEST);
  const [bottom, height] = [frame.height - frame.bottom, frame.height - frame.bottom - frame.top];
  const x = (n) => frame.left + ((frame.width - frame.left - frame.right) * n) / Math.max(last, 1);
  if (!logarithmic) {
    return { x, y: (error) => bottom - (height * error) / highest, ticks: even(highest) };
  }
  const top = Math.ceil(Math.log10(highest));
  const base = Math.min(Math.floor(Math.log10(lowest)), top - 1);
  const y = (error) => bottom - (height * (Math.log10(Math.max(error, 10 ** base)) - base)) / (top - base);
  const every = Math.ceil((top - base) / 6);
  const ticks = [];
  for (let power = top; power >= base; power -= every) ticks.push(10 ** power);
  return { x, y, ticks };
}

/** Round numbers from 0 on, four to eight of them. */
function even(highest) {
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((each) => highest / each <= 6);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, n) => n * step);
}

function axes(frame, scale, last) {
  const [bottom, right] = [frame.height - frame.bottom, frame.width - frame.right];
  const lines = scale.ticks.flatMap((tick) => [
    makeSvg("line", { x1: frame.left, x2: right, y1: scale.y(tick), y2: scale.y(tick), class: "mark" }),
    makeSvg("text", { x: frame.left - 7, y: scale.y(tick) + 4, "text-anchor": "end" }, [short(tick, 3)]),
  ]);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last));
  const anchor = (n) => ({ "text-anchor": n === last ? "end" : "middle" });
  const below = steps.map((n) => makeSvg("text", { x: scale.x(n), y: bottom + 18, ...anchor(n) }, [`${n}`]));
  const words = makeSvg("text", { x: (frame.left + right) / 2, y: frame.height - 5, "text-anchor": "middle" }, ["updates"]);
  return [...lines, ...below, words, makeSvg("text", { x: 4, y: frame.top + 4 }, ["E"])];
}
