/* 3x3 convolutions in float32, channels last, with a quarter of the multiplications: Winograd's
   minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast algorithms for convolutional neural
   networks", 2016, sections 4.1 and 4.3). When, and what for, is in convolution.py.

   A tile is 4x4 outputs, made of 6x6 inputs that are transformed to 36 values; at each of the 36
   places the channels are multiplied by a matrix of their own, which is a product of matrices over
   many tiles. x: (count, height, width, I), y: (count, high, wide, O), u: (36, I, O). */

#include "products.h"

#define TILES 24 /* that are multiplied at once: what they need stays in the cache */
#define PLANE(channels) (TILES * (channels) + 16) /* the 16 keep planes apart in the cache */
typedef struct {
    int64_t count, height, width, pad; /* of the input */
    int64_t high, wide;                /* of the output */
    int64_t rows, columns;             /* of tiles in an image */
} Sizes;

INLINE Sizes sizes_of(int64_t count, int64_t height, int64_t width, int64_t pad) {
    int64_t high = height + 2 * pad - 2, wide = width + 2 * pad - 2;
    return (Sizes){count, height, width, pad, high, wide, (high + 3) / 4, (wide + 3) / 4};
}

/* A kernel's three values -> six: the paper's G. */
INLINE void spread_kernel(const vec *g, vec *out) {
    vec a = (g[0] + g[2]) * (-1 / 6.f), b = g[1] * (1 / 6.f);
    vec c = g[0] * (1 / 24.f) + g[2] * (1 / 6.f), d = g[1] * (1 / 12.f);
    out[0] = g[0] * (1 / 4.f);
    out[1] = a - b;
    out[2] = a + b;
    out[3] = c + d;
    out[4] = c - d;
    out[5] = g[2];
}

/* Six values' gradients -> a kernel's three: its G transposed. */
INLINE void gather_kernel(const vec *m, vec *out) {
    vec a = (m[1] + m[2]) * (1 / 6.f), b = m[3] + m[4];
    out[0] = m[0] * (1 / 4.f) - a + b * (1 / 24.f);
    out[1] = (m[2] - m[1]) * (1 / 6.f) + (m[3] - m[4]) * (1 / 12.f);
    out[2] = m[5] - a + b * (1 / 6.f);
}

