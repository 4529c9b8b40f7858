/** The tab Learn: a network of two inputs, two hidden units and two outputs, one step at a time. */

import { hasBiases } from "./backprop.js";
import { controls, showControls } from "./controls.js";
import { drawNetwork } from "./diagram.js";
import { find, make } from "../dom.js";
import { Lesson } from "./lesson.js";
import { numbersCard, showNumbers } from "./numbers.js";
import { ratesCard, showRates } from "./rates.js";
import { openLink, shareCard, showShare } from "./share.js";
import { showSpot, spotCard } from "./spot.js";
import { inWords, showStep, stepCard } from "./step-card.js";
import { partsOf } from "./steps.js";

const NARROW = matchMedia("(max-width: 640px)");

/** Fill the tab's panel. */
export function start(panel) {
  const lesson = new Lesson();
  const cards = {
    step: stepCard((phase) => lesson.goTo(lesson.updates, lesson.steps.findIndex((step) => step.phase === phase))),
    controls: controls(lesson, panel),
    numbers: numbersCard(lesson),
    rates: ratesCard(lesson),
    spot: spotCard(lesson),
    share: shareCard(),
  };
  const notice = make("p", { className: "notice", attributes: { role: "alert" } });
  const figure = make("figure", { className: "card drawing" });
  const heard = make("p", { className: "visually-hidden heard", attributes: { "aria-live": "polite" } });
  panel.append(intro(), notice, stage(figure, cards), below(cards), heard);

  let showNetwork;
  const draw = () => {
    showNetwork = drawNetwork(figure, NARROW.matches, (name) => find(`#given-${name}`, panel).focus());
  };
  const show = () => {
    showNetwork(viewOf(lesson));
    showStep(cards.step, lesson);
    showControls(cards.controls, lesson);
    showNumbers(cards.numbers, lesson);
    showRates(cards.rates, lesson, NARROW.matches);
    showSpot(cards.spot, lesson);
    showShare(cards.share, lesson);
    if (cards.controls.dataset.running !== "true") heard.textContent = inWords(lesson);
  };
  lesson.changed = show;
  NARROW.addEventListener("change", () => (draw(), show()));
  addEventListener("hashchange", () => openLink(lesson, notice));
  draw();
  openLink(lesson, notice);
  show();
}

function intro() {
  return make("div", { className: "intro" }, [
    make("h2", { textContent: "Watch it learn, one factor at a time" }),
    make("p", {
      textContent:
        "The forward pass finds the error, the backward pass how it depends on each weight, and the update moves each weight a little " +
        "way downhill. Step with the buttons or the arrow keys.",
    }),
  ]);
}

function stage(figure, cards) {
  return make("div", { className: "stage" }, [figure, cards.step, cards.controls]);
}

function below(cards) {
  const column = (...children) => make("div", { className: "column" }, children);
  return make("div", { className: "below" }, [column(cards.numbers, cards.spot), column(cards.rates, cards.share)]);
}

/** What the drawing shows at this step: what is worked out by now, and which parts are lit. */
function viewOf({ given, values, steps, step, now }) {
  const done = steps.slice(0, step + 1).map((each) => each.name);
  const chain = steps.slice(0, step).filter((each) => belongs(each, now));
  return {
    values, known: new Set([...Object.keys(given), ...done]),
    lit: new Set(now.lit), soft: new Set(chain.flatMap((each) => partsOf(each.name))),
    phase: now.phase, biases: hasBiases(given), label: `The network. Lit: ${now.lit.join(", ")}.`,
  };
}

/** Whether an earlier factor is part of the chain that the current step belongs to. */
function belongs(earlier, now) {
  return earlier.kind === "factor" && earlier.of === now.of;
}
