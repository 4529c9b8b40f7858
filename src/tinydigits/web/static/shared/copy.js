/** A button that copies a text, and says so or why not. */

import { make } from "./dom.js";

/** @param shown the element with the text: it is focused and selected if the browser doesn't let the page copy. */
export function copyButton(text, shown, done) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      done.textContent = "Copied.";
    } catch {
      shown.focus();
      getSelection().selectAllChildren(shown);
      shown.select?.();
      done.textContent = "The browser doesn’t let the page copy. The text is selected: copy it yourself.";
    }
  };
  return make("button", { textContent: "Copy", onclick: copy });
}
