/**
 * The 2-2-2 network as a drawing (SVG): from left to right where there is room, from top to bottom
 * on a phone. A unit's upper half shows what it receives, the lower one what it gives. A weight has
 * its value and, once the backward pass has found it, its gradient, which also makes its line thick.
 */

import { makeSvg } from "../shared/dom.js";
import { short } from "./formula.js";
import { EDGES } from "./steps.js";

/** Sizes of the two layouts, in the drawing's own units, which are about pixels. */
const ACROSS = {
  width: 740, height: 372, lanes: [96, 300], depths: [42, 256, 496, 686],
  input: [78, 58], unit: [118, 78], error: [98, 60], total: [98, 60], bias: [84, 54], label: [98, 40],
  diagonal: 0.36, outward: 0, captions: ["inputs", "hidden units", "outputs", "error"],
};
const DOWN = {
  width: 358, height: 302, lanes: [62, 296], depths: [15, 104, 203, 267],
  input: [78, 28], unit: [118, 50], error: [110, 30], total: [104, 30], bias: [104, 28], label: [84, 32],
  diagonal: 0.3, outward: 16, captions: [],
};
const THIN = 1.4; // a line whose weight has no gradient yet
const THICK = 9; // that of the largest gradient

/** Draws into `figure`; `pick(name)` is called when a number that can be changed is clicked. */
export function drawNetwork(figure, down, pick) {
  const layout = down ? { ...DOWN, down } : { ...ACROSS, down };
  const svg = makeSvg("svg", { viewBox: `0 0 ${layout.width} ${layout.height}`, class: "net", role: "img" });
  figure.replaceChildren(svg);
  const boxes = boxesOf(layout);
  const parts = new Map();
  layout.captions.forEach((caption, n) =>
    svg.append(makeSvg("text", { x: layout.depths[n], y: 18, class: "caption", "text-anchor": "middle" }, [caption])),
  );
  for (const line of linesOf(boxes, layout)) addLine(svg, parts, line);
  for (const [name, box] of boxes) addBox(svg, parts, [name, box], layout, pick);
  for (const name of Object.keys(EDGES)) addLabel(svg, parts, name, boxes, layout, pick);
  return (view) => show(svg, parts, view);
}

// --- Where everything stands -------------------------------------------------------------------

/** The boxes by name: {x, y} is the centre; the two halves of a unit are boxes of their own. */
function boxesOf(layout) {
  const boxes = new Map();
  const put = (name, depth, lane, [width, height], lower = 0) => {
    const [x, y] = layout.down ? [lane, depth] : [depth, lane];
    boxes.set(name, { x, y: y + lower, width, height });
  };
  const [first, hidden, outer, last] = layout.depths;
  const middle = (layout.lanes[0] + layout.lanes[1]) / 2;
  layout.lanes.forEach((lane, index) => {
    const n = index + 1;
    put(`i${n}`, first, lane, layout.input);
    for (const [unit, depth] of [["h", hidden], ["o", outer]]) {
      const [width, height] = layout.unit;
      put(`${unit}${n}`, depth, lane, [width, height / 2], -height / 4);
      put(`a_${unit}${n}`, depth, lane, [width, height / 2], height / 4);
    }
    put(`E${n}`, last, lane, layout.error);
  });
  put("b1", hidden, middle, layout.bias);
  put("b2", outer, middle, layout.bias);
  put("E", last, middle, layout.total);
  return boxes;
}

function linesOf(boxes, layout) {
  const leave = ({ x, y, width, height }) => (layout.down ? [x, y + height / 2] : [x + width / 2, y]);
  const enter = ({ x, y, width, height }) => (layout.down ? [x, y - height / 2] : [x - width / 2, y]);
  const lines = Object.entries(EDGES).map(([name, [from, to]]) => ({
    names: [name], from: leave(whole(boxes, from)), to: enter(whole(boxes, to)),
  }));
  for (const n of [1, 2]) {
    lines.push({ names: [`a_o${n}-E${n}`], from: leave(whole(boxes, `o${n}`)), to: enter(boxes.get(`E${n}`)) });
    lines.push({ names: [`E${n}-E`], ...between(boxes.get(`E${n}`), boxes.get("E")) });
    lines.push({ names: ["b1"], bias: true, ...between(boxes.get("b1"), whole(boxes, `h${n}`)) });
    lines.push({ names: ["b2"], bias: true, ...between(boxes.get("b2"), whole(boxes, `o${n}`)) });
  }
  return lines;
}

