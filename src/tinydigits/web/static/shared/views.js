/** An image seen smaller, larger or turned; the network averages what it reads in a few such views. */

/** The image scaled, and turned counterclockwise, about its centre; outside is 0. */
export function view(image, size, degrees) {
  if (size === 1 && degrees === 0) return image;
  const cosine = Math.cos((degrees * Math.PI) / 180) / size;
  const sine = Math.sin((degrees * Math.PI) / 180) / size;
  return Float32Array.from({ length: 28 * 28 }, (_, index) => {
    const y = Math.floor(index / 28) - 13.5;
    const x = (index % 28) - 13.5;
    return between(image, sine * x + cosine * y + 13.5, cosine * x - sine * y + 13.5);
  });
}

/** The image's value between four pixels, each weighing as much as it is near. */
function between(image, row, column) {
  let sum = 0;
  for (const y of [Math.floor(row), Math.floor(row) + 1])
    for (const x of [Math.floor(column), Math.floor(column) + 1])
      if (y >= 0 && y < 28 && x >= 0 && x < 28)
        sum += (1 - Math.abs(row - y)) * (1 - Math.abs(column - x)) * image[28 * y + x];
  return sum;
}
