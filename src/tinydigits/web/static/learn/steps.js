/**
 * One update as a list of steps: the forward pass value by value, the backward pass one factor of
 * the chain rule at a time, the update weight by weight. Each step has its formula, its value, a
 * sentence that says what it means, and the part of the network that it is about.
 */

import { FORWARD, hasBiases, forward, trained, update } from "./backprop.js";
import { chains, gradientsOf } from "./chains.js";
import { bracketed, short, substitute } from "./formula.js";

export const PHASES = ["Forward", "Backward", "Update"];

/** Where each weight leads from and to; what it multiplies is what its source gives. */
export const EDGES = {
  w1: ["i1", "h1"], w2: ["i2", "h1"], w3: ["i1", "h2"], w4: ["i2", "h2"],
  w5: ["a_h1", "o1"], w6: ["a_h2", "o1"], w7: ["a_h1", "o2"], w8: ["a_h2", "o2"],
};

/**
 * All steps of the update that starts at the parameters `p`.
 *
 * A step is {phase, kind, name, symbols, value, title, why, lit, of, ways}: `lit` are names of units
 * and lines, `of` is the parameter or unit whose chain the step belongs to, and a product has the
 * `ways` of its chain.
 */
export function stepsOf(given, p) {
  const trace = forward(given, p);
  const found = chains(given, p, trace);
  return [
    ...Object.keys(FORWARD).map((name) => forwardStep(given, name, trace)),
    ...backwardSteps(given, found),
    ...updateSteps(given, p, trace),
  ];
}

/** Every number that a formula of these steps may name. */
export function valuesOf(given, p) {
  const trace = forward(given, p);
  const values = { ...given, η: given.rate, ...p, ...trace };
  for (const [name, gradient] of Object.entries(gradientsOf(given, p, trace))) {
    values[`∂E/∂${name}`] = gradient;
    values[`${name}′`] = p[name] - given.rate * gradient;
  }
  return values;
}

/** The step's formula with numbers in place of its names. */
export function numbersOf({ symbols, ways }, values, digits) {
  return ways ? written(ways, (factor) => bracketed(factor.value, digits)) : substitute(symbols, values, digits);
}

/** A chain's factors multiplied along each way, and the ways added. */
function written(ways, part) {
  return ways.map((way) => way.map(part).join("·")).join(" + ");
}

/** The formula of a forward step, without the biases where there are none. */
export function forwardSymbols(given, name) {
  return hasBiases(given) ? FORWARD[name] : FORWARD[name].replace(/ \+ b\d/, "");
}

// --- Forward ----------------------------------------------------------------------------------

function forwardStep(given, name, trace) {
  const kind = name === "E" ? "E" : name.startsWith("a_") ? "a" : name[0];
  const number = name.at(-1);
  const [title, why] = FORWARD_WORDS[kind](number, trace, given, name.at(-2));
  return {
    phase: 0, kind: "forward", name, symbols: forwardSymbols(given, name), value: trace[name],
    title, why, lit: reaching(name, hasBiases(given)),
  };
}

const FORWARD_WORDS = {
  h: (n, trace, given) => [
    `What unit h${n} receives`,
    "It adds up the inputs, each times the weight of the line it comes through" +
      `${hasBiases(given) ? ", and the bias that both hidden units share" : ""}.`,
  ],
  a: (n, trace, given, layer) => [
    `What unit ${layer}${n} gives on`,
    "The sigmoid σ(x) = 1 / (1 + e^−x) squashes the sum into a number between 0 and 1. Without it " +
      "two layers could do no more than one.",
  ],
  o: (n, trace, given) => [
    `What output unit o${n} receives`,
    "The same again, one layer on: what the hidden units give, each times its weight" +
      `${hasBiases(given) ? ", and the bias of this layer" : ""}.`,
  ],
  E: (n, trace, given) =>
    n === "E"
      ? [
          "The error of the whole network",
          "One number for how wrong the network is: this is what learning makes small. From here on " +
            "there is one question: if a weight changed a little, how would E change?",
        ]
      : [
          `How wrong output ${n} is`,
          `Half the squared distance between a_o${n} and its target, ${short(given[`t${n}`])}. The ½ ` +
            "is there to cancel the 2 that the derivative of a square brings.",
        ],
};

