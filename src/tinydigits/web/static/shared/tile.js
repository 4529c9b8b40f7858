/**
 * The inner sums of a convolution, for four places and four channels at once: as WebAssembly, with
 * four numbers in each instruction, or, in a browser without these, as JavaScript, which takes
 * about six times as long.
 */

const PAGE = 16384; // float32 numbers: memory grows by 64 kB

const GET = 0x20, SET = 0x21, TEE = 0x22, CONSTANT = 0x41, ADD = 0x6a, SUBTRACT = 0x6b, NOT_EQUAL = 0x47;
const LOOP = [0x03, 0x40], BRANCH_IF = 0x0d, END = 0x0b;
const LOAD = [0xfd, 0x00, 4, 0], LOAD_TO_ALL = [0xfd, 0x09, 2, 0], STORE = [0xfd, 0x0b, 4, 0];
const TO_ALL = [0xfd, 0x13], ADD_FOUR = [0xfd, 0xe4, 1], MULTIPLY_FOUR = [0xfd, 0xe6, 1], MAX_FOUR = [0xfd, 0xe9, 1];
const INTEGER = 0x7f, FLOAT = 0x7d, FOUR = 0x7b;

/** The module: `tile` as below, and its `memory`. */
function assembled() {
  const [from, weights, bias, to, rows, run, skip, step, pitch, least] = Array(10).keys();
  const [end, two, three, factor, ...sums] = Array.from({ length: 8 }, (_, i) => 10 + i);
  const moved = (local, amount) => [GET, local, ...amount, ADD, SET, local];
  const add = (sum, address) => [GET, sum, ...address, ...LOAD_TO_ALL, GET, factor, ...MULTIPLY_FOUR, ...ADD_FOUR, SET, sum];
  const body = [
    ...[GET, step, GET, step, ADD, TEE, two, GET, step, ADD, SET, three],
    ...sums.flatMap((sum) => [GET, bias, ...LOAD, SET, sum]),
    ...LOOP, // over the kernel's rows
    ...[GET, from, GET, run, ADD, SET, end],
    ...LOOP, // over the numbers of a row
    ...[GET, weights, ...LOAD, SET, factor],
    ...add(sums[0], [GET, from]),
    ...[step, two, three].flatMap((away, i) => add(sums[i + 1], [GET, from, GET, away, ADD])),
    ...moved(weights, [CONSTANT, 16]),
    ...moved(from, [CONSTANT, 4]),
    ...[GET, from, GET, end, NOT_EQUAL, BRANCH_IF, 0, END],
    ...moved(from, [GET, skip]),
    ...[GET, rows, CONSTANT, 1, SUBTRACT, TEE, rows, BRANCH_IF, 0, END],
    ...sums.flatMap((sum) => [GET, to, GET, sum, GET, least, ...TO_ALL, ...MAX_FOUR, ...STORE, ...moved(to, [GET, pitch])]),
    END,
  ];
  const code = [2, 3, INTEGER, 5, FOUR, ...body]; // two kinds of locals: three integers, five fours
  const section = (number, ...content) => [number, ...counted(content)];
  const name = (text) => counted([...new TextEncoder().encode(text)]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, ...counted([...Array(9).fill(INTEGER), FLOAT]), 0), // one type of function, which returns nothing
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1), // memory of one page, which may grow
    ...section(7, 2, ...name("memory"), 2, 0, ...name("tile"), 0, 0),
    ...section(10, 1, ...counted(code)),
  ]);
}

/** Bytes with their number before them, 7 bits in each byte. */
const counted = (bytes) => [...(bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]), ...bytes];

function compiled() {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(assembled())).exports;
  } catch {
    return null; // no WebAssembly, or none with fours, or the page's host forbids it
  }
}

const vectors = compiled();
let memory = new Float32Array(vectors ? vectors.memory.buffer : PAGE);

/** At least so many numbers that `tile` reads and writes; what they are is undefined. */
export function room(length) {
  const missing = Math.ceil((length - memory.length) / PAGE);
  if (missing > 0) {
    vectors?.memory.grow(missing);
    memory = new Float32Array(vectors ? vectors.memory.buffer : length);
  }
  return memory;
}

/**
 * For four places `step` apart, four sums of products each, no less than `least`, written at `to`, `pitch` apart. All but `rows`
 * and `least` are bytes.
 *
 * @param from the first place's first number; of `rows` rows `run` are taken, `skip` lie between them.
 * @param weights four for each number, one for each sum.
 * @param bias what the four sums begin with.
 */
export const tile = vectors?.tile ?? plain;

/** Two places at a time: each number that is fetched is used twice or four times, and no sum waits for another. */
function plain(from, weights, bias, to, rows, run, skip, step, pitch, least) {
  const numbers = memory;
  const away = step >> 2, length = run >> 2, first = bias >> 2;
  for (let pair = 0, at = to >> 2; pair < 2; pair += 1, at += pitch >> 1) {
    let a0 = numbers[first], a1 = numbers[first + 1], a2 = numbers[first + 2], a3 = numbers[first + 3];
    let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
    let place = (from >> 2) + 2 * pair * away;
    for (let y = 0, i = weights >> 2; y < rows; y += 1, place += skip >> 2)
      for (const end = place + length; place < end; place += 1, i += 4) {
        const a = numbers[place], b = numbers[place + away];
        const k0 = numbers[i], k1 = numbers[i + 1], k2 = numbers[i + 2], k3 = numbers[i + 3];
        a0 += a * k0;
        a1 += a * k1;
        a2 += a * k2;
        a3 += a * k3;
        b0 += b * k0;
        b1 += b * k1;
        b2 += b * k2;
        b3 += b * k3;
      }
    const next = at + (pitch >> 2);
    numbers[at] = Math.max(a0, least);
    numbers[at + 1] = Math.max(a1, least);
    numbers[at + 2] = Math.max(a2, least);
    numbers[at + 3] = Math.max(a3, least);
    numbers[next] = Math.max(b0, least);
    numbers[next + 1] = Math.max(b1, least);
    numbers[next + 2] = Math.max(b2, least);
    numbers[next + 3] = Math.max(b3, least);
  }
}
