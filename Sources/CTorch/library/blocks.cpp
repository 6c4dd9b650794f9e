// ggml's blocks restored to floats and made of them. Compiled without fused multiplication and addition, so that each number is rounded
// as ggml's own code rounds it.
#include "blocks.h"
#include "handles.h"
#include "quantizers.h"

#include <ATen/Parallel.h>

#include <atomic>

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

STATUS_OP(make_blocks, (int type, const float *from, int64_t count, void *to), {
  auto [length, bytes] = blocks::shape(type);
  TORCH_CHECK(length > 1 && count % length == 0, count, " numbers are no blocks of ggml's type ", type);
  int64_t elements = length, size = bytes;
  auto *target = static_cast<uint8_t *>(to);
  std::atomic<bool> is_finite{true}, is_known{true};
  at::parallel_for(0, count / length, std::max<int64_t>(1, 8192 / length), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const float *own = from + b * elements;
      if (!std::all_of(own, own + elements, [](float x) { return std::isfinite(x); })) is_finite = false;
      else if (!blocks::quantize(static_cast<blocks::Type>(type), own, target + b * size)) is_known = false;
    }
  });
  TORCH_CHECK(is_known, "ggml's type ", type, " is read and not written");
  TORCH_CHECK(is_finite, "some of the numbers are not finite");
})
