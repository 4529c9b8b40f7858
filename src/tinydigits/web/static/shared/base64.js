/** Bytes and numbers that travel as text: in base64, and as web/packed.py packs them, which is denser. */

export const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Numbers, from base64 or from bytes. */
export const floatsOf = (given) => new Float32Array((typeof given === "string" ? bytesOf(given) : given.slice()).buffer);

/** The bytes of packed text: two characters, of 91 kinds, are 13 bits; a last one alone is six. */
export function unpack(text) {
  const value = (at) => {
    const code = text.charCodeAt(at);
    return code === 33 ? 25 : code === 126 ? 57 : code - 35; // ! and ~ stand in for < and \
  };
  const bytes = new Uint8Array((13 * (text.length >> 1) + 6 * (text.length & 1)) >> 3);
  for (let at = 0, bits = 0, count = 0, to = 0; at < text.length; at += 2) {
    const alone = at + 1 === text.length;
    bits = alone ? (bits << 6) | value(at) : (bits << 13) | (91 * value(at) + value(at + 1));
    for (count += alone ? 6 : 13; count > 7; ) bytes[to++] = bits >> (count -= 8);
    bits &= (1 << count) - 1;
  }
  return bytes;
}

/** The value in whose place there is a line of JSON, and after it the bytes of which that line has the lengths. */
export function withBytes(all) {
  let at = all.indexOf(10) + 1;
  return JSON.parse(new TextDecoder().decode(all.subarray(0, at)), (_, value) =>
    typeof value?.bytes === "number" ? all.subarray(at, (at += value.bytes)) : value);
}
