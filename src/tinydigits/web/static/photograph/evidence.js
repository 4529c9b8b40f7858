/** How probable it is that something is a digit, from all that finder and recogniser say of it; see evidence.py. */

import { edgesOf } from "./glyphs.js";

/** What the finder says of something: the first of FEATURES in evidence.py but "one". */
export function seenOf(maps, centre, glyph, { evidence: { digit, mark, letter, least_chance }, finder: { unit } }) {
  const { left, top, right, bottom } = edgesOf(glyph.mine, glyph.height, glyph.width);
  const [wide, tall] = [right - left, bottom - top];
  const larger = Math.max(wide, tall);
  const { ink, markInk, pointing } = meansOf(maps, glyph, glyph.left + (left + right) / 2, glyph.top + (top + bottom) / 2);
  const [width, height] = [centre.width * maps.scale, centre.height * maps.scale];
  const near = highestNear(maps, centre);
  const digits = centre.classes.slice(0, 10).reduce((a, b) => a + b);
  return [
    ...[near[digit], near[letter], near[mark], digits].map((chance) => logOdds(chance, least_chance)),
    ink,
    markInk,
    pointing / larger,
    Math.abs(Math.log(wide / width)) + Math.abs(Math.log(tall / height)),
    Math.log2(larger / unit),
    centre.turns[0],
  ];
}

/** Means over a glyph's ink: of both kinds of ink, and of how far from its middle its offsets point. */
function meansOf({ ink: [digits, marks], offsets, width }, glyph, x, y) {
  const half = Math.ceil(width / 2);
  let [count, ink, markInk, pointing] = [0, 0, 0, 0];
  for (let row = glyph.top, i = 0; row < glyph.top + glyph.height; row += 1)
    for (let column = glyph.left; column < glyph.left + glyph.width; column += 1, i += 1) {
      if (!glyph.mine[i]) continue;
      const at = (row >> 1) * half + (column >> 1);
      count += 1;
      ink += digits[row * width + column];
      markInk += marks[row * width + column];
      const across = column + 0.5 + offsets[0][at] - x;
      const down = row + 0.5 + offsets[1][at] - y;
      pointing += Math.sqrt(across * across + down * down); // Math.hypot takes ten times as long
    }
  return { ink: ink / count, markInk: markInk / count, pointing: pointing / count };
}

/** The highest heat of each kind at a centre or beside it. */
function highestNear({ heat, rows, columns, scale }, centre) {
  const place = (middle, count) => Math.min(count - 1, Math.max(0, Math.trunc((middle * scale) / 4)));
  const [row, column] = [place(centre.y, rows), place(centre.x, columns)];
  return heat.map((plane) => {
    let highest = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y += 1)
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x += 1) highest = Math.max(highest, plane[y * columns + x]);
    return highest;
  });
}

/**
 * The probabilities of the ten digits if something is one, and the probability that it is the most
 * probable of them.
 *
 * @param evidence the weights that the finder's file brings.
 * @param seen as `seenOf` has it.
 * @param classes the finder's probabilities of what it is.
 * @param read the recogniser's of the digits.
 */
export function weigh({ mix, weights }, seen, classes, read, constants) {
  const digits = mixed(mix, classes.slice(0, 10), read, constants.least_share);
  const features = [1, ...seen, logOdds(Math.max(...digits), constants.least_chance)];
  const odds = features.reduce((sum, feature, i) => sum + feature * weights[i], 0);
  return { digits, chance: 1 / (1 + Math.exp(-odds)) };
}

/** The probability that is told of a digit whose evidence gives it this chance. */
export function reported({ line: [slope, shift] }, chance) {
  const within = Math.min(1 - 1e-6, Math.max(1e-6, chance));
  return 1 / (1 + Math.exp(-(slope * Math.log(within / (1 - within)) + shift)));
}

function mixed(mix, classes, read, least) {
  const sum = Math.max(classes.reduce((a, b) => a + b), 1e-9);
  const logits = classes.map((share, i) => mix[0] * Math.log(Math.max(read[i], least)) + mix[1] * Math.log(Math.max(share / sum, least)));
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const all = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / all);
}

function logOdds(chance, least) {
  const within = Math.min(1 - least, Math.max(least, chance));
  return Math.log(within / (1 - within));
}
