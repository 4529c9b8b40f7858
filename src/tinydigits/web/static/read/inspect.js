/** One unit, explained: where it looks, its kernel, and the sum that made its value. */

import { cell, paintImage } from "./colours.js";
import { make, number, refill } from "../shared/dom.js";
import { slidingKernel } from "./slide.js";
import { describe, fieldOf, partsOf, valueOf, windowOf } from "./explain.js";

const FIRST_PARTS = 4;

/**
 * Fill the inspector.
 *
 * @param state {network, stacks, off, image, unit}: the image is what the network was given.
 * @param actions {toggleChannel, unpin}, whether the unit is pinned, and whether its kernel slides there now.
 */
export function inspect(root, state, { toggleChannel, unpin, pinned, slides }) {
  const { network, stacks, off, image, unit } = state;
  const layer = network.layers[unit.index - 1];
  const isOff = off.get(unit.index - 1)?.has(unit.channel) ?? false;
  const field = make("canvas", { className: "field", attributes: { role: "img", "aria-label": fieldText(state) } });
  const value = valueOf(stacks, unit);
  const swatch = make("span", { className: "swatch" });
  Object.assign(swatch.style, cell(value / (largest(stacks[unit.index].values) || 1)));
  root.classList.add("filled");
  refill(root, [
    make("div", { className: "inspector-head" }, [
      make("div", {}, [
        make("h3", { textContent: layer ? describe(layer, stacks[unit.index]).name : "Input" }),
        make("p", { className: "note", textContent: placeText(unit) }),
        make("p", { className: "unit-value" }, [swatch, number(value, 3)]),
      ]),
      make("figure", {}, [field, make("figcaption", { textContent: "where it looks" })]),
    ]),
    ...(isOff ? [make("p", { className: "sum", textContent: "This map is switched off: all its values are 0." })] : reasons(state, layer, slides)),
    make("div", { className: "inspector-actions" }, [
      ...(layer ? [make("button", { className: "small", textContent: isOff ? "Switch this map on" : "Switch this map off", onclick: () => toggleChannel(unit) })] : []),
      ...(pinned ? [make("button", { className: "small", textContent: "Let go", onclick: unpin })] : []),
    ]),
  ]);
  markField(field, image, fieldOf(network, stacks, unit));
}

/** The inspector before any unit was pointed at. */
export function emptyInspector(root) {
  root.classList.remove("filled");
  root.replaceChildren(
    make("h3", { textContent: "One unit" }),
    make("p", { className: "note", textContent: "Each pixel of these pictures is one unit: one number. Point at one, and how it was computed appears here." }),
  );
}

/** In one sentence, for those who hear it. */
export function sentence({ network, stacks, unit }) {
  const layer = network.layers[unit.index - 1];
  const name = layer ? describe(layer, stacks[unit.index]).name : "Input";
  return `${name}, ${placeText(unit)}: ${number(valueOf(stacks, unit), 3)}`;
}

const placeText = ({ channel, row, column }) => `map ${channel + 1}, row ${row + 1}, column ${column + 1}`;

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function fieldText({ network, stacks, unit }) {
  const { top, bottom, left, right } = fieldOf(network, stacks, unit);
  return `Its receptive field: rows ${top + 1} to ${bottom + 1} and columns ${left + 1} to ${right + 1} of the 28 by 28 image`;
}

function markField(canvas, image, { top, bottom, left, right }) {
  const context = paintImage(canvas, image);
  const step = canvas.clientWidth / 28;
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--accent");
  context.lineWidth = 2.5;
  context.strokeRect(left * step, top * step, (right - left + 1) * step, (bottom - top + 1) * step);
}

