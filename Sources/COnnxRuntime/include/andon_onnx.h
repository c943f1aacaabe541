#ifndef ANDON_ONNX_H
#define ANDON_ONNX_H

#include <stddef.h>
#include <stdint.h>

// ONNX Runtime, found while the program runs: neither its headers nor its library are needed for building.
// A function that can fail answers NULL and writes why, as text that ends in 0, into `reason`.

enum { ANDON_ONNX_RANK_MAX = 8, ANDON_ONNX_PORTS_MAX = 64, ANDON_ONNX_NAME_MAX = 256 };

typedef struct andon_onnx_library andon_onnx_library;
typedef struct andon_onnx_model andon_onnx_model;
typedef struct andon_onnx_results andon_onnx_results;

// An input or output as the model declares it; -1 in `shape` where any size goes.
typedef struct {
    char name[ANDON_ONNX_NAME_MAX];
    // ONNX's TensorProto.DataType, by which ONNX Runtime counts too: 1 is float32. 0 for what is not a tensor.
    int element;
    size_t rank;
    int64_t shape[ANDON_ONNX_RANK_MAX];
} andon_onnx_port;

// One input: `values` is `rank` sizes' product of float32, row-major, and must live as long as the call.
typedef struct {
    size_t port;
    const float *values;
    size_t count;
    size_t rank;
    int64_t shape[ANDON_ONNX_RANK_MAX];
} andon_onnx_input;

// One output. `data` lives as long as the results.
typedef struct {
    int element;
    size_t count;
    size_t rank;
    int64_t shape[ANDON_ONNX_RANK_MAX];
    const void *data;
} andon_onnx_output;

// `path` is a file, or a name that the loader looks for. The library stays loaded until the process ends.
andon_onnx_library *andon_onnx_open(const char *path, char *reason, size_t room);
const char *andon_onnx_version(const andon_onnx_library *library);

// Loads a model from the bytes of its file, for at most `threads` threads in a call. The bytes may go afterwards.
andon_onnx_model *andon_onnx_load(
    const andon_onnx_library *library, const void *bytes, size_t count, int threads, char *reason, size_t room);
void andon_onnx_unload(andon_onnx_model *model);

size_t andon_onnx_input_count(const andon_onnx_model *model);
size_t andon_onnx_output_count(const andon_onnx_model *model);
const andon_onnx_port *andon_onnx_input_port(const andon_onnx_model *model, size_t index);
const andon_onnx_port *andon_onnx_output_port(const andon_onnx_model *model, size_t index);

// Runs the model for the outputs with these numbers. May be called by several threads at once.
andon_onnx_results *andon_onnx_run(
    const andon_onnx_model *model, const andon_onnx_input *inputs, size_t input_count, const size_t *outputs,
    size_t output_count, char *reason, size_t room);
const andon_onnx_output *andon_onnx_result(const andon_onnx_results *results, size_t index);
void andon_onnx_let_go(andon_onnx_results *results);

#endif
