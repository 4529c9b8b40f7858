/**
 * Numbers as colours. What has a sign goes from blue over the paper's colour, which is 0, to
 * orange; ink goes from the paper's colour to the pen's. Both differ in lightness too.
 */

const RAMPS = {
  light: {
    negative: [[250, 248, 243], [116, 168, 214], [14, 52, 106]],
    positive: [[250, 248, 243], [232, 150, 88], [118, 42, 6]],
    ink: [[250, 248, 243], [142, 138, 130], [24, 23, 21]],
  },
  dark: {
    negative: [[32, 35, 42], [62, 124, 186], [196, 228, 255]],
    positive: [[32, 35, 42], [206, 112, 52], [255, 220, 184]],
    ink: [[32, 35, 42], [128, 128, 126], [244, 241, 234]],
  },
};

const ramps = () => RAMPS[document.documentElement.dataset.theme ?? "light"];

/** The colour, [red, green, blue], of a value in [-1, 1]. */
export const signed = (value) => along(value < 0 ? ramps().negative : ramps().positive, Math.abs(value));

/** The colour of ink in [0, 1]. */
export const ink = (value) => along(ramps().ink, value);

function along(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(at), stops.length - 2);
  return stops[i].map((low, part) => low + (stops[i + 1][part] - low) * (at - i));
}

/** The colour as a style sheet writes it, and that of text upon it: black or white, whichever stands out at 4.5 to 1 (WCAG 2). */
export function cell(value) {
  const colour = signed(value).map(Math.round);
  const [red, green, blue] = colour.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
  return { background: `rgb(${colour.join(" ")})`, color: bright ? "#000000" : "#ffffff" };
}

let scratch;

/** Paint a map, (height, width) values, into a square of a canvas; `scale` has the full colour. */
export function paintMap(context, { values, height, width }, colour, scale, [x, y, size]) {
  scratch ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (scratch.canvas.width !== width || scratch.canvas.height !== height)
    Object.assign(scratch.canvas, { width, height });
  const picture = scratch.createImageData(width, height);
  const table = shades(colour);
  for (let i = 0; i < values.length; i += 1) {
    const share = Math.min(Math.max(values[i] / scale, -1), 1);
    const shade = 3 * Math.round((share + 1) * HALF);
    picture.data[4 * i] = table[shade];
    picture.data[4 * i + 1] = table[shade + 1];
    picture.data[4 * i + 2] = table[shade + 2];
    picture.data[4 * i + 3] = 255;
  }
  scratch.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch.canvas, x, y, size, size);
}

const HALF = 127;
const tables = new Map(); // of each colour and theme: computing a colour for each pixel takes too long

function shades(colour) {
  const key = `${colour.name} ${document.documentElement.dataset.theme}`;
  if (!tables.has(key))
    tables.set(key, Uint8ClampedArray.from({ length: 3 * (2 * HALF + 1) }, (_, i) => colour(Math.floor(i / 3) / HALF - 1)[i % 3]));
  return tables.get(key);
}

/** Make a canvas as sharp as the screen; gives its context, to be used in CSS pixels. */
export function sharpContext(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Paint a 28x28 image over a whole canvas. */
export function paintImage(canvas, image) {
  const size = canvas.clientWidth;
  const context = sharpContext(canvas, size, size);
  paintMap(context, { values: image, height: 28, width: 28 }, ink, 1, [0, 0, size]);
  return context;
}
