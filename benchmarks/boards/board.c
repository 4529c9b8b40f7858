/* Images in flash, read one after the other on an emulated microcontroller without a C library: for
   each ten scores, the digit and the instructions that it took, and at the end the bytes of
   stack. */

#include "digits.h"
#include "images.h" /* images, COUNT */

extern uint32_t bss_end[], stack_top[];
#define PAINT 0xA5A5A5A5u

#if defined __arm__

static uint32_t semihosting(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* SysTick counts down, a tick being a number of instructions that only the emulator knows. */
#define CONTROL (*(volatile uint32_t *)0xE000E010)
#define RELOAD (*(volatile uint32_t *)0xE000E014)
#define CURRENT (*(volatile uint32_t *)0xE000E018)

static void count(void) {
    RELOAD = 0xFFFFFF;
    CURRENT = 0;
    CONTROL = 5;
}

static uint32_t counted(void) { return 0xFFFFFF - CURRENT; }

void start(void);
__attribute__((section(".vectors"), used)) static const void *const vectors[2] = {
    stack_top, (const void *)start};

#else /* RISC-V */

static uint32_t semihosting(uint32_t operation, const void *argument) {
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\n.option norvc\n.balign 16\n"
                     "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(a0) : "r"(a1) : "memory");
    return a0;
}

static uint32_t began;

static uint32_t instructions(void) {
    uint32_t value;
    __asm__ volatile("csrr %0, minstret" : "=r"(value));
    return value;
}

static void count(void) { began = instructions(); }
static uint32_t counted(void) { return instructions() - began; }

void start(void);
__asm__(".section .vectors, \"ax\"\nla sp, stack_top\nj start\n.previous");

#endif

static void say(uint32_t value, char last) {
    char text[10];
    int i;
    for (i = 0; i < 8; i++) text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    text[8] = last;
    text[9] = 0;
    semihosting(4, text);
}

static digits state;
static int32_t scores[10];

/* 200,000 instructions, to tell by what a count means. */
static void known(void) {
    uint32_t left = 100000;
#if defined __arm__
    __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\nbne 1b" : "+l"(left) : : "cc");
#else
    __asm__ volatile("1: addi %0, %0, -1\nbnez %0, 1b" : "+r"(left));
#endif
}

static void work(void) {
    int n, i, digit;
    count();
    known();
    say(counted(), '\n');
    for (n = 0; n < COUNT; n++) {
        uint32_t taken;
        count();
        digit = digits_read(&state, images[n], scores);
        taken = counted();
        for (i = 0; i < 10; i++) say((uint32_t)scores[i], ' ');
        say((uint32_t)digit, ' ');
        say(taken, '\n');
    }
}

void start(void) {
    uint32_t *word, *here = (uint32_t *)__builtin_frame_address(0) - 32;
    for (word = bss_end; word < here; word++) *(volatile uint32_t *)word = PAINT;
    work();
    for (word = bss_end; *word == PAINT; word++) {}
    say((uint32_t)((char *)stack_top - (char *)word), '\n');
    semihosting(0x18, (const void *)0x20026);
    for (;;) {}
}
