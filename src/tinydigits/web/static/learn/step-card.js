/** The card that explains the current step: formula, numbers, result, and what it means. */

import { find, make } from "../shared/dom.js";
import { chaptersOf } from "./chapters.js";
import { ALL, FEW, formulaAndWords, math, prose, short, spoken } from "./formula.js";
import { saturated, saturationWords } from "./saturation.js";
import { numbersOf } from "./steps.js";

/** The card's frame. */
export function stepCard(lesson) {
  const all = make("input", { type: "checkbox", onchange: () => showAllDigits(lesson, all.checked) });
  return make("section", { className: "card step-card", attributes: { "aria-label": "This step" } }, [
    make("div", { className: "head" }, [make("p", { className: "note where" }), make("label", { className: "check note" }, [all, " all digits"])]),
    make("h2"),
    make("div", { className: "formula" }),
    make("p", { className: "saturated" }),
    make("p", { className: "why" }),
    make("div", { className: "chain" }),
    make("p", { className: "note planted", textContent: "A mistake is planted in this network. Can you spot it?" }),
  ]);
}

function showAllDigits(lesson, all) {
  lesson.digits = all ? ALL : FEW;
  lesson.changed();
}

export function showStep(card, lesson) {
  const { now, step, steps } = lesson;
  card.dataset.phase = now.phase;
  const chapter = chaptersOf(steps).findLast(({ first }) => first <= step);
  find(".where", card).textContent = `${chapter.title}, ${step - chapter.first + 1} of ${chapter.length}`;
  find("h2", card).replaceChildren(...prose(now.title));
  find(".formula", card).replaceChildren(...formula(lesson));
  find(".saturated", card).replaceChildren(...prose(saturationWords(saturated(lesson))));
  find(".why", card).replaceChildren(...prose(now.why));
  find(".chain", card).replaceChildren(...strip(lesson));
  find(".planted", card).hidden = lesson.given.mistake === "none";
}

/** The step in words, for those who hear the page. */
export function inWords(lesson) {
  const { now, step, steps, digits } = lesson;
  const [symbols, numbers] = rightSides(lesson);
  const sides = [symbols, numbers, short(now.value, digits)].filter(Boolean).map(spoken).join(", equals ");
  const flat = spokenNames(saturationWords(saturated(lesson)));
  const said = `Step ${step + 1} of ${steps.length}. ${spokenNames(now.title)}. ${spoken(now.name)} equals ${sides}. ${spokenNames(now.why)}`;
  return `${said} ${flat}`.trim();
}

const spokenNames = (sentence) => spoken(sentence.replaceAll("·", " times "));

/** What stands right of the equals signs: with symbols, and with numbers unless these say no more. */
function rightSides({ now, values, digits }) {
  if (!now.symbols) return ["", ""];
  const numbers = numbersOf(now, values, digits);
  const plain = /^[(−\d.e)]+$/.test(numbers);
  return [now.symbols, plain ? "" : numbers];
}

function formula(lesson) {
  const { now, digits } = lesson;
  const [symbols, numbers] = rightSides(lesson);
  const rows = [];
  if (symbols) rows.push(row(now.name, symbols));
  if (numbers) rows.push(row("", numbers, digits === ALL));
  const value = short(now.value, digits);
  const result = make("output", { className: "result", textContent: value, attributes: { "data-value": now.value } });
  return [...rows, make("div", { className: "row" }, [left(symbols ? "" : now.name), equals(), result])];
}

/** One line of the derivation. It may break before a plus, and long numbers after a times sign, so these parts are set by themselves. */
function row(name, right, long = false) {
  const parts = right.split(long ? /(?<=[^(]) (?=\+ )|(?<=·)/ : /(?<=[^(]) (?=\+ )/).map((part) => {
    const set = math(part);
    set.classList.toggle("plus", part.startsWith("+ "));
    return set;
  });
  const words = `${name ? spoken(name) : ""} equals ${spoken(right)}`;
  return make("div", { className: "row" }, [left(name), equals(), ...formulaAndWords(right, words, parts)]);
}

function left(name) {
  return make("span", { className: "left", attributes: { "aria-hidden": "true" } }, name ? [math(name)] : []);
}

function equals() {
  return make("span", { className: "is", textContent: "=", attributes: { "aria-hidden": "true" } });
}

/** The chain that a backward step belongs to: its factors so far, the current one marked. */
function strip({ now, steps, step, digits }) {
  if (now.phase !== 1) return [];
  const whole = steps.find((each) => each.kind === "product" && each.of === now.of);
  const done = step >= steps.indexOf(whole);
  const ways = whole.ways.map((way) =>
    make("ol", {}, way.map((factor) => chip(factor, factor.name === now.name, known(factor, steps, step), digits))),
  );
  const words = ways.length > 1 ? "The chain, along both ways" : "The chain";
  const total = done ? short(whole.value, digits) : "?";
  return [
    make("p", { className: "note" }, [`${words} to `, math(whole.name), ` = ${total}`]),
    ...ways,
  ];
}

function known(factor, steps, step) {
  return steps.slice(0, step + 1).some((each) => each.name === factor.name && each.value === factor.value);
}

function chip({ name, value }, current, isKnown, digits) {
  const box = make("li", { className: current ? "chip current" : "chip" }, [
    ...formulaAndWords(name),
    make("span", { textContent: isKnown ? short(value, digits) : "?" }),
  ]);
  if (current) box.setAttribute("aria-current", "true");
  return box;
}
