/** A number as people type it. */

const TYPED = /^[+\-−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+\-−]?\d+)?$/i;

/** The number, or NaN. A comma is read as the decimal point; a sign may be a true minus. */
export function parseNumber(text) {
  const typed = text.trim();
  return TYPED.test(typed) ? Number(typed.replace(",", ".").replaceAll("−", "-")) : NaN;
}
