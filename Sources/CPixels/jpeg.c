#include "andon_jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

// Progressive files with more scans than any encoder writes cost time without end.
enum { SCANS_MAX = 100 };

typedef struct {
    struct jpeg_error_mgr manager;
    jmp_buf back;
    char message[JMSG_LENGTH_MAX];
    int failed;
} errors;

struct andon_jpeg {
    errors errors;
    struct jpeg_decompress_struct reader;
    struct jpeg_compress_struct writer;
    struct jpeg_progress_mgr progress;
    jvirt_barray_ptr *arrays;
    const uint8_t *bytes;
    unsigned char *out;
    unsigned long out_count;
    int has_writer;
};

static void fail(j_common_ptr info) {
    errors *own = (errors *)info->err;
    info->err->format_message(info, own->message);
    own->failed = 1;
    longjmp(own->back, 1);
}

// Below 0 it says that data is damaged; a damaged picture is not annotated.
static void hear(j_common_ptr info, int level) {
    if (level < 0) fail(info);
}

static void stay_silent(j_common_ptr info) { (void)info; }

static void count_scans(j_common_ptr info) {
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > SCANS_MAX) {
        ERREXIT(info, JERR_BAD_PROGRESSION);
    }
}

static struct jpeg_error_mgr *set_errors(errors *own) {
    jpeg_std_error(&own->manager);
    own->manager.error_exit = fail;
    own->manager.emit_message = hear;
    own->manager.output_message = stay_silent;
    return &own->manager;
}

static andon_jpeg_colour colour_of(J_COLOR_SPACE space) {
    switch (space) {
    case JCS_GRAYSCALE: return ANDON_JPEG_GREY;
    case JCS_YCbCr: return ANDON_JPEG_YCC;
    case JCS_RGB: return ANDON_JPEG_RGB;
    case JCS_CMYK: return ANDON_JPEG_CMYK;
    case JCS_YCCK: return ANDON_JPEG_YCCK;
    default: return ANDON_JPEG_OTHER;
    }
}

andon_jpeg *andon_jpeg_open(const uint8_t *bytes, size_t count, andon_jpeg_info *info) {
    memset(info, 0, sizeof *info);
    andon_jpeg *picture = calloc(1, sizeof *picture);
    if (!picture) return NULL;
    picture->bytes = bytes;
    picture->reader.err = set_errors(&picture->errors);
    if (setjmp(picture->errors.back)) return picture;
    jpeg_create_decompress(&picture->reader);
    picture->progress.progress_monitor = count_scans;
    picture->reader.progress = &picture->progress;
    for (int code = 0; code < 16; code++) jpeg_save_markers(&picture->reader, JPEG_APP0 + code, 0xFFFF);
    jpeg_save_markers(&picture->reader, JPEG_COM, 0xFFFF);
    jpeg_mem_src(&picture->reader, bytes, count);
    jpeg_read_header(&picture->reader, TRUE);
    info->width = picture->reader.image_width;
    info->height = picture->reader.image_height;
    info->components = picture->reader.num_components;
    info->colour = colour_of(picture->reader.jpeg_color_space);
    info->h_max = picture->reader.max_h_samp_factor;
    info->v_max = picture->reader.max_v_samp_factor;
    for (int index = 0; index < picture->reader.num_components && index < 4; index++) {
        info->h[index] = picture->reader.comp_info[index].h_samp_factor;
        info->v[index] = picture->reader.comp_info[index].v_samp_factor;
    }
    info->has_adobe = picture->reader.saw_Adobe_marker;
    info->is_progressive = picture->reader.progressive_mode;
    info->is_arithmetic = picture->reader.arith_code;
    info->restart_interval = picture->reader.restart_interval;
    return picture;
}

void andon_jpeg_close(andon_jpeg *picture) {
    if (!picture) return;
    if (picture->has_writer) jpeg_destroy_compress(&picture->writer);
    jpeg_destroy_decompress(&picture->reader);
    free(picture->out);
    free(picture);
}

const char *andon_jpeg_error(const andon_jpeg *picture) {
    return picture->errors.failed ? picture->errors.message : NULL;
}

const uint8_t *andon_jpeg_segment(const andon_jpeg *picture, int index, int *code, uint32_t *count) {
    jpeg_saved_marker_ptr marker = picture->reader.marker_list;
    while (marker && index-- > 0) marker = marker->next;
    if (!marker) return NULL;
    *code = marker->marker;
    *count = marker->data_length;
    return marker->data;
}