/** The box of a name; for either half of a unit, that of the whole unit. */
function whole(boxes, name) {
  const box = boxes.get(name);
  const sum = boxes.get(name.replace("a_", ""));
  const gives = boxes.get(`a_${name.replace("a_", "")}`);
  return gives ? { ...sum, y: (sum.y + gives.y) / 2, height: 2 * sum.height } : box;
}

/** A straight line from box to box where they stand above or beside one another. */
function between(one, other) {
  const [dx, dy] = [Math.sign(other.x - one.x), Math.sign(other.y - one.y)];
  const vertical = Math.abs(other.y - one.y) > Math.abs(other.x - one.x);
  const edge = (box, way) =>
    vertical ? [box.x, box.y + (way * dy * box.height) / 2] : [box.x + (way * dx * box.width) / 2, box.y];
  return { from: edge(one, 1), to: edge(other, -1) };
}

// --- Drawing it --------------------------------------------------------------------------------

function register(parts, name, group) {
  if (!parts.has(name)) parts.set(name, []);
  parts.get(name).push(group);
}

/** A line, and on top of it the one that lights up, with an arrow in the direction of the flow. */
function addLine(svg, parts, { names, from, to, bias }) {
  const ends = { x1: from[0], y1: from[1], x2: to[0], y2: to[1] };
  const group = makeSvg("g", { class: bias ? "line bias" : "line" }, [
    makeSvg("line", ends),
    makeSvg("line", { ...ends, class: "flow" }),
    arrow(from, to, "onward"),
    arrow(to, from, "backward"),
  ]);
  for (const name of names) register(parts, name, group);
  svg.append(group);
}

/** An arrowhead two thirds of the way. */
function arrow(from, to, direction) {
  const [x, y] = at(from, to, 0.68);
  const turn = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  return makeSvg("path", { d: "M-6,-6L7,0L-6,6Z", transform: `translate(${x},${y}) rotate(${turn})`, class: direction });
}

function at(from, to, part) {
  return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
}

function addBox(svg, parts, [name, { x, y, width, height }], layout, pick) {
  const rect = makeSvg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 8 });
  const group = makeSvg("g", { class: `box ${kindOf(name)}` }, [rect]);
  const oneLine = height < 40;
  if (oneLine) group.append(pair(x, y + 5, name));
  else group.append(text(x, y - height * 0.12, name), value(x, y + height * 0.28));
  if (/^E\d/.test(name)) {
    const above = !layout.down && name === "E1";
    const place = { x, y: above ? y - height / 2 - 9 : y + height / 2 + (layout.down ? 15 : 18) };
    group.append(makeSvg("text", { ...place, class: "target", "text-anchor": "middle" }));
    clickable(group, () => pick(`t${name[1]}`));
  }
  if (/^[ib]/.test(name)) clickable(group, () => pick(name));
  register(parts, name, group);
  svg.append(group);
}

function kindOf(name) {
  if (name[0] === "E") return "error";
  return { i: "input", b: "bias", h: "sum", o: "sum", a: "gives" }[name[0]];
}

