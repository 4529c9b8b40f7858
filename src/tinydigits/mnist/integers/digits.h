/* Handwritten digits from images of 28x28 bytes: a network in integers of 8 bits, made by
   tinydigits @VERSION@. C99; no library, no allocation, no floats. Calls may be interrupted and,
   with a `digits` each, run side by side.

   Flash: @FLASH@ bytes of tables, and about 1.5 kB of code.
   RAM: @RAM@ bytes, one `digits`, and under 400 bytes of stack.
   Multiply-adds: at most @PRODUCTS@ for an image; products with 0 are left out.

   An image has 28 rows of 28 pixels, ink 255 on paper 0, as MNIST has it: a digit of 20x20 pixels
   whose centre of mass is the image's. */

#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t rows[@ROWS@]; /* of each layer's input, the last few */
    uint16_t sums[@MAPS@]; /* of the last layer's maps */
    uint8_t next[@LAYERS@], seen[@LAYERS@];
} digits;

/* Row by row, as a camera gives them: begin, each row from the top, end. Rows that are missing when
   `digits_end` is called are blank; more than 28 are ignored. */
void digits_begin(digits *state);
void digits_row(digits *state, const uint8_t row[28]);

/* The digit, which is the one with the largest score, and ten scores. If it is ahead of the next by
   @LEAD@, the network gives it a probability of about 99 %. */
int digits_end(digits *state, int32_t scores[10]);

/* All of that, of a whole image. */
int digits_read(digits *state, const uint8_t image[784], int32_t scores[10]);

#ifdef __cplusplus
}
#endif

#endif
