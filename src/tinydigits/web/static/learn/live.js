/** E as it stands, and beside it the small curve of how it came there. */

import { find, make, makeSvg } from "../shared/dom.js";
import { short } from "./formula.js";

const FRAME = { width: 220, height: 46, left: 4, right: 8, top: 6, bottom: 15 };
const MOST_POINTS = 120;

export function liveError() {
  return make("div", { className: "live" }, [
    make("p", { className: "live-value" }, [make("var", { textContent: "E" }), " ", make("strong"), " ", make("span", { className: "updates" })]),
    make("div", { className: "live-curve" }),
  ]);
}

export function showLive(live, lesson) {
  const { known, trace, now, updates, digits } = lesson;
  const error = known.has("E") ? short(trace.E, digits) : "?";
  const after = now.name === "E′" ? ` → ${short(now.value, digits)}` : "";
  find("strong", live).textContent = error + after;
  find(".updates", live).textContent = count(updates);
  find(".live-curve", live).replaceChildren(curve(lesson, known.has("E") ? updates : updates - 1));
}

export function count(updates) {
  if (updates === 0) return "before the first update";
  return `after ${updates.toLocaleString("en")} update${updates === 1 ? "" : "s"}`;
}

/** The curve up to the last update whose E is known, which is −1 before the first one. */
function curve(lesson, last) {
  const reach = roundUp(Math.max(last, 10));
  const every = Math.ceil((last + 1) / MOST_POINTS);
  const counts = [];
  for (let n = 0; n < last; n += every) counts.push(n);
  if (last >= 0) counts.push(last);
  const errors = counts.map((n) => lesson.errorAt(n));
  const highest = Math.max(...errors) || 1;
  const { width, height, left, right, top, bottom } = FRAME;
  const x = (n) => left + ((width - left - right) * n) / reach;
  const y = (error) => top + (height - top - bottom) * (1 - error / highest);
  const points = counts.map((n, index) => `${x(n).toFixed(1)},${y(errors[index]).toFixed(1)}`);
  const label = errors.length
    ? `E over the updates: ${short(errors[0])} at first, ${short(errors.at(-1))} after ${last}.`
    : "E over the updates: not known yet.";
  const end = `${reach.toLocaleString("en")} updates`;
  return makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, [
    makeSvg("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), class: "base" }),
    makeSvg("text", { x: left, y: height - 3 }, ["0"]),
    makeSvg("text", { x: width - right, y: height - 3, "text-anchor": "end" }, [end]),
    makeSvg("polyline", { points: points.join(" ") }),
    ...(errors.length ? [makeSvg("circle", { cx: x(last), cy: y(errors.at(-1)), r: 4 })] : []),
  ]);
}

/** 10, 20, 50, 100 … : the least of them that is not less. */
function roundUp(count) {
  const power = 10 ** Math.floor(Math.log10(count));
  return [1, 2, 5, 10].map((part) => part * power).find((each) => each >= count);
}
