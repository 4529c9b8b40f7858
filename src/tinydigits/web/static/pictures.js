/** Pictures, chosen, dropped or pasted, read by the service that the page came from. */

import { find, make } from "./dom.js";

const OFFLINE =
  "Pictures are read by the service: run “tinydigits serve” and open the page there. This copy, opened from a file, reads what you draw.";

const LONGEST_SIDE = 1400; // pixels of a picture as it is shown here

/** Prepare the part of the page for pictures; `root` holds the file input, a status line and a list. */
export function preparePictures(root) {
  const [input, status, results] = ["input[type=file]", ".picture-status", ".picture-results"].map((selector) => find(selector, root));
  const served = location.protocol !== "file:";
  if (!served) {
    status.textContent = OFFLINE;
    input.disabled = true;
  }
  const take = (files) => {
    const pictures = [...files].filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return;
    root.scrollIntoView({ block: "nearest" });
    if (served) readAll(pictures, status, results);
  };
  input.addEventListener("change", () => take(input.files));
  addEventListener("paste", (event) => take(event.clipboardData?.files ?? []));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("dropping");
  });
  for (const name of ["dragleave", "drop"]) addEventListener(name, () => root.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}

async function readAll(pictures, status, results) {
  status.textContent = pictures.length === 1 ? "Reading the picture …" : `Reading ${pictures.length} pictures …`;
  try {
    const readings = await send(pictures);
    status.textContent = "";
    results.replaceChildren(...(await Promise.all(pictures.map((picture, i) => show(picture, readings[i])))));
  } catch (error) {
    status.textContent = error.message;
    if (error.status === 401) status.append(askForToken(() => readAll(pictures, status, results)));
  }
}

let token = ""; // kept while the page is open, nowhere else

/** The service's answer: one reading for each picture. */
async function send(pictures) {
  const body = new FormData();
  pictures.forEach((picture) => body.append("file", picture));
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  let response;
  try {
    response = await fetch("v1/read", { method: "POST", body, headers });
  } catch {
    throw new Error("The service does not answer; is it still running?");
  }
  const answer = await response.json().catch(() => null);
  // None of the pictures could be read: 422, and why not for each.
  if (answer?.readings) return answer.readings;
  throw Object.assign(new Error(answer?.error ?? `The service answered ${response.status}.`), { status: response.status });
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

/** The picture, upright, with a box round each digit and what was read above it. */
async function show(file, reading) {
  const text = reading.error ?? (reading.text || "no digits");
  const canvas = make("canvas", { attributes: { role: "img", "aria-label": `${file.name}: ${text}` } });
  const caption = make("figcaption", {}, [make("b", { textContent: text }), make("span", { textContent: file.name })]);
  try {
    paint(canvas, await createImageBitmap(file), reading.digits ?? []);
  } catch {
    caption.append(make("span", { textContent: "This browser cannot show the picture itself." }));
  }
  return make("figure", { className: "card" }, [canvas, caption]);
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
