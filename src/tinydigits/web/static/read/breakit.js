/** Break it: noise, shift and turn, put on the 28x28 image after it was centred, and what the answer does. */

import { make, number, refill } from "../shared/dom.js";
import { describe } from "./explain.js";
import { recognise } from "../shared/network.js";
import { view } from "../shared/views.js";

const STEPS = 21; // of each picture of what the answer does
const PAUSE = 60; // ms without a change before they are computed

/** What can be done to an image: its range, how it is said, and its effect. */
const KINDS = {
  noise: { title: "Noise", low: 0, high: 1, step: 0.02, unit: (value) => `${Math.round(100 * value)} %` },
  turn: { title: "Turn", low: -180, high: 180, step: 1, unit: (value) => `${number(value, 0)}°` },
  across: { title: "Shift sideways", low: -12, high: 12, step: 1, unit: (value) => `${number(value, 0)} px` },
  down: { title: "Shift down", low: -12, high: 12, step: 1, unit: (value) => `${number(value, 0)} px` },
};

const UNTOUCHED = { noise: 0, turn: 0, across: 0, down: 0 };

/** The image turned (clockwise), shifted and overlaid with noise, in this order. */
export function broken(image, { noise, turn, across, down }) {
  const turned = turn ? view(image, 1, -turn) : image;
  return Float32Array.from({ length: 784 }, (_, i) => {
    const [row, column] = [Math.floor(i / 28) - down, (i % 28) - across];
    const inside = row >= 0 && row < 28 && column >= 0 && column < 28;
    const value = (inside ? turned[28 * row + column] : 0) + noise * NOISE[i];
    return Math.min(1, Math.max(0, value));
  });
}

/** Always the same normal noise, so that the slider changes its strength and nothing else. */
const NOISE = normalNoise(784);

function normalNoise(count) {
  let state = 1;
  const uniform = () => {
    // Park and Miller's generator (1988): enough for noise, and the same everywhere.
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

/**
 * Build the sliders.
 *
 * @param changed called after every change.
 * @returns {settings, changes, reset, show(network, image, off)}: changes says what is set; show draws, below each slider, the
 *   answer along its whole range, the other sliders where they are.
 */
export function makeBreaker(root, changed) {
  const settings = { ...UNTOUCHED };
  const controls = Object.entries(KINDS).map(([name, kind]) => makeControl(name, kind, settings, changed));
  root.append(...controls.map((control) => control.element));
  let waiting;
  return {
    settings,
    changes: () => controls.filter(({ name }) => settings[name]).map(({ name, kind }) => `${kind.title.toLowerCase()} ${kind.unit(settings[name])}`),
    reset() {
      Object.assign(settings, UNTOUCHED);
      controls.forEach((control) => control.update());
    },
    show(network, image, off) {
      clearTimeout(waiting);
      controls.forEach(({ strip }) => strip.classList.toggle("stale", true));
      if (!image) return controls.forEach(({ strip }) => clear(strip));
      const jobs = controls.flatMap((control) => sweep(control, settings, network, image, off));
      const next = () => {
        jobs.shift()?.();
        if (jobs.length) waiting = setTimeout(next);
      };
      waiting = setTimeout(next, PAUSE);
    },
  };
}

function makeControl(name, kind, settings, changed) {
  const output = make("output", { textContent: kind.unit(settings[name]) });
  const input = make("input", {
    type: "range", id: `break-${name}`, min: kind.low, max: kind.high, step: kind.step, value: settings[name],
  });
  const strip = make("div", { className: "strip" });
  const update = () => {
    input.value = settings[name];
    output.textContent = kind.unit(settings[name]);
  };
  input.addEventListener("input", () => {
    settings[name] = Number(input.value);
    update();
    changed();
  });
  const label = make("label", { htmlFor: input.id }, [make("span", { textContent: kind.title }), output]);
  return { name, kind, strip, update, element: make("div", { className: "breaker" }, [label, input, strip]) };
}

/** One small job for each point of a slider's range, and one that shows what they found. */
function sweep({ name, kind, strip }, settings, network, image, off) {
  const found = [];
  const jobs = Array.from({ length: STEPS }, (_, i) => () => {
    const value = kind.low + kind.step * Math.round(((kind.high - kind.low) * i) / (STEPS - 1) / kind.step);
    const seen = broken(image, { ...settings, [name]: value });
    const probabilities = recognise(network, seen, off);
    const confidence = Math.max(...probabilities);
    found.push({ digit: probabilities.indexOf(confidence), confidence, value });
  });
  return [...jobs, () => drawStrip(strip, kind, found)];
}

function clear(strip) {
  strip.replaceChildren();
  strip.removeAttribute("role");
  strip.removeAttribute("aria-label");
}

/** A bar for each point, whose height is the answer's confidence; a digit where the answer changes. */
function drawStrip(strip, kind, found) {
  const usual = found.reduce((best, point) => (Math.abs(point.value) < Math.abs(best.value) ? point : best)).digit;
  strip.replaceChildren(
    ...found.map(({ digit, confidence }, i) => {
      const bar = make("i", { className: digit === usual ? "same" : "other" });
      bar.style.height = `${Math.round(100 * confidence)}%`;
      const first = i === 0 || found[i - 1].digit !== digit;
      return make("span", {}, [make("em", { textContent: first ? digit : "" }), make("b", {}, [bar])]);
    }),
  );
  strip.classList.remove("stale");
  const runs = found.filter(({ digit }, i) => i === 0 || found[i - 1].digit !== digit);
  strip.setAttribute("role", "img");
  strip.setAttribute("aria-label", `The answer along the range: ${runs.map(({ digit, value }) => `${digit} from ${kind.unit(value)}`).join(", ")}`);
}

/** List the maps that are switched off, {layer index: set of channels}; a click switches one on. */
export function listSwitchedOff(list, off, network, toggle) {
  const buttons = [...off].flatMap(([layer, channels]) => [...channels].map((channel) => {
    const { name } = describe(network.layers[layer], { channels: 0 });
    return make("button", {
      type: "button",
      className: "small",
      textContent: `Layer ${layer + 1}, ${name.toLowerCase()}: map ${channel + 1} ×`,
      onclick: () => toggle({ index: layer + 1, channel }),
    });
  }));
  const hint = "Any map can be switched off: click a pixel in it, above, then “Switch this map off”.";
  refill(list, [make("span", { className: "note", textContent: buttons.length ? "Switched off:" : hint }), ...buttons]);
}
