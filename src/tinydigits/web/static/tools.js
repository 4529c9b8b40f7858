/** The pad's tools: undo, clear, the pen's width, and digits that the page draws for those who can't. */

import { data, find, make } from "./dom.js";
import { PAD_WIDTH } from "./pad.js";

export function prepareTools(root, pad) {
  const samples = data("samples");
  const canvas = find("#pad", root);
  const write = (digit) => writeBeside(pad, samples[digit], (PAD_WIDTH * canvas.clientHeight) / canvas.clientWidth);
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
  const [height, top] = [0.62 * padHeight, 0.19 * padHeight];
  const scale = height / 100;
  const gap = 2 * pad.penWidth;
  const xs = strokes.flat().map(([x]) => x);
  const breadth = 0.72 * scale * (Math.max(...xs) - Math.min(...xs));
  const taken = Math.max(0, ...pad.strokes.flatMap(({ points }) => points.map(([x]) => x)));
  const full = taken + gap + breadth + pad.penWidth > PAD_WIDTH;
  if (full) pad.clear();
  const left = (full ? 0 : taken) + gap;
  pad.add(strokes.map((points) => ({
    width: pad.penWidth,
    points: points.map(([x, y]) => [left + 0.72 * scale * (x - Math.min(...xs)), top + scale * y]),
  })));
}
