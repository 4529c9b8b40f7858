/**
 * Every gradient as its chain of factors, each with its name, its formula and its value; and the
 * mistakes that can be planted in them. As `chains` in src/tinydigits/backprop/example.py.
 */

import { PARAMETERS, backward } from "./backprop.js";

/** What can be planted. The counts are of nine published spreadsheets of this very example. */
export const MISTAKES = {
  none: {
    label: "The right one",
    answer: "Every factor is right, and all gradients agree with the check.",
  },
  sigmoid: {
    label: "Network A",
    answer:
      "w3 and w4 belong to h2, yet they use the derivative of the other unit's sigmoid: " +
      "a_h1·(1 − a_h1) where a_h2·(1 − a_h2) belongs. Seven of nine published spreadsheets of " +
      "this example have it. The two are nearly the same, so the error falls all the same " +
      "and nobody notices.",
  },
  input: {
    label: "Network B",
    answer:
      "w2 carries i2, yet its last factor is i1. One of nine published spreadsheets has it: a " +
      "line copied from w1 and not changed. With the usual inputs ∂E/∂w2 comes out half as large " +
      "as it is, and the error falls all the same.",
  },
  changed: {
    label: "Network C",
    answer:
      "The error goes back through w5 to w8 after they were updated. The gradients belong to the " +
      "point where the forward pass was made, so all of them must be known before any weight " +
      "moves. A common mistake in programs that update layer by layer.",
  },
};

function product(way) {
  return way.reduce((value, factor) => value * factor.value, 1);
}

/** A derivative of E: one product of factors for each way to E, and the products add. */
function chain(...ways) {
  return { ways, value: ways.reduce((sum, way) => sum + product(way), 0) };
}

const factor = (name, symbols, value) => ({ name, symbols, value });

/** A whole chain as one factor of a longer one. */
const whole = (name, found) => factor(name, name, found.value);

/**
 * Every gradient's chain by its name, in the order of derivation: the output weights; the error
 * that reaches each hidden unit, a_h1 and a_h2; the hidden weights; the biases, if trained.
 */
export function chains(given, p, trace) {
  const { a_h1, a_h2, a_o1, a_o2 } = trace;
  const bend = (unit, symbol, a) => factor(`∂${symbol}/∂${unit}`, `${symbol}·(1 − ${symbol})`, a * (1 - a));
  const o1 = [factor("∂E/∂a_o1", "a_o1 − t1", a_o1 - given.t1), bend("o1", "a_o1", a_o1)];
  const o2 = [factor("∂E/∂a_o2", "a_o2 − t2", a_o2 - given.t2), bend("o2", "a_o2", a_o2)];

  // A weighted sum: its derivative along a weight is what the weight multiplies, and the reverse.
  const found = {
    w5: chain([...o1, factor("∂o1/∂w5", "a_h1", a_h1)]),
    w6: chain([...o1, factor("∂o1/∂w6", "a_h2", a_h2)]),
    w7: chain([...o2, factor("∂o2/∂w7", "a_h1", a_h1)]),
    w8: chain([...o2, factor("∂o2/∂w8", "a_h2", a_h2)]),
  };
  const back = (sum, unit, weight) => {
    const way = sum === "o1" ? o1 : o2;
    return [...way, carried(given, p, found, `∂${sum}/∂${unit}`, weight)];
  };
  found.a_h1 = chain(back("o1", "a_h1", "w5"), back("o2", "a_h1", "w7"));
  found.a_h2 = chain(back("o1", "a_h2", "w6"), back("o2", "a_h2", "w8"));

  const h1 = [whole("∂E/∂a_h1", found.a_h1), bend("h1", "a_h1", a_h1)];
  const h2 = [whole("∂E/∂a_h2", found.a_h2), bend("h2", "a_h2", a_h2)];
  const used = given.mistake === "sigmoid" ? [h2[0], bend("h1", "a_h1", a_h1)] : h2;
  const w2 = given.mistake === "input" ? "i1" : "i2";
  found.w1 = chain([...h1, factor("∂h1/∂w1", "i1", given.i1)]);
  found.w2 = chain([...h1, factor("∂h1/∂w2", w2, given[w2])]);
  found.w3 = chain([...asH2(used), factor("∂h2/∂w3", "i1", given.i1)]);
  found.w4 = chain([...asH2(used), factor("∂h2/∂w4", "i2", given.i2)]);
  if (given.trainBiases) {
    found.b1 = chain(h1, h2); // a bias has derivative 1 in each of the two sums that share it
    found.b2 = chain(o1, o2);
  }
  return found;
}

/** The mistaken derivative under the name that it claims to have. */
function asH2([error, bend]) {
  return [error, { ...bend, name: "∂a_h2/∂h2" }];
}

/** How a sum changes with a hidden unit: the weight between them, as it was on the way forward. */
function carried(given, p, found, name, weight) {
  if (given.mistake !== "changed") return factor(name, weight, p[weight]);
  return factor(name, `${weight}′`, p[weight] - given.rate * found[weight].value);
}

/** The gradients that this network believes in, with the planted mistake if there is one. */
export function gradientsOf(given, p, trace) {
  if (given.mistake === "none") return backward(given, p, trace);
  const found = chains({ ...given, trainBiases: true }, p, trace);
  return Object.fromEntries(PARAMETERS.map((name) => [name, found[name].value]));
}
