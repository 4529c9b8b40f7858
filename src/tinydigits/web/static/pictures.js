/** Pictures and documents, chosen, dropped or pasted, read by the service that the page came from. */

import { data, find, make } from "./dom.js";

const OFFLINE =
  "There is no service behind this page: it reads only what you draw. To read pictures, run “tinydigits serve” and open the page there.";

const LONGEST_SIDE = 1400; // pixels of a picture as it is shown here
const TOGETHER = 4; // files that are sent at the same time
const OVERHEAD = 1000; // bytes of a form, beside its file

/** Prepare the part of the page for pictures; `root` holds the file input, a status line and a list. */
export function preparePictures(root) {
  const [input, status, results] = ["input[type=file]", ".picture-status", ".picture-results"].map((selector) => find(selector, root));
  const served = isServed();
  served.then((is) => {
    if (!is) status.textContent = OFFLINE;
    input.disabled = !is;
  });
  const take = async (files) => {
    if (!files.length) return;
    root.scrollIntoView({ block: "nearest" });
    const given = files.map((file) => ({ file, slot: make("div"), trouble: troubleWith(file) }));
    results.replaceChildren(...given.map(({ slot }) => slot));
    const is = await served;
    for (const one of given) {
      if (!is) one.trouble ??= "there is no service behind this page";
      if (one.trouble) one.slot.append(caption(`not read: ${one.trouble}`, one.file.name));
    }
    if (is) readAll(given.filter(({ trouble }) => !trouble), status);
  };
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = ""; // so that choosing the same file again is a change, too
    take(chosen);
  });
  addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("dropping");
  });
  for (const name of ["dragleave", "drop"]) addEventListener(name, () => root.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    const dropped = filesIn(event.dataTransfer);
    if (!dropped.length) status.textContent = "That is no file; save it, then drop the file.";
    take(dropped);
  });
}

/** Whether the service sent this page; a plain web server or a file system may have, too. */
async function isServed() {
  if (location.protocol === "file:") return false;
  const answer = await fetch("healthz").then((response) => response.json()).catch(() => null);
  return answer?.status === "alive";
}

/** The files that were dropped; a folder is among them and marked as one. */
function filesIn(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  return [...transfer.files].map((file, i) => Object.assign(file, { isFolder: items[i].webkitGetAsEntry()?.isDirectory }));
}

/** Why a file is not sent, in a sentence; what it is beyond that, the service tells by its content. */
function troubleWith(file) {
  const most = data("reader").max_bytes;
  if (file.isFolder) return "this is a folder; drop the files in it";
  if (!file.size) return "the file is empty";
  if (file.size > most - OVERHEAD) return `the file is too large; at most ${most / 2 ** 20} MiB are taken`;
  if (!/^(image\/.*|application\/(pdf|octet-stream)|)$/.test(file.type)) return "this is neither a picture nor a PDF file";
}

let latest = 0; // what was given last is what the status tells of

/** Read files, each by a request of its own, and show in its slot what came out. */
async function readAll(given, status) {
  const run = (latest += 1);
  const queue = [...given];
  let left = queue.length;
  const progress = () => {
    if (run === latest) status.textContent = left ? `Still to read: ${left} …` : "";
  };
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      try {
        one.slot.replaceChildren(...(await read(one.file)));
      } catch (error) {
        if (error.status && error.status !== 401) one.slot.replaceChildren(caption(error.message, one.file.name));
        else {
          queue.push(one); // it is not this file's fault
          throw error;
        }
      }
      left -= 1;
      progress();
    }
  };
  progress();
  const ends = await Promise.allSettled(Array.from({ length: TOGETHER }, work));
  const error = ends.find(({ reason }) => reason)?.reason;
  if (!error || run !== latest) return;
  status.textContent = `${queue.map(({ file }) => file.name).join(", ")} not read: ${error.message}`;
  if (error.status === 401) status.append(askForToken(() => readAll(queue, status)));
}

let token = ""; // kept while the page is open, nowhere else

/** A figure for each reading of a file: a document has one for each page. */
async function read(file) {
  const body = new FormData();
  body.append("file", file);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch("v1/read", { method: "POST", body, headers }).catch(() => {
    throw new Error("The service does not answer; is it still running?");
  });
  const answer = await response.json().catch(() => null);
  // A file that cannot be read: 422, and why not in its reading.
  if (answer?.readings) return Promise.all(answer.readings.map((reading, i, all) => show(file, reading, all.length > 1 ? i + 1 : 0)));
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

/** The picture, upright, with a box round each digit and what was read above it; of a document's page the text alone. */
async function show(file, reading, page) {
  const text = reading.error ?? (reading.text || "no digits");
  const name = page ? `${file.name}#${reading.page ?? page}` : file.name;
  if (page || reading.error) return caption(text, name);
  try {
    const picture = await createImageBitmap(file);
    const canvas = make("canvas", { attributes: { role: "img", "aria-label": `${name}: ${text}` } });
    paint(canvas, picture, reading.digits ?? []);
    return caption(text, name, canvas);
  } catch {
    return caption(text, `${name}, which this browser cannot show`);
  }
}

/** A card that says of a file what became of it. */
function caption(text, name, picture = "") {
  const said = make("figcaption", {}, [make("b", { textContent: text }), make("span", { textContent: name })]);
  return make("figure", { className: "card" }, [picture, said]);
}

function paint(canvas, picture, digits) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  Object.assign(canvas, { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const line = Math.max(2, canvas.width / 400);
  for (const { label, uncertain, box } of digits) {
    const [x, y, width, height] = box.map((edge) => edge * scale);
    const size = Math.max(13, Math.min(28, height * 0.5));
    const text = uncertain ? `${label}?` : String(label);
    context.strokeStyle = context.fillStyle = uncertain ? "#b45309" : "#1d6f94";
    context.lineWidth = line;
    context.strokeRect(x, y, width, height);
    context.font = `600 ${size}px system-ui, sans-serif`;
    const above = Math.max(0, y - size * 1.2);
    context.fillRect(x - line / 2, above, context.measureText(text).width + size * 0.5, size * 1.2);
    context.fillStyle = "#ffffff";
    context.fillText(text, x + size * 0.25 - line / 2, above + size * 0.97);
  }
}
