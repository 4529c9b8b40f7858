/** Numbers that travel in JSON as base64. */

export const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const floatsOf = (base64) => new Float32Array(bytesOf(base64).buffer);
