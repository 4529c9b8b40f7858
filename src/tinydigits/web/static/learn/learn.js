/** The tab Learn: a network of two inputs, two hidden units and two outputs, one step at a time. */

import { hasBiases } from "./backprop.js";
import { blame, shares } from "./blame.js";
import { controls, isRunning, showControls } from "./controls.js";
import { drawNetwork } from "./diagram.js";
import { find, make } from "../shared/dom.js";
import { prose } from "./formula.js";
import { Lesson } from "./lesson.js";
import { PARTS } from "./link.js";
import { numbersCard, showNumbers } from "./numbers.js";
import { ratesCard, showRates } from "./rates.js";
import { saturated } from "./saturation.js";
import { scriptCard, showScript } from "./script.js";
import { openLink, shareCard, showShare } from "./share.js";
import { showSpot, spotCard } from "./spot.js";
import { inWords, showStep, stepCard } from "./step-card.js";
import { partsOf } from "./steps.js";
import { showSurface, surfaceCard } from "./surface.js";

const NARROW = matchMedia("(max-width: 640px)");

/** Fill the tab's panel. */
export function start(panel) {
  const lesson = new Lesson();
  const cards = {
    step: stepCard(lesson),
    controls: controls(lesson, panel),
    numbers: numbersCard(lesson),
    surface: surfaceCard(lesson),
    rates: ratesCard(lesson),
    spot: spotCard(lesson),
    script: scriptCard(),
    share: shareCard(lesson),
  };
  const notice = make("p", { className: "notice", attributes: { role: "alert" } });
  const figure = make("figure", { className: "card drawing" });
  const heard = make("p", { className: "visually-hidden heard", attributes: { "aria-live": "polite" } });
  const stage = make("div", { className: "stage" }, [figure, cards.step]);
  panel.append(question(), notice, stage, cards.controls, below(cards), heard);

  let showNetwork;
  const draw = () => {
    showNetwork = drawNetwork(figure, NARROW.matches, (name) => find(`#given-${name}`, panel).focus());
  };
  const show = () => {
    find(".blame", panel).replaceChildren(...prose(blame(lesson)));
    showNetwork(viewOf(lesson));
    showStep(cards.step, lesson);
    showControls(cards.controls, lesson);
    showNumbers(cards.numbers, lesson);
    showSurface(cards.surface, lesson);
    showRates(cards.rates, lesson, NARROW.matches);
    showSpot(cards.spot, lesson);
    showScript(cards.script, lesson);
    showShare(cards.share, lesson);
    hide(panel, lesson.hide);
    if (!isRunning(cards.controls)) heard.textContent = inWords(lesson);
  };
  lesson.changed = show;
  NARROW.addEventListener("change", () => (draw(), show()));
  addEventListener("hashchange", ({ newURL }) => openLink(lesson, notice, new URL(newURL).hash));
  draw();
  openLink(lesson, notice, location.hash);
  show();
}

function question() {
  return make("div", { className: "question" }, [
    make("h1", { textContent: "Which weight is to blame, and by how much?" }),
    make("p", { className: "blame" }),
  ]);
}

function below(cards) {
  const column = (...children) => make("div", { className: "column" }, children);
  return make("div", { className: "below" }, [
    column(cards.surface, cards.numbers, cards.share),
    column(cards.rates, cards.spot, cards.script),
  ]);
}

/** Hide what the link says is hidden. */
function hide(panel, names) {
  for (const name of Object.keys(PARTS)) {
    const parts = name === "run" ? ".moves .run, .moves .update" : `.${name}`;
    for (const part of panel.querySelectorAll(parts)) part.hidden = names.includes(name);
  }
}

/** What the drawing shows at this step: what is worked out by now, and which parts are lit. */
function viewOf(lesson) {
  const { given, values, steps, step, now, known, hide } = lesson;
  const chain = steps.slice(0, step).filter((each) => belongs(each, now));
  return {
    values, known, lit: new Set(now.lit), soft: new Set(chain.flatMap((each) => partsOf(each.name))),
    phase: now.phase, biases: hasBiases(given), label: `The network. Lit: ${now.lit.join(", ")}.`,
    shares: shares(lesson), saturated: new Set(saturated(lesson).map(({ unit }) => `a_${unit}`)), fixed: hide.includes("numbers"),
  };
}

/** Whether an earlier factor is part of the chain that the current step belongs to. */
function belongs(earlier, now) {
  return earlier.kind === "factor" && earlier.of === now.of;
}
