/** The card that explains the current step: formula, numbers, result, and what it means. */

import { find, make } from "../dom.js";
import { formulaAndWords, math, prose, short, spoken, substitute } from "./formula.js";
import { PHASES } from "./steps.js";

const RESULT_DIGITS = 9;

/** The card's frame; `jump(phase)` is called when a phase is chosen. */
export function stepCard(jump) {
  const phases = PHASES.map((name, phase) =>
    make("button", { className: "phase", textContent: name, onclick: () => jump(phase) }),
  );
  return make("section", { className: "card step-card", attributes: { "aria-label": "This step" } }, [
    make("div", { className: "phases", attributes: { role: "group", "aria-label": "Jump to a pass" } }, phases),
    make("p", { className: "note where" }),
    make("h3"),
    make("div", { className: "formula" }),
    make("div", { className: "chain" }),
    make("p", { className: "why" }),
    make("p", { className: "note planted", textContent: "A mistake is planted in this network. Can you spot it?" }),
  ]);
}

export function showStep(card, lesson) {
  const { now, steps, step, updates } = lesson;
  card.dataset.phase = now.phase;
  for (const [phase, button] of card.querySelectorAll(".phase").entries()) {
    if (phase === now.phase) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
  find(".where", card).textContent = `Step ${step + 1} of ${steps.length}, ${count(updates)}`;
  find("h3", card).replaceChildren(...prose(now.title));
  find(".formula", card).replaceChildren(...formula(now, lesson.values));
  find(".chain", card).replaceChildren(...strip(lesson));
  find(".why", card).replaceChildren(...prose(now.why));
  find(".planted", card).hidden = lesson.given.mistake === "none";
}

export function count(updates) {
  if (updates === 0) return "before the first update";
  return `after ${updates.toLocaleString("en")} update${updates === 1 ? "" : "s"}`;
}

/** The step in words, for those who hear the page. */
export function inWords(lesson) {
  const { now, values, step, steps } = lesson;
  const [symbols, numbers] = rightSides(now, values);
  const sides = [symbols, numbers, short(now.value)].filter(Boolean).map(spoken).join(", equals ");
  return `Step ${step + 1} of ${steps.length}. ${spokenNames(now.title)}. ${spoken(now.name)} equals ${sides}. ${spokenNames(now.why)}`;
}

const spokenNames = (sentence) => spoken(sentence.replaceAll("·", " times "));

/** What stands right of the equals signs: with symbols, and with numbers unless these say no more. */
function rightSides(now, values) {
  if (!now.symbols) return ["", ""];
  const numbers = now.numbers ?? substitute(now.symbols, values);
  const plain = /^[(−\d.e)]+$/.test(numbers);
  return [now.symbols, plain ? "" : numbers];
}

function formula(now, values) {
  const [symbols, numbers] = rightSides(now, values);
  const rows = [];
  if (symbols) rows.push(row(now.name, symbols));
  if (numbers) rows.push(row("", numbers));
  const value = short(now.value, RESULT_DIGITS);
  const result = make("output", { className: "result", textContent: value, attributes: { "data-value": now.value } });
  return [...rows, make("div", { className: "row" }, [left(symbols ? "" : now.name), equals(), result])];
}

/** One line of the derivation. It may break before a plus, so every summand is set by itself. */
function row(name, right) {
  const summands = right.split(/(?<=[^(]) (?=\+ )/);
  const words = `${name ? spoken(name) : ""} equals ${spoken(right)}`;
  return make("div", { className: "row" }, [left(name), equals(), ...formulaAndWords(right, words, summands.map(math))]);
}

function left(name) {
  return make("span", { className: "left", attributes: { "aria-hidden": "true" } }, name ? [math(name)] : []);
}

function equals() {
  return make("span", { className: "is", textContent: "=", attributes: { "aria-hidden": "true" } });
}

/** The chain that a backward step belongs to: its factors so far, the current one marked. */
function strip({ now, steps, step }) {
  if (now.phase !== 1) return [];
  const whole = steps.find((each) => each.kind === "product" && each.of === now.of);
  const done = step >= steps.indexOf(whole);
  const ways = whole.ways.map((way) =>
    make("ol", {}, way.map((factor) => chip(factor, factor.name === now.name, known(factor, steps, step)))),
  );
  const words = ways.length > 1 ? "The chain, along both ways" : "The chain";
  const total = done ? short(whole.value) : "?";
  return [
    make("p", { className: "note" }, [`${words} to `, math(whole.name), ` = ${total}`]),
    ...ways,
  ];
}

function known(factor, steps, step) {
  return steps.slice(0, step + 1).some((each) => each.name === factor.name && each.value === factor.value);
}

function chip({ name, value }, current, isKnown) {
  const box = make("li", { className: current ? "chip current" : "chip" }, [
    ...formulaAndWords(name),
    make("span", { textContent: isKnown ? short(value, 4) : "?" }),
  ]);
  if (current) box.setAttribute("aria-current", "true");
  return box;
}
