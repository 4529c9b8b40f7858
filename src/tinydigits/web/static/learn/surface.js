/** The error over any two weights as a landscape seen from above, with the path that learning walked on it. */

import { forward, trained } from "./backprop.js";
import { find, make, makeCard, makeSvg } from "../shared/dom.js";
import { prose, short } from "./formula.js";

const CELLS = 120; // on each side of the landscape
const BANDS = 14; // of equal height in √E, so that the flat valley has some as well
const MOST_POINTS = 300; // of the path
const REACHES = [0.5, 2, 8, 32]; // to each side of the start
const FRAME = { size: 300, left: 46, bottom: 34, top: 8, right: 12 };

/** From the lowest to the highest error; the same in light and dark, and on paper. */
const STOPS = [[24, 52, 88], [36, 110, 130], [110, 165, 130], [220, 205, 140], [252, 240, 214]];

export function surfaceCard(lesson) {
  const choose = (label, id) =>
    make("label", {}, [`${label} `, make("select", { id, onchange: (event) => chosen(card, event.target, lesson) })]);
  const reach = make("select", { id: "surface-reach", onchange: () => lesson.changed() }, REACHES.map((each) => new Option(`±${each}`, each)));
  reach.value = "2";
  const plot = make("div", { className: "plot" }, [make("canvas", { width: CELLS, height: CELLS, attributes: { "aria-hidden": "true" } })]);
  const card = makeCard("surface", "The error as a landscape", [
    make("p", { className: "note", textContent: "Dark is low. The line is the path walked so far, from the ring to the dot. Click anywhere to start there." }),
    make("div", { className: "axes" }, [choose("Across", "surface-x"), choose("Up", "surface-y"), make("label", {}, ["Shown ", reach])]),
    plot,
    make("p", { className: "note lowest" }),
  ]);
  plot.addEventListener("click", (event) => startThere(card, event, lesson));
  return card;
}

/** Two different weights: choosing one that is on the other axis swaps them. */
function chosen(card, select, lesson) {
  const other = find(select.id === "surface-x" ? "#surface-y" : "#surface-x", card);
  if (other.value === select.value) other.value = card.dataset[select.id === "surface-x" ? "x" : "y"];
  lesson.changed();
}

export function showSurface(card, lesson) {
  const [x, y] = axesOf(card, lesson);
  const path = pathOf(lesson, x, y);
  const view = viewOf(path, Number(find("#surface-reach", card).value), x, y);
  card.dataset.view = JSON.stringify(view);
  const lowest = paint(find("canvas", card), lesson, view);
  find("svg", card)?.remove();
  find(".plot", card).append(drawing(path, view, lesson));
  find(".lowest", card).replaceChildren(
    ...prose(
      `E is ${short(lesson.trace.E)} at the dot, and lowest at ${x} = ${short(lowest[x], 3)}, ${y} = ${short(lowest[y], 3)}: ` +
        `${short(lowest.E)}. The other weights are kept as they are now.`,
    ),
  );
}

/** The two weights chosen; only what an update moves can be. */
function axesOf(card, lesson) {
  const names = trained(lesson.given);
  const [across, up] = ["#surface-x", "#surface-y"].map((id) => find(id, card));
  for (const [select, usual] of [[across, "w5"], [up, "w7"]]) {
    if (select.length === names.length) continue;
    const before = names.includes(select.value) ? select.value : usual;
    select.replaceChildren(...names.map((name) => new Option(name, name, false, name === before)));
  }
  if (across.value === up.value) across.value = names.find((name) => name !== up.value);
  Object.assign(card.dataset, { x: across.value, y: up.value });
  return [across.value, up.value];
}

function pathOf({ training, updates }, x, y) {
  const every = Math.ceil((updates + 1) / MOST_POINTS);
  const path = [];
  for (let n = 0; n < updates; n += every) path.push(training.at(n));
  return [...path, training.at(updates)].map((p) => [p[x], p[y]]);
}

/** A square around the start, large enough for the path. */
function viewOf(path, reach, x, y) {
  const [[startX, startY]] = path;
  const farthest = Math.max(...path.map(([left, up]) => Math.max(Math.abs(left - startX), Math.abs(up - startY))));
  return { x, y, startX, startY, reach: Math.max(reach, 1.1 * farthest) };
}

