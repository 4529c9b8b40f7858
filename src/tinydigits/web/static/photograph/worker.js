/**
 * What runs in the worker. It is first sent the networks and the constants, and then pictures, one
 * after another; of each it tells how far it is, and in the end what it found.
 */

import { decodeFinder } from "./finder-network.js";
import { decode } from "../network.js";
import { read } from "./reader.js";

let reader = null;

addEventListener("message", ({ data: { number, picture, ...start } }) => {
  if (!number) {
    reader = { finder: { network: decodeFinder(start.finder), constants: start.constants }, network: decode(start.network) };
    return;
  }
  try {
    postMessage({ number, found: read(reader, picture, (share) => postMessage({ number, share })) });
  } catch (error) {
    postMessage({ number, error: error.message });
  }
});
