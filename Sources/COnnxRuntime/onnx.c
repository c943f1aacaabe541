#include "andon_onnx.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The library's one symbol gives this; its table of functions for version 1 is frozen, so positions in it are facts.
typedef struct {
    void *const *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
} api_base;

typedef void status;

enum position {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION_FROM_ARRAY = 8,
    RUN = 9,
    CREATE_SESSION_OPTIONS = 10,
    SET_GRAPH_OPTIMIZATION = 23,
    SET_THREADS = 24,
    INPUT_COUNT = 30,
    OUTPUT_COUNT = 31,
    INPUT_TYPE = 33,
    OUTPUT_TYPE = 34,
    INPUT_NAME = 36,
    OUTPUT_NAME = 37,
    CREATE_TENSOR = 49,
    TENSOR_DATA = 51,
    CAST_TYPE_TO_TENSOR = 55,
    ELEMENT_TYPE = 60,
    RANK = 61,
    DIMENSIONS = 62,
    ELEMENT_COUNT = 64,
    TENSOR_TYPE = 65,
    CPU_MEMORY = 69,
    ALLOCATOR_FREE = 76,
    DEFAULT_ALLOCATOR = 78,
    RELEASE_STATUS = 93,
    RELEASE_SESSION = 95,
    RELEASE_VALUE = 96,
    RELEASE_TYPE = 98,
    RELEASE_TENSOR_TYPE = 99,
    RELEASE_OPTIONS = 100,
};

enum { LOG_FATAL_ONLY = 4, OPTIMIZE_ALL = 99, FLOAT32 = 1, ARENA = 1 };

struct andon_onnx_library {
    void *const *api;
    const char *version;
    void *environment, *memory, *allocator;
};

struct andon_onnx_model {
    const andon_onnx_library *library;
    void *session;
    size_t input_count, output_count;
    andon_onnx_port *inputs, *outputs;
};

struct andon_onnx_results {
    const andon_onnx_library *library;
    size_t count;
    void *values[ANDON_ONNX_PORTS_MAX];
    andon_onnx_output outputs[ANDON_ONNX_PORTS_MAX];
};

#define CALL(library, position, ...) ((status * (*)(__VA_ARGS__)) (library)->api[position])
#define RELEASE(library, position, value) ((void (*)(void *))(library)->api[position])(value)

static void say(char *reason, size_t room, const char *words) { snprintf(reason, room, "%s", words); }

// 1 for success; otherwise says what the library says and lets go of it.
static int good(const andon_onnx_library *library, status *answer, char *reason, size_t room) {
    if (!answer) return 1;
    say(reason, room, ((const char *(*)(const void *))library->api[GET_ERROR_MESSAGE])(answer));
    RELEASE(library, RELEASE_STATUS, answer);
    return 0;
}

static int start(andon_onnx_library *library, char *reason, size_t room) {
    return good(library, CALL(library, CREATE_ENV, int, const char *, void **)(
                             LOG_FATAL_ONLY, "andon", &library->environment), reason, room)
        && good(library, CALL(library, CPU_MEMORY, int, int, void **)(ARENA, 0, &library->memory), reason, room)
        && good(library, CALL(library, DEFAULT_ALLOCATOR, void **)(&library->allocator), reason, room);
}

andon_onnx_library *andon_onnx_open(const char *path, char *reason, size_t room) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        say(reason, room, dlerror());
        return NULL;
    }
    const api_base *(*get_base)(void) = (const api_base *(*)(void))dlsym(handle, "OrtGetApiBase");
    const api_base *base = get_base ? get_base() : NULL;
    void *const *api = base ? base->get_api(1) : NULL;
    andon_onnx_library *library = api ? calloc(1, sizeof *library) : NULL;
    if (!library) {
        if (!base) say(reason, room, "the file is a library and not ONNX Runtime: it has no OrtGetApiBase");
        else if (api) say(reason, room, "no memory");
        else snprintf(reason, room, "ONNX Runtime %s no longer has version 1 of its interface", base->get_version());
        dlclose(handle);
        return NULL;
    }
    library->api = api;
    library->version = base->get_version();
    if (start(library, reason, room)) return library;
    free(library);
    return NULL;
}

const char *andon_onnx_version(const andon_onnx_library *library) { return library->version; }

