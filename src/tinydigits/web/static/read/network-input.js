/** What the network is given, shown: the 28x28 image, its views, and where a unit looks on the pad. */

import { ink, paintImage, paintMap } from "./colours.js";
import { find, make } from "../shared/dom.js";
import { PAD_WIDTH } from "./pad.js";
import { view } from "../shared/views.js";

/** The image, and its further views. */
export function showSeen(root, network, image) {
  paintImage(find("#seen", root), image);
  const list = find("#views", root);
  while (list.children.length > network.views.length) list.lastChild.remove();
  network.views.forEach(([size, degrees], i) => {
    list.children[i] ?? list.append(make("li", {}, [make("canvas", { attributes: { "aria-hidden": "true" } }), make("span")]));
    const [canvas, caption] = list.children[i].children;
    paintImage(canvas, view(image, size, degrees));
    const change = [size !== 1 && `× ${size}`, degrees && `${degrees}° left`].filter(Boolean).join(", ");
    caption.textContent = change || "as it is";
  });
}

/** A test image of the gallery, in the middle of the pad. */
export function paintExhibit(context, height, image) {
  const size = 0.84 * height;
  paintMap(context, { values: image, height: 28, width: 28 }, ink, 1, [(PAD_WIDTH - size) / 2, (height - size) / 2, size]);
}

/** On the pad, a frame round each digit, and its reading. */
export function frameDigits(context, digits, selected) {
  useAccent(context);
  digits.forEach(({ left, top, right, bottom, verdict: { label } }, i) => {
    context.globalAlpha = i === selected ? 0.9 : 0.4;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(left - 8, top - 8, right - left + 16, bottom - top + 16, 8);
    context.stroke();
    context.font = "600 15px system-ui, sans-serif";
    context.fillText(label, left - 6, top - 14);
  });
  context.globalAlpha = 1;
}

/** On the pad, where a unit looks: its field on the image, taken back to where the ink was. */
export function frameField(context, { place, ink: { left, top, scale } }, field) {
  useAccent(context);
  context.lineWidth = 3;
  context.strokeRect(
    left + (place.left + field.left * place.across) / scale,
    top + (place.top + field.top * place.down) / scale,
    ((field.right - field.left + 1) * place.across) / scale,
    ((field.bottom - field.top + 1) * place.down) / scale,
  );
}

function useAccent(context) {
  context.strokeStyle = context.fillStyle = getComputedStyle(context.canvas).getPropertyValue("--accent");
}
