/** Units whose sigmoid is so flat that the weights into them stop learning. */

import { short } from "./formula.js";
import { EDGES } from "./steps.js";

const FLAT = 0.0025; // a hundredth of ¼, the steepest that a sigmoid is: beyond 6 on either side
const UNITS = ["h1", "h2", "o1", "o2"];

/** The saturated ones among the units whose value is known, as [{unit, slope}]. */
export function saturated({ known, values }) {
  return UNITS.filter((unit) => known.has(`a_${unit}`))
    .map((unit) => ({ unit, slope: values[`a_${unit}`] * (1 - values[`a_${unit}`]) }))
    .filter(({ slope }) => slope < FLAT);
}

/** What to say of them; nothing if there are none. */
export function saturationWords(units) {
  return units
    .map(({ unit, slope }) => {
      const into = Object.keys(EDGES).filter((weight) => EDGES[weight][1] === unit);
      return (
        `${unit} is saturated: its sigmoid is flat here (slope ${short(slope, 2)}, where 0.25 is the most), ` +
        `so ${into.join(" and ")} hardly learn any more.`
      );
    })
    .join(" ");
}
