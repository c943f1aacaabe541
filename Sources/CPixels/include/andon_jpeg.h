// The few calls of libjpeg that an annotated copy needs, each of which returns instead of jumping or exiting.
#ifndef ANDON_JPEG_H
#define ANDON_JPEG_H

#include <stddef.h>
#include <stdint.h>

typedef struct andon_jpeg andon_jpeg;

typedef enum {
    ANDON_JPEG_GREY = 1, ANDON_JPEG_YCC, ANDON_JPEG_RGB, ANDON_JPEG_CMYK, ANDON_JPEG_YCCK, ANDON_JPEG_OTHER
} andon_jpeg_colour;

typedef struct {
    uint32_t width, height;
    int components;
    andon_jpeg_colour colour;
    // Sampling factors of each component, and their largest.
    int h[4], v[4], h_max, v_max;
    // Adobe's marker: four colours are then stored inverted.
    int has_adobe, is_progressive, is_arithmetic;
    uint32_t restart_interval;
} andon_jpeg_info;

// The bytes must live as long as the picture. Never null but for want of memory; an error is in andon_jpeg_error.
andon_jpeg *andon_jpeg_open(const uint8_t *bytes, size_t count, andon_jpeg_info *info);
void andon_jpeg_close(andon_jpeg *picture);

// What went wrong, in libjpeg's words; null while nothing did. Damage that libjpeg would only warn of is an error too.
const char *andon_jpeg_error(const andon_jpeg *picture);

// The next marker segment that was kept (APPn and COM), from 0; null behind the last. `code` is 0xE0...0xEF or 0xFE.
const uint8_t *andon_jpeg_segment(const andon_jpeg *picture, int index, int *code, uint32_t *count);

// Where the entropy-coded data begins, when one sequential scan of Huffman codes with 8 bits a sample holds all
// components in their order; 0 for any other file.
size_t andon_jpeg_scan(const andon_jpeg *picture);
// A component's Huffman table as the file has it: how many codes have 1...16 bits, at places 1...16, and up to 256
// values; null when it has none.
const uint8_t *andon_jpeg_code(const andon_jpeg *picture, int component, int is_ac, const uint8_t **values);

// Reads all coefficients, with room for `extra` rows of minimal coded units (MCU) below. 0 on success.
int andon_jpeg_read(andon_jpeg *picture, uint32_t extra);

// A row of blocks of 64 coefficients in natural order, for changing; null after an error. Valid until the next call.
int16_t *andon_jpeg_blocks(andon_jpeg *picture, int component, uint32_t row);
// Blocks in such a row, those beyond the picture's edge included.
uint32_t andon_jpeg_blocks_across(const andon_jpeg *picture, int component);
// The component's quantization table, 64 steps in natural order; null when it has none.
const uint16_t *andon_jpeg_steps(const andon_jpeg *picture, int component);

// Begins the copy, which is `height` rows high. Then the segments, in their order, then andon_jpeg_finish.
int andon_jpeg_begin(andon_jpeg *picture, uint32_t height, int optimise);
int andon_jpeg_put(andon_jpeg *picture, int code, const uint8_t *bytes, uint32_t count);
// The finished file; it belongs to the picture.
const uint8_t *andon_jpeg_finish(andon_jpeg *picture, size_t *count);

// Decodes the rows `top` to `top + height` as RGB, three bytes a pixel, into `pixels` of width * height * 3 bytes.
int andon_jpeg_pixels(const uint8_t *bytes, size_t count, uint32_t top, uint32_t height, uint8_t *pixels,
                      char message[256]);
// Decodes the whole picture at 1/1, 1/2, 1/4 or 1/8 of its size (`divisor`) as RGB into `pixels` of width * height * 3 bytes;
// width and height are the picture's, divided and rounded up. 0 on success.
int andon_jpeg_scaled(const uint8_t *bytes, size_t count, uint32_t divisor, uint32_t width, uint32_t height,
                      uint8_t *pixels, char message[256]);
// Decodes the whole picture, as it is stored, as grey or RGB into `pixels` of width * height or width * height * 3 bytes; width
// and height are the picture's. Fails for damaged data as well. 0 on success.
int andon_jpeg_decode(const uint8_t *bytes, size_t count, int is_grey, uint32_t width, uint32_t height,
                      uint8_t *pixels, char message[256]);
// Encodes RGB rows as a file of its own; to be released with free().
int andon_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int is_420,
                      uint8_t **bytes, size_t *count, char message[256]);

#endif
