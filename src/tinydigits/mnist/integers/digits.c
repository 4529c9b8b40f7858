/* @NAME@: what it does, and what it needs, is in @HEADER@. Made by tinydigits @VERSION@.

   Each layer keeps the last rows of its input and makes a row of bytes as soon as it can, so that
   no layer is ever held as a whole. A sum of products is divided by a power of two and rounded
   half to even; ReLU is the limit at 0. Batch norm is in the weights. Zeros are padded; positions
   at a border have biases of their own. */

#include "@HEADER@"

#define LAYERS @LAYERS@
#define MAPS @MAPS@

typedef struct {
    @OFFSET@ weights;        /* where the layer's are in their table */
    uint16_t biases, shifts; /* the same */
    uint16_t rows, row;      /* where its rows are in the state; bytes in one of them */
    uint8_t kernel, padding, inputs, outputs, side, pool; /* side: of its output, before pooling */
} layer;

static const layer layers[LAYERS] = {
@TABLE@
};

/* Of four outputs each: for every input byte in a window four weights, then the next four's. */
static const int8_t weights[] = {
@WEIGHTS@
};

/* Where zeros are padded nine times: top left, top, top right, left, and so on. */
static const int32_t biases[] = {
@BIASES@
};

static const uint8_t shifts[] = {
@SHIFTS@
};

static const int8_t last_weights[10][MAPS] = {
@LAST_WEIGHTS@
};

static const int32_t last_biases[10] = {@LAST_BIASES@};

/* sum / 2**shift, rounded half to even, from 0 to 255; shift is at least 1 */
static uint8_t rounded(int32_t sum, unsigned shift) {
    uint32_t value;
    if (sum <= 0) return 0;
    value = (uint32_t)sum;
    value = (value + (UINT32_C(1) << (shift - 1)) - 1 + (value >> shift & 1)) >> shift;
    return value > 255 ? 255 : (uint8_t)value;
}

/* Give output `channel` of layer k at a position to the next layer, or to the sums. */
static void give(digits *state, int k, unsigned y, unsigned x, unsigned channel, uint8_t value) {
    const layer *from = &layers[k], *to = from + 1;
    uint8_t *place;
    if (k == LAYERS - 1) {
        state->sums[channel] = (uint16_t)(state->sums[channel] + value);
        return;
    }
    place = state->rows + to->rows + state->next[k + 1] * to->row;
    place += (to->padding + (from->pool ? x / 2 : x)) * to->inputs + channel;
    /* The first of a window's four pixels is just kept. */
    if (!from->pool || !((x | y) & 1) || *place < value) *place = value;
}

/* Row y of layer k's output, from the rows of its input. */
static void convolve(digits *state, int k, unsigned y, const uint8_t *const rows[3]) {
    const layer *l = &layers[k];
    unsigned x, output, r, last = l->side - 1u, quads = (l->outputs + 3u) / 4;
    for (x = 0; x <= last; x++) {
        const int8_t *w = weights + l->weights;
        const int32_t *bias = biases + l->biases;
        if (l->padding) {
            unsigned border = (y == 0 ? 0u : y == last ? 6u : 3u) + (x == 0 ? 0u : x == last ? 2u : 1u);
            bias += border * quads * 4;
        }
        for (output = 0; output < l->outputs; output += 4, bias += 4) {
            int32_t sums[4], a = bias[0], b = bias[1], c = bias[2], d = bias[3];
            for (r = 0; r < l->kernel; r++) {
                const uint8_t *in = rows[r] + x * l->inputs, *end = in + l->kernel * l->inputs;
                for (; in < end; in++, w += 4) {
                    int32_t value = *in;
                    if (!value) continue;
                    a += value * w[0];
                    b += value * w[1];
                    c += value * w[2];
                    d += value * w[3];
                }
            }
            sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
            for (r = 0; r < 4 && output + r < l->outputs; r++)
                give(state, k, y, x, output + r, rounded(sums[r], shifts[l->shifts + output + r]));
        }
    }
}

/* The next row of layer k's input is there: make all rows that it allows, of this layer and the
   next ones. */
static void advance(digits *state, int k) {
    for (; k < LAYERS; k++) {
        const layer *l = &layers[k];
        const uint8_t *rows[3];
        unsigned r, slot, y;
        slot = state->next[k] + 1u == l->kernel ? 0 : state->next[k] + 1u; /* the oldest row's */
        state->next[k] = (uint8_t)slot;
        state->seen[k]++;
        if (state->seen[k] < l->kernel) return;
        for (r = 0; r < l->kernel; r++) {
            rows[r] = state->rows + l->rows + slot * l->row;
            slot = slot + 1 == l->kernel ? 0 : slot + 1;
        }
        y = (unsigned)state->seen[k] - l->kernel;
        convolve(state, k, y, rows);
        if (l->pool && !(y & 1)) return;
    }
}

void digits_begin(digits *state) {
    int k, i;
    for (i = 0; i < (int)sizeof state->rows; i++) state->rows[i] = 0;
    for (i = 0; i < MAPS; i++) state->sums[i] = 0;
    for (k = 0; k < LAYERS; k++) state->next[k] = state->seen[k] = layers[k].padding;
}

void digits_row(digits *state, const uint8_t row[28]) {
    const layer *first = &layers[0];
    uint8_t *place = state->rows + first->rows + state->next[0] * first->row + first->padding;
    int x;
    if (state->seen[0] >= 28 + first->padding) return;
    for (x = 0; x < 28; x++) place[x] = row[x];
    advance(state, 0);
}

int digits_end(digits *state, int32_t scores[10]) {
    static const uint8_t blank[28];
    int k, i, digit = 0;
    while (state->seen[0] < 28 + layers[0].padding) digits_row(state, blank);
    for (k = 0; k < LAYERS; k++) /* the zeros below each layer's input */
        if (layers[k].padding) {
            uint8_t *place = state->rows + layers[k].rows + state->next[k] * layers[k].row;
            for (i = 0; i < layers[k].row; i++) place[i] = 0;
            advance(state, k);
        }
    for (k = 0; k < 10; k++) {
        scores[k] = last_biases[k];
        for (i = 0; i < MAPS; i++) scores[k] += last_weights[k][i] * (int32_t)state->sums[i];
        if (scores[k] > scores[digit]) digit = k;
    }
    return digit;
}

int digits_read(digits *state, const uint8_t image[784], int32_t scores[10]) {
    int y;
    digits_begin(state);
    for (y = 0; y < 28; y++) digits_row(state, image + 28 * y);
    return digits_end(state, scores);
}
