/** A link that carries the lesson, kept in the address bar, and what to say of one that is junk. */

import { find, make, makeCard } from "../dom.js";
import { read, write } from "./link.js";

const REST = 300; // ms; browsers refuse an address that changes too often

export function shareCard() {
  const link = make("input", { type: "text", readOnly: true, id: "lesson-link", onfocus: () => link.select() });
  const copy = make("button", { textContent: "Copy" });
  const card = makeCard("handout", "Hand it out", [
    make("p", { className: "note", textContent: "This link opens the page with these numbers, at this step. From # on it fits any copy." }),
    make("label", { className: "visually-hidden", htmlFor: link.id, textContent: "Link to this lesson" }),
    make("div", { className: "link" }, [link, copy]),
    make("p", { className: "note done", attributes: { role: "status" } }),
  ]);
  copy.addEventListener("click", () => copied(card, link));
  return card;
}

async function copied(card, link) {
  const done = find(".done", card);
  try {
    await navigator.clipboard.writeText(link.value);
    done.textContent = "Copied.";
  } catch {
    link.focus();
    done.textContent = "The browser doesn't let the page copy; the link is selected, so copy it yourself.";
  }
}

const waiting = new WeakMap();

/** Write the lesson into the field at once, and into the address bar when it has come to rest. */
export function showShare(card, lesson) {
  const fragment = write(lesson.state);
  find("input", card).value = location.href.split("#")[0] + fragment;
  find(".done", card).textContent = "";
  clearTimeout(waiting.get(card));
  const put = () => location.hash.startsWith("#learn") && history.replaceState(null, "", fragment);
  waiting.set(card, setTimeout(put, REST));
}

/** Load what the address bar says; a fragment that is junk leaves the lesson and is told of. */
export function openLink(lesson, notice) {
  if (!location.hash.startsWith("#learn?")) return;
  try {
    lesson.load(read(location.hash));
    notice.textContent = "";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notice.textContent = `The link's numbers were left aside: ${error.message}.`;
  }
}
