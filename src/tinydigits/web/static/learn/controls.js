/** The buttons that move through the lesson, the slider over its steps, and the arrow keys. */

import { find, make } from "../dom.js";

const PER_SECOND = 10; // updates while it runs: fast enough to see E fall, slow enough to read
const CALMLY = 2; // for those who asked their system for less motion

/** The bar; arrow keys work anywhere in `panel` where they mean nothing else. */
export function controls(lesson, panel) {
  const slider = make("input", { type: "range", min: 0, value: 0, attributes: { "aria-label": "Step" } });
  const bar = make("div", { className: "controls", attributes: { role: "group", "aria-label": "Move through the lesson" } });
  const button = (className, words, onclick) => make("button", { className, onclick }, [words].flat());
  const sign = (textContent) => make("span", { className: "sign", textContent, attributes: { "aria-hidden": "true" } });
  const alone = (act) => () => {
    pause(bar);
    act();
  };
  slider.addEventListener("input", alone(() => lesson.goTo(lesson.updates, slider.valueAsNumber)));
  bar.append(
    slider,
    button("reset", "Reset", alone(() => lesson.reset())),
    button("back", [sign("◀ "), "Back"], alone(() => lesson.back())),
    button("forth primary", ["Next", sign(" ▶")], alone(() => lesson.forth())),
    button("update", "+1 update", alone(() => lesson.learn(1))),
    button("run", "Run", () => (bar.dataset.running === "true" ? pause(bar, lesson) : run(bar, lesson))),
  );
  document.addEventListener("keydown", (event) => arrowKey(event, lesson, panel, bar));
  return bar;
}

function arrowKey(event, lesson, panel, bar) {
  const inPanel = event.target === document.body || panel.contains(event.target);
  const busy = event.target.matches("input, select, textarea") || event.altKey || event.ctrlKey || event.metaKey;
  if (panel.hidden || !inPanel || busy) return;
  const act = { ArrowRight: () => lesson.forth(), ArrowLeft: () => lesson.back() }[event.key];
  if (!act) return;
  event.preventDefault();
  pause(bar);
  act();
}

const timers = new WeakMap();

function run(bar, lesson) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  bar.dataset.running = "true";
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
  const slider = find("input", bar);
  const running = bar.dataset.running === "true";
  slider.max = lesson.steps.length - 1;
  slider.value = lesson.step;
  for (const [name, phase] of [["--forward-end", 1], ["--backward-end", 2]]) {
    const first = lesson.steps.findIndex((step) => step.phase === phase);
    slider.style.setProperty(name, `${(100 * (first - 0.5)) / (lesson.steps.length - 1)}%`);
  }
  slider.setAttribute("aria-valuetext", `step ${lesson.step + 1} of ${lesson.steps.length}, ${lesson.now.title}`);
  // Not disabled outright: a button that is would lose the keyboard's focus.
  const idle = { ".back": lesson.atStart, ".reset": lesson.atStart && !running, ".update": lesson.atEnd, ".run": lesson.atEnd };
  for (const [name, nothing] of Object.entries(idle)) find(name, bar).setAttribute("aria-disabled", String(nothing));
  find(".run", bar).textContent = running ? "Pause" : "Run";
}
