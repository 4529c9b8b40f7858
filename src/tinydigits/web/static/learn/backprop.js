/**
 * Back propagation by hand: two inputs, two hidden units, two outputs. No page, only arithmetic.
 *
 * The same numbers as src/tinydigits/backprop/example.py, operation by operation and in the same
 * order. `given` holds everything a learner can change: i1, i2, t1, t2, w1 to w8, b1, b2, the
 * learning rate, whether the biases are trained, and the mistake that is planted (see chains.js).
 */

export const WEIGHTS = ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"];
export const PARAMETERS = [...WEIGHTS, "b1", "b2"];

/** The worked example that is everywhere on the web, without biases. */
export const USUAL = {
  i1: 0.05, i2: 0.1, t1: 0.5, t2: 0.5,
  w1: 0.15, w2: 0.2, w3: 0.25, w4: 0.3, w5: 0.4, w6: 0.45, w7: 0.5, w8: 0.55,
  b1: 0, b2: 0, rate: 0.5, trainBiases: false, mistake: "none",
};

/** How each value of the forward pass is made, in the order in which they are computed. */
export const FORWARD = {
  h1: "w1·i1 + w2·i2 + b1",
  h2: "w3·i1 + w4·i2 + b1",
  a_h1: "σ(h1)",
  a_h2: "σ(h2)",
  o1: "w5·a_h1 + w6·a_h2 + b2",
  o2: "w7·a_h1 + w8·a_h2 + b2",
  a_o1: "σ(o1)",
  a_o2: "σ(o2)",
  E1: "½·(t1 − a_o1)²",
  E2: "½·(t2 − a_o2)²",
  E: "E1 + E2",
};

export function hasBiases(given) {
  return given.trainBiases || given.b1 !== 0 || given.b2 !== 0;
}

/** The names of the parameters that an update moves: eight, or ten with the biases. */
export function trained(given) {
  return given.trainBiases ? PARAMETERS : WEIGHTS;
}

export function sigmoid(x) {
  // Below 0 the same number, written so that e^−x cannot overflow.
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

/** The forward pass: what each unit receives, what it gives, and the error. */
export function forward(given, p) {
  const h1 = p.w1 * given.i1 + p.w2 * given.i2 + p.b1;
  const h2 = p.w3 * given.i1 + p.w4 * given.i2 + p.b1;
  const a_h1 = sigmoid(h1);
  const a_h2 = sigmoid(h2);

  const o1 = p.w5 * a_h1 + p.w6 * a_h2 + p.b2;
  const o2 = p.w7 * a_h1 + p.w8 * a_h2 + p.b2;
  const a_o1 = sigmoid(o1);
  const a_o2 = sigmoid(o2);

  const E1 = 0.5 * (given.t1 - a_o1) ** 2;
  const E2 = 0.5 * (given.t2 - a_o2) ** 2;
  return { h1, h2, a_h1, a_h2, o1, o2, a_o1, a_o2, E1, E2, E: E1 + E2 };
}

/** The gradient of E along each parameter, by the chain rule, all with the weights of the forward pass. */
export function backward(given, p, trace) {
  const { a_h1, a_h2, a_o1, a_o2 } = trace;

  // How E changes with what each output unit receives.
  const o1 = (a_o1 - given.t1) * a_o1 * (1 - a_o1);
  const o2 = (a_o2 - given.t2) * a_o2 * (1 - a_o2);

  // Each hidden unit feeds both outputs, so the error reaches it along two ways, and they add.
  const h1 = (o1 * p.w5 + o2 * p.w7) * a_h1 * (1 - a_h1);
  const h2 = (o1 * p.w6 + o2 * p.w8) * a_h2 * (1 - a_h2);

  // A weight's gradient is what its unit got back, times what the weight carried forward.
  return {
    w1: h1 * given.i1, w2: h1 * given.i2, w3: h2 * given.i1, w4: h2 * given.i2,
    w5: o1 * a_h1, w6: o1 * a_h2, w7: o2 * a_h1, w8: o2 * a_h2,
    b1: h1 + h2, b2: o1 + o2,
  };
}

/** One step downhill: each trained parameter minus the learning rate times its gradient. */
export function update(given, p, gradients) {
  const moved = { ...p };
  for (const name of trained(given)) moved[name] = p[name] - given.rate * gradients[name];
  return moved;
}

/** The gradients without any calculus: (E(p + step) − E(p − step)) / (2·step) for each p. */
export function finiteDifferences(given, p, step = 1e-5) {
  const gradients = {};
  for (const name of PARAMETERS) {
    const above = forward(given, { ...p, [name]: p[name] + step }).E;
    const below = forward(given, { ...p, [name]: p[name] - step }).E;
    gradients[name] = (above - below) / (2 * step);
  }
  return gradients;
}
