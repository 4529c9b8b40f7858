/** A picture -> what the finder sees of it, in as many scales as it needs; see the reader's scales.py. */

import { CUBIC, reduced, resized } from "./resample.js";

/**
 * Maps of a grey picture {height, width, values} from fine to coarse, a factor of 2 apart.
 *
 * @param progress is told what share of the work is done.
 */
export function look(finder, grey, progress = () => {}) {
  const { constants } = finder;
  const { first, enough, stride } = constants.scales;
  const pictures = [{ scale: 1, grey }];
  for (;;) {
    const { scale, grey: fine } = pictures.at(-1);
    if (Math.max(fine.height, fine.width) < enough / 2 || Math.min(fine.height, fine.width) < stride) break;
    pictures.push({ scale: scale / 2, grey: reduced(fine, 2) });
  }
  if (Math.max(grey.height, grey.width) <= enough / 2) pictures.unshift({ scale: 2, grey: resized(grey, 2 * grey.width, 2 * grey.height, CUBIC) });
  const area = ({ grey: { height, width } }) => height * width;
  const all = pictures.reduce((sum, picture) => sum + area(picture), 0);
  const small = Math.max(pictures[0].grey.height, pictures[0].grey.width) <= first;
  const levels = [];
  let seen = 0;
  for (const picture of pictures.reverse()) {
    const { height, width } = picture.grey;
    if (levels.length && Math.max(height, width) > (small ? enough : first) && !wantsFiner(levels[0], small, constants)) break;
    levels.unshift(finder.maps(picture.grey, picture.scale, (share) => progress((seen + share * area(picture)) / all)));
    seen += area(picture);
  }
  return levels;
}

/** Whether a finer scale would show more; in small pictures also if what these maps show is low. */
function wantsFiner({ heat, told, small: chances }, isSmall, { finder: { unit, logs }, centres: { best }, scales: { shown, plain, small, small_places } }) {
  if (chances.reduce((count, chance) => count + (chance > small), 0) >= small_places) return true;
  const height = (i) => unit * Math.exp(Math.min(logs, Math.max(-logs, told[1][i])));
  const hot = Array.from(heat[0], (_, i) => Math.max(...heat.map((plane) => plane[i])));
  return isSmall && (hot.every((chance) => chance < plain) || hot.some((chance, i) => chance > shown && height(i) < best[0]));
}
