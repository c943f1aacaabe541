/* libFuzzer as a library (llvm.org/docs/LibFuzzer.html): it calls `callback` until told to stop. */
#ifndef ANDON_FUZZER_H
#define ANDON_FUZZER_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