int andon_jpeg_read(andon_jpeg *picture, uint32_t extra) {
    if (picture->errors.failed || setjmp(picture->errors.back)) return -1;
    // The arrays are laid out by these numbers, while reading goes by the rows of the whole picture: a multiple of
    // the sampling factor leaves both as they are, but for the rows below.
    for (int index = 0; index < picture->reader.num_components; index++) {
        jpeg_component_info *component = &picture->reader.comp_info[index];
        component->height_in_blocks += extra * (JDIMENSION)component->v_samp_factor;
    }
    picture->arrays = jpeg_read_coefficients(&picture->reader);
    return picture->arrays ? 0 : -1;
}

int16_t *andon_jpeg_blocks(andon_jpeg *picture, int component, uint32_t row) {
    if (picture->errors.failed || !picture->arrays || setjmp(picture->errors.back)) return NULL;
    JBLOCKARRAY rows = picture->reader.mem->access_virt_barray(
        (j_common_ptr)&picture->reader, picture->arrays[component], row, 1, TRUE);
    return rows ? (int16_t *)rows[0] : NULL;
}

uint32_t andon_jpeg_blocks_across(const andon_jpeg *picture, int component) {
    const jpeg_component_info *info = &picture->reader.comp_info[component];
    JDIMENSION factor = (JDIMENSION)info->h_samp_factor;
    return (info->width_in_blocks + factor - 1) / factor * factor;
}

const uint16_t *andon_jpeg_steps(const andon_jpeg *picture, int component) {
    const jpeg_component_info *info = &picture->reader.comp_info[component];
    const JQUANT_TBL *table = info->quant_table;
    if (!table && info->quant_tbl_no >= 0 && info->quant_tbl_no < NUM_QUANT_TBLS) {
        table = picture->reader.quant_tbl_ptrs[info->quant_tbl_no];
    }
    return table ? table->quantval : NULL;
}

size_t andon_jpeg_scan(const andon_jpeg *picture) {
    const struct jpeg_decompress_struct *reader = &picture->reader;
    int is_plain = !picture->errors.failed && !picture->arrays && !reader->progressive_mode && !reader->arith_code &&
                   reader->data_precision == 8 && reader->comps_in_scan == reader->num_components;
    for (int index = 0; is_plain && index < reader->num_components; index++) {
        is_plain = reader->cur_comp_info[index] == &reader->comp_info[index];
    }
    return is_plain ? (size_t)(reader->src->next_input_byte - picture->bytes) : 0;
}

const uint8_t *andon_jpeg_code(const andon_jpeg *picture, int component, int is_ac, const uint8_t **values) {
    const jpeg_component_info *info = &picture->reader.comp_info[component];
    int number = is_ac ? info->ac_tbl_no : info->dc_tbl_no;
    if (number < 0 || number >= NUM_HUFF_TBLS) return NULL;
    const JHUFF_TBL *table =
        is_ac ? picture->reader.ac_huff_tbl_ptrs[number] : picture->reader.dc_huff_tbl_ptrs[number];
    if (!table) return NULL;
    *values = table->huffval;
    return table->bits;
}

int andon_jpeg_begin(andon_jpeg *picture, uint32_t height, int optimise) {
    if (picture->errors.failed || setjmp(picture->errors.back)) return -1;
    picture->writer.err = &picture->errors.manager;
    jpeg_create_compress(&picture->writer);
    picture->has_writer = 1;
    jpeg_copy_critical_parameters(&picture->reader, &picture->writer);
    picture->writer.image_height = height;
    picture->writer.optimize_coding = optimise ? TRUE : FALSE;
    picture->writer.restart_interval = picture->reader.restart_interval;
    picture->writer.write_JFIF_header = picture->reader.saw_JFIF_marker;
    picture->writer.write_Adobe_marker = picture->reader.saw_Adobe_marker;
    jpeg_mem_dest(&picture->writer, &picture->out, &picture->out_count);
    jpeg_write_coefficients(&picture->writer, picture->arrays);
    return 0;
}

int andon_jpeg_put(andon_jpeg *picture, int code, const uint8_t *bytes, uint32_t count) {
    if (picture->errors.failed || setjmp(picture->errors.back)) return -1;
    jpeg_write_marker(&picture->writer, code, bytes, count);
    return 0;
}

const uint8_t *andon_jpeg_finish(andon_jpeg *picture, size_t *count) {
    if (picture->errors.failed || setjmp(picture->errors.back)) return NULL;
    jpeg_finish_compress(&picture->writer);
    *count = picture->out_count;
    return picture->out;
}

// A file on its way to rows of samples.
typedef struct {
    errors errors;
    struct jpeg_decompress_struct reader;
    struct jpeg_progress_mgr progress;
} row_decoder;

