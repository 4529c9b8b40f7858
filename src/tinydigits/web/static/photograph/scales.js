/** A picture -> what the finder sees of it, in as many scales as it needs; see the reader's scales.py. */

import { CUBIC, reduced, resized } from "./resample.js";

/**
 * Maps of a grey picture {height, width, values} from fine to coarse, a factor of 2 apart.
 *
 * @param progress is told what share of the work is done.
 */
export function look(finder, grey, progress = () => {}) {
  const { first, least, tiny, small, small_places } = finder.constants.scales;
  const pictures = [{ scale: 1, grey }];
  for (;;) {
    const { scale, grey: fine } = pictures.at(-1);
    const sides = [fine.height, fine.width].map((side) => Math.ceil(side / 2));
    if (Math.max(...sides) < least[0] || Math.min(...sides) < least[1]) break;
    pictures.push({ scale: scale / 2, grey: reduced(fine, 2) });
  }
  if (Math.max(grey.height, grey.width) <= tiny) pictures.unshift({ scale: 2, grey: resized(grey, 2 * grey.width, 2 * grey.height, CUBIC) });
  const area = ({ grey: { height, width } }) => height * width;
  const all = pictures.reduce((sum, picture) => sum + area(picture), 0);
  const levels = [];
  let seen = 0;
  for (const picture of pictures.reverse()) {
    const { height, width } = picture.grey;
    const wanted = () => levels[0].small.reduce((count, chance) => count + (chance > small), 0) >= small_places;
    if (Math.max(height, width) > first && levels.length && !wanted()) break;
    levels.unshift(finder.maps(picture.grey, picture.scale, (share) => progress((seen + share * area(picture)) / all)));
    seen += area(picture);
  }
  return levels;
}
