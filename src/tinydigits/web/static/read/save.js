/** The layers' picture as a file. */

import { make } from "../shared/dom.js";

const SCALE = 2;
const WIDTH = 760;
const LEFT = 24;

/** Save what the network sees, every block's maps with their names, and the answer, as a PNG file. */
export async function savePicture({ rows }, seen, answer) {
  const heights = rows.map(({ maps }) => 26 + (WIDTH - 2 * LEFT) * (maps.height / maps.width));
  const height = 190 + heights.reduce((a, b) => a + b, 0);
  const canvas = make("canvas", { width: SCALE * WIDTH, height: SCALE * height });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const [card, ink, soft] = ["--card", "--ink", "--soft"].map((name) => style.getPropertyValue(name));
  context.scale(SCALE, SCALE);
  context.fillStyle = card;
  context.fillRect(0, 0, WIDTH, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(seen, LEFT, 20, 112, 112);
  const write = (text, x, y, font, colour) => {
    context.font = `${font} system-ui, sans-serif`;
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  write(answer, LEFT + 136, 84, "600 22px", ink);
  write("28×28 pixels through the layers of tinydigits", LEFT + 136, 112, "13px", soft);
  let y = 164;
  rows.forEach(({ name, sentence, maps }, i) => {
    write(name, LEFT, y, "600 13px", ink);
    const after = context.measureText(`${name}  `).width;
    write(sentence, LEFT + after, y, "13px", soft);
    context.drawImage(maps, LEFT, y + 6, WIDTH - 2 * LEFT, heights[i] - 26);
    y += heights[i];
  });
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const link = make("a", { href: URL.createObjectURL(blob), download: "layers.png" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
