/** The tab Read. */

export function start() {}