/** What to show of how a layer came by the unit's value. */
function reasons({ network, stacks, image, unit }, layer, slides) {
  const input = stacks[unit.index - 1];
  switch (layer?.type) {
    case undefined:
      return [equation(`(${number(image[28 * unit.row + unit.column])} − ${number(network.mean, 4)}) / ${number(network.std, 4)}`, valueOf(stacks, unit))];
    case "conv2d":
      return convolution(layer, [input, stacks[unit.index]], unit, valueOf(stacks, unit), slides);
    case "relu":
      return [equation(`max(0, ${number(valueOf([input], { ...unit, index: 0 }), 3)})`, valueOf(stacks, unit))];
    case "batch_norm":
      return batchNorm(layer, valueOf([input], { ...unit, index: 0 }), unit.channel, valueOf(stacks, unit));
    default:
      return pooling(layer, windowOf(layer, input, unit.channel, unit), valueOf(stacks, unit));
  }
}

const equation = (left, value) => make("p", { className: "sum" }, [left, make("b", { textContent: ` = ${number(value, 3)}` })]);

function batchNorm(layer, value, channel, result) {
  const { weight, bias, mean, var: variance, eps } = layer;
  return [
    make("p", { className: "note", textContent: "(value − mean) / √(variance + ε) × weight + bias" }),
    equation(
      `(${number(value, 3)} − ${signedText(mean[channel])}) / ${number(Math.sqrt(variance[channel] + eps), 3)} × ${signedText(weight[channel])} + ${signedText(bias[channel])}`,
      result,
    ),
  ];
}

const signedText = (value) => (value < 0 ? `(${number(value, 3)})` : number(value, 3));

function pooling(layer, window, result) {
  const words = layer.type === "max_pool" ? "the largest of" : "the mean of";
  return [make("p", { className: "note", textContent: words }), grid(window, layer.kernel, largest(window)), equation("", result)];
}

/** Window times kernel for each input map, those that weigh most first, and the rest in one line. */
function convolution(layer, [input, output], unit, result, slides) {
  const parts = partsOf(layer, input, unit);
  const products = ({ window, kernel }) => window.map((value, i) => value * kernel[i]);
  const [mostSeen, mostWeighed, most] = [parts.flatMap((part) => part.window), parts.flatMap((part) => part.kernel), parts.flatMap(products)].map(largest);
  const row = (part) =>
    make("div", { className: "part" }, [
      grid(part.window, layer.kernel, mostSeen),
      make("span", { className: "times", textContent: "×" }),
      grid(part.kernel, layer.kernel, mostWeighed),
      make("span", { className: "times", textContent: "=" }),
      grid(products(part), layer.kernel, most),
      make("span", { className: "equals", textContent: `sum ${number(part.sum, 3)}` }),
      ...(layer.in_channels > 1 ? [make("span", { className: "from", textContent: `map ${part.channel + 1}` })] : []),
    ]);
  const rest = parts.slice(FIRST_PARTS);
  const others = rest.reduce((sum, part) => sum + part.sum, 0);
  return [
    slidingKernel(layer, [input, output], unit, parts[0].channel, slides),
    make("p", { className: "note", textContent: "What it sees × its kernel = their products, which are added up." }),
    ...parts.slice(0, FIRST_PARTS).map(row),
    ...(rest.length
      ? [make("details", { open: openRest, ontoggle: (event) => (openRest = event.target.open) }, [
          make("summary", {}, [`${rest.length} more ${rest.length === 1 ? "map" : "maps"} `, make("b", { textContent: number(others, 3) })]),
          ...rest.map(row),
        ])]
      : []),
    equation(`sum + bias ${number(layer.bias[unit.channel], 3)}`, result),
  ];
}

let openRest = false; // stays as it is from unit to unit

/** Numbers in a square, each on its colour. */
function grid(values, side, scale) {
  const element = make("span", { className: side === 1 ? "grid single" : "grid" });
  element.style.setProperty("--side", side);
  element.append(
    ...values.map((value) => {
      const span = make("span", { textContent: number(value, side > 4 ? 1 : 2) });
      Object.assign(span.style, cell(value / (scale || 1)));
      return span;
    }),
  );
  return element;
}
