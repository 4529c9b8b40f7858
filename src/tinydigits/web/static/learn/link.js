/**
 * The state of a lesson as the fragment of a link, #learn?t1=0.01&step=17, and back. Only what
 * differs from the usual example is written. A fragment comes from strangers: whatever isn't
 * exactly what `write` could have written is refused as a whole.
 */

import { USUAL } from "./backprop.js";
import { MISTAKES } from "./chains.js";
import { MOST_UPDATES } from "./training.js";

/** Far beyond any number that teaches something; within it nothing can overflow. As in Python. */
export const LARGEST = 1e6;
const LONGEST = 1000; // characters; the longest that `write` makes has some 500
const HEAD = "#learn";
const NUMBERS = Object.keys(USUAL).filter((name) => typeof USUAL[name] === "number");
const BEGINNING = { updates: 0, step: 0, hide: "" };

/** What a teacher's link can hide, by its name in the link. */
export const PARTS = {
  chapters: "the chapters",
  run: "+1 update and Run",
  numbers: "Change any number",
  surface: "The error as a landscape",
  rates: "How the error falls",
  spot: "Spot the mistake",
  script: "Take it to PyTorch",
  share: "Hand it out",
};

/** Whether the lesson takes this value under this name. */
export function allowed(name, value) {
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST) return false;
  return name !== "rate" || value > 0;
}

/** The lesson's state {given, updates, step, hide} as a fragment. */
export function write({ given, updates, step, hide }) {
  const all = { ...given, updates, step, hide: hide.join(",") };
  const usual = { ...USUAL, ...BEGINNING };
  const changed = Object.keys(usual).filter((name) => all[name] !== usual[name]);
  return HEAD + changed.map((name, n) => `${n ? "&" : "?"}${name}=${all[name]}`).join("");
}

/**
 * The state in a fragment: the beginning of the usual lesson for an empty one or #learn alone.
 *
 * @throws RangeError with a sentence that names the part, and never repeats what stood there.
 */
export function read(fragment) {
  if (fragment.length > LONGEST) throw new RangeError("it is too long");
  const query = fragment.startsWith(`${HEAD}?`) ? fragment.slice(HEAD.length + 1).split("&") : [];
  const state = { ...USUAL, ...BEGINNING };
  const seen = new Set();
  for (const part of query) {
    const [name, text] = part.split(/=(.*)/s);
    if (!Object.hasOwn(state, name)) throw new RangeError("it names something that isn't here");
    if (seen.has(name)) throw new RangeError(`it gives ${name} twice`);
    seen.add(name);
    state[name] = value(name, text ?? "");
  }
  const { updates, step, hide, ...given } = state;
  return { given, updates, step, hide: hide ? hide.split(",") : [] };
}

function value(name, text) {
  if (name === "mistake" && Object.hasOwn(MISTAKES, text)) return text;
  if (name === "trainBiases" && /^(true|false)$/.test(text)) return text === "true";
  if (name === "updates" && /^\d{1,6}$/.test(text) && Number(text) <= MOST_UPDATES) return Number(text);
  if (name === "step" && /^\d{1,2}$/.test(text)) return Number(text);
  if (name === "hide" && namesParts(text.split(","))) return text;
  if (NUMBERS.includes(name) && /^-?\d{1,7}(\.\d{1,25})?(e-\d{1,3})?$/.test(text)) {
    if (allowed(name, Number(text))) return Number(text);
  }
  throw new RangeError(`its ${WORDS[name] ?? name} is invalid`);
}

const WORDS = { rate: "learning rate", updates: "number of updates", step: "step", hide: "list of hidden controls" };

const namesParts = (names) =>
  names.every((name) => Object.hasOwn(PARTS, name)) && new Set(names).size === names.length;
