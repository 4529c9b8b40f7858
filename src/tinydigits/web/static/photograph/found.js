/**
 * A picture -> its digits and marks, in lines; see found.py.
 *
 * What was found is {glyph, image, probabilities, sure}: a glyph as glyphs.js has it, 28x28 as the
 * recogniser saw it, and the probabilities of the ten digits, and the largest of them.
 */

import { recognise } from "../shared/network.js";
import { normalise } from "../shared/normalise.js";
import { centreOf, findCentres, markOf } from "./centres.js";
import { closeUp } from "./close-up.js";
import { reported, seenOf, weigh } from "./evidence.js";
import { allInk, cutOut } from "./glyphs.js";
import { inLines } from "./rows.js";
import { look } from "./scales.js";
import { part } from "./split.js";

const BLANK = new Float32Array(28 * 28);

/**
 * The digits and marks of a picture, in lines; how many things were left out, by what they are; and
 * the maps of each scale.
 *
 * A picture that seems to lie on its side is looked at turned, too, and so is one of three digits or
 * more that are not surely read: upside down. It is taken to lie so if more digits are then read, upside
 * down clearly more, and surely. A small one that is not surely read is looked at several times. A
 * picture of fewer digits may be one: where ink fills it, it is looked at with a margin, too, and is one
 * digit if that is then surer.
 *
 * @param finder as `finderOf` in finder.js makes it.
 * @param network the recogniser, decoded.
 * @param grey {height, width, values}.
 * @param progress is told what share is done of the work that is known by then.
 */
export function findDigits(finder, network, grey, progress = () => {}) {
  const { constants } = finder;
  let [best, lies] = [pageOf(finder, network, grey, [0], progress), 0];
  const { quarters, levels } = best;
  const others = quarters.map((turns, i) => {
    const page = pageOf(finder, network, turned(grey, turns), [0], (share) => progress((1 + i + share) / (1 + quarters.length)));
    return { page, turns };
  });
  const other = others.reduce((most, each) => (right(each.page.digits) > right(most.page.digits) ? each : most), others[0]);
  if (other) {
    const known = other.turns !== 2 && other.page.digits.length > 2;
    const times = known ? 1 : constants.found.upright;
    const legible = other.turns !== 2 || sureOf(other.page.digits) > constants.found.upside_down;
    if (legible && right(other.page.digits) > times * right(best.digits)) [best, lies] = [other.page, other.turns];
  }
  if (Math.max(grey.height, grey.width) <= constants.scales.first && doubtful(best.digits, finder))
    best = pageOf(finder, network, turned(grey, lies), constants.found.shifts, () => {});
  best = { ...best, lines: placed(best.lines, turnedBack(lies, grey)) };
  const close = best.digits.length <= 2 && doubtful(best.digits, finder) && closeUp(grey, constants);
  if (close) {
    const other = pageOf(finder, network, close.grey, [0], () => {});
    const one = other.digits.length === 1 && !sideBySide(best.digits, constants.found);
    if (one && sureOf(other.digits) > sureOf(best.digits)) best = { ...other, lines: placed(other.lines, close.back) };
  }
  progress(1);
  const lines = best.lines.map((line) => line.map((found) => (found.glyph.mark ? found : withChance(found, found.probabilities, reported(finder.evidence, found.sure)))));
  return { lines, leftOut: best.leftOut, levels };
}

/** What is read on a page: lines, leftOut, digits before lines were left out, the quarters after which it may be upright, levels. */
function pageOf(finder, network, grey, shifts, progress) {
  const { constants } = finder;
  const recognised = (glyphs) => glyphs.map((glyph) => foundIn(glyph, network));
  const levels = look(finder, grey, shifts, progress);
  const centres = findCentres(levels, constants);
  const glyphs = cutOut(levels, centres, constants);
  const maybe = candidates(levels, centres, glyphs, constants);
  const each = told(finder, maybe, recognised);
  const believed = each.filter(({ sure }) => sure >= constants.found.least).length;
  let digits = apart(part(each, believed, recognised, withChance, constants.split), constants.found);
  const unsure = doubtful(digits, finder);
  const upsideDown = unsure && digits.length > 2 ? [2] : [];
  const whole = unsure && digits.length <= 2 ? wholePicture(levels, constants) : null;
  if (whole) {
    const [looked] = recognised([whole.glyph]);
    const [known] = told(finder, [whole], () => [looked]);
    const one = digits.length <= 1 ? meant(known, looked, grey, constants) : known;
    if (one.sure >= constants.found.least && one.sure > sureOf(digits) && !sideBySide(digits, constants.found)) digits = [one];
  }
  return {
    lines: likely(inLines(digits, marks(centres, glyphs, constants), constants.rows), constants.found),
    leftOut: leftOutOf(maybe, each, constants.found),
    digits,
    quarters: lies(maybe) ? [1, 3] : upsideDown,
    levels,
  };
}

