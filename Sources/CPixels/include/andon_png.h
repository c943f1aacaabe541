// The few calls of libpng that an annotated copy needs, each of which returns instead of jumping or exiting.
#ifndef ANDON_PNG_H
#define ANDON_PNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct andon_png andon_png;

typedef struct {
    uint32_t width, height;
    // Of the rows as they are handed out: palettes and fewer than 8 bits come as 8 bits, 16 bits with the high byte first.
    int bits, channels;
    // Colours that stood in a palette, or transparency that stood in a chunk, are in the rows.
    int is_expanded, is_interlaced;
} andon_png_info;

// The bytes must live as long as the picture. Never null but for want of memory; an error is in andon_png_error.
andon_png *andon_png_open(const uint8_t *bytes, size_t count, andon_png_info *info);
void andon_png_close(andon_png *picture);
const char *andon_png_error(const andon_png *picture);

// The next row, for changing; null behind the last or after an error.
uint8_t *andon_png_row(andon_png *picture);

// Begins a copy of the same colours. Then chunks, rows, chunks, and the end.
int andon_png_begin(andon_png *picture, uint32_t height);
int andon_png_chunk(andon_png *picture, const char name[4], const uint8_t *bytes, size_t count);
int andon_png_write(andon_png *picture, const uint8_t *row);
// The finished file; it belongs to the picture.
const uint8_t *andon_png_finish(andon_png *picture, size_t *count);

#endif
