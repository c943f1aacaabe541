#include "andon_png.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct andon_png {
    png_structp reader, writer;
    png_infop read_info, write_info;
    andon_png_info info;
    const uint8_t *bytes;
    size_t count, at;
    // One row; of an interlaced file all of them.
    uint8_t *rows;
    uint32_t next;
    uint8_t *out;
    size_t out_count, out_room;
    char message[256];
    int failed;
};

static void fail(png_structp png, png_const_charp message) {
    andon_png *picture = png_get_error_ptr(png);
    strncpy(picture->message, message, sizeof picture->message - 1);
    picture->failed = 1;
    png_longjmp(png, 1);
}

static void stay_silent(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void feed(png_structp png, png_bytep data, size_t count) {
    andon_png *picture = png_get_io_ptr(png);
    if (count > picture->count - picture->at) png_error(png, "the file ends too early");
    memcpy(data, picture->bytes + picture->at, count);
    picture->at += count;
}

static void keep(png_structp png, png_bytep data, size_t count) {
    andon_png *picture = png_get_io_ptr(png);
    if (picture->out_room - picture->out_count < count) {
        size_t room = picture->out_room * 2 + count + 65536;
        uint8_t *out = realloc(picture->out, room);
        if (!out) png_error(png, "out of memory");
        picture->out = out;
        picture->out_room = room;
    }
    memcpy(picture->out + picture->out_count, data, count);
    picture->out_count += count;
}

static void flush(png_structp png) { (void)png; }

static size_t row_bytes(const andon_png *picture) {
    return (size_t)picture->info.width * (size_t)(picture->info.channels * picture->info.bits / 8);
}

andon_png *andon_png_open(const uint8_t *bytes, size_t count, andon_png_info *info) {
    memset(info, 0, sizeof *info);
    andon_png *picture = calloc(1, sizeof *picture);
    if (!picture) return NULL;
    picture->bytes = bytes;
    picture->count = count;
    picture->reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture, fail, stay_silent);
    if (!picture->reader) {
        picture->failed = 1;
        return picture;
    }
    if (setjmp(png_jmpbuf(picture->reader))) return picture;
    picture->read_info = png_create_info_struct(picture->reader);
    png_set_read_fn(picture->reader, picture, feed);
    // What is not pixels is copied as it stands in the file, so nothing of it is unpacked here.
    png_set_keep_unknown_chunks(picture->reader, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_user_limits(picture->reader, 65535, 65535);
    png_read_info(picture->reader, picture->read_info);
    int type = png_get_color_type(picture->reader, picture->read_info);
    int bits = png_get_bit_depth(picture->reader, picture->read_info);
    int has_key = png_get_valid(picture->reader, picture->read_info, PNG_INFO_tRNS) != 0;
    picture->info.is_expanded = type == PNG_COLOR_TYPE_PALETTE || bits < 8 || has_key;
    picture->info.is_interlaced =
        png_get_interlace_type(picture->reader, picture->read_info) != PNG_INTERLACE_NONE;
    png_set_expand(picture->reader);
    png_set_interlace_handling(picture->reader);
    png_read_update_info(picture->reader, picture->read_info);
    picture->info.width = png_get_image_width(picture->reader, picture->read_info);
    picture->info.height = png_get_image_height(picture->reader, picture->read_info);
    picture->info.bits = png_get_bit_depth(picture->reader, picture->read_info);
    picture->info.channels = png_get_channels(picture->reader, picture->read_info);
    *info = picture->info;
    return picture;
}

void andon_png_close(andon_png *picture) {
    if (!picture) return;
    png_destroy_read_struct(&picture->reader, &picture->read_info, NULL);
    png_destroy_write_struct(&picture->writer, &picture->write_info);
    free(picture->rows);
    free(picture->out);
    free(picture);
}

const char *andon_png_error(const andon_png *picture) { return picture->failed ? picture->message : NULL; }

uint8_t *andon_png_row(andon_png *picture) {
    if (picture->failed || picture->next >= picture->info.height) return NULL;
    if (setjmp(png_jmpbuf(picture->reader))) return NULL;
    size_t stride = row_bytes(picture);
    if (!picture->rows) {
        picture->rows = malloc(stride * (picture->info.is_interlaced ? picture->info.height : 1));
        if (!picture->rows) png_error(picture->reader, "out of memory");
        for (int pass = 0; picture->info.is_interlaced && pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
            for (uint32_t row = 0; row < picture->info.height; row++) {
                png_read_row(picture->reader, picture->rows + row * stride, NULL);
            }
        }
    }
    uint32_t row = picture->next++;
    if (picture->info.is_interlaced) return picture->rows + row * stride;
    png_read_row(picture->reader, picture->rows, NULL);
    // The end is read too: what is cut off or altered behind the last row is damage as well.
    if (picture->next == picture->info.height) png_read_end(picture->reader, NULL);
    return picture->rows;
}

int andon_png_begin(andon_png *picture, uint32_t height) {
    if (picture->failed) return -1;
    picture->writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, picture, fail, stay_silent);
    if (!picture->writer) return -1;
    if (setjmp(png_jmpbuf(picture->writer))) return -1;
    picture->write_info = png_create_info_struct(picture->writer);
    png_set_write_fn(picture->writer, picture, keep, flush);
    png_set_user_limits(picture->writer, 65535, 131071);
    static const int types[] = {
        0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA,
    };
    png_set_IHDR(picture->writer, picture->write_info, picture->info.width, height, picture->info.bits,
                 types[picture->info.channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(picture->writer, 3);
    png_set_filter(picture->writer, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP);
    png_write_info(picture->writer, picture->write_info);
    return 0;
}

int andon_png_chunk(andon_png *picture, const char name[4], const uint8_t *bytes, size_t count) {
    if (picture->failed || setjmp(png_jmpbuf(picture->writer))) return -1;
    png_write_chunk(picture->writer, (png_const_bytep)name, bytes, count);
    return 0;
}

int andon_png_write(andon_png *picture, const uint8_t *row) {
    if (picture->failed || setjmp(png_jmpbuf(picture->writer))) return -1;
    png_write_row(picture->writer, row);
    return 0;
}

const uint8_t *andon_png_finish(andon_png *picture, size_t *count) {
    if (picture->failed || setjmp(png_jmpbuf(picture->writer))) return NULL;
    png_write_end(picture->writer, NULL);
    *count = picture->out_count;
    return picture->out;
}