// Element type, rank and shape. Lets go of nothing.
static int read_shape(
    const andon_onnx_library *library, const void *info, int *element, size_t *rank, int64_t *shape, char *reason,
    size_t room) {
    if (!good(library, CALL(library, ELEMENT_TYPE, const void *, int *)(info, element), reason, room)
        || !good(library, CALL(library, RANK, const void *, size_t *)(info, rank), reason, room)) return 0;
    if (*rank > ANDON_ONNX_RANK_MAX) {
        snprintf(reason, room, "a tensor has %zu axes, more than %d", *rank, ANDON_ONNX_RANK_MAX);
        return 0;
    }
    return good(library, CALL(library, DIMENSIONS, const void *, int64_t *, size_t)(info, shape, *rank), reason, room);
}

static int read_name(
    const andon_onnx_model *model, enum position position, size_t index, char *name, char *reason, size_t room) {
    const andon_onnx_library *library = model->library;
    char *text = NULL;
    if (!good(library, CALL(library, position, void *, size_t, void *, char **)(
                           model->session, index, library->allocator, &text), reason, room)) return 0;
    int fits = snprintf(name, ANDON_ONNX_NAME_MAX, "%s", text) < ANDON_ONNX_NAME_MAX;
    char ignored[1];
    good(library, CALL(library, ALLOCATOR_FREE, void *, void *)(library->allocator, text), ignored, sizeof ignored);
    if (!fits) say(reason, room, "the name of an input or output is longer than 255 bytes");
    return fits;
}

static int read_type(
    const andon_onnx_model *model, enum position position, size_t index, andon_onnx_port *port, char *reason,
    size_t room) {
    const andon_onnx_library *library = model->library;
    void *type = NULL;
    if (!good(library, CALL(library, position, void *, size_t, void **)(model->session, index, &type), reason, room))
        return 0;
    const void *tensor = NULL;
    int ok = good(library, CALL(library, CAST_TYPE_TO_TENSOR, void *, const void **)(type, &tensor), reason, room)
        && (!tensor || read_shape(library, tensor, &port->element, &port->rank, port->shape, reason, room));
    RELEASE(library, RELEASE_TYPE, type);
    return ok;
}

static andon_onnx_port *read_ports(
    const andon_onnx_model *model, enum position counter, enum position name, enum position type, size_t *count,
    char *reason, size_t room) {
    const andon_onnx_library *library = model->library;
    if (!good(library, CALL(library, counter, void *, size_t *)(model->session, count), reason, room)) return NULL;
    if (*count > ANDON_ONNX_PORTS_MAX) {
        snprintf(reason, room, "the model has %zu inputs or outputs, more than %d", *count, ANDON_ONNX_PORTS_MAX);
        return NULL;
    }
    andon_onnx_port *ports = calloc(*count + 1, sizeof *ports);
    if (!ports) say(reason, room, "no memory");
    for (size_t i = 0; ports && i < *count; i++) {
        if (read_name(model, name, i, ports[i].name, reason, room)
            && read_type(model, type, i, &ports[i], reason, room)) continue;
        free(ports);
        ports = NULL;
    }
    return ports;
}

static int make_session(
    andon_onnx_model *model, const void *bytes, size_t count, int threads, char *reason, size_t room) {
    const andon_onnx_library *library = model->library;
    void *options = NULL;
    if (!good(library, CALL(library, CREATE_SESSION_OPTIONS, void **)(&options), reason, room)) return 0;
    int ok = good(library, CALL(library, SET_THREADS, void *, int)(options, threads), reason, room)
        && good(library, CALL(library, SET_GRAPH_OPTIMIZATION, void *, int)(options, OPTIMIZE_ALL), reason, room)
        && good(library, CALL(library, CREATE_SESSION_FROM_ARRAY, void *, const void *, size_t, void *, void **)(
                             library->environment, bytes, count, options, &model->session), reason, room);
    RELEASE(library, RELEASE_OPTIONS, options);
    return ok;
}

