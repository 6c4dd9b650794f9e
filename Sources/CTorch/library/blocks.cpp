// ggml's blocks restored to floats. Compiled without fused multiplication and addition, so that each number is rounded as ggml's own
// code rounds it.
#include "blocks.h"
#include "handles.h"

#include <ATen/Parallel.h>

STATUS_OP(restore_blocks, (int type, const void *from, int64_t count, float *to), {
  auto [length, bytes] = blocks::shape(type);
  TORCH_CHECK(length > 1, "type ", type, " of ggml has no blocks");
  int64_t strip = 8192 / length, whole = count / length;
  auto *source = static_cast<const uint8_t *>(from);
  int64_t elements = length, size = bytes;
  at::parallel_for(0, whole, strip, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) blocks::restore(static_cast<blocks::Type>(type), source + b * size, to + b * elements);
  });
})
