/* What lies between the first convolution and the second's pooling, image by image, so that one
   image's activations stay in the processor's cache from one layer to the next. See stage.py.

   x: (count, height, width, 16), as the first convolution leaves it; normed: batch norm of its
   ReLU; y: (count, height, width, 32), as the second leaves it. Of fused.c and winograd.c. */

#include <stdint.h>
#include <string.h>

#define I 16
#define O 32
#define PARTS 16 /* sums are added up in this many parts, whatever the number of threads */
#define GRADIENT ((36 * I + 1) * O)

typedef int64_t size;

void norm_f32_16(size, size, size, const float *, const float *, const float *, float *);
void sums_f32_16(size, size, size, const float *, const float *, double *);
void sums_f32_32(size, size, size, const float *, const float *, double *);
void back_pool_f32_32(size, size, size, const float *, const float *, const int32_t *,
                      const float *, const float *, const float *, float *);
void convolve_16_32(size, size, size, size, const float *, const float *, const float *, float *);
void convolve_32_16(size, size, size, size, const float *, const float *, const float *, float *);
void add_kernel_gradient_16_32(size, size, size, const float *, const float *, float *);

static void add(double parts[PARTS][2 * O], int count, double *sums) {
    memset(sums, 0, count * sizeof *sums);
    for (int part = 0; part < PARTS; part++)
        for (int c = 0; c < count; c++) sums[c] += parts[part][c];
}

/* y, and the sums of its ReLU and of the square of that */
void stage_forward(size count, size height, size width, const float *x, const float *scale,
                   const float *offset, const float *u, const float *bias, float *y,
                   double *sums) {
    double parts[PARTS][2 * O] = {0};
    size area = height * width;
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        float normed[area * I];
        double more[2 * O];
        for (size i = count * part / PARTS; i < count * (part + 1) / PARTS; i++) {
            float *mine = y + i * area * O;
            norm_f32_16(1, height, width, x + i * area * I, scale, offset, normed);
            convolve_16_32(1, height, width, 1, normed, u, bias, mine);
            sums_f32_32(1, height, width, mine, NULL, more);
            for (int c = 0; c < 2 * O; c++) parts[part][c] += more[c];
        }
    }
    add(parts, 2 * O, sums);
}

/* From dp, the gradient of y normed and pooled: that of normed, and its sums, as `sums` gives them,
   and du (PARTS, 36 * I + 1, O), the parts of the kernel's and the bias's. turned: u, turned. */
void stage_backward(size count, size height, size width, const float *x, const float *scale,
                    const float *offset, const float *y, const float *dp, const int32_t *which,
                    const float *y_scale, const float *y_slope, const float *y_constant,
                    const float *turned, float *d_normed, float *du, double *sums) {
    double parts[PARTS][2 * O] = {0};
    size area = height * width, pooled = (height / 2) * (width / 2);
    memset(du, 0, PARTS * GRADIENT * sizeof *du);
#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        float normed[area * I], dy[area * O];
        double more[2 * I];
        for (size i = count * part / PARTS; i < count * (part + 1) / PARTS; i++) {
            const float *x_here = x + i * area * I;
            float *mine = d_normed + i * area * I;
            norm_f32_16(1, height, width, x_here, scale, offset, normed);
            back_pool_f32_32(1, height, width, y + i * area * O, dp + i * pooled * O,
                             which + i * pooled * O, y_scale, y_slope, y_constant, dy);
            add_kernel_gradient_16_32(height, width, 1, normed, dy, du + part * GRADIENT);
            convolve_32_16(1, height, width, 1, dy, turned, NULL, mine);
            sums_f32_16(1, height, width, x_here, mine, more);
            for (int c = 0; c < 2 * I; c++) parts[part][c] += more[c];
        }
    }
    add(parts, 2 * I, sums);
}
