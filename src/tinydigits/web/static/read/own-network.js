/** A network of one's own: a file of `tinydigits export`, checked before the page runs it. */

import { data } from "../shared/dom.js";
import { decode, forward } from "../shared/network.js";

const MOST_BYTES = 16 * 2 ** 20;
const MOST_CHANNELS = 1024;

/**
 * Read and try a file.
 *
 * @returns {exported, network}, as the page's own; throws a sentence to show.
 */
export async function openNetwork(file) {
  const refuse = (why) => {
    throw new Error(`${file.name} ${why}; expected a file made by “tinydigits export RUN -o FILE.json”.`);
  };
  if (file.size > MOST_BYTES) refuse("is too large for a network");
  let exported;
  try {
    exported = JSON.parse(await file.text());
  } catch {
    refuse("is no JSON file");
  }
  if (exported?.format !== data("reader").layers_format) refuse("holds no exported network");
  const flaw = flawOf(exported);
  if (flaw) refuse(`has ${flaw}`);
  try {
    const network = decode(exported);
    const scores = forward(network, new Float32Array(784)).at(-1).values;
    if (scores.length === 10 && scores.every(Number.isFinite)) return { exported, network };
  } catch {
    // Its layers do not fit together.
  }
  return refuse("gives no scores of ten digits");
}

/** What no export would write, or nothing. */
function flawOf({ mean, std, temperature, views, labels, layers }) {
  if (![mean, std, temperature].every(Number.isFinite) || !(std > 0) || !(temperature > 0)) return "no usable mean, standard deviation or temperature";
  if (labels !== "0123456789") return "other labels than 0 to 9";
  if (!Array.isArray(views) || !views.length || views.length > 9 || !views.every((view) => view?.length === 2 && view.every(Number.isFinite) && view[0] > 0)) return "no usable views";
  if (!Array.isArray(layers) || !layers.length || layers.length > 200) return "no list of layers";
  let channels = 1; // that a layer is given
  for (const layer of layers) {
    const flaw = flawOfLayer(layer, channels);
    if (flaw) return `a layer ${String(layer?.type).slice(0, 20)} ${flaw}`;
    channels = layer.out_channels ?? channels;
  }
}

/** Of each type of layer: its settings, and its arrays with how many numbers they hold. */
const LAYERS = {
  conv2d: [["in_channels", "out_channels", "kernel", "stride"], ({ in_channels, out_channels, kernel }) => ({ weight: out_channels * in_channels * kernel ** 2, bias: out_channels })],
  batch_norm: [["channels"], ({ channels }) => ({ weight: channels, bias: channels, mean: channels, var: channels })],
  max_pool: [["kernel"], () => ({})],
  avg_pool: [["kernel"], () => ({})],
  relu: [[], () => ({})],
};

function flawOfLayer(layer, given) {
  if (!Object.hasOwn(LAYERS, layer?.type)) return "that the page does not know";
  const [settings, sizes] = LAYERS[layer.type];
  const wrong = settings.find((name) => !Number.isInteger(layer[name]) || layer[name] < 1 || layer[name] > (name.includes("channels") ? MOST_CHANNELS : 28));
  if (wrong) return `whose ${wrong} is no number that it can have`;
  if (layer.type === "conv2d" && !(Number.isInteger(layer.padding) && layer.padding >= 0 && layer.padding <= 28)) return "without a padding";
  if ((layer.in_channels ?? layer.channels ?? given) !== given) return `that takes another number of maps than the ${given} it is given`;
  // Three bytes are four characters of base64.
  const short = Object.entries(sizes(layer)).find(([name, count]) => layer[name]?.length !== 4 * Math.ceil((4 * count) / 3));
  return short && `whose ${short[0]} has another size than its settings say`;
}
