/** The answer to the question at the top, as far as it is known: which weight is to blame, and by how much. */

import { WEIGHTS } from "./backprop.js";
import { short } from "./formula.js";

const NUDGE = 0.01; // small enough that E goes by the gradient

/** The sentence for a lesson. */
export function blame({ known, values }) {
  const found = WEIGHTS.filter((name) => known.has(`∂E/∂${name}`));
  if (!found.length) return "Forward finds the error E, backward each weight’s share, and the update moves every weight downhill.";
  const size = (name) => Math.abs(values[`∂E/∂${name}`]);
  const sorted = found.toSorted((one, other) => size(other) - size(one));
  const [most, least] = [sorted[0], sorted.at(-1)];
  const all = found.length === WEIGHTS.length;
  if (size(most) === 0) return all ? "None: E doesn’t change with any weight." : "None of those known so far.";
  const change = values[`∂E/∂${most}`] > 0 ? "raises" : "lowers";
  const effect = `adding ${NUDGE} ${change} E by about ${short(NUDGE * size(most), 2)}`;
  const rest = all ? `; least ${least}.` : ` (${found.length} of ${WEIGHTS.length} known).`;
  return `${all ? "Most" : "So far"} ${most}: ${effect}${rest}`;
}

/** The size of each known gradient, as a part of the largest of all: how thick its line is drawn. */
export function shares({ known, values }) {
  const size = (name) => Math.abs(values[`∂E/∂${name}`]);
  const largest = Math.max(...WEIGHTS.map(size));
  const found = WEIGHTS.filter((name) => known.has(`∂E/∂${name}`));
  return Object.fromEntries(found.map((name) => [name, largest ? size(name) / largest : 0]));
}
