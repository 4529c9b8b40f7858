/* Vectors, and products of small matrices that are kept in registers; convolution.c,
   transition.c and stage.c include it. PARTS is given to the compiler, by compiled.py. */

#include <stdint.h>
#include <string.h>

#if defined __AVX__
#define LANES 8
#else
#define LANES 4 /* NEON, SSE */
#endif
#if defined __AVX__ && !defined __AVX512VL__ /* as many rows of sums as registers hold */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define ROWS 6
#define EACH_LINE(DO) DO(0) DO(1) DO(2) DO(3)
#define LINES 4
#else
#define EACH_ROW(DO) \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define ROWS 12
#define EACH_LINE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define LINES 8
#endif
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE vec load(const float *x) { return *(const vec *)x; }
INLINE void store(float *x, vec value) { *(vec *)x = value; }

typedef int32_t bits __attribute__((vector_size(4 * LANES)));

/* By the sign bit alone, so that what is not a number stays so. */
INLINE vec relu(vec x) { return (vec)((bits)x & ~((bits)x >> 31)); }

/* x where it counts, else 0 */
INLINE vec only(bits counts, vec x) { return (vec)((bits)x & counts); }

/* m[t][o] = sum over i of v[t][i] * u[i][o], for ROWS tiles t */
INLINE void multiply(const float *v, const float *u, float *m, int I, int O) {
    int two = O >= 2 * LANES; /* vectors at once */
    for (int o = 0; o < O; o += (1 + two) * LANES) {
#define DO(t) vec a##t = {0}, b##t = {0};
        EACH_ROW(DO)
#undef DO
#pragma GCC unroll 1
        for (int i = 0; i < I; i++) {
            vec left = load(u + i * O + o), right = load(u + i * O + o + two * LANES);
#define DO(t) a##t += v[t * I + i] * left, b##t += v[t * I + i] * right;
            EACH_ROW(DO)
#undef DO
        }
#define DO(t) store(m + t * O + o, a##t), store(m + t * O + o + two * LANES, b##t);
        EACH_ROW(DO)
#undef DO
    }
}

/* du[i][o] += sum over n tiles t of v[t][i] * d[t][o] */
INLINE void multiply_tiles(const float *v, const float *d, int n, float *du, int I, int O) {
    int two = O >= 2 * LANES;
    for (int o = 0; o < O; o += (1 + two) * LANES)
        for (int i = 0; i < I; i += LINES) {
            float *at = du + i * O + o;
#define DO(r) vec a##r = load(at + r * O), b##r = load(at + r * O + two * LANES);
            EACH_LINE(DO)
#undef DO
#pragma GCC unroll 1
            for (int t = 0; t < n; t++) {
                vec left = load(d + t * O + o), right = load(d + t * O + o + two * LANES);
#define DO(r) a##r += v[t * I + i + r] * left, b##r += v[t * I + i + r] * right;
                EACH_LINE(DO)
#undef DO
            }
#define DO(r) store(at + r * O, a##r), store(at + r * O + two * LANES, b##r);
            EACH_LINE(DO)
#undef DO
        }
}
