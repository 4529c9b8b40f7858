/* A network of few channels, in float32, with a batch's images side by side in the vectors. When,
   and what for, is in narrow.py.

   LANES images are a group. A group's maps: (channels, height, width, LANES); those that a padded
   convolution reads have a border of zeros around each map. A block is a convolution to y, with
   ReLU or without, and z, which is y, or y normed and pooled. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#if defined __AVX512F__ /* outputs and positions whose sums registers hold */
#define OUTPUTS 4
#define WIDE 4
#else
#define OUTPUTS 2
#define WIDE 2
#endif
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

typedef struct { /* sizes, and where in the arrays a block's values are */
    int64_t I, O, K, padding;      /* of the convolution: weights (O, I, K, K), and zeros around x */
    int64_t parts;                 /* 1; or O, which is I then: each map by itself, (O, 1, K, K) */
    int64_t height, width;         /* of y */
    int64_t rectify, norm, pool;   /* what follows the convolution; pool is of 2x2, and after norm */
    int64_t border;                /* of zeros around z, and around y where that is z */
    int64_t x, y, z;               /* in the activations */
    int64_t weights, channels;     /* in the parameters, in the norms */
} Block;

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t marks __attribute__((vector_size(4 * LANES)));

INLINE lanes load(const float *x) { return *(const lanes *)x; }
INLINE void store(float *x, lanes value) { *(lanes *)x = value; }
INLINE lanes only(marks counts, lanes x) { return (lanes)((marks)x & counts); }
INLINE lanes larger(lanes a, lanes b) {
    marks first = a > b;
    return (lanes)(((marks)a & first) | ((marks)b & ~first));
}
/* By the sign bit alone, so that what is not a number stays so. */
INLINE lanes relu(lanes x) { return (lanes)((marks)x & ~((marks)x >> 31)); }

INLINE double total(lanes x) {
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += x[i];
    return sum;
}

/* O outputs at P positions beside each other; plane and row: floats from one map, or row, of x to
   the next. bias may be null. */
INLINE void outputs_at(const float *x, int64_t plane, int64_t row, int64_t I, int K,
                       const float *weight, const float *bias, float *y, int64_t y_plane,
                       int rectify, int O, int P) {
    lanes sums[OUTPUTS][WIDE], in[WIDE + 2];
    UNROLL for (int o = 0; o < O; o++)
        UNROLL for (int p = 0; p < P; p++) sums[o][p] = (lanes){0} + (bias ? bias[o] : 0);
    for (int64_t i = 0; i < I; i++)
        for (int r = 0; r < K; r++) {
            const float *from = x + i * plane + r * row, *w = weight + (i * K + r) * K;
            UNROLL for (int j = 0; j < P + K - 1; j++) in[j] = load(from + j * LANES);
            UNROLL for (int k = 0; k < K; k++)
                UNROLL for (int o = 0; o < O; o++)
                    UNROLL for (int p = 0; p < P; p++) sums[o][p] += w[o * I * K * K + k] * in[p + k];
        }
    UNROLL for (int o = 0; o < O; o++)
        UNROLL for (int p = 0; p < P; p++)
            store(y + o * y_plane + p * LANES, rectify ? relu(sums[o][p]) : sums[o][p]);
}

/* A row of O outputs, width positions of it. */
INLINE void outputs_row(const float *x, int64_t plane, int64_t row, int64_t I, int K,
                        const float *weight, const float *bias, float *y, int64_t y_plane,
                        int64_t width, int rectify, int O) {
    int64_t p = 0;
#define AT(P)                                                                                  \
    outputs_at(x + p * LANES, plane, row, I, K, weight, bias, y + p * LANES, y_plane, rectify, O, P)
    for (; p + WIDE <= width; p += WIDE) AT(WIDE);
    if (WIDE > 2 && p + 2 <= width) AT(2), p += 2;
    if (p < width) AT(1);
#undef AT
}

