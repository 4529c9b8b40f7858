/**
 * Where a lesson stands: the numbers it began with, how many updates were made, and at which step
 * of the next update it is. Everything else follows from these, so a lesson that went forth and
 * back is the lesson that it was.
 */

import { USUAL, forward } from "./backprop.js";
import { FEW } from "./formula.js";
import { stepsOf, valuesOf } from "./steps.js";
import { MOST_UPDATES, Training } from "./training.js";

export class Lesson {
  /** @param changed called after every change. */
  constructor(changed = () => {}) {
    this.changed = changed;
    this.digits = FEW;
    this.load({ given: { ...USUAL }, updates: 0, step: 0 });
  }

  /** Take over a whole state, such as one from a link; a step beyond the last becomes the last. */
  load({ given, updates, step, hide = [] }) {
    this.given = { ...given };
    this.hide = hide;
    this.training = new Training(this.given);
    this.goTo(updates, step);
  }

  goTo(updates, step) {
    this.updates = Math.min(updates, MOST_UPDATES);
    this.parameters = this.training.at(this.updates);
    this.trace = forward(this.given, this.parameters);
    this.steps = stepsOf(this.given, this.parameters);
    this.values = valuesOf(this.given, this.parameters);
    this.step = Math.min(step, this.steps.length - 1);
    this.changed();
  }

  get state() {
    return { given: this.given, updates: this.updates, step: this.step, hide: this.hide };
  }

  get now() {
    return this.steps[this.step];
  }

  /** The names of all that is worked out by now: what was given, and every step up to this one. */
  get known() {
    return new Set([...Object.keys(this.given), ...this.steps.slice(0, this.step + 1).map((step) => step.name)]);
  }

  /** E after so many updates. */
  errorAt(updates) {
    return forward(this.given, this.training.at(updates)).E;
  }

  get atStart() {
    return this.updates === 0 && this.step === 0;
  }

  get atEnd() {
    return this.updates === MOST_UPDATES;
  }

  /** One step on; after the last one of an update comes the first one of the next. */
  forth() {
    if (this.step + 1 < this.steps.length) this.goTo(this.updates, this.step + 1);
    else if (!this.atEnd) this.goTo(this.updates + 1, 0);
  }

  /** One step back, across updates too. */
  back() {
    if (this.step > 0) this.goTo(this.updates, this.step - 1);
    else if (this.updates > 0) this.goTo(this.updates - 1, this.steps.length - 1);
  }

  /** Whole updates, staying at the same step, so that one can watch its numbers change. */
  learn(updates) {
    this.goTo(this.updates + updates, this.step);
  }

  /** Show a step at which the forward pass is done, so that its values can be watched. */
  finishForward() {
    const end = this.steps.findIndex((step) => step.name === "E");
    if (this.step < end) this.goTo(this.updates, end);
  }

  /** Back to the same start, with the numbers as they were given. */
  reset() {
    this.goTo(0, 0);
  }

  /** Change what was given. Learning starts anew, at the step at which one is looking. */
  change(changes) {
    this.load({ given: { ...this.given, ...changes }, updates: 0, step: this.step, hide: this.hide });
  }
}
