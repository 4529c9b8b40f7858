/**
 * The bar that is always in view: E with its curve, the chapters, and the buttons and arrow keys
 * that move through the lesson.
 */

import { find, make } from "../shared/dom.js";
import { chapterBar, showChapters } from "./chapter-bar.js";
import { liveError, showLive } from "./live.js";

const PER_SECOND = 10; // updates while it runs: fast enough to see E fall, slow enough to read
const CALMLY = 2; // for those who asked their system for less motion

/** The bar; arrow keys work anywhere in `panel` where they mean nothing else. */
export function controls(lesson, panel) {
  const button = (className, words, onclick) => make("button", { className, onclick }, [words].flat());
  const sign = (textContent) => make("span", { className: "sign", textContent, attributes: { "aria-hidden": "true" } });
  const alone = (act) => () => {
    pause(bar);
    act();
  };
  const bar = make("div", { className: "controls", attributes: { role: "group", "aria-label": "Move through the lesson" } }, [
    liveError(),
    chapterBar(),
    make("div", { className: "moves" }, [
      button("reset", "Reset", alone(() => lesson.reset())),
      button("back", [sign("◀ "), "Back"], alone(() => lesson.back())),
      button("forth primary", ["Next", sign(" ▶")], alone(() => lesson.forth())),
      button("update", "+1 update", alone(() => lesson.learn(1))),
      button("run", "Run", () => (isRunning(bar) ? pause(bar, lesson) : run(bar, lesson))),
    ]),
  ]);
  document.addEventListener("keydown", (event) => arrowKey(event, lesson, panel, bar));
  return bar;
}

export const isRunning = (bar) => bar.dataset.running === "true";

function arrowKey(event, lesson, panel, bar) {
  const inPanel = event.target === document.body || panel.contains(event.target);
  const busy = event.target.matches("input:not([type=checkbox]), select, pre") || event.altKey || event.ctrlKey || event.metaKey;
  if (panel.hidden || !inPanel || busy) return;
  const act = { ArrowRight: () => lesson.forth(), ArrowLeft: () => lesson.back() }[event.key];
  if (!act) return;
  event.preventDefault();
  pause(bar);
  act();
}

const timers = new WeakMap();

/** Updates, one after the other, at a step where all values of the forward pass are shown. */
function run(bar, lesson) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  bar.dataset.running = "true";
  lesson.finishForward();
  const turn = () => (lesson.atEnd || bar.closest("[hidden]") ? pause(bar, lesson) : lesson.learn(1));
  timers.set(bar, setInterval(turn, 1000 / (calm ? CALMLY : PER_SECOND)));
  turn();
}

/** Stop; with a lesson, also show it at rest. */
function pause(bar, lesson) {
  clearInterval(timers.get(bar));
  bar.dataset.running = "false";
  lesson?.changed();
}

export function showControls(bar, lesson) {
  const running = isRunning(bar);
  showLive(find(".live", bar), lesson);
  showChapters(find(".chapters", bar), lesson, (first) => {
    pause(bar);
    lesson.goTo(lesson.updates, first);
  });
  // Not disabled outright: a button that is would lose the keyboard's focus.
  const idle = { ".back": lesson.atStart, ".reset": lesson.atStart && !running, ".update": lesson.atEnd, ".run": lesson.atEnd };
  for (const [name, nothing] of Object.entries(idle)) find(name, bar).setAttribute("aria-disabled", String(nothing));
  find(".run", bar).textContent = running ? "Pause" : "Run";
}
