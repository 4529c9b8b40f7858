/**
 * The tab Read: what is drawn becomes digits, each digit an image, each image an answer, and all
 * that happens on the way is shown.
 */

import { comeAlive } from "./alive.js";
import { judge, makeAnswer } from "./answer.js";
import { broken, listSwitchedOff, makeBreaker } from "./breakit.js";
import { data, find, shippedNetwork } from "../shared/dom.js";
import { fieldOf } from "./explain.js";
import { decodeGallery, makeGallery } from "./gallery.js";
import { emptyInspector, inspect, sentence } from "./inspect.js";
import { makeLayers } from "./layers.js";
import { decode, forward, recognise } from "../shared/network.js";
import { normalise } from "../shared/normalise.js";
import { openNetwork } from "./own-network.js";
import { makeOverview } from "./overview.js";
import { makePad } from "./pad.js";
import { readBy, readPhotograph } from "../photograph/photograph.js";
import { preparePictures } from "./pictures.js";
import { savePicture } from "./save.js";
import { frameDigits, frameField, paintExhibit, showSeen } from "./network-input.js";
import { digitsOf, inkOf, isOverdrawn } from "./strokes.js";
import { prepareTools } from "./tools.js";

const BLANK = new Float32Array(784);

export function start(root) {
  const network = decode(shippedNetwork());
  const limits = data("reader");
  // For those who open the console: the functions that the page itself uses.
  globalThis.tinydigits = Object.freeze({ network, forward, recognise, normalise, judge, readPhotograph });

  let [looked, digits] = [[], []]; // each by itself, and judged together
  let selected = 0;
  let exhibit = null; // an image of the gallery, shown in place of what is drawn
  let drawing = false;
  let version = 0; // of the network and of what is done to its images
  let stacks = forward(network, BLANK);
  let [unit, pinned, slides] = [null, false, false];
  let opened = new Set([0]); // blocks whose layers are shown one by one
  const off = new Map();

  const refresh = oncePerFrame(update);
  const pad = makePad(find("#pad", root), (stillDrawing) => {
    drawing = stillDrawing;
    exhibit = null;
    refresh();
  });
  pad.decorate = decorate;
  const showAnswer = makeAnswer(find("#answer", root), (index) => {
    selected = index;
    refresh();
  });
  const breaker = makeBreaker(find("#breakers", root), changed);
  let [overview, layers] = makeViews();
  emptyInspector(find("#inspector", root));
  const refreshUnit = oncePerFrame(showUnit);
  prepareTools(root, pad);
  preparePictures(find("#pictures", root), lookInto, takeNetwork);
  const gallery = makeGallery(find("#gallery", root), decodeGallery(data("gallery")), network, lookInto);
  find("#own-file", root).addEventListener("change", ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) takeNetwork(file);
  });
  find("#shipped", root).addEventListener("click", () => become(shippedNetwork(), decode(shippedNetwork()), ""));
  find("#parameters", root).textContent = parameters(network).toLocaleString("en");
  for (const place of ["#break-reset", ".broken button"]) find(place, root).addEventListener("click", mend);
  for (const name of ["themechange", "resize"]) addEventListener(name, refresh);
  new ResizeObserver(refresh).observe(find("#pad", root)); // it comes back from the other tab without a size, too
  addEventListener("beforeprint", () => {
    if (root.hidden) return;
    showSeen(root, network, digits[selected]?.seen ?? BLANK);
    showUnit();
    layers.open(all());
    layers.paintAll();
    overview.paintAll();
    gallery.paint();
  });
  addEventListener("afterprint", () => layers.open(opened));
  find("#all-layers", root).addEventListener("click", () => open(opened.size === all().size ? new Set([0]) : all()));
  find("#save", root).addEventListener("click", () => savePicture(overview, find("#seen", root), find(".answer-said", root).textContent));
  refresh();
  if (!root.hidden) comeAlive(root, pad, () => overview.flow());

  /** The layers as one picture, and one by one. */
  function makeViews() {
    const toggle = (number) => {
      const others = new Set(opened);
      if (!others.delete(number)) others.add(number);
      open(others);
      if (!opened.has(number)) return overview.rows[number].element.focus();
      layers.blocks[number].scrollIntoView({ block: "nearest", behavior: "smooth" });
      layers.blocks[number].focus({ preventScroll: true });
    };
    const views = [makeOverview(find("#overview", root), network, stacks, toggle), makeLayers(find("#layers", root), network, stacks, point, toggle)];
    views[0].mark(opened);
    views[1].open(opened);
    return views;
  }

  function all() {
    return new Set(layers.blocks.keys());
  }

  function open(numbers) {
    opened = numbers;
    overview.mark(opened);
    layers.open(opened);
    find("#all-layers", root).textContent = opened.size === all().size ? "Show one block" : "Show all blocks";
  }

  /** Show an image on the pad, and all that the network makes of it. */
  function lookInto(chosen) {
    pad.clear();
    mend(); // its caption says what the network reads when it is whole
    exhibit = chosen;
    find("#pad", root).scrollIntoView({ block: "center" });
  }

  async function takeNetwork(file) {
    const said = find("#own-said", root);
    try {
      const { exported, network: other } = await openNetwork(file);
      become(exported, other, file.name);
    } catch (error) {
      said.textContent = error.message;
    }
    said.scrollIntoView({ block: "nearest" });
  }

  /** Have everything computed by another network; without a name it is the shipped one. */
  function become(exported, other, name) {
    Object.assign(network, other);
    readBy(exported);
    [unit, pinned] = [null, false];
    off.clear();
    stacks = forward(network, BLANK);
    overview.forget();
    opened = new Set([0]);
    [overview, layers] = makeViews();
    gallery.reread();
    emptyInspector(find("#inspector", root));
    const count = parameters(network).toLocaleString("en");
    find("#parameters", root).textContent = count;
    find("#own-said", root).textContent = name ? `The page now runs ${name}, ${count} numbers.` : "The page runs its own network again.";
    find("#shipped", root).hidden = !name;
    changed();
  }

  function changed() {
    version += 1;
    refresh();
  }

  function mend() {
    breaker.reset();
    off.clear();
    changed();
  }

  function update() {
    pad.fit();
    const before = digits.length;
    looked = readAll(looked);
    digits = judge(looked, limits);
    if (drawing || digits.length !== before) selected = Math.max(0, digits.findIndex(({ strokes }) => strokes?.includes(pad.strokes.at(-1))));
    const digit = digits[selected];
    stacks = forward(network, digit?.seen ?? BLANK, off);
    showAnswer(digits, selected);
    showSeen(root, network, digit?.seen ?? BLANK);
    showUnit();
    const damage = damageText(breaker.changes(), off);
    find(".broken", root).hidden = !damage;
    find(".broken span", root).textContent = damage;
    if (drawing) return;
    breaker.show(network, digit?.image, off);
    listSwitchedOff(find("#switched-off", root), off, network, toggleChannel);
    find("#break-reset", root).disabled = !damage;
    const read = digits.map(({ verdict: { label, sure } }) => (sure ? label : `${label}, doubtful`)).join(" ");
    find("#said", root).textContent = `${read ? `Read: ${read}.` : "Nothing is drawn."} ${damage}`.trim();
  }

  /** Each digit's reading; those that have not changed since are as they were. */
  function readAll(before) {
    const kept = new Map(before.map((digit) => [digit.key, digit]));
    const found = exhibit ? [{ exhibit }] : digitsOf(pad.strokes);
    return found.map((digit) => kept.get(keyOf(digit, version)) ?? read(digit)).filter(Boolean);
  }

  function read(digit) {
    performance.mark("prediction");
    const ink = digit.exhibit ? null : inkOf(digit);
    const normal = digit.exhibit ?? normalise(ink);
    if (!normal) return null;
    const seen = broken(normal.image, breaker.settings);
    const probabilities = recognise(network, seen, off);
    performance.measure("prediction", "prediction");
    const enough = !digit.exhibit && isOverdrawn(digit) ? Infinity : limits.min_confidence;
    const { image, place } = normal;
    return { ...digit, key: keyOf(digit, version), ink, place, image, seen, probabilities, least: enough };
  }

  function showUnit() {
    pad.paint();
    overview.show(stacks);
    layers.show(stacks, off, unit);
    if (!unit) return;
    const state = { network, stacks, off, unit, image: digits[selected]?.seen ?? BLANK };
    inspect(find("#inspector", root), state, { toggleChannel, pinned, slides, unpin: () => point(unit, "click") });
    slides = false;
  }

  function decorate(context, height) {
    if (exhibit) return paintExhibit(context, height, exhibit.image);
    if (digits.length > 1) frameDigits(context, digits, selected);
    if (unit && digits.length && !breaker.changes().length) frameField(context, digits[selected], fieldOf(network, stacks, unit));
  }

  /** A unit was pointed at; see layers.js. */
  function point(pointed, how) {
    if (how === "off") return toggleChannel(pointed);
    const same = unit && Object.keys(unit).every((key) => unit[key] === pointed[key]);
    if (how === "hover" && (pinned || same)) return;
    slides = how !== "hover";
    pinned = how === "click" ? !(same && pinned) : how === "key";
    unit = pointed;
    refreshUnit();
    if (how === "key") find("#unit-said", root).textContent = sentence({ network, stacks, unit });
  }

  function toggleChannel({ index, channel }) {
    if (index === 0) return; // the input is no layer
    const channels = off.get(index - 1) ?? new Set();
    if (!channels.delete(channel)) channels.add(channel);
    if (channels.size) off.set(index - 1, channels);
    else off.delete(index - 1);
    changed();
  }
}

/** What “Break it” does to everything that is read, or nothing. */
function damageText(changes, off) {
  const maps = [...off.values()].reduce((sum, channels) => sum + channels.size, 0);
  const all = [...changes, ...(maps ? [`${maps} ${maps === 1 ? "map" : "maps"} switched off`] : [])];
  return all.length ? `“Break it” is on: ${all.join(", ")}.` : "";
}

/** A function that does its work at the next frame, once, however often it is called until then. */
function oncePerFrame(work) {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      work();
    });
  };
}

const names = new WeakMap(); // of strokes and exhibits
let named = 0;

/** What a digit's reading depends on. */
function keyOf({ strokes, exhibit }, version) {
  const name = (thing) => names.get(thing) ?? names.set(thing, (named += 1)).get(thing);
  return [version, ...(strokes ?? [exhibit]).map((thing) => `${name(thing)}:${thing.points?.length}`)].join(" ");
}

/** How many numbers training has set. */
function parameters({ layers }) {
  return layers.reduce((sum, { weight, bias }) => sum + (weight?.length ?? 0) + (bias?.length ?? 0), 0);
}
