/** Photographs, read here: finder and recogniser run in a worker, so the page never waits. */

import { withBytes } from "../shared/base64.js";
import { packed, shippedNetwork } from "../shared/dom.js";

const waiting = new Map(); // who waits for a photograph's reading, by its number
let worker = null; // a promise of it, once one is asked for
let asked = 0;
let own = null; // the network that somebody gave the page in place of its own

/** Have the digits of all further photographs read by another exported network. */
export async function readBy(exported) {
  own = exported;
  (await worker)?.postMessage({ network: exported });
}

/**
 * Read a picture, {width, height, data}, as a canvas gives it, or a bitmap, which is then used up.
 *
 * @param progress is told what share of the work is done.
 * @returns a promise of what `read` in reader.js finds.
 */
export async function readPhotograph(given, progress = () => {}) {
  const number = (asked += 1);
  const started = await (worker ??= start().catch(forget));
  const isBitmap = given instanceof ImageBitmap;
  const { width, height } = given;
  const picture = isBitmap ? given : { width, height, data: given.data };
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject, progress });
    started.postMessage({ number, picture }, isBitmap ? [given] : []);
  });
}

function forget(error) {
  worker = null;
  throw error;
}

async function start() {
  const { source, finder, constants } = withBytes(await inflated(packed("photographs")));
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const started = new Worker(address);
  started.postMessage({ finder, constants, network: own ?? shippedNetwork() });
  started.onmessage = ({ data: { number, share, found, error } }) => {
    const { resolve, reject, progress } = waiting.get(number);
    if (share !== undefined) return progress(share);
    waiting.delete(number);
    if (error) reject(new Error(error));
    else resolve(found);
  };
  // A worker that could not start, or ran out of memory, answers nobody; the next picture gets a new one.
  started.onerror = ({ message }) => {
    worker = null;
    waiting.forEach(({ reject }) => reject(new Error(message || "This browser starts no worker to read photographs in.")));
    waiting.clear();
  };
  return started;
}

/** Deflated bytes as they were. */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