/** A weight's name, value and gradient, on a plate upon its line. */
function addLabel(svg, parts, name, boxes, layout, pick) {
  const [from, to] = EDGES[name].map((end) => whole(boxes, end));
  const straight = layout.down ? from.x === to.x : from.y === to.y;
  const ends = linesOf(boxes, layout).find((line) => line.names[0] === name);
  let [x, y] = at(ends.from, ends.to, straight ? 0.5 : layout.diagonal);
  if (straight) x += layout.outward * (x < layout.width / 2 ? -1 : 1);
  const [width, height] = layout.label;
  const group = makeSvg("g", { class: "weight" }, [
    makeSvg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 6 }),
    makeSvg("text", { x, y: y + height / 2 - 4, class: "found", "text-anchor": "middle" }),
    pair(x, y - 2, name),
  ]);
  clickable(group, () => pick(name));
  register(parts, name, group);
  svg.append(group);
}

/** A name set with its index: a_h1 as a with a small h1. */
function nameParts(name) {
  const [, letter, index = ""] = name.match(/^(a(?=_)|.)_?(.*)$/);
  const lower = index ? [makeSvg("tspan", { class: "index", dy: 4 }, [index])] : [];
  return [makeSvg("tspan", { class: "name" }, [letter]), ...lower];
}

function text(x, y, name) {
  return makeSvg("text", { x, y, "text-anchor": "middle" }, nameParts(name));
}

function value(x, y) {
  return makeSvg("text", { x, y, class: "value", "text-anchor": "middle" });
}

/** Name and value on one line. */
function pair(x, y, name) {
  const parts = nameParts(name);
  const number = makeSvg("tspan", { class: "value", dx: 5, dy: parts.length > 1 ? -4 : 0 });
  return makeSvg("text", { x, y, "text-anchor": "middle" }, [...parts, number]);
}

function clickable(group, act) {
  group.classList.add("can-change");
  group.addEventListener("click", act);
}

// --- Showing a state in it ---------------------------------------------------------------------

/**
 * @param view values: every number by name; known: the names whose values are already worked out;
 *   lit, soft: the parts to light up, brightly or faintly; phase; biases: whether there are any;
 *   shares: each known gradient's size, from 0 to 1; saturated: the boxes of units that are;
 *   fixed: whether the numbers cannot be changed; label: the drawing in words.
 */
function show(svg, parts, { values, known, lit, soft, phase, biases, shares, saturated, fixed, label }) {
  svg.setAttribute("aria-label", label);
  svg.classList.toggle("fixed", fixed);
  svg.dataset.phase = phase;
  for (const [name, groups] of parts) {
    for (const group of groups) {
      group.classList.toggle("lit", lit.has(name));
      group.classList.toggle("soft", soft.has(name) && !lit.has(name));
      group.toggleAttribute("hidden", /^b\d/.test(name) && !biases);
      fill(group, ".value", known.has(name) ? short(values[name]) : "·");
      group.classList.toggle("saturated", saturated.has(name));
      if (name in EDGES) thicken(group, shares[name]);
      group.classList.toggle("moved", known.has(`${name}′`));
      group.classList.toggle("with-found", known.has(`∂E/∂${name}`));
      fill(group, ".found", found(name, values, known));
      if (/^E\d/.test(name)) fill(group, ".target", `t${name[1]} = ${short(values[`t${name[1]}`])}`);
    }
  }
}

function thicken(group, share) {
  group.classList.toggle("weighed", share !== undefined);
  for (const line of group.querySelectorAll("line"))
    line.style.strokeWidth = share === undefined ? "" : `${THIN + (THICK - THIN) * share}px`;
}

/** What the lesson found out about a weight by now: its gradient, then its new value. */
function found(name, values, known) {
  if (known.has(`${name}′`)) return `→ ${short(values[`${name}′`])}`;
  return known.has(`∂E/∂${name}`) ? `∂ ${compact(values[`∂E/∂${name}`])}` : "";
}

/** Three digits; a tiny number as 9.37e−6, which fits where 0.00000937 doesn't. */
function compact(value) {
  const tiny = value !== 0 && Math.abs(value) < 1e-4;
  return tiny ? value.toExponential(2).replaceAll("-", "−") : short(value, 3);
}

function fill(group, selector, content) {
  const place = group.querySelector(selector);
  if (place) place.textContent = content;
}
