/** What became of a picture, as a card: the picture with its digits framed, their text, and each as the network saw it. */

import { make } from "../shared/dom.js";
import { copyButton } from "../shared/copy.js";

const LEFT_OUT = { letter: ["letter", "letters"], "no digit": ["thing that is probably no digit", "things that are probably no digits"] };
const percent = (share) => `${Math.floor(1000 * share) / 10} %`;

/** A card that says of a file what became of it. */
export function caption(text, name, content = []) {
  const said = make("figcaption", {}, [make("b", { textContent: text }), make("span", { textContent: name })]);
  return make("figure", { className: "card" }, [...content, said]);
}

/** A card for a picture that is being read, and what to tell of its progress. */
export function progressCard(name) {
  const bar = make("progress", { max: 1, value: 0, attributes: { "aria-label": `Reading ${name}` } });
  return { card: caption("Reading …", name, [bar]), progress: (share) => (bar.value = share) };
}

/**
 * A reading: {text, digits, left_out}, as the page and the service give it.
 *
 * @param canvas shows the picture, whose size is {width, height} in the boxes' pixels; without one, there is the text alone.
 * @param chosen called with a digit that is tapped; only digits that the page itself read can be.
 */
export function readingCard(name, { text, digits, left_out }, { canvas, size, chosen }) {
  if (!digits.length) return caption(`No digits were found. ${omitted(left_out)}`.trim(), name, canvas ? [canvas] : []);
  const said = make("pre", { className: "text", tabIndex: -1 }, lettersOf(text, digits));
  const copied = make("span", { className: "note", attributes: { role: "status" } });
  const told = make("div", {}, [
    make("div", { className: "reading-text" }, [said, copyButton(() => text, said, copied), copied]),
    make("p", { className: "note", textContent: summary(digits, left_out) }),
    ...(digits.some(({ image }) => image) ? [seenDigits(digits, chosen)] : []),
  ]);
  const parts = make("div", { className: "reading-parts" }, canvas ? [framed(canvas, size, digits, chosen), told] : [told]);
  return make("figure", { className: "card reading" }, [parts, make("figcaption", {}, [make("span", { textContent: name })])]);
}

/** The text, its doubtful digits marked. */
function lettersOf(text, digits) {
  let next = 0;
  return [...text].map((letter) => {
    if (!/\d/.test(letter)) return letter;
    const doubtful = digits[(next += 1) - 1]?.uncertain;
    return doubtful ? make("span", { className: "doubtful", textContent: letter, title: "doubtful" }) : letter;
  });
}

function summary(digits, leftOut) {
  const doubtful = digits.filter(({ uncertain }) => uncertain).length;
  const count = `${digits.length} ${digits.length === 1 ? "digit" : "digits"}`;
  const sure = doubtful ? `${count}, ${doubtful} of them doubtful and marked with “?”.` : `${count}, none of them doubtful.`;
  return `${sure} ${omitted(leftOut)}`.trim();
}

function omitted(leftOut) {
  const others = Object.entries(leftOut).map(([what, number]) => `${number} ${(LEFT_OUT[what] ?? [what, what])[Number(number > 1)]}`);
  return others.length ? `Left out: ${others.join(", ")}.` : "";
}

const nameOf = ({ label, confidence, uncertain }) => `${label}, ${percent(confidence)}${uncertain ? ", doubtful" : ""}`;

/** The picture, a box round each digit, which says what it is and can be tapped. */
function framed(canvas, { width, height }, digits, chosen) {
  const boxes = digits.map((digit) => {
    const [left, top, across, down] = digit.box;
    const box = make("button", {
      className: digit.uncertain ? "box doubtful" : "box",
      onclick: () => chosen(digit),
      attributes: { "aria-label": nameOf(digit) },
    }, [make("span", { textContent: digit.uncertain ? `${digit.label}?` : digit.label })]);
    Object.assign(box.style, { left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`, width: `${(100 * across) / width}%`, height: `${(100 * down) / height}%` });
    return box;
  });
  return make("div", { className: "framed" }, [canvas, ...boxes]);
}

/** Each digit as the network saw it, 28x28, to be tapped as well. */
function seenDigits(digits, chosen) {
  const list = digits.map((digit) => {
    const canvas = make("canvas", { width: 28, height: 28, attributes: { "aria-hidden": "true" } });
    paint(canvas, digit.image);
    const text = make("span", { className: digit.uncertain ? "doubtful" : "", textContent: digit.label });
    return make("li", {}, [make("button", { className: "example", onclick: () => chosen(digit), attributes: { "aria-label": `${nameOf(digit)}: show its layers` } }, [canvas, text])]);
  });
  return make("details", { open: digits.length <= 24 }, [
    make("summary", { textContent: "Each digit as the network saw it. Tap one, here or in the picture, to follow it through the layers." }),
    make("ul", { className: "digits-seen" }, list),
  ]);
}

/** Ink as black of which paper shows through, so that a style sheet can turn it light. */
function paint(canvas, image) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(28, 28);
  image.forEach((value, i) => (pixels.data[4 * i + 3] = 255 * value));
  context.putImageData(pixels, 0, 0);
}