/* x (I, height + K - 1, width + K - 1) -> y (O, height, width), which lies in y_row, y_plane. */
INLINE void convolve(const float *x, int64_t I, int K, const float *weight, const float *bias,
                     float *y, int64_t y_plane, int64_t y_row, int64_t O, int64_t height,
                     int64_t width, int rectify) {
    int64_t row = (width + K - 1) * LANES, plane = (height + K - 1) * row;
    for (int64_t o = 0, some; o < O; o += some) {
        some = O - o < OUTPUTS ? O - o : OUTPUTS;
        const float *w = weight + o * I * K * K, *b = bias ? bias + o : 0;
        for (int64_t i = 0; i < height; i++) {
            const float *from = x + i * row;
            float *to = y + o * y_plane + i * y_row;
#define ROW(n) outputs_row(from, plane, row, I, K, w, b, to, y_plane, width, rectify, n)
            if (some == 1) ROW(1);
            else if (some == 2) ROW(2);
            else if (some == 3) ROW(OUTPUTS < 3 ? OUTPUTS : 3);
            else ROW(OUTPUTS);
#undef ROW
        }
    }
}

/* Of y (height, width): sums[0] of its values, sums[O] of their squares. */
static void add_up(const float *y, int64_t row, int64_t O, int64_t height, int64_t width,
                   double *sums) {
    lanes sum = {0}, squares = {0};
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++) {
            lanes value = load(y + i * row + j * LANES);
            sum += value, squares += value * value;
        }
    sums[0] = total(sum), sums[O] = total(squares);
}

/* sign * y, or of a window of y's the one that the line makes largest: the least where it falls. */
INLINE lanes best_of(const float *y, int64_t row, lanes sign, int64_t pool) {
    if (!pool) return sign * load(y);
    lanes above = larger(sign * load(y), sign * load(y + LANES));
    return larger(above, larger(sign * load(y + row), sign * load(y + row + LANES)));
}

INLINE lanes sign_of(float scale) { return (lanes){0} + (scale < 0 ? -1.f : 1.f); }

/* dy = scale * dz + slope * y + constant, where ReLU, if it is rectified, lets it through; dz goes
   to the first of a window's largest. */
INLINE void through_line(const float *y, int64_t y_row, const float *dz, int64_t height,
                         int64_t width, int pool, int rectified, float scale, float slope,
                         float constant, float *dy, int64_t row) {
    lanes sign = sign_of(scale);
    for (int64_t i = 0; i < height >> pool; i++)
        for (int64_t j = 0; j < width >> pool; j++) {
            lanes gradient = scale * load(dz + (i * (width >> pool) + j) * LANES);
            int64_t at = (i << pool) * y_row + (j << pool) * LANES;
            int64_t to = (i << pool) * row + (j << pool) * LANES;
            lanes best = best_of(y + at, y_row, sign, pool);
            marks left = ~(marks){0};
            for (int corner = 0; corner < (pool ? 4 : 1); corner++) {
                lanes value = load(y + at + corner / 2 * y_row + corner % 2 * LANES);
                lanes change = slope * value + constant;
                if (pool) {
                    marks is_best = (sign * value == best) & left;
                    change += only(is_best, gradient), left &= ~is_best;
                } else
                    change += gradient;
                if (rectified) change = only(value > 0, change);
                store(dy + to + corner / 2 * row + corner % 2 * LANES, change);
            }
        }
}

/* d (O, I, K, K, LANES) += the gradient of the weights, in row r of the kernel, for one input */
INLINE void weights_at(const float *x, int64_t row, const float *dy, int64_t dy_plane,
                       int64_t dy_row, int64_t height, int64_t width, int64_t I, int K, float *d,
                       int O) {
    lanes sums[OUTPUTS][3];
    UNROLL for (int o = 0; o < O; o++)
        UNROLL for (int k = 0; k < K; k++) sums[o][k] = load(d + (o * I * K * K + k) * LANES);
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++) {
            lanes in[3];
            UNROLL for (int k = 0; k < K; k++) in[k] = load(x + i * row + (j + k) * LANES);
            UNROLL for (int o = 0; o < O; o++) {
                lanes gradient = load(dy + o * dy_plane + i * dy_row + j * LANES);
                UNROLL for (int k = 0; k < K; k++) sums[o][k] += gradient * in[k];
            }
        }
    UNROLL for (int o = 0; o < O; o++)
        UNROLL for (int k = 0; k < K; k++) store(d + (o * I * K * K + k) * LANES, sums[o][k]);
}

