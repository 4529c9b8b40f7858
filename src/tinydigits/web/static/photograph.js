/** Photographs, read here: finder and recogniser run in a worker, so the page never waits. */

import { data } from "./dom.js";

const waiting = new Map(); // who waits for a photograph's reading, by its number
let worker = null;
let asked = 0;

/**
 * Read a picture, {width, height, data}, as a canvas gives it.
 *
 * @param progress is told what share of the work is done.
 * @returns a promise of what photograph-worker.js finds.
 */
export function readPhotograph({ width, height, data: colours }, progress = () => {}) {
  worker ??= start();
  asked += 1;
  const answer = new Promise((resolve, reject) => waiting.set(asked, { resolve, reject, progress }));
  worker.postMessage({ number: asked, picture: { width, height, data: colours } });
  return answer;
}

function start() {
  const source = URL.createObjectURL(new Blob([data("worker")], { type: "text/javascript" }));
  const started = new Worker(source);
  started.postMessage({ finder: data("finder"), network: data("network"), constants: data("constants") });
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
