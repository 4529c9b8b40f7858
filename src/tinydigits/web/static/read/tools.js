/** The pad's tools: undo, clear, the pen's width, and digits that the page draws for those who can't. */

import { data, find, make } from "../shared/dom.js";
import { PAD_WIDTH } from "./pad.js";

export function prepareTools(root, pad) {
  const samples = data("samples");
  const canvas = find("#pad", root);
  const write = (digit) => writeBeside(pad, samples[digit], heightOf(canvas));
  find("#undo", root).addEventListener("click", pad.undo);
  find("#clear", root).addEventListener("click", pad.clear);
  const width = find("#pen", root);
  width.addEventListener("input", () => (pad.penWidth = Number(width.value)));
  pad.penWidth = Number(width.value);
  find("#samples", root).append(...Object.keys(samples).map((digit) =>
    make("button", { textContent: digit, attributes: { "aria-label": `Draw a ${digit}` }, onclick: () => write(digit) })));
  canvas.addEventListener("keydown", (event) => {
    if (Object.hasOwn(samples, event.key)) write(event.key);
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) pad.undo();
    else if (event.key === "Escape" || event.key === "Delete") pad.clear();
    else return;
    event.preventDefault();
  });
}

/** Draw a digit, given in a square of 100, to the right of what is there; without room, on a clear pad. */
function writeBeside(pad, strokes, padHeight) {
  const taken = Math.max(0, ...pad.drawn().flatMap(({ points }) => points.map(([x]) => x)));
  const full = taken + 2 * pad.penWidth + breadthOf(strokes, padHeight) + pad.penWidth > PAD_WIDTH;
  if (full) pad.clear();
  pad.add(placed(pad, strokes, padHeight, (full ? 0 : taken) + 2 * pad.penWidth));
}

/** The same digit in the middle of the pad, as strokes that nobody has drawn yet. */
export function centredOn(pad, strokes, padHeight) {
  return placed(pad, strokes, padHeight, (PAD_WIDTH - breadthOf(strokes, padHeight)) / 2);
}

const scaleOf = (padHeight) => (0.62 * padHeight) / 100;

function breadthOf(strokes, padHeight) {
  const xs = strokes.flat().map(([x]) => x);
  return 0.72 * scaleOf(padHeight) * (Math.max(...xs) - Math.min(...xs));
}

function placed(pad, strokes, padHeight, left) {
  const scale = scaleOf(padHeight);
  const first = Math.min(...strokes.flat().map(([x]) => x));
  return strokes.map((points) => ({
    width: pad.penWidth,
    points: points.map(([x, y]) => [left + 0.72 * scale * (x - first), 0.19 * padHeight + scale * y]),
  }));
}

/** The pad's height in its own units. */
export const heightOf = (canvas) => (PAD_WIDTH * canvas.clientHeight) / canvas.clientWidth;
