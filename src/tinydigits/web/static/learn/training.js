/**
 * Gradient descent over many updates: where it stands, how the error falls, and whether the
 * gradients are right. As src/tinydigits/backprop/sweep.py and the workbook's sheet Check.
 */

import { PARAMETERS, finiteDifferences, backward, forward, trained, update } from "./backprop.js";
import { gradientsOf } from "./chains.js";

export const RATES = [0.1, 0.2, 0.5, 0.8, 1, 2];
export const GOAL = 1e-4;
export const MOST_UPDATES = 100_000;
const PATIENCE = 50_000; // how long to wait for the goal, as in Python
const HIGHEST_RATE = 1e6;

export function start(given) {
  return Object.fromEntries(PARAMETERS.map((name) => [name, given[name]]));
}

function next(given, p) {
  return update(given, p, gradientsOf(given, p, forward(given, p)));
}

/**
 * The parameters after any number of updates. They are replayed from the start, never stepped
 * back, so that whoever goes back and forth ends exactly where they began.
 */
export class Training {
  constructor(given) {
    this.given = given;
    this.states = [start(given)];
  }

  at(updates) {
    while (this.states.length <= updates) {
      this.states.push(next(this.given, this.states[this.states.length - 1]));
    }
    return this.states[updates];
  }
}

/** E after 0, 1, 2 ... updates. */
export function errorCurve(given, updates) {
  const training = new Training(given);
  return Array.from({ length: updates + 1 }, (_, n) => forward(given, training.at(n)).E);
}

/** How many updates bring E below GOAL; null if PATIENCE ones do not. */
export function updatesToGoal(given) {
  // Outputs lie between 0 and 1, so targets outside leave an error that nothing can remove.
  const short = (target) => 0.5 * Math.max(target - 1, -target, 0) ** 2;
  if (short(given.t1) + short(given.t2) >= GOAL) return null;
  let p = start(given);
  for (let count = 0; count <= PATIENCE; count++) {
    const trace = forward(given, p);
    if (trace.E < GOAL) return count;
    p = update(given, p, backward(given, p, trace));
  }
  return null;
}

/**
 * The learning rate above which the error rises at one of the first 200 updates, found by doubling
 * and then halving; null if no rate up to half a million makes it rise.
 */
export function firstRise(given) {
  let [low, high] = [0, 1];
  while (!rises({ ...given, rate: high })) {
    [low, high] = [high, 2 * high];
    if (high > HIGHEST_RATE) return null;
  }
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (rises({ ...given, rate: middle })) high = middle;
    else low = middle;
  }
  return high;
}

function rises(given) {
  let [p, previous] = [start(given), Infinity];
  for (let count = 0; count <= 200; count++) {
    const trace = forward(given, p);
    if (trace.E < 1e-20) return false; // what moves from here on is the rounding
    if (trace.E > previous) return true;
    previous = trace.E;
    p = update(given, p, backward(given, p, trace));
  }
  return false;
}

/**
 * Every gradient that the network believes in beside its finite difference. They agree if what is
 * between them is explained by rounding and by the length of the step. The last term is what a
 * step twice as long changes: next to nothing here, but not for inputs in the thousands.
 */
export function check(given, p) {
  const trace = forward(given, p);
  const gradients = gradientsOf(given, p, trace);
  const found = finiteDifferences(given, p);
  const longer = finiteDifferences(given, p, 2e-5);
  return trained(given).map((name) => {
    const [ours, theirs] = [gradients[name], found[name]];
    const differ = Math.abs(ours - theirs);
    const allowed = 1e-6 * Math.abs(ours) + 1e-10 * (1 + trace.E) + Math.abs(theirs - longer[name]);
    return { name, ours, theirs, differ, agrees: differ <= allowed };
  });
}
