/* ReLU, batch norm and 2x2 max pooling of bfloat16 activations, channels last, in as few passes over
   memory as they can be had. What they compute, and when, is in fused.py.

   x, dx: (positions, C), as a convolution leaves them; y, dy: the same, or a quarter of the positions
   where they are pooled; which: the window's corner that was the largest, 0 to 3, in reading order. */

#ifndef C

#include <stdint.h>
#include <string.h>

typedef uint16_t bf16;

static inline float wide(bf16 x) {
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/* Rounded to nearest, ties to even. */
static inline bf16 narrow(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/* By the sign bit alone, so that what is not a number stays so. */
static inline float relu(bf16 x) { return wide(x & ~(bf16)((int16_t)x >> 15)); }

#define PARTS 64 /* sums are added up in this many parts, whatever the number of threads */
#define PASTE(a, b) a##_##b
#define WITH(a, b) PASTE(a, b)
#define FOR_CHANNELS for (int c = 0; c < C; c++)

#define C 16
#include __FILE__
#undef C
#define C 32
#include __FILE__

#else

static void WITH(add, C)(double parts[PARTS][2 * C], double *sums) {
    memset(sums, 0, 2 * C * sizeof *sums);
    for (int part = 0; part < PARTS; part++)
        for (int c = 0; c < 2 * C; c++) sums[c] += parts[part][c];
}

/* sums: of dy in each channel, then of dy * relu(x); without dy, of relu(x), then of its square. */
void WITH(sums, C)(const bf16 *restrict x, const bf16 *restrict dy, int64_t count,
                   double *restrict sums) {
    double parts[PARTS][2 * C];
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        double *mine = parts[part];
        memset(mine, 0, sizeof parts[part]);
        int64_t last = count * (part + 1) / PARTS;
        for (int64_t start = count * part / PARTS; start < last; start += 256) {
            float sum[C] = {0}, products[C] = {0};
            int64_t end = start + 256 < last ? start + 256 : last;
            for (int64_t i = start; i < end; i++)
                FOR_CHANNELS {
                    float value = relu(x[i * C + c]);
                    float factor = dy ? wide(dy[i * C + c]) : value;
                    sum[c] += factor;
                    products[c] += factor * value;
                }
            FOR_CHANNELS mine[c] += sum[c], mine[C + c] += products[c];
        }
    }
    WITH(add, C)(parts, sums);
}

/* y = scale * relu(x) + offset */
void WITH(norm, C)(const bf16 *restrict x, int64_t count, const float *restrict scale,
                   const float *restrict offset, bf16 *restrict y) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++)
        FOR_CHANNELS y[i * C + c] = narrow(scale[c] * relu(x[i * C + c]) + offset[c]);
}

/* y: the largest of each 2x2 window of that. rows: of windows. */
void WITH(norm_pool, C)(const bf16 *restrict x, int64_t rows, int64_t width,
                        const float *restrict scale, const float *restrict offset,
                        bf16 *restrict y, bf16 *restrict which) {
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        const bf16 *upper = x + row * 2 * width * C, *lower = upper + width * C;
        for (int64_t j = 0; j < width / 2; j++, upper += 2 * C, lower += 2 * C) {
            int64_t at = (row * (width / 2) + j) * C;
            FOR_CHANNELS {
                float a = scale[c] * relu(upper[c]), b = scale[c] * relu(upper[C + c]);
                float d = scale[c] * relu(lower[c]), e = scale[c] * relu(lower[C + c]);
                uint32_t above = b > a, below = e > d;
                a = b > a ? b : a;
                d = e > d ? e : d;
                which[at + c] = d > a ? 2 + below : above;
                y[at + c] = narrow((d > a ? d : a) + offset[c]);
            }
        }
    }
}

/* As sums, where y is pooled. */
void WITH(sums_pool, C)(const bf16 *restrict x, const bf16 *restrict dy,
                        const bf16 *restrict which, int64_t rows, int64_t width,
                        double *restrict sums) {
    double parts[PARTS][2 * C];
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        double *mine = parts[part];
        memset(mine, 0, sizeof parts[part]);
        for (int64_t row = rows * part / PARTS; row < rows * (part + 1) / PARTS; row++) {
            const bf16 *upper = x + row * 2 * width * C, *lower = upper + width * C;
            float sum[C] = {0}, products[C] = {0};
            for (int64_t j = 0; j < width / 2; j++, upper += 2 * C, lower += 2 * C) {
                int64_t at = (row * (width / 2) + j) * C;
                FOR_CHANNELS {
                    uint32_t corner = which[at + c];
                    float a = relu(upper[c]), b = relu(upper[C + c]);
                    float d = relu(lower[c]), e = relu(lower[C + c]);
                    float gradient = wide(dy[at + c]);
                    a = corner & 1 ? b : a;
                    d = corner & 1 ? e : d;
                    sum[c] += gradient;
                    products[c] += gradient * (corner & 2 ? d : a);
                }
            }
            FOR_CHANNELS mine[c] += sum[c], mine[C + c] += products[c];
        }
    }
    WITH(add, C)(parts, sums);
}

/* dx = scale * dy + slope * x + constant where x > 0, else 0 */
void WITH(back, C)(const bf16 *restrict x, const bf16 *restrict dy, int64_t count,
                   const float *restrict scale, const float *restrict slope,
                   const float *restrict constant, bf16 *restrict dx) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++)
        FOR_CHANNELS {
            float value = wide(x[i * C + c]), gradient = scale[c] * wide(dy[i * C + c]);
            gradient += slope[c] * value + constant[c];
            dx[i * C + c] = (int16_t)x[i * C + c] > 0 ? narrow(gradient) : 0;
        }
}

/* The same where y is pooled: dy goes to the corner that was the largest. */
void WITH(back_pool, C)(const bf16 *restrict x, const bf16 *restrict dy, const bf16 *restrict which,
                        int64_t rows, int64_t width, const float *restrict scale,
                        const float *restrict slope, const float *restrict constant,
                        bf16 *restrict dx) {
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++)
        for (uint32_t lower = 0; lower < 2; lower++)
            for (int64_t j = 0; j < width; j++) {
                uint32_t corner = 2 * lower + j % 2;
                int64_t at = ((row * 2 + lower) * width + j) * C;
                int64_t from = (row * (width / 2) + j / 2) * C;
                FOR_CHANNELS {
                    float value = wide(x[at + c]), gradient = scale[c] * wide(dy[from + c]);
                    gradient = which[from + c] == corner ? gradient : 0;
                    gradient += slope[c] * value + constant[c];
                    dx[at + c] = (int16_t)x[at + c] > 0 ? narrow(gradient) : 0;
                }
            }
}

#endif
