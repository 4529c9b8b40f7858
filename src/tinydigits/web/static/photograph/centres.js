/** Maps in several scales -> the digits, marks and letters of a picture, each once; see centres.py. */

/**
 * All that is found at any of the scales, from fine to coarse. Each centre has its level, kind
 * (digit, mark or letter, as `constants` number them), place and size in pixels of the picture,
 * how sure the finder is (heat), its score, and the probabilities of what it is (classes).
 */
export function findCentres(levels, constants) {
  return once(levels.flatMap((maps, level) => peaks(levels, level, maps, constants)), constants.centres.overlap);
}

function peaks(levels, level, maps, { finder, centres }) {
  const { digit, least_heat, low, high, best } = centres;
  const [finest, coarsest] = [level === 0, level === levels.length - 1];
  const found = [];
  maps.heat.forEach((heat, kind) => {
    for (let row = 0, at = 0; row < maps.rows; row += 1)
      for (let column = 0; column < maps.columns; column += 1, at += 1) {
        if (!(heat[at] > least_heat[kind]) || !isHighest(heat, maps, row, column)) continue;
        const [width, height] = [0, 1].map((i) => finder.unit * Math.exp(Math.min(3, Math.max(-4, maps.told[i][at]))));
        const tall = Math.max(height, 0.8 * width);
        if (kind === digit && ((tall < low && !finest) || (tall > high && !coarsest))) continue;
        const fit = kind === digit ? Math.min(1, tall / best[0], best[1] / tall) : 1;
        found.push({
          level,
          kind,
          x: (4 * column + 2) / maps.scale,
          y: (4 * row + 2) / maps.scale,
          width: width / maps.scale,
          height: height / maps.scale,
          heat: heat[at],
          score: heat[at] * fit,
          classes: softmax(maps.told.slice(2, 2 + finder.classes.length).map((plane) => plane[at])),
        });
      }
  });
  return found;
}

/** Whether no place beside it is higher. */
function isHighest(heat, { rows, columns }, row, column) {
  const value = heat[row * columns + column];
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y += 1)
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x += 1) if (heat[y * columns + x] > value) return false;
  return true;
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Of what overlaps, the one with the highest score. */
function once(found, overlap) {
  const kept = [];
  for (const one of [...found].sort((a, b) => b.score - a.score))
    if (!kept.some((other) => shared(one, other) > overlap * Math.min(one.width * one.height, other.width * other.height))) kept.push(one);
  return kept;
}

function shared(one, other) {
  const along = (place, size) =>
    Math.min(one[place] + one[size] / 2, other[place] + other[size] / 2) - Math.max(one[place] - one[size] / 2, other[place] - other[size] / 2);
  return Math.max(0, along("x", "width")) * Math.max(0, along("y", "height"));
}
