/** The pad: a canvas drawn on with mouse, finger or pen. */

import { extent, trace } from "./strokes.js";

/** The pad is so many units wide, whatever its size on the screen. */
export const PAD_WIDTH = 600;

/**
 * Let people draw on a canvas.
 *
 * @param changed called whenever the strokes have changed; with true while one is being drawn.
 * @returns the pad: its strokes, undo, clear, add (a stroke by points), penWidth, fit, which shrinks
 *   strokes that would be cut off after the pad became lower, and paint, which `decorate` may add to.
 *   `show` shows strokes that nobody drew: they give way to the first that somebody draws; `drawn`
 *   gives those that somebody did.
 */
export function makePad(canvas, changed) {
  const context = canvas.getContext("2d");
  const drawing = new Map(); // pointer -> its stroke
  const history = []; // of strokes, each with what they were fitted to
  let fitted; // the height, in units of the pad, that the strokes were last fitted to
  let isShown = false; // nobody drew these strokes
  const pad = { strokes: [], penWidth: 24, decorate() {}, undo, clear, add, show, drawn, fit, paint };

  const pointOf = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [((event.clientX - left) * PAD_WIDTH) / width, ((event.clientY - top) * PAD_WIDTH) / width];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return takeBack(); // with a second finger it is a pinch
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const stroke = { width: pad.penWidth, points: [pointOf(event)] };
    drawing.set(event.pointerId, stroke);
    become([...drawn(), stroke]);
    changed(true);
  });

  canvas.addEventListener("pointermove", (event) => {
    const stroke = drawing.get(event.pointerId);
    if (!stroke) return;
    // Between two frames a pen reports many points; the event alone has only the last.
    const all = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(all.length ? all : [event]).map(pointOf));
    changed(true);
  });

  canvas.addEventListener("pointerup", (event) => {
    if (drawing.delete(event.pointerId)) changed(drawing.size > 0);
  });
  canvas.addEventListener("pointercancel", takeBack);

  /** What is being drawn was none: the browser zooms. */
  function takeBack() {
    const begun = drawing.size;
    drawing.clear();
    for (let i = 0; i < begun; i += 1) undo();
  }

  function become(strokes) {
    history.push([drawn(), fitted]);
    pad.strokes = strokes;
    isShown = false;
  }

  function drawn() {
    return isShown ? [] : pad.strokes;
  }

  function show(strokes, more) {
    pad.strokes = strokes;
    isShown = true;
    changed(more);
  }

  function undo() {
    [pad.strokes, fitted] = history.pop() ?? [[], fitted];
    isShown = false;
    changed(false);
  }

  function clear() {
    if (drawn().length) become([]);
    pad.strokes = [];
    changed(false);
  }

  function add(strokes) {
    become([...drawn(), ...strokes]);
    changed(false);
  }

  function fit() {
    const height = (PAD_WIDTH * canvas.clientHeight) / canvas.clientWidth;
    if (!height || height === fitted) return; // hidden, or as it was
    fitted = height;
    const share = height / extent(pad.strokes).bottom;
    if (share > 0 && share < 1)
      pad.strokes = pad.strokes.map(({ width, points }) => ({ width: width * share, points: points.map(([x, y]) => [x * share, y * share]) }));
  }

  function paint() {
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const scale = width / PAD_WIDTH;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
    pad.strokes.forEach((stroke) => trace(context, stroke));
    pad.decorate(context, height / scale);
  }

  return pad;
}