/** The lines and units that a value of the forward pass is made from, and itself. */
function reaching(name, biases) {
  if (name === "E") return ["E1", "E2", "E", "E1-E", "E2-E"];
  const n = name.at(-1);
  if (name[0] === "E") return [`a_o${n}`, `t${n}`, name, `a_o${n}-E${n}`];
  if (name.startsWith("a_")) return [name.slice(2), name];
  const into = Object.entries(EDGES).filter(([, [, to]]) => to === name);
  const bias = name[0] === "h" ? "b1" : "b2";
  return [name, ...(biases ? [bias] : []), ...into.flatMap(([weight, [from]]) => [weight, from])];
}

// --- Backward ---------------------------------------------------------------------------------

/** Each factor once, where it is first needed, and each chain's product. */
function backwardSteps(given, found) {
  const seen = new Set();
  const steps = [];
  for (const [of, { ways, value }] of Object.entries(found)) {
    for (const factor of ways.flat()) {
      const key = factor.name + factor.symbols;
      if (factor.name !== factor.symbols && !seen.has(key)) {
        steps.push({ ...factor, ...about(factor.name, given, factor.value), phase: 1, kind: "factor", of });
      }
      seen.add(key);
    }
    steps.push(productStep(of, ways, value));
  }
  return steps;
}

function productStep(of, ways, value) {
  const symbols = written(ways, (factor) => factor.name);
  const lit = [...new Set(ways.flat().flatMap((factor) => partsOf(factor.name)).concat(endOf(of)))];
  const [title, why] = productWords(of, value);
  return { phase: 1, kind: "product", name: `∂E/∂${of}`, symbols, value, title, why, lit, of, ways };
}

const endOf = (of) => (of[0] === "b" ? [of] : []);

/** Title, sentence and path of one factor, from its name ∂above/∂below. */
function about(name, given, value) {
  const [above, below] = name.replaceAll("∂", "").split("/");
  const [title, why] = factorWords(above, below, given, value);
  return { title, why, lit: partsOf(name) };
}

function factorWords(above, below, given, value) {
  const n = below.at(-1);
  if (above === "E") {
    const side = value > 0 ? "above" : "below";
    const off = value === 0 ? "exactly on" : `${short(Math.abs(value))} ${side}`;
    const answers = value === 0 ? "not at all" : `a higher output would make E ${value > 0 ? "larger" : "smaller"}`;
    return [
      `How E changes with output a_o${n}`,
      `The derivative of ½·(t − a)² is a − t. The output is ${off} its target, and that is how strongly E answers: ${answers}.`,
    ];
  }
  if (above.startsWith("a_")) {
    return [
      `How steep the sigmoid of ${below} is`,
      "Its derivative is its value times (1 minus its value): at most ¼, in the middle, and next " +
        "to nothing where it is flat. So every unit on the way back lets through a quarter at most.",
    ];
  }
  return below[0] === "w" ? weightWords(above, below, given, value) : hiddenWords(above, below);
}

function weightWords(sum, weight, given, value) {
  const from = EDGES[weight][0];
  const first = { w6: "w5", w8: "w7", w2: "w1", w4: "w3" }[weight];
  const known = first ? ` All that comes before it in the chain is known from ${first}.` : "";
  const small = Math.abs(value) < 0.2 ? ` It carries little now, so ${weight} matters little.` : "";
  return [
    `How ${sum} changes with ${weight}`,
    `In the sum ${sum} the weight ${weight} multiplies what comes from ${from}, so that is the ` +
      `derivative along ${weight}.${small}${known}`,
  ];
}

function hiddenWords(sum, unit) {
  return [
    `How ${sum} changes with ${unit}`,
    `The same sum, seen from the hidden unit: there ${unit} is multiplied by the weight between them. ` +
      "The error goes back through the line on which the signal went forward, times the same weight.",
  ];
}

