/**
 * What runs in the worker. It is first sent the networks and the constants, and then pictures, one
 * after another; of each it tells how far it is, and in the end what it found. In between it may be
 * sent another network that reads digits.
 */

import { finderOf } from "./finder.js";
import { decode } from "../shared/network.js";
import { read } from "./reader.js";

let reader = null;

addEventListener("message", ({ data: { number, picture, ...given } }) => {
  if (!number) {
    if (given.finder) reader = { finder: finderOf(given.finder, given.constants) };
    reader.network = decode(given.network);
    return;
  }
  try {
    const found = read(reader, lazily(picture), (share) => postMessage({ number, share }));
    postMessage({ number, found }, { transfer: found.levels.flatMap(buffersOf) });
  } catch (error) {
    postMessage({ number, error: error.message });
  }
});

/** A picture whose pixels are fetched when they are asked for: a bitmap may be too large for it. */
function lazily(picture) {
  const { width, height } = picture;
  const fetched = () => {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(picture, 0, 0);
    picture.close();
    return context.getImageData(0, 0, width, height).data;
  };
  return { width, height, get data() { return picture.data ?? fetched(); } };
}

/** What maps consist of is moved to the page, not copied. */
const buffersOf = ({ grey, ink, offsets, heat, small, told }) => [grey, ...ink, ...offsets, ...heat, small, ...told].map(({ buffer }) => buffer);