/* Six inputs -> six: the paper's B transposed. */
INLINE void spread_inputs(const vec *d, vec *out) {
    vec a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    out[0] = 4 * d[0] - 5 * d[2] + d[4];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + e;
    out[4] = c - e;
    out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/* Four outputs' gradients -> six: its A. */
INLINE void spread_gradients(const vec *d, vec *out) {
    vec a = d[0] + d[2], b = d[1] + d[3], c = d[0] + 4 * d[2], e = 2 * d[1] + 8 * d[3];
    out[0] = d[0];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + e;
    out[4] = c - e;
    out[5] = d[3];
}

/* Six values, `step` floats apart -> four outputs: its A transposed. */
INLINE void gather(const float *m, int step, vec *out) {
    vec p = load(m + step), q = load(m + 2 * step), r = load(m + 3 * step), s = load(m + 4 * step);
    vec a = p + q, b = p - q, c = r + s, d = r - s;
    out[0] = load(m) + a + c;
    out[1] = b + 2 * d;
    out[2] = a + 4 * c;
    out[3] = b + 8 * d + load(m + 5 * step);
}

/* Six values' gradients, `step` floats apart -> six inputs': its B. */
INLINE void gather_inputs(const float *m, int step, vec *out) {
    vec p = load(m + step), q = load(m + 2 * step), r = load(m + 3 * step), s = load(m + 4 * step);
    vec a = p + q, b = q - p, c = r + s, d = 2 * (s - r), start = load(m), end = load(m + 5 * step);
    out[0] = 4 * start;
    out[1] = 4 * (b + end) + d;
    out[2] = -5 * start - 4 * a - c;
    out[3] = -b - d - 5 * end;
    out[4] = start + a + c;
    out[5] = end;
}

/* v[36][PLANE(C)]: tiles first .. first + n - 1 of x (height, width), or of dy, transformed. */
INLINE void spread(const float *x, Sizes s, int64_t first, int n, float *v, int C, int gradients) {
    int64_t height = gradients ? s.high : s.height, width = gradients ? s.wide : s.width;
    int64_t pad = gradients ? 0 : s.pad;
    int side = gradients ? 4 : 6;
    for (int done = 0, some; done < n; done += some) { /* tiles beside each other in one image */
        int64_t column = (first + done) % s.columns, row = (first + done) / s.columns % s.rows;
        int64_t image = (first + done) / s.columns / s.rows;
        some = n - done < s.columns - column ? n - done : s.columns - column;
        for (int c = 0; c < C; c += LANES) {
            vec down[4 * TILES + 2][6], in[6], out[6];
            for (int j = 0; j < 4 * (some - 1) + side; j++) {
                int64_t across = 4 * column - pad + j;
                for (int i = 0; i < side; i++) {
                    int64_t line = 4 * row - pad + i;
                    int inside = line >= 0 && line < height && across >= 0 && across < width;
                    int64_t at = ((image * height + line) * width + across) * C + c;
                    in[i] = inside ? load(x + at) : (vec){0};
                }
                gradients ? spread_gradients(in, down[j]) : spread_inputs(in, down[j]);
            }
            for (int t = 0; t < some; t++)
                for (int i = 0; i < 6; i++) {
                    for (int j = 0; j < side; j++) in[j] = down[4 * t + j][i];
                    gradients ? spread_gradients(in, out) : spread_inputs(in, out);
                    for (int j = 0; j < 6; j++)
                        store(v + (6 * i + j) * PLANE(C) + (done + t) * C + c, out[j]);
                }
        }
    }
}

/* y = bias + what the products m[36][PLANE(C)] of these tiles come to */
INLINE void finish(const float *m, const float *bias, Sizes s, int64_t first, int n, float *y,
                   int C) {
    for (int t = 0; t < n; t++) {
        int64_t top = (first + t) / s.columns % s.rows * 4, left = (first + t) % s.columns * 4;
        int64_t image = (first + t) / s.columns / s.rows;
        for (int c = 0; c < C; c += LANES) {
            float down[4][6][LANES];
            vec out[4], offset = bias ? load(bias + c) : (vec){0};
            for (int j = 0; j < 6; j++) {
                gather(m + j * PLANE(C) + t * C + c, 6 * PLANE(C), out);
                for (int i = 0; i < 4; i++) store(down[i][j], out[i]);
            }
            for (int i = 0; i < 4 && top + i < s.high; i++) {
                gather(down[i][0], LANES, out);
                float *line = y + ((image * s.high + top + i) * s.wide + left) * C + c;
                for (int j = 0; j < 4; j++)
                    if (left + j < s.wide) store(line + j * C, out[j] + offset);
            }
        }
    }
}

/* dx += what the gradients m[36][PLANE(C)] of these tiles, transformed, come to */
INLINE void add_inputs(const float *m, Sizes s, int64_t first, int n, float *dx, int C) {
    for (int t = 0; t < n; t++) {
        int64_t top = (first + t) / s.columns % s.rows * 4 - s.pad;
        int64_t left = (first + t) % s.columns * 4 - s.pad;
        int64_t image = (first + t) / s.columns / s.rows;
        for (int c = 0; c < C; c += LANES) {
            float down[6][6][LANES];
            vec out[6];
            for (int j = 0; j < 6; j++) {
                gather_inputs(m + j * PLANE(C) + t * C + c, 6 * PLANE(C), out);
                for (int i = 0; i < 6; i++) store(down[i][j], out[i]);
            }
            for (int i = 0; i < 6; i++) {
                if (top + i < 0 || top + i >= s.height) continue;
                gather_inputs(down[i][0], LANES, out);
                float *line = dx + ((image * s.height + top + i) * s.width + left) * C + c;
                for (int j = 0; j < 6; j++)
                    if (left + j >= 0 && left + j < s.width)
                        store(line + j * C, load(line + j * C) + out[j]);
            }
        }
    }
}

/* The outputs of n tiles, no more than TILES, from the first on */
INLINE void convolve_tiles(Sizes s, const float *x, const float *u, const float *bias, float *y,
                           int64_t first, int n, int I, int O) {
    float v[36 * PLANE(I)], m[36 * PLANE(O)];
    spread(x, s, first, n, v, I, 0);
    for (int place = 0; place < 36; place++)
        for (int t = 0; t < n; t += ROWS)
            multiply(v + place * PLANE(I) + t * I, u + place * I * O,
                     m + place * PLANE(O) + t * O, I, O);
    finish(m, bias, s, first, n, y, O);
}

INLINE int some(int64_t tiles) { return tiles < TILES ? tiles : TILES; }

INLINE void convolve(Sizes s, const float *x, const float *u, const float *bias, float *y, int I,
                     int O) {
    int64_t tiles = s.count * s.rows * s.columns;
#pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < tiles; first += TILES)
        convolve_tiles(s, x, u, bias, y, first, some(tiles - first), I, O);
}

/* du: (36 * I + 1, O): the gradient of u and, below it, that of the bias. To it and to dx is added
   what the tiles from first to last have of them. ut: (36, O, I), u transposed. */
INLINE void back_tiles(Sizes s, const float *x, const float *dy, const float *ut, int64_t first,
                       int64_t last, float *dx, float *du, int I, int O) {
    float v[36 * PLANE(I)], d[36 * PLANE(O)];
    for (; first < last; first += TILES) {
        int n = some(last - first);
        spread(x, s, first, n, v, I, 0);
        spread(dy, s, first, n, d, O, 1);
        for (int t = 0; t < n; t++) /* at place (1, 1) is the sum of a tile's gradients */
            for (int o = 0; o < O; o++) du[36 * I * O + o] += d[7 * PLANE(O) + t * O + o];
        for (int place = 0; place < 36; place++) {
            float *mine = v + place * PLANE(I), *gradients = d + place * PLANE(O);
            multiply_tiles(mine, gradients, n, du + place * I * O, I, O);
            for (int t = 0; t < n; t += ROWS)
                multiply(gradients + t * O, ut + place * O * I, mine + t * I, O, I);
        }
        add_inputs(v, s, first, n, dx, I);
    }
}

/* du: (PARTS, 36 * I + 1, O), whose sum is the gradient */
INLINE void back(Sizes s, const float *x, const float *dy, const float *ut, float *dx, float *du,
                 int I, int O) {
    int64_t tiles = s.rows * s.columns, area = s.height * s.width * I, size = (36 * I + 1) * O;
#pragma omp parallel for schedule(static)
    for (int64_t part = 0; part < PARTS; part++) {
        memset(du + part * size, 0, size * sizeof *du);
        int64_t first = s.count * part / PARTS, last = s.count * (part + 1) / PARTS;
        memset(dx + first * area, 0, (last - first) * area * sizeof *dx);
        back_tiles(s, x, dy, ut, first * tiles, last * tiles, dx, du + part * size, I, O);
    }
}

#define FOR_CHANNELS(I, O)                                                                        \
    void convolve_##I##_##O(int64_t count, int64_t height, int64_t width, int64_t pad,            \
                            const float *x, const float *u, const float *bias, float *y) {        \
        convolve(sizes_of(count, height, width, pad), x, u, bias, y, I, O);                       \
    }                                                                                             \
    void convolve_back_##I##_##O(int64_t count, int64_t height, int64_t width, int64_t pad,                \
                        const float *x, const float *dy, const float *ut, float *dx, float *du) { \
        back(sizes_of(count, height, width, pad), x, dy, ut, dx, du, I, O);                       \
    }
