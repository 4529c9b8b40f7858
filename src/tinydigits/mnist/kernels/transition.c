/* ReLU, batch norm and 1x1 convolution from 32 channels to 8 as one product of matrices, for a norm
   is a line, and a line's convolution is another's. Where, and the rest of it, is in transition.py.

   x: (positions, 32), before ReLU; z: (positions, 8). */

#include "products.h"

#define I 32
#define O 8
#define BLOCK (16 * ROWS) /* positions at once: what they need stays in the cache */
#define SUMS (O * I + O)

typedef int64_t size;

static size rectified(const float *x, size start, size end, float *values) {
    size n = end - start < BLOCK ? end - start : BLOCK;
    for (size i = 0; i < n * I; i += LANES) store(values + i, relu(load(x + start * I + i)));
    return n;
}

/* z = relu(x) * u + bias; u: (I, O) */
void transition(size positions, const float *x, const float *u, const float *bias, float *z) {
#pragma omp parallel for schedule(static)
    for (size start = 0; start < positions; start += BLOCK) {
        float values[BLOCK * I], products[BLOCK * O];
        size n = rectified(x, start, positions, values);
        for (size t = 0; t < n; t += ROWS)
            multiply(values + t * I, u, products + t * O, I, O);
        for (size t = 0; t < n; t++)
            for (int o = 0; o < O; o += LANES)
                store(z + (start + t) * O + o, load(products + t * O + o) + load(bias + o));
    }
}

/* sums: of dz * relu(x), (O, I), and after them of dz, (O) */
void transition_sums(size positions, const float *x, const float *dz, double *sums) {
    double parts[PARTS][SUMS] = {0};
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        size end = positions * (part + 1) / PARTS;
        for (size start = positions * part / PARTS, n; start < end; start += n) {
            float values[BLOCK * I], some[SUMS] = {0};
            n = rectified(x, start, end, values);
            multiply_tiles(dz + start * O, values, n, some, O, I);
            for (size t = 0; t < n; t++)
                for (int o = 0; o < O; o++) some[O * I + o] += dz[(start + t) * O + o];
            for (int i = 0; i < SUMS; i++) parts[part][i] += some[i];
        }
    }
    memset(sums, 0, SUMS * sizeof *sums);
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < SUMS; i++) sums[i] += parts[part][i];
}

/* dx = dz * w + slope * x + constant where x > 0, else 0; w: (O, I) */
void transition_back(size positions, const float *x, const float *dz, const float *w,
                     const float *slope, const float *constant, float *dx) {
#pragma omp parallel for schedule(static)
    for (size start = 0; start < positions; start += BLOCK) {
        float gradients[BLOCK * O], products[BLOCK * I];
        size n = positions - start < BLOCK ? positions - start : BLOCK;
        memcpy(gradients, dz + start * O, n * O * sizeof *dz);
        for (size t = 0; t < n; t += ROWS)
            multiply(gradients + t * O, w, products + t * I, O, I);
        for (size t = 0; t < n; t++)
            for (int c = 0; c < I; c += LANES) {
                vec value = load(x + (start + t) * I + c);
                vec line = load(slope + c) * value + load(constant + c);
                store(dx + (start + t) * I + c, only(value > 0, load(products + t * I + c) + line));
            }
    }
}
