/** The numbers that a lesson begins with, each in a field, and beside it what learning made of it. */

import { USUAL, WEIGHTS, trained } from "./backprop.js";
import { find, make, makeCard } from "../shared/dom.js";
import { ALL, prose, short } from "./formula.js";
import { LARGEST, allowed } from "./link.js";
import { parseNumber } from "./parse.js";

const BUMP = 0.05; // what an arrow key adds; the usual weights are multiples of it
const USUAL_BIASES = { t1: 0.01, t2: 0.99, b1: 0.35, b2: 0.6, trainBiases: true };
const GROUPS = [
  ["Inputs", ["i1", "i2"]],
  ["Targets", ["t1", "t2"]],
  ["Weights into the hidden units", WEIGHTS.slice(0, 4)],
  ["Weights into the outputs", WEIGHTS.slice(4)],
  ["Biases", ["b1", "b2"]],
  ["Learning rate η", ["rate"]],
];

/** The card; `lesson` is changed by what is typed. */
export function numbersCard(lesson) {
  const train = make("input", { type: "checkbox", id: "train-biases", onchange: () => lesson.change({ trainBiases: train.checked }) });
  const groups = GROUPS.map(([title, names]) => group(title, names, lesson));
  groups[4].append(make("label", { className: "check" }, [train, " updates move them"]));
  return makeCard("numbers", "Change any number", [
    make("p", { className: "note", textContent: "The formulas change at once, and learning starts again. The up and down arrow keys change a number by 0.05." }),
    make("div", { className: "groups" }, groups),
    make("div", { className: "buttons" }, [
      preset("The usual example", {}, lesson),
      preset("With biases, targets 0.01 and 0.99", USUAL_BIASES, lesson),
    ]),
    make("p", { className: "error", attributes: { role: "alert" } }),
  ]);
}

function preset(textContent, changes, lesson) {
  const { rate, mistake, ...usual } = USUAL;
  return make("button", { textContent, onclick: () => lesson.change({ ...usual, ...changes }) });
}

function group(title, names, lesson) {
  return make("fieldset", {}, [make("legend", { textContent: title }), ...names.map((name) => field(name, lesson))]);
}

function field(name, lesson) {
  // Not of type "number": there Chromium leaves out a comma, and 0,5 becomes 5.
  const attributes = { inputmode: "decimal", autocomplete: "off" };
  const input = make("input", { type: "text", id: `given-${name}`, className: "number", attributes });
  input.addEventListener("input", () => take(input, name, lesson));
  input.addEventListener("blur", () => (fill(input, lesson.given[name]), say(input, "")));
  input.addEventListener("keydown", (event) => bump(event, input, name, lesson));
  const label = make("label", { htmlFor: input.id }, name === "rate" ? ["η"] : prose(name));
  const now = make("span", { className: "now", id: `now-${name}` });
  return make("div", { className: "given" }, [label, input, now]);
}

/** A number that the lesson can take is taken; for any other the reader is told why not. */
function take(input, name, lesson) {
  const value = parseNumber(input.value);
  const good = allowed(name, value);
  input.setAttribute("aria-invalid", String(!good));
  const least = name === "rate" ? "above 0 and at most" : `between ${short(-LARGEST)} and`;
  const called = name === "rate" ? "The learning rate" : name;
  const error = `${called} must be a number ${least} ${LARGEST}. Until then it stays ${short(lesson.given[name], ALL)}.`;
  const comma = input.value.includes(",") ? `${input.value.trim()} is read as ${short(value, ALL)}.` : "";
  say(input, good ? comma : error);
  if (good) lesson.change({ [name]: value });
}

function say(input, sentence) {
  find(".error", input.closest(".numbers")).textContent = sentence;
}

function bump(event, input, name, lesson) {
  const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!sign) return;
  event.preventDefault();
  const value = Number((lesson.given[name] + sign * BUMP).toPrecision(12));
  if (!allowed(name, value)) return;
  input.value = value;
  take(input, name, lesson);
}

function fill(input, value) {
  input.value = value;
  input.setAttribute("aria-invalid", "false");
}

/** Fill the fields, except the one in which somebody is typing. */
export function showNumbers(card, lesson) {
  find("#train-biases", card).checked = lesson.given.trainBiases;
  for (const input of card.querySelectorAll("input.number")) {
    const name = input.id.slice("given-".length);
    if (input !== document.activeElement) fill(input, lesson.given[name]);
    const learned = trained(lesson.given).includes(name) && lesson.updates > 0;
    find(`#now-${name}`, card).textContent = learned ? `now ${short(lesson.parameters[name], lesson.digits)}` : "";
  }
}
