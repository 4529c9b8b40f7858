/** Spot the mistake: plant a published one, look for it, and let finite differences find it. */

import { MISTAKES } from "./chains.js";
import { find, make, makeCard } from "../shared/dom.js";
import { formulaAndWords, prose, short } from "./formula.js";
import { check } from "./training.js";

export function spotCard(lesson) {
  const choices = Object.entries(MISTAKES).map(([name, { label }]) => choice(name, label, lesson));
  const run = make("button", { className: "primary", textContent: "Check with finite differences" });
  const answer = make("details", {}, [make("summary", { textContent: "What is wrong with it?" }), make("p")]);
  const card = makeCard("spot", "Spot the mistake", [
    make("p", {
      textContent:
        "Of nine published spreadsheets of this example, eight have a wrong gradient. The error falls anyway, so it is easy to miss. " +
        "Networks A, B and C each have one such mistake. Choose one, step through its backward pass, and decide before you check.",
    }),
    make("fieldset", { className: "choices" }, [make("legend", { textContent: "Network to step through" }), ...choices]),
    run,
    make("div", { className: "verdict", attributes: { role: "status" } }),
    answer,
  ]);
  run.addEventListener("click", () => showCheck(card, lesson));
  return card;
}

function choice(value, text, lesson) {
  const input = make("input", { type: "radio", name: "mistake", value, onchange: () => lesson.change({ mistake: value }) });
  return make("label", { className: "check" }, [input, ` ${text}`]);
}

/** A check holds for one network at one update; when these change it is taken away. */
export function showSpot(card, lesson) {
  const { given, updates } = lesson;
  find(`input[value=${given.mistake}]`, card).checked = true;
  const key = JSON.stringify([given, updates, lesson.digits]);
  if (card.dataset.key === key) return;
  card.dataset.key = key;
  find(".verdict", card).replaceChildren();
  const answer = find("details", card);
  if (answer.dataset.mistake !== given.mistake) answer.open = false;
  answer.dataset.mistake = given.mistake;
  answer.hidden = given.mistake === "none";
  find("p", answer).replaceChildren(...prose(MISTAKES[given.mistake].answer));
}

function showCheck(card, lesson) {
  const rows = check(lesson.given, lesson.parameters);
  const wrong = rows.filter((row) => !row.agrees).map((row) => row.name);
  const said = wrong.length
    ? `WRONG: the gradients along ${wrong.join(", ")}.`
    : lesson.given.mistake === "none"
      ? "All gradients agree."
      : "All gradients agree: with these numbers the mistake makes no difference.";
  const attributes = { role: "region", "aria-label": "Every gradient checked" };
  find(".verdict", card).replaceChildren(
    make("p", { className: wrong.length ? "said wrong" : "said right" }, prose(said)),
    make("p", { className: "note", textContent: "The finite difference needs no calculus: raise the weight by 0.00001, lower it by 0.00001, and divide the difference in E by 0.00002." }),
    make("div", { className: "table-box", tabIndex: 0, attributes }, [table(rows, lesson.digits)]),
  );
}

function table(rows, digits) {
  const words = ["gradient", "chain rule", "finite difference", "differ by", ""];
  const heads = words.map((textContent) => make("th", { scope: "col", textContent }));
  heads[4].append(make("span", { className: "visually-hidden", textContent: "verdict" }));
  return make("table", { className: "check-table" }, [make("thead", {}, [make("tr", {}, heads)]), make("tbody", {}, rows.map((row) => line(row, digits)))]);
}

function line({ name, ours, theirs, differ, agrees }, digits) {
  const gradient = make("th", { scope: "row" }, formulaAndWords(`∂E/∂${name}`));
  const cells = [short(ours, digits), short(theirs, digits), short(differ, 1), agrees ? "agrees" : "WRONG"];
  const made = cells.map((textContent) => make("td", { textContent }));
  made[0].dataset.value = ours;
  return make("tr", { className: agrees ? "agrees" : "wrong" }, [gradient, ...made]);
}
