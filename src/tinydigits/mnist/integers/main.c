
/* Images of 784 bytes from standard input, to its end; a line each: ten scores and the digit. */

#include <stdio.h>

int main(void) {
    static digits state;
    uint8_t image[784];
    int32_t scores[10];
    size_t size;
    while ((size = fread(image, 1, sizeof image, stdin)) == sizeof image) {
        int i, digit = digits_read(&state, image, scores);
        for (i = 0; i < 10; i++) printf("%ld ", (long)scores[i]);
        printf("%d\n", digit);
    }
    if (size || ferror(stdin)) {
        fprintf(stderr, "digits: an image is 784 bytes, but the last has %lu\n", (unsigned long)size);
        return 1;
    }
    return fflush(stdout) != 0;
}
