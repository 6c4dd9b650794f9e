// The C ABI over libtorch: the only door between Swift and C++.
//
// Every function is a member of one table, filled by the shared library that Scripts/build-ctorch compiles against a
// libtorch (CPU, CUDA or Apple's). The table is opened with dlopen at first use, so a program that makes no tensor never
// loads libtorch, and one Swift binary runs with whichever libtorch it finds.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised whenever a line of ops.def changes: a library of another number is refused.
#define CTORCH_ABI 9

typedef struct CTorchTensorValue *CTorchTensor;
typedef struct CTorchGeneratorValue *CTorchGenerator;
typedef struct CTorchPackedValue *CTorchPacked;
typedef struct CTorchGroupValue *CTorchGroup;
typedef struct CTorchGraphValue *CTorchGraph;

/// Computes `inputs` gradients from `outputs` gradients; writes owned handles (or NULL) to `result`.
typedef int (*CTorchBackward)(void *context, const CTorchTensor *gradients, int n, CTorchTensor *result, int m);

/// How one row of logits becomes a token. A temperature of 0 is greedy; top_k 0, top_p 1 and min_p 0 are off.
/// The draw depends only on (seed, counter) and the row, never on the rest of the batch.
typedef struct {
  double temperature;
  int64_t top_k;
  double top_p;
  double min_p;
  uint64_t seed;
  uint64_t counter;
} CTorchSampling;

/// Rows of a linear layer's weight in ggml's blocks: of which type, and in how many heads the features that are turned together lie
/// in pairs (0 for none).
typedef struct {
  const void *blocks;
  int64_t rows;
  int32_t type;
  int32_t heads;
} CTorchBlocks;

typedef struct {
  int32_t abi;
  int32_t size;
#define CTORCH_FN(result, name, parameters) result (*name) parameters;
#include "ops.def"
#undef CTORCH_FN
} CTorchTable;

/// One of ggml's types of tensors: its name, how many elements and bytes a block has. No name for a number that is no type's.
typedef struct {
  const char *name;
  int32_t length;
  int32_t bytes;
} CTorchBlockShape;

/// The type of this number; needs no library.
CTorchBlockShape ctorch_block_shape(uint32_t type);

/// The table of an already loaded library, or NULL.
const CTorchTable *ctorch_table(void);

/// Opens the library at `path`; returns NULL on success, else what went wrong (valid until the next call).
const char *ctorch_open(const char *path);

#ifdef __cplusplus
}
#endif
#endif