INLINE void weights(const float *x, const float *dy, int64_t dy_plane, int64_t dy_row, int64_t I,
                    int64_t O, int K, int64_t height, int64_t width, float *d) {
    int64_t row = (width + K - 1) * LANES, plane = (height + K - 1) * row;
    for (int64_t o = 0, some; o < O; o += some) {
        some = O - o < OUTPUTS ? O - o : OUTPUTS;
        for (int64_t i = 0; i < I; i++)
            for (int r = 0; r < K; r++) {
                const float *from = x + i * plane + r * row, *gradient = dy + o * dy_plane;
                float *to = d + ((o * I + i) * K + r) * K * LANES;
#define SOME(n) weights_at(from, row, gradient, dy_plane, dy_row, height, width, I, K, to, n)
                if (some == 1) SOME(1);
                else if (some == 2) SOME(2);
                else if (some == 3) SOME(OUTPUTS < 3 ? OUTPUTS : 3);
                else SOME(OUTPUTS);
#undef SOME
            }
    }
}

/* Floats from one row of y, or of z, to the next; from one map to the next; and of a group's x. */
INLINE int64_t row_of(const Block *b) { return (b->width + 2 * b->border * !b->norm) * LANES; }
INLINE int64_t plane_of(const Block *b) { return (b->height + 2 * b->border * !b->norm) * row_of(b); }
INLINE int64_t z_row_of(const Block *b) { return ((b->width >> b->pool) + 2 * b->border) * LANES; }
INLINE int64_t z_plane_of(const Block *b) {
    return ((b->height >> b->pool) + 2 * b->border) * z_row_of(b);
}
INLINE int64_t x_plane_of(const Block *b) {
    return (b->height + b->K - 1) * (b->width + b->K - 1) * LANES;
}
INLINE int64_t x_size(const Block *b) { return b->I * x_plane_of(b); }
INLINE int64_t kernel_size(const Block *b) { return b->O * b->I / b->parts * b->K * b->K; }

/* images (groups * LANES, height, width) -> x, with a border of zeros */
static void enter(int64_t groups, const Block *b, const float *images, float *x) {
    int64_t high = b->height + b->K - 1, wide = b->width + b->K - 1;
    int64_t height = high - 2 * b->padding, width = wide - 2 * b->padding;
#pragma omp parallel for schedule(static)
    for (int64_t g = 0; g < groups; g++) {
        float *mine = x + g * high * wide * LANES;
        if (b->padding) memset(mine, 0, high * wide * LANES * sizeof *x);
        mine += b->padding * (wide + 1) * LANES;
        for (int64_t i = 0; i < height; i++)
            for (int64_t j = 0; j < width; j++)
                for (int64_t n = 0; n < LANES; n++)
                    mine[(i * wide + j) * LANES + n] =
                        images[((g * LANES + n) * height + i) * width + j];
    }
}

/* y; and sums (groups, 2, O): of y and of its squares, if it is to be normed */
static void convolve_all(int64_t groups, const Block *b, const float *parameters, float *space,
                         double *sums) {
    int64_t row = row_of(b), plane = plane_of(b), border = b->norm ? 0 : b->border;
    const float *weight = parameters + b->weights, *bias = weight + kernel_size(b);
#pragma omp parallel for schedule(static)
    for (int64_t g = 0; g < groups; g++) {
        const float *x = space + b->x + g * x_size(b);
        float *y = space + b->y + g * b->O * plane, *inner = y + border * (row + LANES);
        if (border) memset(y, 0, b->O * plane * sizeof *y);
        for (int64_t p = 0; p < b->parts; p++) {
            const float *from = x + p * x_plane_of(b), *w = weight + p * b->K * b->K;
#define CONVOLVE(K)                                                                             \
    convolve(from, b->I / b->parts, K, w, bias + p, inner + p * plane, plane, row, b->O / b->parts, \
             b->height, b->width, b->rectify)
            b->K == 1 ? CONVOLVE(1) : CONVOLVE(3);
#undef CONVOLVE
        }
        for (int64_t o = 0; b->norm && o < b->O; o++)
            add_up(inner + o * plane, row, b->O, b->height, b->width, sums + g * 2 * b->O + o);
    }
}

