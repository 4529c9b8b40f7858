/* ReLU, batch norm and 2x2 max pooling of activations in bfloat16 or float32, channels last, in as
   few passes over memory as they can be had. What they compute, and when, is in relu_norm.py.

   x, dx: (count, height, width, C), as a convolution leaves them; y, dy: the same, or half the
   height and width, rounded down, where they are pooled; which: the window's corner that was the
   largest, 0 to 3, in reading order. The file includes itself once for each type and C. */

#ifndef C

#include <stdint.h>
#include <string.h>

typedef uint16_t bf16;
typedef float f32;

/* As wide as the activations, so that both make vectors of one length. */
typedef int16_t mark_bf16;
typedef int32_t mark_f32;

static inline float wide_bf16(bf16 x) {
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/* Rounded to nearest, ties to even. */
static inline bf16 narrow_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

static inline float wide_f32(f32 x) { return x; }
static inline f32 narrow_f32(float value) { return value; }

/* By the sign bit alone, so that what is not a number stays so. */
static inline float relu_bf16(bf16 x) { return wide_bf16(x & ~(bf16)((int16_t)x >> 15)); }
static inline float relu_f32(f32 x) {
    int32_t bits;
    memcpy(&bits, &x, 4);
    bits &= ~(bits >> 31);
    memcpy(&x, &bits, 4);
    return x;
}

static inline int positive_bf16(bf16 x) { return (int16_t)x > 0; }
static inline int positive_f32(f32 x) { return x > 0; }

#define PIECES (4 * PARTS) /* that sums are added up in, whatever the number of threads */
#define PASTE2(a, b) a##_##b
#define PASTE3(a, b, c) a##_##b##_##c
#define FOR(name, type) PASTE2(name, type)
#define WITH(name, type, channels) PASTE3(name, type, channels)
#define NAME(name) WITH(name, TYPE, C)
#define MARK FOR(mark, TYPE)
#define WIDE FOR(wide, TYPE)
#define NARROW FOR(narrow, TYPE)
#define RELU FOR(relu, TYPE)
#define POSITIVE FOR(positive, TYPE)
#define FOR_CHANNELS for (int c = 0; c < C; c++)

#define TYPE bf16
#define C 16
#include __FILE__
#undef C
#define C 32
#include __FILE__
#undef C
#define C 64
#include __FILE__
#undef C
#undef TYPE
#define TYPE f32
#define C 16
#include __FILE__
#undef C
#define C 32
#include __FILE__
#undef C
#define C 64
#include __FILE__

#else

static void NAME(add)(double parts[PIECES][2 * C], double *sums) {
    memset(sums, 0, 2 * C * sizeof *sums);
    for (int part = 0; part < PIECES; part++)
        for (int c = 0; c < 2 * C; c++) sums[c] += parts[part][c];
}

/* sums: of dy in each channel, then of dy * relu(x); without dy, of relu(x), then of its square. */
void NAME(sums)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                const TYPE *restrict dy, double *restrict sums) {
    double parts[PIECES][2 * C];
    int64_t positions = count * height * width;
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PIECES; part++) {
        double *mine = parts[part];
        memset(mine, 0, sizeof parts[part]);
        int64_t last = positions * (part + 1) / PIECES;
        for (int64_t start = positions * part / PIECES; start < last; start += 256) {
            float sum[C] = {0}, products[C] = {0};
            int64_t end = start + 256 < last ? start + 256 : last;
            for (int64_t i = start; i < end; i++)
                FOR_CHANNELS {
                    float value = RELU(x[i * C + c]);
                    float factor = dy ? WIDE(dy[i * C + c]) : value;
                    sum[c] += factor;
                    products[c] += factor * value;
                }
            FOR_CHANNELS mine[c] += sum[c], mine[C + c] += products[c];
        }
    }
    NAME(add)(parts, sums);
}

/* y = scale * relu(x) + offset */
void NAME(norm)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                const float *restrict scale, const float *restrict offset, TYPE *restrict y) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count * height * width; i++)
        FOR_CHANNELS y[i * C + c] = NARROW(scale[c] * RELU(x[i * C + c]) + offset[c]);
}

