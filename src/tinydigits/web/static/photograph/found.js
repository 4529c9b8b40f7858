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
import { areaOf, fused, sharedOf } from "./fuse.js";
import { allInk, cutOut } from "./glyphs.js";
import { CUBIC, resized } from "./resample.js";
import { inLines } from "./rows.js";
import { look } from "./scales.js";
import { part } from "./split.js";

const BLANK = new Float32Array(28 * 28);
const [FIRST, TURNED] = [0.4, 0.6]; // of the progress bar: the first look, and those at the picture turned

/**
 * The digits and marks of a picture, in lines; how many things were left out, by what they are; and
 * the maps of each scale.
 *
 * One that is not clear is looked at again, a little narrower, wider, smaller and larger. A picture of fewer
 * than three digits may be one: where ink fills it, it is looked at with a margin, too, and is one digit if that
 * is then surer.
 *
 * @param finder as `finderOf` in finder.js makes it.
 * @param network the recogniser, decoded.
 * @param grey {height, width, values}.
 * @param progress is told what share is done; a picture that is clear at once is done at less than half.
 */
export function findDigits(finder, network, grey, progress = () => {}) {
  const { constants } = finder;
  const { clear, largest, most, sizes } = constants.found;
  const [first, lies] = upright(finder, network, grey, progress);
  const { levels } = first;
  let page = first;
  const lying = turned(grey, lies);
  const parts = orOne(finder, network, page, lying);
  let digits = apart(parts, constants.found);
  const unclear = chanceOf(digits, finder) < clear;
  const [others, pixels] = [parts.length - digits.length, levels[0].height * levels[0].width];
  if (unclear && parts.length && others <= most && pixels <= largest) {
    const looks = sizes.map((size, i) => resizedLook(finder, network, lying, size, (share) => progress(TURNED + (1 - TURNED) * ((i + share) / sizes.length))));
    digits = apart(fused([parts, ...looks], withChance, constants.fuse), constants.found);
  }
  let [lines, place] = [likely(inLines(digits, page.marks, constants.rows), constants.found), turnedBack(lies, grey)];
  const close = digits.length <= 2 && doubtful(digits, finder) && closeUp(grey, constants);
  if (close) {
    const near = see(finder, network, close.grey);
    const other = apart(orOne(finder, network, near, close.grey), constants.found);
    const one = other.length === 1 && !sideBySide(digits, constants.found);
    if (one && sureOf(other) > sureOf(digits)) [page, lines, place] = [near, likely([other], constants.found), close.back];
  }
  progress(1);
  const told = placed(lines, place).map((line) => line.map((found) => (found.glyph.mark ? found : withChance(found, found.probabilities, reported(finder.evidence, found.sure)))));
  return { lines: told, leftOut: leftOutOf(page.maybe, lines), levels };
}

/**
 * What a picture shows the right way up, and the quarters by which it was turned for that.
 *
 * One that seems to lie on its side is looked at turned, too, and so is one of three digits or more that are not
 * surely read: upside down. It is taken to lie so if more digits are then read, upside down clearly more, and surely.
 */
function upright(finder, network, grey, progress) {
  const { found } = finder.constants;
  const best = see(finder, network, grey, (share) => progress(FIRST * share));
  const digits = apart(best.parts, found);
  const quarters = lies(best.maybe) ? [1, 3] : digits.length > 2 && doubtful(digits, finder) ? [2] : [];
  const others = quarters.map((turns, i) => {
    const page = see(finder, network, turned(grey, turns), (share) => progress(FIRST + (TURNED - FIRST) * ((i + share) / quarters.length)));
    return { page, turns, digits: apart(page.parts, found) };
  });
  if (!others.length) return [best, 0];
  const other = others.reduce((most, each) => (right(each.digits) > right(most.digits) ? each : most));
  const known = other.turns !== 2 && other.digits.length > 2;
  const legible = other.turns !== 2 || sureOf(other.digits) > found.upside_down;
  const better = right(other.digits) > (known ? 1 : found.upright) * right(digits);
  return legible && better ? [other.page, other.turns] : [best, 0];
}

