/** Centres and ink -> glyphs: each pixel of ink goes to the centre that it points at; see glyphs.py. */

const NOBODY = -1;

/**
 * The ink of each centre, all other ink removed: {height, width, values, left, top} in pixels of
 * its scale; null for a letter and where there is hardly any ink.
 */
export function cutOut(levels, centres, constants) {
  const glyphs = centres.map(() => null);
  levels.forEach((maps, level) => {
    const own = [...centres.keys()].filter((i) => centres[i].level === level && centres[i].kind !== constants.centres.letter);
    if (!own.length) return;
    const ink = maps.ink[0].map((amount, i) => Math.max(amount, maps.ink[1][i]));
    const owner = owners(maps, ink, centres, constants.glyphs);
    for (const i of own) glyphs[i] = glyph(maps, ink, centres[i], owner, i, constants.glyphs);
  });
  return glyphs;
}

/** For each pixel whose ink it is, as an index of `centres`. */
function owners({ height, width, scale, offsets }, ink, centres, { ink: least, away }) {
  // Offsets are half as large as what the picture was filled up to.
  const halves = { width: 8 * Math.ceil(width / 16), height: 8 * Math.ceil(height / 16) };
  const nearest = nearestCentres(halves, scale, centres, away);
  const owner = new Int32Array(height * width).fill(NOBODY);
  for (let row = 0, i = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1, i += 1) {
      if (!(ink[i] > least)) continue;
      const at = (row >> 1) * halves.width + (column >> 1);
      const x = Math.trunc(Math.min(halves.width - 1, Math.max(0, (column + 0.5 + offsets[0][at]) / 2)));
      const y = Math.trunc(Math.min(halves.height - 1, Math.max(0, (row + 0.5 + offsets[1][at]) / 2)));
      owner[i] = nearest[y * halves.width + x];
    }
  return owner;
}

/** For each place at half the size the centre it is nearest to, in sizes of that centre. */
function nearestCentres({ width, height }, scale, centres, away) {
  const nearest = new Int32Array(width * height).fill(NOBODY);
  const least = new Float32Array(width * height).fill(away ** 2);
  centres.forEach((centre, number) => {
    const [x, y] = [(centre.x * scale) / 2, (centre.y * scale) / 2];
    const [wide, tall] = [Math.max((centre.width * scale) / 2, 3), Math.max((centre.height * scale) / 2, 3)];
    const [top, bottom] = [Math.max(0, Math.trunc(y - away * tall)), Math.min(height, Math.trunc(y + away * tall) + 2)];
    const [left, right] = [Math.max(0, Math.trunc(x - away * wide)), Math.min(width, Math.trunc(x + away * wide) + 2)];
    for (let row = top; row < bottom; row += 1)
      for (let column = left; column < right; column += 1) {
        const distance = ((row + 0.5 - y) / tall) ** 2 + ((column + 0.5 - x) / wide) ** 2;
        if (!(distance < least[row * width + column])) continue;
        least[row * width + column] = distance;
        nearest[row * width + column] = number;
      }
  });
  return nearest;
}

/** What of the ink is this centre's, and the soft edge around it. */
function glyph({ height, width, scale }, ink, centre, owner, number, { ink: least, fewest }) {
  const reach = 1.6;
  const [x, y] = [centre.x * scale, centre.y * scale];
  const [across, down] = [(reach * centre.width * scale) / 2, (reach * centre.height * scale) / 2];
  const window = {
    left: Math.max(0, Math.trunc(x - across - 5)),
    top: Math.max(0, Math.trunc(y - down - 5)),
    right: Math.min(width, Math.trunc(x + across + 6)),
    bottom: Math.min(height, Math.trunc(y + down + 6)),
  };
  const box = { left: Infinity, top: Infinity, right: -1, bottom: -1 };
  let count = 0;
  each(window, (row, column) => {
    if (owner[row * width + column] !== number) return;
    count += 1;
    box.left = Math.min(box.left, column);
    box.top = Math.min(box.top, row);
    box.right = Math.max(box.right, column);
    box.bottom = Math.max(box.bottom, row);
  });
  if (count < fewest) return null;
  const [left, top] = [Math.max(window.left, box.left - 2), Math.max(window.top, box.top - 2)];
  const [right, bottom] = [Math.min(window.right, box.right + 3), Math.min(window.bottom, box.bottom + 3)];
  const values = new Float32Array((right - left) * (bottom - top));
  const isMine = (row, column) =>
    row >= window.top && row < window.bottom && column >= window.left && column < window.right && owner[row * width + column] === number;
  each({ left, top, right, bottom }, (row, column) => {
    const i = row * width + column;
    const isEdge = () => owner[i] === NOBODY && ink[i] <= least && AROUND.some(([y, x]) => isMine(row + y, column + x));
    if (owner[i] === number || isEdge()) values[(row - top) * (right - left) + column - left] = ink[i];
  });
  return { height: bottom - top, width: right - left, values, left, top };
}

const AROUND = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [y, x]));

function each({ left, top, right, bottom }, visit) {
  for (let row = top; row < bottom; row += 1) for (let column = left; column < right; column += 1) visit(row, column);
}