/* sums[0] = sum over groups of sums (groups, size) */
static void add_groups(int64_t groups, int64_t size, double *sums) {
    for (int64_t g = 1; g < groups; g++)
        for (int64_t i = 0; i < size; i++) sums[i] += sums[g * size + i];
}

/* A channel's norm as a line: z = scale * y + offset */
typedef struct {
    double mean, variance, inverse_std, scale, offset;
} Line;

static void find_lines(int64_t positions, const Block *b, const float *parameters, double eps,
                       const double *sums, Line *lines) {
    const float *weight = parameters + b->weights + kernel_size(b) + b->O, *bias = weight + b->O;
    for (int64_t o = 0; o < b->O; o++) {
        double mean = sums[o] / positions, variance = sums[b->O + o] / positions - mean * mean;
        double inverse_std = 1 / __builtin_sqrt(variance + eps), scale = weight[o] * inverse_std;
        lines[o] = (Line){mean, variance, inverse_std, scale, bias[o] - scale * mean};
    }
}

/* z from y, with a border of zeros */
static void norm_all(int64_t groups, const Block *b, const Line *lines, float *space) {
    int64_t row = z_row_of(b), plane = z_plane_of(b), y_row = row_of(b);
#pragma omp parallel for schedule(static)
    for (int64_t map = 0; map < groups * b->O; map++) {
        float *z = space + b->z + map * plane, *inner = z + b->border * (row + LANES);
        const float *y = space + b->y + map * plane_of(b);
        if (b->border) memset(z, 0, plane * sizeof *z);
        float scale = lines[map % b->O].scale, offset = lines[map % b->O].offset;
        lanes sign = sign_of(scale), by = sign * scale;
        for (int64_t i = 0; i < b->height >> b->pool; i++)
            for (int64_t j = 0; j < b->width >> b->pool; j++) {
                const float *at = y + (i << b->pool) * y_row + (j << b->pool) * LANES;
                store(inner + i * row + j * LANES, by * best_of(at, y_row, sign, b->pool) + offset);
            }
    }
}

/* images: (groups * LANES, height, width); eps: of each block's norm; norms: of all channels;
   means: (groups * LANES, O), of the last block's maps, which have no border */
void narrow_forward(int64_t blocks, int64_t groups, int64_t height, int64_t width, int64_t size,
                    int64_t channels, int64_t activations, int64_t outputs, const Block *plan,
                    const float *images, const float *parameters, const double *eps, Line *norms,
                    float *space, float *means) {
    double *sums = malloc(groups * 2 * channels * sizeof *sums);
    enter(groups, plan, images, space + plan->x);
    for (const Block *b = plan; b < plan + blocks; b++) {
        Line *lines = norms + b->channels;
        convolve_all(groups, b, parameters, space, sums);
        for (int64_t o = 0; o < b->O; o++) lines[o] = (Line){0, 0, 1, 1, 0};
        if (!b->norm) continue;
        add_groups(groups, 2 * b->O, sums);
        find_lines(groups * LANES * b->height * b->width, b, parameters, eps[b - plan], sums, lines);
        norm_all(groups, b, lines, space);
    }
    free(sums);
    const Block *last = plan + blocks - 1;
    int64_t positions = (last->height >> last->pool) * (last->width >> last->pool);
    for (int64_t map = 0; map < groups * outputs; map++) {
        lanes sum = {0};
        for (int64_t i = 0; i < positions; i++)
            sum += load(space + last->z + (map * positions + i) * LANES);
        for (int64_t n = 0; n < LANES; n++)
            means[(map / outputs * LANES + n) * outputs + map % outputs] = sum[n] / positions;
    }
}