// Up to the first row, at 1/divisor of the picture's size. The caller has said where errors come back to.
static void open_rows(row_decoder *decoder, const uint8_t *bytes, size_t count, J_COLOR_SPACE colour,
                      uint32_t divisor) {
    struct jpeg_decompress_struct *reader = &decoder->reader;
    jpeg_create_decompress(reader);
    decoder->progress.progress_monitor = count_scans;
    reader->progress = &decoder->progress;
    jpeg_mem_src(reader, bytes, count);
    jpeg_read_header(reader, TRUE);
    reader->out_color_space = colour;
    reader->scale_num = 1;
    reader->scale_denom = divisor;
    jpeg_start_decompress(reader);
}

static int give_up(row_decoder *decoder, const char *why, char message[256]) {
    snprintf(message, 256, "%s", why);
    jpeg_destroy_decompress(&decoder->reader);
    return -1;
}

int andon_jpeg_pixels(const uint8_t *bytes, size_t count, uint32_t top, uint32_t height, uint8_t *pixels,
                      char message[256]) {
    row_decoder decoder = {0};
    struct jpeg_decompress_struct *reader = &decoder.reader;
    reader->err = set_errors(&decoder.errors);
    if (setjmp(decoder.errors.back)) return give_up(&decoder, decoder.errors.message, message);
    open_rows(&decoder, bytes, count, JCS_RGB, 1);
    size_t stride = (size_t)reader->output_width * 3;
    if (top > 0) jpeg_skip_scanlines(reader, top);
    for (uint32_t row = 0; row < height && reader->output_scanline < reader->output_height; row++) {
        JSAMPROW line = pixels + row * stride;
        jpeg_read_scanlines(reader, &line, 1);
    }
    jpeg_abort_decompress(reader);
    jpeg_destroy_decompress(reader);
    return 0;
}

static int all_rows(const uint8_t *bytes, size_t count, J_COLOR_SPACE colour, uint32_t divisor, uint32_t width,
                    uint32_t height, uint8_t *pixels, char message[256]) {
    row_decoder decoder = {0};
    struct jpeg_decompress_struct *reader = &decoder.reader;
    reader->err = set_errors(&decoder.errors);
    if (setjmp(decoder.errors.back)) return give_up(&decoder, decoder.errors.message, message);
    open_rows(&decoder, bytes, count, colour, divisor);
    if (reader->output_width != width || reader->output_height != height) {
        return give_up(&decoder, "the decoder scales to another size", message);
    }
    size_t stride = (size_t)width * (size_t)reader->output_components;
    while (reader->output_scanline < height) {
        JSAMPROW line = pixels + reader->output_scanline * stride;
        jpeg_read_scanlines(reader, &line, 1);
    }
    jpeg_finish_decompress(reader);
    jpeg_destroy_decompress(reader);
    return 0;
}

int andon_jpeg_scaled(const uint8_t *bytes, size_t count, uint32_t divisor, uint32_t width, uint32_t height,
                      uint8_t *pixels, char message[256]) {
    return all_rows(bytes, count, JCS_RGB, divisor, width, height, pixels, message);
}

int andon_jpeg_decode(const uint8_t *bytes, size_t count, int is_grey, uint32_t width, uint32_t height,
                      uint8_t *pixels, char message[256]) {
    return all_rows(bytes, count, is_grey ? JCS_GRAYSCALE : JCS_RGB, 1, width, height, pixels, message);
}

int andon_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int is_420,
                      uint8_t **bytes, size_t *count, char message[256]) {
    errors own = {0};
    struct jpeg_compress_struct writer;
    unsigned char *out = NULL;
    unsigned long out_count = 0;
    memset(&writer, 0, sizeof writer);
    writer.err = set_errors(&own);
    if (setjmp(own.back)) {
        snprintf(message, 256, "%s", own.message);
        jpeg_destroy_compress(&writer);
        free(out);
        return -1;
    }
    jpeg_create_compress(&writer);
    jpeg_mem_dest(&writer, &out, &out_count);
    writer.image_width = width;
    writer.image_height = height;
    writer.input_components = 3;
    writer.in_color_space = JCS_RGB;
    jpeg_set_defaults(&writer);
    jpeg_set_quality(&writer, quality, TRUE);
    if (!is_420) writer.comp_info[0].h_samp_factor = writer.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&writer, TRUE);
    while (writer.next_scanline < height) {
        JSAMPROW line = (JSAMPROW)(pixels + (size_t)writer.next_scanline * width * 3);
        jpeg_write_scanlines(&writer, &line, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_destroy_compress(&writer);
    *bytes = out;
    *count = out_count;
    return 0;
}