/* y: the largest of each 2x2 window of that. */
void NAME(norm_pool)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                     const float *restrict scale, const float *restrict offset, TYPE *restrict y,
                     MARK *restrict which) {
    int64_t rows = height / 2, columns = width / 2;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < count * rows; row++) {
        const TYPE *upper = x + (row / rows * height + row % rows * 2) * width * C;
        const TYPE *lower = upper + width * C;
        for (int64_t j = 0; j < columns; j++, upper += 2 * C, lower += 2 * C) {
            int64_t at = (row * columns + j) * C;
            FOR_CHANNELS {
                float a = scale[c] * RELU(upper[c]), b = scale[c] * RELU(upper[C + c]);
                float d = scale[c] * RELU(lower[c]), e = scale[c] * RELU(lower[C + c]);
                int32_t above = b > a, below = e > d;
                a = b > a ? b : a;
                d = e > d ? e : d;
                which[at + c] = d > a ? 2 + below : above;
                y[at + c] = NARROW((d > a ? d : a) + offset[c]);
            }
        }
    }
}

/* As sums, where y is pooled. */
void NAME(sums_pool)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                     const TYPE *restrict dy, const MARK *restrict which, double *restrict sums) {
    double parts[PIECES][2 * C];
    int64_t rows = height / 2, columns = width / 2;
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PIECES; part++) {
        double *mine = parts[part];
        memset(mine, 0, sizeof parts[part]);
        int64_t last = count * rows * (part + 1) / PIECES;
        for (int64_t row = count * rows * part / PIECES; row < last; row++) {
            const TYPE *upper = x + (row / rows * height + row % rows * 2) * width * C;
            const TYPE *lower = upper + width * C;
            float sum[C] = {0}, products[C] = {0};
            for (int64_t j = 0; j < columns; j++, upper += 2 * C, lower += 2 * C) {
                int64_t at = (row * columns + j) * C;
                FOR_CHANNELS {
                    int32_t corner = which[at + c];
                    float a = RELU(upper[c]), b = RELU(upper[C + c]);
                    float d = RELU(lower[c]), e = RELU(lower[C + c]);
                    float gradient = WIDE(dy[at + c]);
                    a = corner & 1 ? b : a;
                    d = corner & 1 ? e : d;
                    sum[c] += gradient;
                    products[c] += gradient * (corner & 2 ? d : a);
                }
            }
            FOR_CHANNELS mine[c] += sum[c], mine[C + c] += products[c];
        }
    }
    NAME(add)(parts, sums);
}

/* dx = scale * dy + slope * x + constant where x > 0, else 0 */
void NAME(back)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                const TYPE *restrict dy, const float *restrict scale, const float *restrict slope,
                const float *restrict constant, TYPE *restrict dx) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count * height * width; i++)
        FOR_CHANNELS {
            float value = WIDE(x[i * C + c]), gradient = scale[c] * WIDE(dy[i * C + c]);
            gradient += slope[c] * value + constant[c];
            dx[i * C + c] = POSITIVE(x[i * C + c]) ? NARROW(gradient) : 0;
        }
}

/* The same where y is pooled: dy goes to the corner that was the largest. */
void NAME(back_pool)(int64_t count, int64_t height, int64_t width, const TYPE *restrict x,
                     const TYPE *restrict dy, const MARK *restrict which,
                     const float *restrict scale, const float *restrict slope,
                     const float *restrict constant, TYPE *restrict dx) {
    int64_t rows = height / 2, columns = width / 2;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < count * height; row++)
        for (int64_t i = row % height, j = 0; j < width; j++) {
            int32_t corner = 2 * (i % 2) + j % 2;
            int64_t at = (row * width + j) * C;
            int64_t from = ((row / height * rows + i / 2) * columns + j / 2) * C;
            int pooled = i / 2 < rows && j / 2 < columns; /* an odd last row or column is not */
            FOR_CHANNELS {
                float gradient = slope[c] * WIDE(x[at + c]) + constant[c];
                if (pooled && which[from + c] == corner) gradient += scale[c] * WIDE(dy[from + c]);
                dx[at + c] = POSITIVE(x[at + c]) ? NARROW(gradient) : 0;
            }
        }
}

#endif