/** A look at a page: levels, maybe, marks, and the parts: what is said of what may be digits; what touches is parted. */
function see(finder, network, grey, progress = () => {}) {
  const { constants } = finder;
  const recognised = recognisedBy(network);
  const levels = look(finder, grey, progress);
  const centres = findCentres(levels, constants);
  const glyphs = cutOut(levels, centres, constants);
  const maybe = candidates(levels, centres, glyphs, constants);
  const each = told(finder, maybe, recognised);
  const believed = each.filter(({ sure }) => sure >= constants.found.least).length;
  return { levels, maybe, marks: marks(centres, glyphs, constants), parts: part(each, believed, recognised, withChance, constants.split) };
}

const recognisedBy = (network) => (glyphs) => glyphs.map((glyph) => foundIn(glyph, network));

/** What may be digits where a picture is so much wider and higher. */
function resizedLook(finder, network, grey, [across, down], progress) {
  const [width, height] = [evenly(across * grey.width), evenly(down * grey.height)];
  const picture = resized(grey, width, height, CUBIC);
  const parts = orOne(finder, network, see(finder, network, picture, progress), picture);
  return placed([parts], resizedBack(width / grey.width, height / grey.height))[0];
}

/** Boxes of a picture that was made so much wider and higher -> where they lay before. */
const resizedBack = (across, down) => (box) => {
  const [left, top, right, bottom] = [evenly(box.left / across), evenly(box.top / down), evenly(box.right / across), evenly(box.bottom / down)];
  return { left, top, right: Math.max(right, left + 1), bottom: Math.max(bottom, top + 1) };
};

/** Rounded as Python does, a half to the even number. */
const evenly = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** What may be digits of a picture, or all its ink as one, where it shows two at most, less sure. */
function orOne(finder, network, { levels, parts }, grey) {
  const { constants } = finder;
  const digits = apart(parts, constants.found);
  const whole = digits.length <= 2 && doubtful(digits, finder) ? wholePicture(levels, constants) : null;
  if (!whole) return parts;
  const [looked] = recognisedBy(network)([whole.glyph]);
  const [known] = told(finder, [whole], () => [looked]);
  const one = digits.length <= 1 ? meant(known, looked, grey, constants) : known;
  const surer = one.sure >= constants.found.least && one.sure > sureOf(digits);
  return surer && !sideBySide(digits, constants.found) ? [one] : parts;
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
      if (sharedOf(one.glyph.box, other.glyph.box) > over * Math.min(areaOf(one.glyph.box), areaOf(other.glyph.box))) gone.add(other);
  });
  return all.filter((each) => !gone.has(each));
}

/** A picture that its ink fills was meant as a digit, if the recogniser reads it as one. */
function meant(whole, looked, { height, width }, { split: { believed }, close_up: { filled } }) {
  const { left, top, right, bottom } = whole.glyph.box;
  const chance = believed * looked.sure;
  if (Math.max((right - left) / width, (bottom - top) / height) < filled || chance <= whole.sure) return whole;
  return withChance(looked, looked.probabilities, chance);
}

/** Whether digits are not surely right, in the mean, or there are none. */
const doubtful = (digits, finder) => chanceOf(digits, finder) < finder.constants.reading.min_confidence;

/** How probable it is in the mean that digits are right, as a reading reports it. */
const chanceOf = (digits, { evidence }) => reported(evidence, sureOf(digits));

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

/** What may be digits, but is not read: less than half of its box lies in those of digits. How many, by what they are. */
function leftOutOf(maybe, lines) {
  const counts = { letter: 0, "no digit": 0 };
  const read = lines.flat().filter(({ glyph }) => !glyph.mark);
  for (const { centre, glyph: { box } } of maybe) {
    const [letter, sign] = centre.classes.slice(-2);
    const shared = read.reduce((sum, { glyph }) => sum + sharedOf(glyph.box, box), 0);
    if (2 * shared < areaOf(box)) counts[letter + sign > 0.5 ? "letter" : "no digit"] += 1;
  }
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
