/** Digits that touch: where one glyph may be parted, and which way of parting reads best; see split.py. */

import { boxOf, edgesOf, within } from "./glyphs.js";

/**
 * The same, with several in the place of each that reads better as digits that touch.
 *
 * @param told what was found, as found.js has it.
 * @param believed how many of them may be digits; of the rest only some are parted.
 * @param recognised what the recogniser says of glyphs.
 * @param withChance makes it less sure.
 */
export function part(told, believed, recognised, withChance, constants) {
  const unsure = told.filter((each) => mayTouch(each, constants)).sort((a, b) => b.sure - a.sure);
  const worth = new Set(unsure.slice(0, believed + constants.doubted));
  return told.flatMap((whole) => {
    if (!worth.has(whole)) return [whole];
    const own = parts(whole.glyph, Math.log(whole.sure), constants);
    if (own.length < 2) return [whole];
    return bestFound(whole, own, recognised, constants).map((each) => (each === whole ? each : withChance(each, each.probabilities, constants.believed * each.sure)));
  });
}

/**
 * What is found along the best way, as if all parts had been recognised: those that are not yet count as sure, so a way of
 * which all are can be beaten by none.
 */
function bestFound(whole, own, recognised, constants) {
  const found = [whole];
  const sure = own.map(() => 0);
  sure[0] = Math.log(whole.sure);
  for (;;) {
    const way = bestWay(own, sure, constants);
    const unknown = way.filter((i) => !found[i]);
    if (!unknown.length) return way.map((i) => found[i]);
    recognised(unknown.map((i) => own[i].glyph)).forEach((each, n) => {
      found[unknown[n]] = each;
      sure[unknown[n]] = Math.log(each.sure);
    });
  }
}

/** Whether something reads badly enough, for its width, to be more than one digit. */
function mayTouch({ glyph, sure }, { believed }) {
  const { height, width } = sizeOf(glyph);
  return sure < believed && 2 * width > height;
}

/**
 * The parts of a glyph that may be digits, {first, second, glyph, cost, wide}: what lies between two
 * cuts, a glyph's ends being its first and last, and the costs of the cut at its left and of its
 * width. The whole is the first. Cuts that cost more than it lacks to be a sure digit cannot pay.
 *
 * @param sure the log-probability of the digit that the whole was read as.
 */
export function parts(glyph, sure, constants) {
  const wide = tooWide(sizeOf(glyph), constants);
  const lacking = wide - sure - constants.one;
  if (lacking <= constants.per_cut) return [{ first: 0, second: 1, glyph, cost: 0, wide }];
  const cuts = cutsOf(glyph, constants).filter((cut) => costOf(cut, constants) < lacking);
  const prices = [0, ...cuts.map((cut) => costOf(cut, constants)), 0];
  const end = cuts.length + 1;
  const found = [{ first: 0, second: end, glyph, cost: 0, wide }];
  const { length } = glyph.mine;
  const beyond = [new Uint8Array(length).fill(1), ...cuts.map((cut) => beyondOf(glyph, cut)), new Uint8Array(length)];
  const least = sizeOf(glyph).height / 2;
  for (let first = 0; first < end; first += 1)
    for (let second = first + 1; second <= end; second += 1) {
      const price = prices[first] + prices[second];
      if ((first === 0 && second === end) || price >= lacking) continue;
      const part = between(glyph, beyond[first], beyond[second], least);
      const wide = part && tooWide(sizeOf(part), constants);
      if (!part || price + wide >= lacking) continue;
      found.push({ first, second, glyph: { ...part, spaceBefore: glyph.spaceBefore && !first }, cost: prices[first], wide });
    }
  return found;
}

const costOf = ({ ink }, { per_cut, per_ink }) => per_cut + per_ink * ink;

/**
 * The most plausible row of parts that make up the whole: their indices, from left to right.
 *
 * @param candidates as `parts` gives them.
 * @param sure for each, the log-probability of the digit it was read as.
 */
