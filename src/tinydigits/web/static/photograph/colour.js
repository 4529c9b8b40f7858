/** A picture in colour, or partly transparent -> one plane of grey in which ink stands out most; see colour.py. */

/** {height, width, values: red, green, blue, alpha} -> {height, width, values: grey}. */
export function greyOf(picture, { sampled_side }) {
  const { height, width } = picture;
  const colours = picture.values.some((value, i) => i % 4 === 3 && value < 255) ? onPaper(picture.values) : picture.values;
  const values = new Uint8Array(height * width);
  const isGrey = values.every((_, i) => colours[4 * i] === colours[4 * i + 1] && colours[4 * i] === colours[4 * i + 2]);
  const axis = isGrey ? [1, 0, 0] : strongestContrast({ height, width, values: colours }, sampled_side);
  // Black and white stay at 0 and 255 when the axis is grey's own; other axes are only scaled.
  const shift = -255 * axis.reduce((sum, share) => sum + Math.min(share, 0), 0) + 0.5;
  for (let i = 0, at = 0; i < values.length; i += 1, at += 4)
    values[i] = Math.min(255, Math.max(0, Math.floor(axis[0] * colours[at] + axis[1] * colours[at + 1] + axis[2] * colours[at + 2] + shift)));
  return { height, width, values };
}

/** Give what is transparent a colour: paper's where paper shows, else what sets off the ink. */
function onPaper(values) {
  const channels = [[], [], []]; // of opaque pixels
  let [light, covered] = [0, 0];
  for (let at = 0; at < values.length; at += 4) {
    const alpha = values[at + 3] / 255;
    covered += alpha;
    for (let i = 0; i < 3; i += 1) {
      light += (values[at + i] / 255) * alpha;
      if (alpha > 0.5) channels[i].push(values[at + i] / 255);
    }
  }
  const share = (4 * channels[0].length) / values.length;
  const all = share > 0.25 && share <= 0.5 ? channels.flat().sort((a, b) => a - b) : null;
  const shown = share > 0.5 || (all && quantile(all, 0.99) - quantile(all, 0.01) > 0.25);
  const plain = light < 1.5 * covered ? 1 : 0;
  const paper = shown ? channels.map((channel) => quantile(channel.sort((a, b) => a - b), 0.5)) : [plain, plain, plain];
  return values.map((value, i) => {
    const alpha = values[i - (i % 4) + 3] / 255;
    return i % 4 === 3 ? 255 : Math.round(value * alpha + 255 * paper[i % 4] * (1 - alpha));
  });
}

function quantile(ordered, share) {
  const place = share * (ordered.length - 1);
  const [below, above] = [ordered[Math.floor(place)], ordered[Math.ceil(place)]];
  return below + (place % 1) * (above - below);
}

/** The line through colour space on which patches side by side differ most. */
function strongestContrast({ height, width, values }, sampledSide) {
  const step = Math.max(1, Math.floor(Math.max(height, width) / sampledSide));
  let patches = { height: Math.ceil(height / step), width: Math.ceil(width / step) };
  patches.values = Float64Array.from({ length: 3 * patches.height * patches.width }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [row, column] = [Math.floor(pixel / patches.width), pixel % patches.width];
    return values[4 * (row * step * width + column * step) + (i % 3)];
  });
  if (patches.height >= 9) patches = shifted(patches, 2, 0, (at, line) => at(0) + at(line) + at(2 * line));
  if (patches.width >= 9) patches = shifted(patches, 0, 2, (at) => at(0) + at(3) + at(6));
  const products = [0, 1, 2].map(() => [0, 0, 0]);
  for (const { values: differences } of [shifted(patches, 0, 3, (at) => at(9) - at(0)), shifted(patches, 3, 0, (at, line) => at(3 * line) - at(0))])
    for (let place = 0; place < differences.length; place += 3)
      for (let i = 0; i < 3; i += 1) for (let j = 0; j < 3; j += 1) products[i][j] += differences[place + i] * differences[place + j];
  const axis = principal(products);
  const sign = Math.sign(axis.reduce((a, b) => a + b)) || 1;
  const size = axis.reduce((sum, share) => sum + Math.abs(share), 0);
  return axis.map((share) => (sign * share) / size);
}

/** Colours {height, width, values} made of those at fixed distances: fewer rows and columns. */
function shifted({ height, width, values }, rows, columns, value) {
  const result = { height: Math.max(0, height - rows), width: Math.max(0, width - columns) };
  result.values = new Float64Array(3 * result.height * result.width);
  for (let row = 0, i = 0; row < result.height; row += 1)
    for (let start = 3 * row * width, end = start + 3 * result.width; start < end; start += 1, i += 1)
      result.values[i] = value((distance) => values[start + distance], 3 * width);
  return result;
}

/** The eigenvector of a symmetric matrix's largest eigenvalue, by Jacobi's rotations (1846). */
function principal(matrix) {
  const a = matrix.map((row) => [...row]);
  const vectors = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const rotate = (rows, p, q, cosine, sine) => {
    for (const row of rows) [row[p], row[q]] = [cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]];
  };
  for (let sweep = 0; sweep < 12; sweep += 1)
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) {
      if (a[p][q] === 0) continue;
      const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      rotate(a, p, q, cosine, sine);
      for (let i = 0; i < 3; i += 1) [a[p][i], a[q][i]] = [cosine * a[p][i] - sine * a[q][i], sine * a[p][i] + cosine * a[q][i]];
      rotate(vectors, p, q, cosine, sine);
    }
  const largest = [0, 1, 2].reduce((best, i) => (a[i][i] >= a[best][best] ? i : best), 0);
  return vectors.map((row) => row[largest]);
}
