/** Maps in several scales -> the digits, marks and letters of a picture, each once; see centres.py. */

/**
 * All that is found at any of the scales, from fine to coarse. Each centre has its level, kind
 * (digit or mark, as `constants` number them), place and size in pixels of the picture, how sure
 * the finder is (heat), its score, and the probabilities of what it is (classes) and of which way
 * it is turned (turns).
 */
export function findCentres(levels, constants) {
  return once(levels.flatMap((maps, level) => peaks(maps, level, constants)), constants.centres.middle);
}

function peaks(maps, level, constants) {
  const { digit, mark, letter, least_mark, faint, best } = constants.centres;
  const either = maps.heat[digit].map((heat, at) => Math.max(heat, maps.heat[letter][at]));
  const found = [];
  for (const [kind, heat, least] of [[digit, either, faint], [mark, maps.heat[mark], least_mark]])
    for (let row = 0, at = 0; row < maps.rows; row += 1)
      for (let column = 0; column < maps.columns; column += 1, at += 1) {
        if (!(heat[at] > least) || !isHighest(heat, maps, row, column)) continue;
        const { height } = sizeAt(maps, at, constants.finder);
        const fit = kind === digit ? Math.min(1, height / best[0], best[1] / height) : 1;
        found.push(centre(level, maps, kind, row, column, heat[at], heat[at] * fit, constants));
      }
  return found;
}

/** What the maps say of a digit that fills a box of the picture. */
export function centreOf({ left, top, right, bottom }, level, maps, constants) {
  const { digit } = constants.centres;
  const row = Math.min(Math.trunc(((top + bottom) * maps.scale) / 8), maps.rows - 1);
  const column = Math.min(Math.trunc(((left + right) * maps.scale) / 8), maps.columns - 1);
  return centre(level, maps, digit, row, column, maps.heat[digit][row * maps.columns + column], 0, constants);
}

function centre(level, maps, kind, row, column, heat, score, { finder }) {
  const { scale, told } = maps;
  const at = row * maps.columns + column;
  const { width, height } = sizeAt(maps, at, finder);
  const firstTurn = 2 + finder.classes.length;
  return {
    level,
    kind,
    x: (4 * column + 2) / scale,
    y: (4 * row + 2) / scale,
    width: width / scale,
    height: height / scale,
    heat,
    score,
    classes: softmax(told.slice(2, firstTurn).map((plane) => plane[at])),
    turns: softmax(told.slice(firstTurn).map((plane) => plane[at])),
  };
}

/** Width and height of what is centred at a place, in pixels of the scale. */
function sizeAt({ told }, at, { unit, logs }) {
  const [width, height] = [told[0][at], told[1][at]].map((log) => unit * Math.exp(Math.min(logs, Math.max(-logs, log))));
  return { width, height };
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

/** Of what has its centre in the middle of another, the one with the higher score. */
function once(found, middle) {
  const all = [...found].sort((a, b) => b.score - a.score);
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Float64Array.from(all, (each) => each[name]));
  const gone = new Uint8Array(all.length);
  return all.filter((_, i) => {
    if (gone[i]) return false;
    for (let j = i + 1; j < gone.length; j += 1)
      if (Math.abs(x[j] - x[i]) < middle * Math.max(width[j], width[i]) && Math.abs(y[j] - y[i]) < middle * Math.max(height[j], height[i])) gone[j] = 1;
    return true;
  });
}

/** The most probable mark. */
export function markOf({ classes }, marks) {
  const shares = classes.slice(10, 10 + marks.length);
  return marks[shares.indexOf(Math.max(...shares))];
}