export function bestWay(candidates, sure, constants) {
  const best = new Map([[0, { total: 0, way: [] }]]);
  best.set(candidates[0].second, { total: sure[0] - candidates[0].wide + constants.one, way: [0] });
  const order = [...candidates.keys()].slice(1).sort((a, b) => candidates[a].first - candidates[b].first);
  for (const index of order) {
    const { first, second, cost, wide } = candidates[index];
    if (!best.has(first)) continue;
    const { total, way } = best.get(first);
    const own = total + sure[index] - wide - cost;
    if (!best.has(second) || own > best.get(second).total) best.set(second, { total: own, way: [...way, index] });
  }
  return best.get(candidates[0].second).way;
}

/** Height and width of a glyph's ink, and the column where it begins. */
function sizeOf({ mine, height, width }) {
  const { left, top, right, bottom } = edgesOf(mine, height, width);
  return { height: bottom - top, width: right - left, start: left };
}

const tooWide = ({ height, width }, { widest }) => 2 * Math.max(0, width / height - widest);

/** The cuts, from left to right, that cross the least ink: {position, slant, ink}, lines x + slant * (y - middle) = position. */
function cutsOf(glyph, constants) {
  const { slants, narrowest, most_cuts } = constants;
  const { height, width, start } = sizeOf(glyph);
  const candidates = slants.flatMap((slant) => {
    const { lowest, counts } = inkAlong(glyph, slant);
    return Array.from(counts, (count, i) => ({
      position: i + lowest + 0.5,
      slant,
      ink: (0.25 * (counts[i - 1] ?? 0) + 0.5 * count + 0.25 * (counts[i + 1] ?? 0)) / height,
    })).filter(({ position }) => position > start + narrowest * height && position < start + width - narrowest * height);
  });
  const chosen = [];
  for (const cut of candidates.sort((a, b) => a.ink - b.ink || Math.abs(a.slant) - Math.abs(b.slant)))
    if (chosen.every(({ position }) => Math.abs(cut.position - position) > narrowest * height)) chosen.push(cut);
  return chosen.slice(0, most_cuts).sort((a, b) => a.position - b.position);
}

/** How many pixels of ink lie between slanted lines a pixel apart, and where the first of them lies. */
function inkAlong({ mine, height, width }, slant) {
  let [least, most] = [Infinity, -Infinity];
  const visit = (take) => {
    for (let row = 0, i = 0; row < height; row += 1)
      for (let column = 0, shift = slant * (row - height / 2); column < width; column += 1, i += 1) if (mine[i]) take(column + shift);
  };
  visit((position) => {
    if (position < least) least = position;
    if (position > most) most = position;
  });
  const lowest = Math.floor(least);
  const counts = new Int32Array(Math.trunc(most - lowest) + 1);
  visit((position) => (counts[Math.trunc(position - lowest)] += 1));
  return { lowest, counts };
}

/** What lies at a cut's right in a glyph. */
function beyondOf({ height, width }, { position, slant }) {
  const result = new Uint8Array(height * width);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0, shift = slant * (row - height / 2); column < width; column += 1, i += 1) result[i] = column + shift >= position ? 1 : 0;
  return result;
}

/** What of a glyph lies beyond one cut and not beyond another; null where it is lower than a digit. */
function between(glyph, beyond, end, least) {
  const inside = beyond.map((is, i) => is & ~end[i]);
  const { left, right, count } = edgesOf(inside, glyph.height, glyph.width);
  if (!count) return null;
  const width = right - left;
  const [mine, amount, kept] = [glyph.mine, glyph.amount, inside].map((plane) => within(plane, glyph.width, left, 0, glyph.height, width));
  for (let i = 0; i < kept.length; i += 1) {
    mine[i] &= kept[i];
    amount[i] *= kept[i];
  }
  const part = { ...glyph, width, mine, amount, left: glyph.left + left };
  const size = sizeOf(part);
  if (size.height <= 0 || size.height < least) return null;
  return { ...part, box: boxOf(part) };
}