/** A glyph, what the recogniser sees of it, and what it says. */
function foundIn(glyph, network) {
  const image = normalise({ height: glyph.height, width: glyph.width, values: glyph.amount })?.image ?? BLANK;
  return foundAs(glyph, image, Array.from(recognise(network, image)));
}

const foundAs = (glyph, image, probabilities) => ({ glyph, image, probabilities, sure: Math.max(...probabilities) });

/** The same, read as the most probable of digits with this probability. */
function withChance({ glyph, image }, digits, chance) {
  const label = digits.indexOf(Math.max(...digits));
  const [told, most] = [Math.max(chance, 0.101 /* each of ten has 0.1 */), digits[label]];
  const shareOf = told < most
    ? (share) => 0.1 + ((share - 0.1) * (told - 0.1)) / (most - 0.1)
    : (share, i) => (i === label ? told : (share * (1 - told)) / Math.max(1 - most, 1e-9));
  return foundAs(glyph, image, digits.map((share, i) => Math.fround(shareOf(share, i))));
}

/** What has the ink of digits: {centre, glyph, seen}. */
function candidates(levels, centres, glyphs, constants) {
  const ink = constants.evidence.features.indexOf("ink") - 1; // "one" is not seen
  const found = [];
  centres.forEach((centre, i) => {
    if (!glyphs[i] || centre.kind === constants.centres.mark) return;
    const seen = seenOf(levels[centre.level], centre, glyphs[i], constants);
    if (seen[ink] >= constants.finder.faint) found.push({ centre, glyph: glyphs[i], seen });
  });
  return found;
}

/** All ink of a picture as one digit, in the scale that shows it best. */
function wholePicture(levels, constants) {
  let [least, best] = [Infinity, null];
  levels.forEach((maps, level) => {
    const glyph = allInk(maps, constants);
    const away = glyph && Math.abs(Math.log(Math.max(glyph.height, glyph.width) / constants.finder.unit));
    if (glyph && away < least) [least, best] = [away, { glyph, level }];
  });
  if (!best) return null;
  const { glyph, level } = best;
  const centre = centreOf(glyph.box, level, levels[level], constants);
  return { centre, glyph, seen: seenOf(levels[level], centre, glyph, constants) };
}

/** What the recogniser says and what the finder says, together. */
function told({ evidence, constants }, maybe, recognised) {
  return recognised(maybe.map(({ glyph }) => glyph)).map((found, i) => {
    const { seen, centre } = maybe[i];
    const { digits, chance } = weigh(evidence, seen, centre.classes, found.probabilities, constants.evidence);
    return withChance(found, digits, chance);
  });
}

/** Those that are probably digits, without what lies on one more probable. */
function apart(found, { least, over }) {
  const all = found.filter(({ sure }) => sure >= least).sort((a, b) => b.sure - a.sure);
  const gone = new Set();
  all.forEach((one, i) => {
    if (gone.has(one)) return;
    for (const other of all.slice(i + 1))
      if (shared(one.glyph.box, other.glyph.box) > over * Math.min(areaOf(one.glyph.box), areaOf(other.glyph.box))) gone.add(other);
  });
  return all.filter((each) => !gone.has(each));
}

const areaOf = ({ left, top, right, bottom }) => (right - left) * (bottom - top);

function shared(one, other) {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(0, across) * Math.max(0, down);
}