andon_onnx_model *andon_onnx_load(
    const andon_onnx_library *library, const void *bytes, size_t count, int threads, char *reason, size_t room) {
    andon_onnx_model *model = calloc(1, sizeof *model);
    if (!model) {
        say(reason, room, "no memory");
        return NULL;
    }
    model->library = library;
    if (make_session(model, bytes, count, threads, reason, room)
        && (model->inputs = read_ports(
                model, INPUT_COUNT, INPUT_NAME, INPUT_TYPE, &model->input_count, reason, room))
        && (model->outputs = read_ports(
                model, OUTPUT_COUNT, OUTPUT_NAME, OUTPUT_TYPE, &model->output_count, reason, room))) return model;
    andon_onnx_unload(model);
    return NULL;
}

void andon_onnx_unload(andon_onnx_model *model) {
    if (model->session) RELEASE(model->library, RELEASE_SESSION, model->session);
    free(model->inputs);
    free(model->outputs);
    free(model);
}

size_t andon_onnx_input_count(const andon_onnx_model *model) { return model->input_count; }
size_t andon_onnx_output_count(const andon_onnx_model *model) { return model->output_count; }
const andon_onnx_port *andon_onnx_input_port(const andon_onnx_model *model, size_t index) {
    return &model->inputs[index];
}
const andon_onnx_port *andon_onnx_output_port(const andon_onnx_model *model, size_t index) {
    return &model->outputs[index];
}

static void let_go(const andon_onnx_library *library, void **values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (values[i]) RELEASE(library, RELEASE_VALUE, values[i]);
    }
}

static int wrap(
    const andon_onnx_library *library, const andon_onnx_input *input, void **value, char *reason, size_t room) {
    // The library only reads it; its interface has no const here.
    return good(library, CALL(library, CREATE_TENSOR, void *, void *, size_t, const int64_t *, size_t, int, void **)(
                             library->memory, (void *)input->values, input->count * sizeof(float), input->shape,
                             input->rank, FLOAT32, value), reason, room);
}

static int read_output(
    const andon_onnx_library *library, void *value, andon_onnx_output *output, char *reason, size_t room) {
    void *info = NULL;
    if (!good(library, CALL(library, TENSOR_TYPE, void *, void **)(value, &info), reason, room)) return 0;
    int ok = read_shape(library, info, &output->element, &output->rank, output->shape, reason, room)
        && good(library, CALL(library, ELEMENT_COUNT, void *, size_t *)(info, &output->count), reason, room)
        && good(library, CALL(library, TENSOR_DATA, void *, const void **)(value, &output->data), reason, room);
    RELEASE(library, RELEASE_TENSOR_TYPE, info);
    return ok;
}

andon_onnx_results *andon_onnx_run(
    const andon_onnx_model *model, const andon_onnx_input *inputs, size_t input_count, const size_t *outputs,
    size_t output_count, char *reason, size_t room) {
    const andon_onnx_library *library = model->library;
    const char *input_names[ANDON_ONNX_PORTS_MAX], *output_names[ANDON_ONNX_PORTS_MAX];
    void *values[ANDON_ONNX_PORTS_MAX] = {0};
    if (input_count > ANDON_ONNX_PORTS_MAX || output_count > ANDON_ONNX_PORTS_MAX) {
        say(reason, room, "too many inputs or outputs in one call");
        return NULL;
    }
    andon_onnx_results *results = calloc(1, sizeof *results);
    int ok = results != NULL;
    if (!ok) say(reason, room, "no memory");
    for (size_t i = 0; ok && i < input_count; i++) {
        input_names[i] = model->inputs[inputs[i].port].name;
        ok = wrap(library, &inputs[i], &values[i], reason, room);
    }
    for (size_t i = 0; i < output_count; i++) output_names[i] = model->outputs[outputs[i]].name;
    if (ok) {
        results->library = library;
        results->count = output_count;
        ok = good(library, CALL(library, RUN, void *, const void *, const char *const *, void *const *, size_t,
                                const char *const *, size_t, void **)(
                               model->session, NULL, input_names, values, input_count, output_names, output_count,
                               results->values), reason, room);
    }
    let_go(library, values, input_count);
    for (size_t i = 0; ok && i < output_count; i++) {
        ok = read_output(library, results->values[i], &results->outputs[i], reason, room);
    }
    if (ok) return results;
    if (results) andon_onnx_let_go(results);
    return NULL;
}

const andon_onnx_output *andon_onnx_result(const andon_onnx_results *results, size_t index) {
    return &results->outputs[index];
}

void andon_onnx_let_go(andon_onnx_results *results) {
    let_go(results->library, results->values, results->count);
    free(results);
}
