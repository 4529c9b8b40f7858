/** The service that the page may have come from: it reads what the page cannot. */

import { make } from "../shared/dom.js";

const TOGETHER = 4; // files that are sent at the same time
/** Bytes of a form, beside its file. */
export const OVERHEAD = 1000;

/** Whether the service sent this page; a plain web server or a file system may have, too. */
export async function isServed() {
  if (location.protocol === "file:") return false;
  const answer = await fetch("healthz").then((response) => response.json()).catch(() => null);
  return answer?.status === "alive";
}

/**
 * Send files, each by a request of its own.
 *
 * @param given {file, show, fail} each: show is called with its readings, of which a document has one for each page; fail with a
 *   sentence, if it cannot be read.
 * @param status an element that says what stands in the way of all of them, and asks for a token.
 */
export async function sendAll(given, status) {
  const queue = [...given];
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      try {
        one.show(await send(one.file));
      } catch (error) {
        if (error.status && error.status !== 401) one.fail(error.message);
        else {
          queue.push(one); // it is not this file's fault
          throw error;
        }
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: TOGETHER }, work));
  const error = ends.find(({ reason }) => reason)?.reason;
  if (!error) return;
  const names = queue.map(({ file }) => file.name).join(", ");
  status.textContent = `${names} not read: ${error.message}`;
  if (error.status !== 401) return queue.forEach(({ fail }) => fail(`not read: ${error.message}`));
  status.append(askForToken(() => {
    status.textContent = "";
    sendAll(queue, status);
  }));
}

let token = ""; // kept while the page is open, nowhere else

async function send(file) {
  const body = new FormData();
  body.append("file", file);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch("v1/read", { method: "POST", body, headers }).catch(() => {
    throw new Error("The service does not answer; is it still running?");
  });
  const answer = await response.json().catch(() => null);
  // A file that cannot be read: 422, and why not in its reading.
  if (answer?.readings) return answer.readings;
  throw Object.assign(new Error(answer?.error ?? `The service answered ${response.status}`), { status: response.status });
}

function askForToken(again) {
  const field = make("input", { type: "password", autocomplete: "off", attributes: { "aria-label": "The service's token" } });
  const button = make("button", { type: "submit", textContent: "Use this token" });
  return make("form", {
    className: "token",
    onsubmit: (event) => {
      event.preventDefault();
      token = field.value.trim();
      again();
    },
  }, [field, button]);
}
