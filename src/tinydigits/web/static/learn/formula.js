/**
 * Formulas: one text, such as ½·(t1 − a_o1)², shown three ways: set as mathematics (MathML), with
 * the numbers in place of the names, and in words for a screen reader.
 */

import { make } from "../shared/dom.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const NAME = /(?:a_)?[hioE]\d′?|[wtb]\d′?|E′|E|η/;
const DERIVATIVE = new RegExp(`∂(?:${NAME.source})/∂(?:${NAME.source})`);
const NUMBER = /\d+(?:\.\d+)?(?:e[+-]?\d+)?/;
const TOKEN = new RegExp(`(${DERIVATIVE.source})|(${NAME.source})|(${NUMBER.source})|([^\\s])`, "g");

export const FEW = 4; // significant digits of every number, until the reader asks for all
export const ALL = 17; // which any number of the computer has at most

/** A number in at most so many significant digits, as a reader would write it. */
export function short(value, digits = FEW) {
  if (!Number.isFinite(value)) return "not a number";
  const text = Number(value.toPrecision(digits)).toString();
  return text.replace("-", "−").replace("e+", "e").replace("e-", "e−");
}

/** A number for use in a formula, where a minus sign needs brackets around it. */
export function bracketed(value, digits = FEW) {
  const text = short(value, digits);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The formula with numbers in place of its names; a negative one in brackets. */
export function substitute(symbols, values, digits = FEW) {
  return symbols.replace(new RegExp(`${DERIVATIVE.source}|${NAME.source}`, "g"), (name) =>
    bracketed(values[name], digits),
  );
}

/** The formula as a <math> element. */
export function math(symbols) {
  const row = element("math");
  row.setAttribute("displaystyle", "true");
  for (const [, derivative, name, number, sign] of symbols.matchAll(TOKEN)) {
    if (derivative) row.append(fraction(derivative));
    else if (name) row.append(variable(name));
    else if (number) row.append(element("mn", number));
    else if (sign === "²") square(row);
    else if (/[+−]/.test(sign)) row.append(plusOrMinus(sign, /[(=]/.test(row.lastChild?.textContent ?? "")));
    else row.append(element(/[½¼]/.test(sign) ? "mn" : sign === "σ" ? "mi" : "mo", sign));
  }
  return row;
}

/** Between two numbers, also where the first is set in a line before; or, after a bracket, a sign. */
function plusOrMinus(sign, isSign) {
  const made = element("mo", sign);
  made.setAttribute("form", isSign ? "prefix" : "infix");
  return made;
}

function square(row) {
  const power = element("msup");
  power.append(row.lastChild, element("mn", "2"));
  row.append(power);
}

function fraction(derivative) {
  const result = element("mfrac");
  for (const part of derivative.split("/")) {
    const row = element("mrow");
    row.append(element("mo", "∂"), variable(part.slice(1)));
    result.append(row);
  }
  return result;
}

/** a_h1 is set as a with the index h1, w5 as w with the index 5. */
function variable(name) {
  const [, letter, index, prime] = name.match(/^(a(?=_)|.)_?([a-z]?\d)?(′)?$/);
  const base = element("mi", letter);
  if (!index && !prime) return base;
  const result = element(prime ? (index ? "msubsup" : "msup") : "msub");
  result.append(base);
  if (index) result.append(element(/^\d/.test(index) ? "mn" : "mi", index));
  if (prime) result.append(element("mo", "′"));
  return result;
}

function element(name, text = "") {
  const made = document.createElementNS(MATHML, name);
  made.textContent = text;
  return made;
}

/** A formula as it is seen, and in words as it is heard: two elements for `append`. */
export function formulaAndWords(symbols, words = spoken(symbols), seen = [math(symbols)]) {
  return [
    make("span", { className: "summands", attributes: { "aria-hidden": "true" } }, seen),
    make("span", { className: "visually-hidden", textContent: words }),
  ];
}

/** A sentence with the names in it set as in the formulas: text and elements for `append`. */
export function prose(sentence) {
  const found = new RegExp(`(\\b(?:${IN_PROSE.source})(?!\\w))`);
  return sentence.split(found).map((part, n) => (n % 2 ? inline(part) : part));
}

const IN_PROSE = /(?:a_)?[hioE]\d|[wtb]\d/;

function inline(name) {
  const [, letter, index] = name.match(/^(a(?=_)|.)_?(.*)$/);
  return make("var", {}, [letter, make("sub", { textContent: index })]);
}

const SPOKEN = [
  [new RegExp(`∂(${NAME.source})/∂(${NAME.source})`, "g"), "partial $1 by partial $2"],
  [/σ\(([^)]*)\)/g, "sigmoid of $1"],
  [/a_(\w\d)/g, "a $1"],
  [/²/g, " squared"],
  [/½/g, "one half"],
  [/η/g, "learning rate"],
  [/ ?− ?/g, " minus "],
  [/ ?· ?/g, " times "],
  [/ \+ /g, " plus "],
  [/ = /g, " equals "],
  [/ ≈ /g, " is about "],
];

/** The formula in words. */
export function spoken(symbols) {
  const primed = symbols.replace(/((?:[wb]\d)|E)′/g, "new $1");
  return SPOKEN.reduce((text, [sign, words]) => text.replace(sign, words), primed).replace(/ +/g, " ").trim();
}
