/** Several looks at a picture -> each thing once, and what all of them say of it; see fuse.py. */

/**
 * What each of several looks found, all in pixels of one picture -> each thing once: the digit for which most
 * speaks, as probable as that is in the mean of the looks.
 *
 * @param withChance as found.js has it.
 */
export function fused(looks, withChance, { same, missed }) {
  const every = looks.flatMap((look, number) => look.map((found) => ({ number, found }))).sort((a, b) => b.found.sure - a.found.sure);
  const taken = new Set();
  return every.flatMap((surest, first) => {
    if (taken.has(surest)) return [];
    const of = new Map(); // of each look the surest
    for (const each of every.slice(first))
      if (!taken.has(each) && !of.has(each.number) && overlap(each.found.glyph.box, surest.found.glyph.box) > same) of.set(each.number, each);
    const there = [...of.values()];
    for (const each of there) taken.add(each);
    const digits = surest.found.probabilities.map((_, label) => there.reduce((sum, { found }) => sum + found.probabilities[label], 0));
    const all = digits.reduce((sum, each) => sum + each, 0);
    const chance = (Math.max(...digits) + missed * (looks.length - there.length)) / looks.length;
    return [withChance(surest.found, digits.map((each) => each / all), chance)];
  });
}

/** What two boxes share, over the area of both. */
function overlap(one, other) {
  const shared = sharedOf(one, other);
  return shared / (areaOf(one) + areaOf(other) - shared);
}

export const areaOf = ({ left, top, right, bottom }) => (right - left) * (bottom - top);

export function sharedOf(one, other) {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(0, across) * Math.max(0, down);
}
