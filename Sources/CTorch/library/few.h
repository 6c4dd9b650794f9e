// Products of one row or a few with a weight in bfloat16 on a device: what is read is the weight, once, and libtorch's kernels are
// made for many rows.
#pragma once

#include "kernels.h"

#include <ATen/core/grad_mode.h>

#include <optional>

namespace few {

constexpr int64_t most = 4;

// x [..., inputs] in float32 or bfloat16 times a weight [outputs, inputs] in bfloat16, plus a bias of its type: bfloat16. Nothing where
// another kernel has to do it.
inline at::Tensor product(const at::Tensor &given, const at::Tensor &w, const std::optional<at::Tensor> &bias) {
  if (!given.is_cuda() || w.scalar_type() != at::kBFloat16 || w.dim() != 2 || given.dim() == 0 || given.size(-1) != w.size(1)) return {};
  int64_t inputs = w.size(1), outputs = w.size(0), rows = inputs > 0 ? given.numel() / inputs : 0;
  bool waits = at::GradMode::is_enabled() &&
               (given.requires_grad() || w.requires_grad() || (bias && bias->requires_grad()));
  if (waits || rows < 1 || rows > most || inputs % 8 != 0 || !w.is_contiguous() || !kernels::takes(given) ||
      !kernels::knows(given.scalar_type()) || w.device() != given.device() ||
      (bias && (bias->scalar_type() != at::kBFloat16 || !bias->is_contiguous())))
    return {};
  auto x = given.contiguous();
  auto sizes = given.sizes().vec();
  sizes.back() = outputs;
  auto y = at::empty(sizes, w.options());
  auto *from = x.const_data_ptr(), *weight = w.const_data_ptr(), *shift = bias ? bias->const_data_ptr() : nullptr;
  auto *to = y.mutable_data_ptr();
  int width = static_cast<int>(inputs), height = static_cast<int>(outputs);
  kernels::launch("few_rows", {{"FEW", "1"}, {"FROM", kernels::name_of(x.scalar_type())}, {"ROWS", std::to_string(rows)}}, x,
                  {(outputs + 3) / 4, 1, 128}, {&from, &weight, &shift, &width, &height, &to});
  return y;
}

} // namespace few