/** Colour every cell by its error; returns where it is lowest. */
function paint(canvas, { given, parameters }, { x, y, startX, startY, reach }) {
  const along = (cell) => ((2 * (cell + 0.5)) / CELLS - 1) * reach;
  const errors = new Float64Array(CELLS * CELLS);
  const p = { ...parameters };
  for (let row = 0; row < CELLS; row++) {
    p[y] = startY - along(row);
    for (let column = 0; column < CELLS; column++) {
      p[x] = startX + along(column);
      errors[row * CELLS + column] = Math.sqrt(forward(given, p).E);
    }
  }
  const lowest = errors.reduce((best, error, index) => (error < errors[best] ? index : best), 0);
  const [low, high] = [errors[lowest], errors.reduce((most, error) => Math.max(most, error), 0)];
  const context = canvas.getContext("2d");
  const image = context.createImageData(CELLS, CELLS);
  errors.forEach((error, index) => {
    const band = Math.floor((BANDS * (error - low)) / (high - low || 1)) / BANDS;
    image.data.set([...colour(Math.min(band, 1)), 255], 4 * index);
  });
  context.putImageData(image, 0, 0);
  const [row, column] = [Math.floor(lowest / CELLS), lowest % CELLS];
  return { E: low ** 2, [x]: startX + along(column), [y]: startY - along(row) };
}

function colour(part) {
  const place = part * (STOPS.length - 1);
  const first = Math.min(Math.floor(place), STOPS.length - 2);
  return STOPS[first].map((from, n) => from + (place - first) * (STOPS[first + 1][n] - from));
}

/** The path and the scales, drawn over the landscape. */
function drawing(path, view, lesson) {
  const { size, left, bottom, top, right } = FRAME;
  const place = ([across, up]) => [
    left + (size * (across - view.startX + view.reach)) / (2 * view.reach),
    top + (size * (view.reach - up + view.startY)) / (2 * view.reach),
  ];
  const points = path.map((point) => place(point).map((at) => at.toFixed(1)).join(",")).join(" ");
  const [start, now] = [place(path[0]), place(path.at(-1))];
  const label =
    `E over ${view.x} and ${view.y}, from ${short(lesson.errorAt(0))} at the start to ${short(lesson.trace.E)} ` +
    `after ${lesson.updates} updates, at ${view.x} ${short(path.at(-1)[0])} and ${view.y} ${short(path.at(-1)[1])}.`;
  return makeSvg("svg", { viewBox: `0 0 ${size + left + right} ${size + top + bottom}`, role: "img", "aria-label": label }, [
    makeSvg("polyline", { points, class: "under" }),
    makeSvg("polyline", { points, class: "path" }),
    makeSvg("circle", { cx: start[0], cy: start[1], r: 6, class: "start" }),
    makeSvg("circle", { cx: now[0], cy: now[1], r: 5, class: "here" }),
    ...scale(view),
  ]);
}

function scale({ x, y, startX, startY, reach }) {
  const { size, left, top } = FRAME;
  const text = (at, words, anchor) => makeSvg("text", { ...at, "text-anchor": anchor }, [words]);
  const ticks = [-1, 0, 1].flatMap((side) => [
    text({ x: left + (size * (1 + side)) / 2, y: top + size + 14 }, short(startX + side * reach, 3), ["start", "middle", "end"][side + 1]),
    text({ x: left - 5, y: top + (size * (1 - side)) / 2 + (side === 1 ? 10 : side === 0 ? 4 : 0) }, short(startY + side * reach, 3), "end"),
  ]);
  return [...ticks, text({ x: left + size / 2, y: top + size + 30 }, x, "middle"), text({ x: 4, y: top + size / 4 }, y, "start")];
}

/** Begin again at the point that was clicked. */
function startThere(card, event, lesson) {
  const { x, y, startX, startY, reach } = JSON.parse(card.dataset.view);
  const { left, top, width, height } = find("canvas", card).getBoundingClientRect();
  const rounded = (value) => Number(value.toPrecision(3));
  const across = ((event.clientX - left) / width) * 2 - 1;
  const up = 1 - ((event.clientY - top) / height) * 2;
  if (Math.abs(across) > 1 || Math.abs(up) > 1) return;
  lesson.change({ [x]: rounded(startX + across * reach), [y]: rounded(startY + up * reach) });
}
