/** A button for each chapter, under the pass it belongs to; the current one fills as it is stepped through. */

import { make, refill } from "../shared/dom.js";
import { chaptersOf } from "./chapters.js";
import { prose } from "./formula.js";
import { PHASES } from "./steps.js";

export function chapterBar() {
  return make("nav", { className: "chapters", attributes: { "aria-label": "Chapters" } });
}

/** @param go called with the first step of the chapter that was chosen. */
export function showChapters(bar, { steps, step }, go) {
  const chapters = chaptersOf(steps);
  const passes = PHASES.map((name, phase) => {
    const own = chapters.filter((chapter) => chapter.phase === phase);
    const buttons = own.map((chapter) => chapterButton(chapter, chapters.indexOf(chapter) + 1, step, go));
    const pass = make("div", { className: "pass" }, [
      make("span", { className: "pass-name", textContent: name }),
      make("div", { className: "pass-chapters", attributes: { role: "group", "aria-label": name } }, buttons),
    ]);
    pass.dataset.phase = phase;
    pass.style.flexGrow = own.length;
    return pass;
  });
  refill(bar, passes);
}

function chapterButton({ label, title, first, length }, number, step, go) {
  const current = step >= first && step < first + length;
  const button = make("button", { className: "chapter", onclick: () => go(first) }, [
    make("span", { className: "chapter-number", textContent: number }),
    make("span", { className: "chapter-label" }, prose(label)),
    make("span", { className: "visually-hidden", textContent: `: ${title}` }),
  ]);
  if (current) button.setAttribute("aria-current", "step");
  const part = Math.min(Math.max((step + 1 - first) / length, 0), 1);
  button.style.setProperty("--part", `${100 * part}%`);
  return button;
}
