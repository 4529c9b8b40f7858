/** The error curves: the network as it stands, and the same one at all six learning rates. */

import { drawCurves } from "./curves.js";
import { find, make, makeCard } from "../shared/dom.js";
import { short } from "./formula.js";
import { RATES, errorCurve, firstRise, updatesToGoal } from "./training.js";

const SHOWN = 100; // updates on the chart, until learning has gone further
const SOON = 250; // ms of rest before the long computations, so that typing stays quick

export function ratesCard(lesson) {
  const logarithmic = make("input", { type: "checkbox", onchange: () => lesson.changed() });
  return makeCard("rates", "How the error falls", [
    make("div", { className: "chart" }),
    make("p", { className: "note", textContent: "Each line is a learning rate; the dotted one is this network’s own. Choose a rate in the table." }),
    make("label", { className: "check" }, [logarithmic, " logarithmic scale"]),
    make("table"),
    make("p", { className: "note rise" }),
  ]);
}

/** Draw the chart; the table follows when nothing has changed for a moment. */
export function showRates(card, lesson, narrow) {
  const { given, updates, trace } = lesson;
  const reach = reachOf(updates);
  const key = JSON.stringify([given, reach]);
  if (card.dataset.key !== key) compute(card, lesson, key, reach);
  const { curves, own } = computed.get(card);
  for (const cell of card.querySelectorAll("td[data-value]")) cell.textContent = short(Number(cell.dataset.value), lesson.digits);
  const lines = curves.map(({ errors }, n) => ({ errors, kind: `rate rate-${n}` }));
  const logarithmic = find("input", card).checked;
  const ends = `${short(own[0])} at first, ${short(own.at(-1))} at the end`;
  const label = `The error over ${reach} updates at six learning rates and at the current one, ${given.rate}: ${ends}.`;
  const all = [...lines, { errors: own, kind: "own" }];
  drawCurves(find(".chart", card), all, { updates, error: trace.E }, { narrow, logarithmic, label });
}

const computed = new WeakMap();

function compute(card, lesson, key, reach) {
  const { given } = lesson;
  card.dataset.key = key;
  const right = { ...given, mistake: "none" };
  const curves = RATES.map((rate) => ({ rate, errors: errorCurve({ ...right, rate }, reach) }));
  computed.set(card, { curves, own: errorCurve(given, reach) });
  fillTable(card, lesson, curves, reach);
  setTimeout(() => card.dataset.key === key && fillGoals(card, right), SOON);
}

/** A round number of updates that takes in where learning stands. */
function reachOf(updates) {
  let reach = SHOWN;
  while (reach < updates) reach *= 10;
  return reach;
}

function fillTable(card, lesson, curves, reach) {
  const heads = ["η", `E after ${reach.toLocaleString("en")}`, "updates to E < 0.0001"];
  const rows = curves.map(({ rate, errors }, n) => {
    const attributes = { "aria-pressed": rate === lesson.given.rate, "aria-label": `Use learning rate ${rate}` };
    const onclick = () => lesson.change({ rate });
    const use = make("button", { className: `use rate-${n}`, textContent: short(rate), onclick, attributes });
    const end = make("td", { attributes: { "data-value": errors.at(-1) } });
    return make("tr", {}, [make("th", { scope: "row" }, [use]), end, make("td", { className: "goal", textContent: "…" })]);
  });
  const head = make("tr", {}, heads.map((textContent) => make("th", { scope: "col", textContent })));
  find("table", card).replaceChildren(make("thead", {}, [head]), make("tbody", {}, rows));
}

function fillGoals(card, given) {
  card.querySelectorAll(".goal").forEach((cell, n) => {
    const needed = updatesToGoal({ ...given, rate: RATES[n] });
    cell.textContent = needed === null ? "not within 50,000" : needed.toLocaleString("en");
  });
  const rise = firstRise(given);
  find(".rise", card).textContent =
    rise === null
      ? "No rate up to half a million makes this error rise in the first 200 updates."
      : `A rate of 2 is often said to overshoot. Here the error rises only above a rate of about ${short(rise, 2)}. Try ${above(rise)}.`;
}

/** A number with one digit that is surely higher: 70 for 67.1. */
function above(rate) {
  const power = 10 ** Math.floor(Math.log10(rate));
  return short(power * (Math.floor(rate / power + 0.02) + 1));
}