FOR_CHANNELS(8, 16)
FOR_CHANNELS(16, 32)
FOR_CHANNELS(32, 64)

/* u: (36, columns), kernels: (9, columns); a column is a kernel from one channel to another */
void spread_kernels(int64_t columns, const float *kernels, float *u) {
    for (int64_t c = 0; c < columns; c += LANES) {
        vec down[3][6], in[3], out[6];
        for (int j = 0; j < 3; j++) {
            for (int i = 0; i < 3; i++) in[i] = load(kernels + (3 * i + j) * columns + c);
            spread_kernel(in, down[j]);
        }
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 3; j++) in[j] = down[j][i];
            spread_kernel(in, out);
            for (int j = 0; j < 6; j++) store(u + (6 * i + j) * columns + c, out[j]);
        }
    }
}

/* du: (PARTS, 36 * I + 1, O) as `back` leaves it -> the gradients of kernels, (9, I * O), and of
   biases, (O) */
void gather_kernels(int64_t I, int64_t O, const float *du, float *kernels, float *biases) {
    int64_t columns = I * O, size = (36 * I + 1) * O;
#pragma omp parallel for schedule(static)
    for (int64_t c = 0; c < columns + O; c += LANES) { /* a bias is a column, too, of one value */
        int places = c < columns ? 36 : 1;
        vec total[36], down[6][3], in[6], out[3];
        for (int place = 0; place < places; place++) {
            const float *from = du + (c < columns ? place * columns : 35 * columns) + c;
            total[place] = load(from);
            for (int part = 1; part < PARTS; part++) total[place] += load(from + part * size);
        }
        if (c >= columns) {
            store(biases + c - columns, total[0]);
            continue;
        }
        for (int j = 0; j < 6; j++) {
            for (int i = 0; i < 6; i++) in[i] = total[6 * i + j];
            gather_kernel(in, down[j]);
        }
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 6; j++) in[j] = down[j][i];
            gather_kernel(in, out);
            for (int j = 0; j < 3; j++) store(kernels + (3 * i + j) * columns + c, out[j]);
        }
    }
}

/* One image, for stage.c, whose threads have an image each; du is added to. */
void convolve_image(int64_t height, int64_t width, const float *x, const float *u,
                    const float *bias, float *y) {
    Sizes s = sizes_of(1, height, width, 1);
    for (int64_t first = 0, tiles = s.rows * s.columns; first < tiles; first += TILES)
        convolve_tiles(s, x, u, bias, y, first, some(tiles - first), 16, 32);
}

void back_image(int64_t height, int64_t width, const float *x, const float *dy, const float *ut,
                float *dx, float *du) {
    Sizes s = sizes_of(1, height, width, 1);
    memset(dx, 0, height * width * 16 * sizeof *dx);
    back_tiles(s, x, dy, ut, 0, s.rows * s.columns, dx, du, 16, 32);
}
