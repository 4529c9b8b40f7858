/** The page as it opens: a digit draws itself and flows through the layers, until somebody takes over. */

import { data, find } from "../shared/dom.js";
import { centredOn, heightOf } from "./tools.js";

const DRAWING = 1100; // ms
const PAUSE = 150; // ms

/** Draw a digit on the pad and call `flow`, which gives a promise of the end of the flowing. */
export async function comeAlive(root, pad, flow) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  let taken = false; // somebody has touched something
  const take = () => (taken = true);
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, take, { capture: true, once: true });
  await new Promise((done) => setTimeout(done, PAUSE));
  const whole = centredOn(pad, data("samples")[Math.floor(10 * Math.random())], heightOf(find("#pad", root)));
  const started = performance.now();
  for (let share = 0; share < 1 && !taken; ) {
    await new Promise(requestAnimationFrame);
    share = Math.min(1, (performance.now() - started) / DRAWING);
    if (!taken) pad.show(partOf(whole, share), true);
  }
  if (!taken) await flow();
  if (!pad.drawn().length) pad.show(pad.strokes, false); // as if the pen were lifted
  root.dataset.alive = taken ? "taken" : "done";
}

/** The first part of some strokes, by the length of the pen's way. */
function partOf(strokes, share) {
  const way = ({ points }) => points.slice(1).map(([x, y], i) => Math.hypot(x - points[i][0], y - points[i][1]));
  let left = share * strokes.flatMap(way).reduce((a, b) => a + b, 0);
  const part = [];
  for (const stroke of strokes) {
    if (part.length && left <= 0) break;
    const points = [stroke.points[0]];
    way(stroke).forEach((length, i) => {
      if (left <= 0) return;
      const [[x, y], [nextX, nextY]] = [stroke.points[i], stroke.points[i + 1]];
      const along = Math.min(1, left / (length || 1));
      points.push([x + along * (nextX - x), y + along * (nextY - y)]);
      left -= length;
    });
    part.push({ ...stroke, points });
  }
  return part;
}