/** A picture that its ink fills was meant as a digit, if the recogniser reads it as one. */
function meant(whole, looked, { height, width }, { split: { believed }, close_up: { filled } }) {
  const { left, top, right, bottom } = whole.glyph.box;
  const chance = believed * looked.sure;
  if (Math.max((right - left) / width, (bottom - top) / height) < filled || chance <= whole.sure) return whole;
  return withChance(looked, looked.probabilities, chance);
}

/** Whether digits are not surely right, in the mean, or there are none. */
const doubtful = (digits, { evidence, constants }) => reported(evidence, sureOf(digits)) < constants.reading.min_confidence;

/** How probable it is in the mean that digits are right. */
const sureOf = (digits) => digits.reduce((sum, { sure }) => sum + sure, 0) / Math.max(1, digits.length);

/** Whether there are two, one right of the other and about as high: no parts of one digit. */
function sideBySide(digits, { as_high }) {
  if (digits.length !== 2) return false;
  const [one, other] = digits.map(({ glyph: { box } }) => box);
  const heights = [one.bottom - one.top, other.bottom - other.top];
  return (one.right <= other.left || other.right <= one.left) && Math.min(...heights) > as_high * Math.max(...heights);
}

/** Without lines in which nothing is as sure as a share of what is surest on the page. */
function likely(lines, { line: share }) {
  const sure = lines.map((line) => Math.max(...line.filter(({ glyph }) => !glyph.mark).map((each) => each.sure)));
  return lines.filter((_, i) => sure[i] >= share * Math.max(...sure));
}

/** What has the ink of digits, but was not taken for any: how many, by what they are. */
function leftOutOf(maybe, told, { least }) {
  const counts = { letter: 0, "no digit": 0 };
  maybe.forEach(({ centre: { classes } }, i) => {
    const [letter, sign] = classes.slice(-2);
    if (told[i].sure < least) counts[letter + sign > 0.5 ? "letter" : "no digit"] += 1;
  });
  return counts;
}

/** How many are probably right; one that is as probably wrong counts as none. */
const right = (digits) => digits.reduce((sum, { sure }) => sum + Math.max(0, 2 * sure - 1), 0);

/** Whether a page seems to lie on its side. */
const lies = (maybe) =>
  maybe.reduce((sum, { centre: { turns, heat } }) => sum + heat * (Math.log(turns[1] + turns[3]) - Math.log(turns[0] + turns[2])), 0) > 0;

/** A picture turned anticlockwise. */
function turned({ height, width, values }, quarters) {
  if (!quarters) return { height, width, values };
  const result = quarters === 2 ? { height, width } : { height: width, width: height };
  const [first, right, down] = {
    1: [width - 1, width, -1],
    2: [height * width - 1, -1, -width],
    3: [(height - 1) * width, -width, 1],
  }[quarters];
  result.values = new Uint8Array(values.length);
  for (let row = 0, i = 0; row < result.height; row += 1)
    for (let column = 0, at = first + row * down; column < result.width; column += 1, i += 1, at += right) result.values[i] = values[at];
  return result;
}

/** Boxes on a page of this size that was turned anticlockwise -> where they lay before. */
const turnedBack = (quarters, { height, width }) =>
  ({
    0: (box) => box,
    1: ({ left, top, right, bottom }) => ({ left: width - bottom, top: left, right: width - top, bottom: right }),
    2: ({ left, top, right, bottom }) => ({ left: width - right, top: height - bottom, right: width - left, bottom: height - top }),
    3: ({ left, top, right, bottom }) => ({ left: top, top: height - right, right: bottom, bottom: height - left }),
  })[quarters];

/** The same, each box where `place` says. */
const placed = (lines, place) => lines.map((line) => line.map((each) => ({ ...each, glyph: { ...each.glyph, box: place(each.glyph.box) } })));

/** The marks that are surely such. */
function marks(centres, glyphs, { centres: { mark, least_mark }, finder }) {
  return centres.flatMap((centre, i) => {
    const sure = centre.kind === mark && glyphs[i] && centre.heat * Math.max(...centre.classes.slice(10)) >= least_mark;
    return sure ? [foundAs({ ...glyphs[i], mark: markOf(centre, finder.marks) }, BLANK, Array(10).fill(0.1))] : [];
  });
}
