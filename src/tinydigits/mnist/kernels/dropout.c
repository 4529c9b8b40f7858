/* Dropout by draws of 16 bits. Where, and who draws them, is in dropout.py. */

#include <stdint.h>

typedef int64_t size;

/* y = scale * x where a value's draw reaches the threshold, else 0 */
void dropout(size count, size threshold, const float *x, const int16_t *draws, const float *scale,
             float *y) {
    int16_t least = threshold;
    float by = *scale;
#pragma omp parallel for schedule(static)
    for (size i = 0; i < count; i++) y[i] = draws[i] >= least ? by * x[i] : 0;
}
