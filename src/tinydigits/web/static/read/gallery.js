/** Test images that the shipped network reads wrongly, to be looked at and read. */

import { bytesOf } from "../shared/base64.js";
import { paintImage } from "./colours.js";
import { make } from "../shared/dom.js";
import { recognise } from "../shared/network.js";

/** The images of gallery.json: {label, image} each; a run of zeros is written as 0 and its length. */
export function decodeGallery({ labels, images }) {
  const bytes = bytesOf(images);
  const pixels = new Float32Array(labels.length * 784);
  for (let i = 0, at = 0; i < bytes.length; i += 1) {
    if (bytes[i]) pixels[at++] = bytes[i] / 255;
    else at += bytes[(i += 1)];
  }
  return Array.from(labels, (label, i) => ({ label: Number(label), image: pixels.subarray(784 * i, 784 * (i + 1)) }));
}

/**
 * Build the gallery; `chosen` is called with an image. Each is read only when it comes into view.
 *
 * @returns {paint, reread}: paint reads and paints all of them; reread is for after the network has become another.
 */
export function makeGallery(root, items, network, chosen) {
  const painters = new Map();
  const readings = new Map();
  const watcher = new IntersectionObserver((entries) =>
    entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => painters.get(target)()));
  for (const { label, image } of items) {
    const canvas = make("canvas", { attributes: { "aria-hidden": "true" } });
    const caption = make("span");
    const button = make("button", { className: "example", attributes: { "aria-label": `Labelled ${label}` }, onclick: () => chosen({ label, image }) }, [canvas, caption]);
    painters.set(button, () => {
      if (!readings.has(image)) readings.set(image, labelOf(recognise(network, image)));
      const read = readings.get(image);
      caption.replaceChildren(String(label), make("i", { textContent: "→", attributes: { "aria-hidden": "true" } }), make("b", { textContent: read }));
      button.setAttribute("aria-label", `Labelled ${label}, read as ${read}`);
      paintImage(canvas, image);
    });
    root.append(make("li", {}, [button]));
    watcher.observe(button);
  }
  addEventListener("themechange", () => [...painters.keys()].forEach((button) => {
    if (button.textContent) painters.get(button)();
  }));
  const paint = () => painters.forEach((each) => each());
  const reread = () => {
    readings.clear();
    painters.forEach((each, button) => {
      watcher.unobserve(button);
      watcher.observe(button); // those in view are told of again
    });
  };
  return { paint, reread };
}

const labelOf = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
