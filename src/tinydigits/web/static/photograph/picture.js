/** A picture's pixels -> one plane of grey of at most the size in which pictures are read; see picture.py. */

import { greyOf } from "./colour.js";
import { roundEven } from "../shared/normalise.js";
import { BOX, reduced, resized } from "./resample.js";

const REDUCING_GAP = 1.5; // as Pillow's `resize` has it: whole squares are averaged first

/**
 * {width, height, data: red, green, blue, alpha of each pixel} -> {height, width, values}.
 *
 * Throws a sentence to show where there is no picture, or too large a one.
 */
export function openPicture(given, { limits, picture, colour }) {
  const { width, height } = given;
  const most = limits.max_pixels;
  if (width * height > most) throw new Error(`${width}x${height} pixels is too large; at most ${most / 1e6} million are read, so reduce the picture first.`);
  const { data } = given;
  if (!width || !height || data.length !== 4 * width * height) throw new Error("The picture is empty.");
  return greyOf(atMost({ width, height, values: data }, picture.working_side), colour);
}

function atMost(picture, side) {
  const longer = Math.max(picture.width, picture.height);
  if (longer <= side) return picture;
  const ratio = side / longer;
  const [width, height] = [picture.width, picture.height].map((length) => Math.max(1, roundEven(length * ratio)));
  const [across, down] = [picture.width / width, picture.height / height].map((times) => Math.max(1, Math.floor(times / REDUCING_GAP)));
  const less = across * down > 1 ? reduced(picture, across, down) : picture;
  return resized(less, width, height, BOX, { width: picture.width / across, height: picture.height / down });
}
