/** A link that carries the lesson, kept in the address bar, and what to say of one that is junk. */

import { find, make, makeCard } from "../shared/dom.js";
import { copyButton } from "../shared/copy.js";
import { PARTS, read, write } from "./link.js";

const REST = 300; // ms; browsers refuse an address that changes too often

export function shareCard(lesson) {
  const link = make("input", { type: "text", readOnly: true, id: "lesson-link", onfocus: () => link.select() });
  const done = make("p", { className: "note done", attributes: { role: "status" } });
  const hidden = Object.entries(PARTS).map(([name, label]) => {
    const box = make("input", { type: "checkbox", value: name, className: "to-hide", onchange: () => fill(card, lesson) });
    return make("label", { className: "check" }, [box, ` ${label}`]);
  });
  const card = makeCard("share", "Hand it out", [
    make("p", { className: "note", textContent: "This link opens the page with these numbers, at this step. The part after # works with any copy of this page." }),
    make("details", {}, [
      make("summary", { textContent: "Hide controls in the link" }),
      make("fieldset", { className: "choices" }, [make("legend", { textContent: "Whoever opens the link doesn’t see" }), ...hidden]),
    ]),
    make("label", { className: "visually-hidden", htmlFor: link.id, textContent: "Link to this lesson" }),
    make("div", { className: "link" }, [link, copyButton(() => link.value, link, done)]),
    done,
  ]);
  return card;
}

const waiting = new WeakMap();

/** Write the lesson into the field at once, and into the address bar when it has come to rest. */
export function showShare(card, lesson) {
  const key = lesson.hide.join();
  if (card.dataset.hide !== key) {
    card.dataset.hide = key;
    for (const box of card.querySelectorAll(".to-hide")) box.checked = lesson.hide.includes(box.value);
  }
  fill(card, lesson);
  clearTimeout(waiting.get(card));
  const put = () => location.hash.startsWith("#learn") && history.replaceState(null, "", write(lesson.state));
  waiting.set(card, setTimeout(put, REST));
}

/** The link to hand out, which hides what is ticked; the page in front of the teacher stays whole. */
function fill(card, lesson) {
  const hide = [...card.querySelectorAll(".to-hide:checked")].map((box) => box.value);
  find("#lesson-link", card).value = location.href.split("#")[0] + write({ ...lesson.state, hide });
  find(".done", card).textContent = "";
}

/**
 * Load what a link's fragment says; one that is junk leaves the lesson and is told of. In the
 * address bar the lesson may have written something else by the time a link's event comes.
 */
export function openLink(lesson, notice, fragment) {
  if (!fragment.startsWith("#learn?")) return;
  try {
    lesson.load(read(fragment));
    notice.textContent = "";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notice.textContent = `The link’s numbers were not used: ${error.message}.`;
  }
}