/* sums (groups, 2, O): of dz, and of dz times the y that it belongs to */
static void gradient_sums(int64_t groups, const Block *b, const Line *lines, const float *space,
                          const float *dz, double *sums) {
    int64_t high = b->height >> b->pool, wide = b->width >> b->pool, y_row = row_of(b);
#pragma omp parallel for schedule(static)
    for (int64_t map = 0; map < groups * b->O; map++) {
        const float *y = space + b->y + map * plane_of(b);
        lanes sign = sign_of(lines[map % b->O].scale), sum = {0}, products = {0};
        for (int64_t i = 0; i < high; i++)
            for (int64_t j = 0; j < wide; j++) {
                const float *at = y + (i << b->pool) * y_row + (j << b->pool) * LANES;
                lanes gradient = load(dz + ((map * high + i) * wide + j) * LANES);
                sum += gradient, products += gradient * best_of(at, y_row, sign, b->pool);
            }
        double *mine = sums + map / b->O * 2 * b->O + map % b->O;
        mine[0] = total(sum), mine[b->O] = total(sign * products);
    }
}

/* dy = scale * dz + slope * y + constant */
typedef struct {
    float scale, slope, constant;
} Back;

/* The gradients of a norm's weights and biases (2, O), and what comes back through it; without a
   norm sums is null, and all comes back. */
static void find_back(int64_t positions, const Block *b, const Line *lines, const double *sums,
                      float *gradients, Back *back) {
    for (int64_t o = 0; o < b->O; o++) {
        back[o] = (Back){1, 0, 0};
        if (!b->norm) continue;
        const Line *l = lines + o;
        double d_bias = sums[o], d_weight = (sums[b->O + o] - l->mean * d_bias) * l->inverse_std;
        double slope = -l->scale * l->inverse_std * d_weight / positions;
        gradients[o] = d_weight, gradients[b->O + o] = d_bias;
        back[o] = (Back){l->scale, slope, -l->scale * d_bias / positions - slope * l->mean};
    }
}

/* turned (I, O, K, K), or (O, 1, K, K): the weights from outputs to inputs */
static void turn(const Block *b, const float *weight, float *turned) {
    int64_t area = b->K * b->K, I = b->I / b->parts, O = b->O / b->parts;
    for (int64_t p = 0; p < b->parts; p++, weight += area, turned += area)
        for (int64_t o = 0; o < O; o++)
            for (int64_t i = 0; i < I; i++)
                for (int64_t k = 0; k < area; k++)
                    turned[(i * O + o) * area + area - 1 - k] = weight[(o * I + i) * area + k];
}

/* dz of a group -> the gradient of its y, with room for a border, whose sums are added to those of
   the biases (O, LANES) */
static void to_outputs(const Block *b, const float *y, const float *dz, const Back *back, float *dy,
                       int64_t row, int64_t plane, float *biases) {
    int64_t y_row = row_of(b), size = (b->height >> b->pool) * (b->width >> b->pool) * LANES;
    if (!b->norm) y += b->border * (y_row + LANES);
    for (int64_t o = 0; o < b->O; o++, y += plane_of(b), dz += size, dy += plane) {
#define LINE(pooled, rectified)                                                                    \
    through_line(y, y_row, dz, b->height, b->width, pooled, rectified, back[o].scale,              \
                 back[o].slope, back[o].constant, dy, row)
        if (b->pool) LINE(1, 1);
        else if (b->rectify) LINE(0, 1);
        else LINE(0, 0);
#undef LINE
        lanes sum = load(biases + o * LANES);
        for (int64_t i = 0; i < b->height; i++)
            for (int64_t j = 0; j < b->width; j++) sum += load(dy + i * row + j * LANES);
        store(biases + o * LANES, sum);
    }
}

/* From dz to dx, if that is not null, and d (PARTS, O * I * K * K + O, LANES), whose sum is the
   gradient of weights and biases. */
