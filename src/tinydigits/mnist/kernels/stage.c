/* From the images to the second convolution's pooling, image by image, so that one image's
   activations stay in the processor's cache from one layer to the next. What is cheap to compute,
   the first convolution, is computed anew each time and never stored. See stage.py.

   images: (count, height, width), normalised; x: what the first convolution makes of them, 16
   channels; normed: batch norm of its ReLU; y: (count, height, width, 32), as the second leaves
   it; best: (count, height / 2, width / 2, 32), the ReLU of the value in each 2x2 window that is
   the largest once normed; sign: that of the norm's weights. Of products.h and convolution.c.

   The first convolution is a product of matrices: a position's patch (its 3x3 pixels, and a one
   for the bias) by kernel (PATCH, 16). */

#include "products.h"

#define I 16
#define O 32
#define MIXED 8 /* channels after the transition */
#define PATCH 10
#define GRADIENT ((36 * I + 1) * O)
#define FIRSTS (PATCH * 3 * I)
#define PARALLEL _Pragma("omp parallel for schedule(dynamic)")

typedef int64_t size;

void convolve_image(size, size, const float *, const float *, const float *, float *);
void back_image(size, size, const float *, const float *, const float *, float *, float *);

INLINE vec choose(bits second, vec a, vec b) {
    return (vec)(((bits)a & ~second) | ((bits)b & second));
}

static void add(const double *parts, int count, double *sums) {
    memset(sums, 0, count * sizeof *sums);
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < count; i++) sums[i] += parts[part * count + i];
}

/* patches, and x, what the first convolution makes of them: (height * width and up to ROWS more,
   which are of no use, PATCH and I) */
static void first(size height, size width, const float *image, const float *kernel, float *patches,
                  float *x) {
    size area = height * width, stride = width + 2;
    float padded[(height + 2) * stride], *patch = patches;
    memset(padded, 0, sizeof padded);
    for (size i = 0; i < height; i++)
        memcpy(padded + (i + 1) * stride + 1, image + i * width, width * sizeof *image);
    for (size i = 0; i < height; i++)
        for (size j = 0; j < width; j++, patch += PATCH) {
            for (int k = 0; k < 3; k++)
                memcpy(patch + 3 * k, padded + (i + k) * stride + j, 3 * sizeof *patch);
            patch[9] = 1;
        }
    for (size at = 0; at < area; at += ROWS)
        multiply(patches + at * PATCH, kernel, x + at * I, PATCH, I);
}

/* Of n positions with C channels each, the sums of relu(x) and, after them, of its square */
INLINE void add_sums(const float *x, size n, double *sums, int C) {
    for (int c = 0; c < C; c += LANES) {
        vec sum = {0}, squares = {0};
        for (size i = 0; i < n; i++) {
            vec value = relu(load(x + i * C + c));
            sum += value;
            squares += value * value;
        }
        for (int lane = 0; lane < LANES; lane++)
            sums[c + lane] += sum[lane], sums[C + c + lane] += squares[lane];
    }
}

static void norm(const float *x, size n, const float *scale, const float *offset, float *normed) {
    for (size i = 0; i < n; i++)
        for (int c = 0; c < I; c += LANES)
            store(normed + i * I + c, load(scale + c) * relu(load(x + i * I + c)) + load(offset + c));
}

/* Of the windows of two rows of y: the value that is the largest times sign, of the first such */
static void pick(const float *upper, size width, const float *sign, float *best) {
    for (size j = 0; j < width / 2; j++)
        for (int c = 0; c < O; c += LANES) {
            const float *at = upper + 2 * j * O + c;
            vec a = relu(load(at)), b = relu(load(at + O)), s = load(sign + c);
            vec d = relu(load(at + width * O)), e = relu(load(at + width * O + O));
            a = choose(s * b > s * a, a, b);
            d = choose(s * e > s * d, d, e);
            store(best + j * O + c, choose(s * d > s * a, a, d));
        }
}

/* dy of two rows, where y > 0: slope * y + constant and, at each window's best, what is its own */
static void pick_back(const float *upper, size width, const float *sign, const float *d_best,
                      const float *slope, const float *constant, float *dy) {
    for (size j = 0; j < width / 2; j++)
        for (int c = 0; c < O; c += LANES) {
            size places[4] = {0, O, width * O, width * O + O};
            vec y[4], key[4], s = load(sign + c), gradient = load(d_best + j * O + c);
            for (int k = 0; k < 4; k++) {
                y[k] = load(upper + 2 * j * O + c + places[k]);
                key[k] = s * relu(y[k]);
            }
            bits right = key[1] > key[0], below_right = key[3] > key[2];
            bits below = choose(below_right, key[2], key[3]) > choose(right, key[0], key[1]);
            bits here[4] = {~below & ~right, ~below & right, below & ~below_right,
                            below & below_right};
            for (int k = 0; k < 4; k++) {
                vec value = load(slope + c) * y[k] + load(constant + c) + only(here[k], gradient);
                store(dy + 2 * j * O + c + places[k], only(y[k] > 0, value));
            }
        }
}

/* The same for n positions that are in no window */
static void line_back(const float *y, size n, const float *slope, const float *constant,
                      float *dy) {
    for (size i = 0; i < n; i++)
        for (int c = 0; c < O; c += LANES) {
            vec value = load(y + i * O + c);
            store(dy + i * O + c, only(value > 0, load(slope + c) * value + load(constant + c)));
        }
}

