/** A kernel that slides over one of its input maps, up to the unit that somebody asked for. */

import { paintMap, sharpContext, signed } from "./colours.js";
import { make } from "../shared/dom.js";
import { fullColour } from "./layers.js";
import { mapOf } from "../shared/network.js";

const SIDE = 112; // CSS pixels of each of the two maps
const LASTS = 1400; // ms

/**
 * The two maps side by side: what the kernel looks at, and what it makes.
 *
 * @param layer a convolution; `channel` is that of its input maps which counts most for the unit.
 * @param moving whether it slides; else it stands where the unit is.
 */
export function slidingKernel(layer, [input, output], unit, channel, moving) {
  const [from, to] = [input, output].map(() => make("canvas", { attributes: { "aria-hidden": "true" } }));
  const figure = make("figure", { className: "slide" }, [
    make("div", {}, [from, make("span", { className: "times", textContent: "→", attributes: { "aria-hidden": "true" } }), to]),
    make("figcaption", { textContent: layer.in_channels === 1 ? "The kernel, and the map it makes." : `The kernel on map ${channel + 1}, and the map that all ${layer.in_channels} make together.` }),
  ]);
  const place = unit.row * output.width + unit.column;
  const looks = {
    seen: { ...input, values: mapOf(input, channel), scale: fullColour(input.values) || 1 },
    made: { ...output, values: mapOf(output, unit.channel), scale: fullColour(output.values) || 1 },
  };
  const paintAt = (now) => paint(from, to, layer, looks, now, now < place ? now : Infinity);
  const still = !moving || matchMedia("(prefers-reduced-motion: reduce)").matches;
  let started = 0;
  const step = (time) => {
    if (!figure.isConnected) return;
    started ||= time;
    const now = still ? place : Math.min(place, Math.floor((place * (time - started)) / LASTS));
    paintAt(now);
    figure.dataset.place = now;
    if (now < place) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  return figure;
}

/** The kernel's window at a place, and as many of the output's values as were computed until then. */
function paint(from, to, { kernel, stride, padding }, { seen, made }, place, computed) {
  const [row, column] = [Math.floor(place / made.width), place % made.width];
  for (const [canvas, map, [y, x, side]] of [
    [from, seen, [row * stride - padding, column * stride - padding, kernel]],
    [to, { ...made, values: made.values.map((value, i) => (i <= computed ? value : 0)) }, [row, column, 1]],
  ]) {
    const context = sharpContext(canvas, SIDE, SIDE);
    paintMap(context, map, signed, map.scale, [0, 0, SIDE]);
    const step = SIDE / map.width;
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = 2;
    context.strokeRect(x * step, y * step, side * step, side * step);
  }
}
