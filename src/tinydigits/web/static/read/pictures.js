/**
 * Pictures that are chosen, taken, dropped or pasted. The page reads them itself; what the browser
 * cannot open, as HEIC and PDF files, goes to the service where there is one.
 */

import { data, find, make } from "../shared/dom.js";
import { readPhotograph } from "../photograph/photograph.js";
import { caption, progressCard, readingCard } from "./reading-card.js";
import { isServed, OVERHEAD, sendAll } from "./service.js";

const LONGEST_SIDE = 1400; // pixels of a picture as it is shown here
const BY_SERVICE = "This browser cannot open it: save it as a JPEG or PNG picture, or run “tinydigits serve” and open the page there.";

/**
 * Prepare the part of the page for pictures.
 *
 * @param root holds a status line and a list.
 * @param chosen called with a digit, {label, image}, that somebody wants to look into.
 * @param takeNetwork called with a .json file that was dropped or pasted.
 */
export function preparePictures(root, chosen, takeNetwork) {
  const [status, results] = [".picture-status", ".picture-results"].map((selector) => find(selector, root));
  const served = isServed();
  let turn = Promise.resolve(); // the page reads one picture after another
  const take = (files) => {
    const isNetwork = ({ name, type }) => type === "application/json" || /\.json$/i.test(name);
    files.filter(isNetwork).forEach(takeNetwork);
    const pictures = files.filter((file) => !isNetwork(file));
    if (!pictures.length) return;
    if (root.closest("[hidden]")) find("#tab-read").click();
    status.textContent = "";
    const given = pictures.map((file) => ({ file, slot: make("div", {}, [caption("Waiting …", file.name)]) }));
    results.replaceChildren(...given.map(({ slot }) => slot));
    show(results);
    turn = turn.then(() => readAll(given));
  };

  async function readAll(given) {
    const others = [];
    for (const { file, slot } of given) {
      if (!slot.isConnected) return; // other pictures were given since
      const fill = (...cards) => {
        slot.replaceChildren(...cards);
        if (slot === given[0].slot) cards.slice(0, 1).forEach(show); // it has grown
      };
      const fail = (sentence) => fill(caption(sentence, file.name));
      const trouble = troubleWith(file);
      if (trouble) fail(`not read: ${trouble}`);
      else if (!(await readHere(file, fill, fail, chosen)))
        others.push({ file, fail, show: (readings) => fill(...readings.map((reading) => servedCard(file, reading, readings.length))) });
    }
    if (!others.length) return;
    if (await served) sendAll(others, status);
    else others.forEach(({ fail }) => fail(`not read: ${BY_SERVICE}`));
  }

  find("#camera").hidden = !navigator.maxTouchPoints; // what is touched has a camera
  for (const input of document.querySelectorAll("#photograph input"))
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // so that choosing the same file again is a change, too
      take(files);
    });
  addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    find("#photograph").classList.add("dropping");
  });
  for (const name of ["dragleave", "drop"]) addEventListener(name, () => find("#photograph").classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    const dropped = filesIn(event.dataTransfer);
    if (!dropped.length) status.textContent = "That is no file; save it, then drop the file.";
    take(dropped);
  });
}

/** Have what is larger than the screen begin at its top, and all else be in view. */
const show = (element) => element.scrollIntoView({ block: element.clientHeight > innerHeight ? "start" : "nearest" });

/** The files that were dropped; a folder is among them and marked as one. */
function filesIn(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  return [...transfer.files].map((file, i) => Object.assign(file, { isFolder: items[i].webkitGetAsEntry()?.isDirectory }));
}

/** Why a file is not read, in a sentence; what it is beyond that, its content tells. */
function troubleWith(file) {
  const most = data("reader").max_bytes;
  if (file.isFolder) return "this is a folder; drop the files in it";
  if (!file.size) return "the file is empty";
  if (file.size > most - OVERHEAD) return `the file is too large; at most ${most / 2 ** 20} MiB are taken`;
  if (!/^(image\/.*|application\/(pdf|octet-stream)|)$/.test(file.type)) return "this is neither a picture nor a PDF file";
}

/** Read a picture in the page; false where this browser cannot open it. */
async function readHere(file, fill, fail, chosen) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return false;
  const { card, progress } = progressCard(file.name);
  fill(card);
  const shown = smaller(picture, file.name);
  const size = { width: picture.width, height: picture.height };
  try {
    const reading = await readPhotograph(picture, progress);
    fill(readingCard(file.name, reading, { canvas: shown, size, chosen }));
  } catch (error) {
    fail(error.message);
  }
  return true;
}

/** The service's reading of a file, or of one of its pages. */
function servedCard(file, reading, pages) {
  const name = pages > 1 ? `${file.name}#${reading.page}` : file.name;
  return reading.error ? caption(reading.error, name) : readingCard(name, reading, {});
}

/** The picture on a canvas, no larger than it is shown. */
function smaller(picture, name) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = make("canvas", { width, height, attributes: { role: "img", "aria-label": name } });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return canvas;
}