/* sums: of relu(x) and of its square */
void stage_sums(size count, size height, size width, const float *images, const float *kernel,
                double *sums) {
    double parts[PARTS][2 * I] = {0};
    size area = height * width;
    PARALLEL
    for (int part = 0; part < PARTS; part++) {
        float patches[(area + ROWS) * PATCH], x[(area + ROWS) * I];
        memset(patches, 0, sizeof patches);
        for (size i = count * part / PARTS; i < count * (part + 1) / PARTS; i++) {
            first(height, width, images + i * area, kernel, patches, x);
            add_sums(x, area, parts[part], I);
        }
    }
    add(parts[0], 2 * I, sums);
}

/* y, best, and the sums of y's ReLU and of the square of that */
void stage_forward(size count, size height, size width, const float *images, const float *kernel,
                   const float *scale, const float *offset, const float *u, const float *bias,
                   const float *sign, float *y, float *best, double *sums) {
    double parts[PARTS][2 * O] = {0};
    size area = height * width, rows = height / 2, columns = width / 2;
    PARALLEL
    for (int part = 0; part < PARTS; part++) {
        float patches[(area + ROWS) * PATCH], x[(area + ROWS) * I];
        memset(patches, 0, sizeof patches);
        for (size i = count * part / PARTS; i < count * (part + 1) / PARTS; i++) {
            float *here = y + i * area * O;
            first(height, width, images + i * area, kernel, patches, x);
            norm(x, area, scale, offset, x);
            convolve_image(height, width, x, u, bias, here);
            for (size row = 0; row < height; row++) {
                add_sums(here + row * width * O, width, parts[part], O);
                if (row % 2)
                    pick(here + (row - 1) * width * O, width, sign,
                         best + (i * rows + row / 2) * columns * O);
            }
        }
    }
    add(parts[0], 2 * O, sums);
}

/* dy (height, width, O) of one image, from dz, that of what the transition makes of best: dz * w is
   best's, and the rest is as in pick_back */
static void pool_back(size height, size width, const float *y, const float *sign, const float *dz,
                      const float *w, const float *slope, const float *constant, float *dy) {
    size columns = width / 2, pooled = height / 2 * columns;
    float gradients[(pooled + ROWS) * MIXED], d_best[(pooled + ROWS) * O];
    memcpy(gradients, dz, pooled * MIXED * sizeof *dz);
    for (size at = 0; at < pooled; at += ROWS)
        multiply(gradients + at * MIXED, w, d_best + at * O, MIXED, O);
    for (size row = 0; row < height; row++) {
        const float *here = y + row * width * O;
        if (row % 2 == 0 && row + 1 < height)
            pick_back(here, width, sign, d_best + row / 2 * columns * O, slope, constant,
                      dy + row * width * O);
        size left = row == height - 1 && height % 2 ? 0 : 2 * columns; /* the first not yet done */
        line_back(here + left * O, width - left, slope, constant, dy + (row * width + left) * O);
    }
}

/* Added up: of d_normed and d_normed * relu(x), and, for each place of a patch, its products with
   d_normed where x > 0, with relu(x), and with 1 where x > 0: what the first convolution's gradient
   is a sum of, as soon as the whole batch's norm is known. firsts: (PATCH, 3 * I) */
static void add_firsts(const float *patches, const float *x, const float *d_normed, size area,
                       double *sums, double *firsts) {
    float products[(PATCH + LINES) * 3 * I] = {0}; /* what is below PATCH is of no use */
    float values[4 * ROWS * 3 * I];
    for (size start = 0, n; start < area; start += n) {
        n = area - start < 4 * ROWS ? area - start : 4 * ROWS;
        for (int c = 0; c < I; c += LANES) {
            vec sum = {0}, with_relu = {0};
            for (size t = 0; t < n; t++) {
                vec value = load(x + (start + t) * I + c), rectified = relu(value);
                vec gradient = load(d_normed + (start + t) * I + c);
                float *at = values + t * 3 * I + c;
                store(at, only(value > 0, gradient));
                store(at + I, rectified);
                store(at + 2 * I, only(value > 0, (vec){0} + 1));
                sum += gradient;
                with_relu += gradient * rectified;
            }
            for (int lane = 0; lane < LANES; lane++)
                sums[c + lane] += sum[lane], sums[I + c + lane] += with_relu[lane];
        }
        multiply_tiles(patches + start * PATCH, values, n, products, PATCH, 3 * I);
    }
    for (int i = 0; i < FIRSTS; i++) firsts[i] += products[i];
}

/* From dz, w, slope and constant, as pool_back takes them: du (PARTS, 36 * I + 1, O), the parts of
   the second convolution's gradient, and what add_firsts adds up. ut: u transposed. */
void stage_backward(size count, size height, size width, const float *images, const float *kernel,
                    const float *scale, const float *offset, const float *y, const float *sign,
                    const float *dz, const float *w, const float *slope, const float *constant,
                    const float *ut, float *du, double *sums, double *firsts) {
    double parts[PARTS][2 * I] = {0}, first_parts[PARTS][FIRSTS] = {0};
    size area = height * width, pooled = (height / 2) * (width / 2);
    PARALLEL
    for (int part = 0; part < PARTS; part++) {
        float patches[(area + ROWS) * PATCH], x[(area + ROWS) * I];
        float normed[area * I], d_normed[area * I], dy[area * O];
        memset(patches, 0, sizeof patches);
        memset(du + part * GRADIENT, 0, GRADIENT * sizeof *du);
        for (size i = count * part / PARTS; i < count * (part + 1) / PARTS; i++) {
            first(height, width, images + i * area, kernel, patches, x);
            norm(x, area, scale, offset, normed);
            pool_back(height, width, y + i * area * O, sign, dz + i * pooled * MIXED, w, slope,
                      constant, dy);
            back_image(height, width, normed, dy, ut, d_normed, du + part * GRADIENT);
            add_firsts(patches, x, d_normed, area, parts[part], first_parts[part]);
        }
    }
    add(parts[0], 2 * I, sums);
    add(first_parts[0], FIRSTS, firsts);
}
