/** Photographs, read here: finder and recogniser run in a worker, so the page never waits. */

import { bytesOf } from "../base64.js";
import { data } from "../dom.js";

const waiting = new Map(); // who waits for a photograph's reading, by its number
let worker = null; // a promise of it, once one is asked for
let asked = 0;

/**
 * Read a picture, {width, height, data}, as a canvas gives it.
 *
 * @param progress is told what share of the work is done.
 * @returns a promise of what `read` in reader.js finds.
 */
export async function readPhotograph({ width, height, data: colours }, progress = () => {}) {
  const number = (asked += 1);
  const started = await (worker ??= start().catch(forget));
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject, progress });
    started.postMessage({ number, picture: { width, height, data: colours } });
  });
}

function forget(error) {
  worker = null;
  throw error;
}

async function start() {
  const { source, finder, constants } = await inflated(data("photographs"));
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const started = new Worker(address);
  started.postMessage({ finder, constants, network: data("network") });
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

/** What the page carries deflated, in base64. */
async function inflated(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}
