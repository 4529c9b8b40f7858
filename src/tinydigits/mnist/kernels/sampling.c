/* Images looked up where an affine map and an elastic field say. What for is in sampling.py. */

#include <stdlib.h>

#include "products.h"

/* field (side, row) = basis * lattice * basis transposed; basis: (side, cells), across: (cells, row),
   the same transposed */
static void spread(int64_t side, int64_t row, int64_t cells, const float *lattice,
                   const float *basis, const float *across, float *field) {
    for (int64_t i = 0; i < side; i++)
        for (int64_t c = 0; c < cells; c++) {
            float here = 0;
            for (int64_t r = 0; r < cells; r++) here += basis[i * cells + r] * lattice[r * cells + c];
            for (int64_t j = 0; j < row; j += LANES) {
                float *to = field + i * row + j;
                store(to, (c ? load(to) : (vec){0}) + here * load(across + c * row + j));
            }
        }
}

/* From coordinates that run from -1 to 1 to pixels of a bordered image: 1 is the first pixel's
   centre; 0 and size + 1 are in the border, as all beyond them is. */
INLINE vec place(vec at, float size) {
    vec pixel = ((at + 1) * size + 1) / 2, last = (vec){0} + (size + 1);
    bits below = pixel < last;
    pixel = only(below, pixel) + only(~below, last);
    return only(pixel > 0, pixel);
}

/* A row of an image; padded: (height + 3, width + 3), the image with zeros before it and two after;
   columns, and the fields: row values each; at, right, below: room for as many. */
static void look_up(int64_t height, int64_t width, int64_t side, int64_t row, float down,
                    const float *padded, const float *map, const float *columns,
                    const float *field_across, const float *field_down, int32_t *at, float *right,
                    float *below, float *sampled) {
    for (int64_t j = 0; j < row; j += LANES) {
        vec across = load(columns + j);
        vec x = map[0] * across + (map[1] * down + map[2]) + load(field_across + j);
        vec y = map[3] * across + (map[4] * down + map[5]) + load(field_down + j);
        x = place(x, width), y = place(y, height);
        bits left = __builtin_convertvector(x, bits), top = __builtin_convertvector(y, bits);
        store(right + j, x - __builtin_convertvector(left, vec));
        store(below + j, y - __builtin_convertvector(top, vec));
        left += top * (int32_t)(width + 3);
        memcpy(at + j, &left, sizeof left);
    }
    for (int64_t j = 0; j < side; j++) {
        const float *from = padded + at[j], *next = from + width + 3;
        float above = from[0] + right[j] * (from[1] - from[0]);
        float under = next[0] + right[j] * (next[1] - next[0]);
        sampled[j] = above + below[j] * (under - above);
    }
}

/* images: (count, height, width); maps: (count, 2, 3), from output to input, both from -1 to 1;
   lattice: (count, 2, cells, cells), added to that between its points, or no cells; columns: (row),
   from -1 to 1, the first side of them used; sampled: (count, side, side) */
void sample(int64_t count, int64_t height, int64_t width, int64_t side, int64_t row, int64_t cells,
            const float *images, const float *maps, const float *lattice, const float *basis,
            const float *across, const float *columns, float *sampled) {
#pragma omp parallel
    {
        float *padded = calloc((height + 3) * (width + 3), sizeof *padded);
        float *field = calloc((2 * side + 3) * row, sizeof *field), *field_down = field + side * row;
        float *right = field_down + side * row, *below = right + row;
        int32_t *at = (int32_t *)(below + row);
#pragma omp for schedule(static)
        for (int64_t n = 0; n < count; n++) {
            for (int64_t i = 0; i < height; i++)
                memcpy(padded + (i + 1) * (width + 3) + 1, images + (n * height + i) * width,
                       width * sizeof *padded);
            for (int64_t k = 0; cells && k < 2; k++)
                spread(side, row, cells, lattice + (2 * n + k) * cells * cells, basis, across,
                       field + k * side * row);
            for (int64_t i = 0; i < side; i++)
                look_up(height, width, side, row, columns[i], padded, maps + 6 * n, columns,
                        field + i * row, field_down + i * row, at, right, below,
                        sampled + (n * side + i) * side);
        }
        free(padded), free(field);
    }
}