function productWords(of, value) {
  if (of.startsWith("a_")) {
    const unit = of.slice(2);
    return [
      `All the error that reaches ${unit}`,
      `${unit} feeds both outputs. If it gave a little more, E1 would change through o1 and E2 through o2, ` +
        "both at once: so the two ways add. Along each way one value moves the next: so the factors multiply.",
    ];
  }
  const title = `The gradient of E along ${of}`;
  if (of[0] === "b") return [title, BIAS_WORDS[of]];
  const moves =
    value === 0
      ? `Nothing answers to ${of}: it will stay where it is.`
      : `It is ${value > 0 ? "positive" : "negative"}: a larger ${of} means a ${value > 0 ? "larger" : "smaller"} ` +
        `error, so the update will make ${of} ${value > 0 ? "smaller" : "larger"}.`;
  const [from, to] = EDGES[of];
  const chain =
    to[0] === "o"
      ? `${of} moves ${to}, ${to} moves a_${to}, a_${to} moves E: one after the other, so the factors multiply.`
      : `${of} moves ${to} and so a_${to}, and from there both errors: that is why ∂E/∂a_${to}, the sum over ` +
        `both outputs, is in it. The last factor is ${from}, which ${of} carries.`;
  return [title, `${chain} ${moves}`];
}

const BIAS_WORDS = {
  b1: "A bias is simply added, so the last factor is 1; and since h1 and h2 share b1, what each got back adds up.",
  b2: "A bias is simply added, so the last factor is 1; and since o1 and o2 share b2, what each got back adds up.",
};

/** The units and lines that a factor ∂above/∂below is about. */
export function partsOf(name) {
  const [above, below] = name.replaceAll("∂", "").split("/");
  const n = below.at(-1);
  if (above === "E" && below.startsWith("a_o")) return [below, `${below}-E${n}`, `E${n}`, `E${n}-E`, "E"];
  if (above === "E") {
    const sums = [1, 2].flatMap((m) => [`∂E/∂a_o${m}`, `∂a_o${m}/∂o${m}`, `∂o${m}/∂${below}`]);
    return sums.flatMap(partsOf);
  }
  if (above.startsWith("a_")) return [below, above];
  const weight = below[0] === "w" ? below : weightBetween(below, above);
  return [...EDGES[weight], weight];
}

function weightBetween(from, to) {
  return Object.keys(EDGES).find((weight) => EDGES[weight][0] === from && EDGES[weight][1] === to);
}

// --- Update -----------------------------------------------------------------------------------

function updateSteps(given, p, trace) {
  const gradients = gradientsOf(given, p, trace);
  const moved = update(given, p, gradients);
  const steps = trained(given).map((name) => ({
    phase: 2, kind: "update", name: `${name}′`, symbols: `${name} − η·∂E/∂${name}`, value: moved[name],
    title: `The new ${name}`, why: updateWords(name, gradients[name]), lit: [name], of: name,
  }));
  const after = forward(given, moved).E;
  return [...steps, {
    phase: 2, kind: "after", name: "E′", symbols: "", value: after, of: "E", lit: ["E"],
    title: "The error afterwards", why: afterWords(trace.E, after),
  }];
}

function updateWords(name, gradient) {
  const way = gradient > 0 ? "the gradient is positive, so the step goes down" : "the gradient is negative, so the step goes up";
  const step = gradient === 0 ? "the gradient is 0, so it stays" : way;
  const all = name === "w1" ? " Only now, with every gradient known, does any weight move." : "";
  return `A step downhill, against the gradient: the learning rate η says how long it is. Here ${step}.${all}`;
}

function afterWords(before, after) {
  if (before === 0) return "There was no error, so there was nothing to learn.";
  const part = short(100 * Math.abs(1 - after / before), 3);
  if (after > before) {
    return `E rose from ${short(before)} by ${part} %: the step went past the bottom and up the other side. ` +
      "The learning rate is too high here.";
  }
  return `E was ${short(before)} and is ${part} % smaller. The next step starts again with the forward ` +
    "pass, with the new weights. That is all there is to learning.";
}
