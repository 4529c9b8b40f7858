/** The tab Learn. */

export function start() {}
