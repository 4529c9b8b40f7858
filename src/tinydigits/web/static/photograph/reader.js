/** The reader: a picture in, its digits out, as the reader's reader.py does with a finder. */

import { findDigits } from "./found.js";
import { roundEven } from "../shared/normalise.js";
import { openPicture } from "./picture.js";

/**
 * Read a picture {width, height, data: red, green, blue, alpha of each pixel}.
 *
 * @param reader {finder, network}: the finder, as `finderOf` makes it, and the recogniser, decoded.
 * @param progress is told what share of the work is done.
 * @returns text, digits (label, confidence, probabilities, box [left, top, width, height], image, uncertain),
 *   left_out, and the maps of each scale.
 */
export function read({ finder, network }, picture, progress) {
  const { constants } = finder;
  const grey = openPicture(picture, constants);
  const { levels, ...found } = findDigits(finder, network, grey, progress);
  return { ...reading(found, picture.width / grey.width, constants), levels };
}

/** Lines of what was found, in pixels of which the picture has `scale` -> text, digits, left_out. */
export function reading({ lines, leftOut }, scale, { reading: { min_confidence } }) {
  const digits = lines.flat().filter(({ glyph }) => !glyph.mark).map((found) => digitOf(found, scale, min_confidence));
  const left_out = Object.fromEntries(Object.entries(leftOut).filter(([, count]) => count));
  return { text: lines.map(textOf).join("\n"), digits, left_out };
}

function digitOf({ glyph: { box }, image, probabilities }, scale, least) {
  const label = labelOf(probabilities);
  const confidence = probabilities[label];
  const [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom].map((edge) => roundEven(edge * scale));
  return { label, confidence, probabilities, box: [left, top, Math.max(1, right - left), Math.max(1, bottom - top)], image, uncertain: confidence < least };
}

const labelOf = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

const textOf = (line) =>
  line.map(({ glyph: { mark, spaceBefore }, probabilities }) => (spaceBefore ? " " : "") + (mark || labelOf(probabilities))).join("");