static void back_all(int64_t groups, const Block *b, const float *space, const float *dz,
                     const Back *back, const float *turned, float *dx, float *d) {
    int64_t edge = b->K - 1 - b->padding; /* so that a convolution of dy is as large as x inside */
    int64_t row = (b->width + 2 * edge) * LANES, plane = (b->height + 2 * edge) * row;
    int64_t high = b->height + b->K - 1 - 2 * b->padding;
    int64_t wide = b->width + b->K - 1 - 2 * b->padding, size = kernel_size(b) + b->O;
#pragma omp parallel for schedule(static)
    for (int64_t part = 0; part < PARTS; part++) {
        float *dy = calloc(b->O * plane, sizeof *dy), *inner = dy + edge * (row + LANES);
        float *mine = d + part * size * LANES;
        memset(mine, 0, size * LANES * sizeof *d);
        for (int64_t g = groups * part / PARTS; g < groups * (part + 1) / PARTS; g++) {
            const float *y = space + b->y + g * b->O * plane_of(b), *x = space + b->x + g * x_size(b);
            const float *from = dz + g * b->O * (b->height >> b->pool) * (b->width >> b->pool) * LANES;
            to_outputs(b, y, from, back, inner, row, plane, mine + kernel_size(b) * LANES);
            float *to = dx + g * b->I * high * wide * LANES;
            for (int64_t p = 0; p < b->parts; p++) {
                int64_t I = b->I / b->parts, O = b->O / b->parts, at = p * b->K * b->K;
#define BACK(K)                                                                                   \
    weights(x + p * x_plane_of(b), inner + p * plane, plane, row, I, O, K, b->height, b->width,   \
            mine + at * LANES);                                                                   \
    if (dx)                                                                                       \
    convolve(dy + p * plane, O, K, turned + at, 0, to + p * high * wide * LANES,                  \
             high * wide * LANES, wide * LANES, I, high, wide, 0)
                if (b->K == 1) {
                    BACK(1);
                } else {
                    BACK(3);
                }
#undef BACK
            }
        }
        free(dy);
    }
}

/* gradients: of the parameters, from that of the means; one and other: as large as the largest z of
   all, without borders; d: PARTS * LANES times the largest weights and biases of a block */
void narrow_backward(int64_t blocks, int64_t groups, int64_t size, int64_t channels,
                     int64_t activations, int64_t outputs, int64_t largest, int64_t most,
                     const Block *plan, const float *parameters, const Line *norms,
                     const float *space, const float *d_means, float *one, float *other, float *d,
                     float *gradients) {
    double *sums = malloc(groups * 2 * channels * sizeof *sums);
    Back *back = malloc(channels * sizeof *back);
    float *turned = malloc(size * sizeof *turned);
    const Block *last = plan + blocks - 1;
    int64_t positions = (last->height >> last->pool) * (last->width >> last->pool);
    for (int64_t map = 0; map < groups * outputs; map++)
        for (int64_t n = 0; n < LANES; n++) {
            float mean = d_means[(map / outputs * LANES + n) * outputs + map % outputs] / positions;
            for (int64_t i = 0; i < positions; i++) one[(map * positions + i) * LANES + n] = mean;
        }
    for (const Block *b = last; b >= plan; b--) {
        const Line *lines = norms + b->channels;
        float *to = gradients + b->weights, *dx = b == plan ? 0 : other;
        if (b->norm) gradient_sums(groups, b, lines, space, one, sums);
        if (b->norm) add_groups(groups, 2 * b->O, sums);
        int64_t values = groups * LANES * b->height * b->width, count = kernel_size(b) + b->O;
        find_back(values, b, lines, sums, to + count, back);
        turn(b, parameters + b->weights, turned);
        back_all(groups, b, space, one, back, turned, dx, d);
        for (int64_t i = 0; i < count; i++) {
            lanes sum = load(d + i * LANES);
            for (int64_t part = 1; part < PARTS; part++) sum += load(d + (part * count + i) * LANES);
            to[i] = total(sum);
        }
        other = one, one = dx;
    }
    free(sums), free(back), free(turned);
}
