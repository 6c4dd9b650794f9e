// Normalisation of one token or a few in float32: a step of decoding waits for what libtorch does around its kernels.
#include "handles.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace {

// w·x/√(mean x² + ε) of each row (Zhang 2019), or w·(x − mean)/√(variance + ε) + b (Ba 2016).
at::Tensor normalized(const at::Tensor &given, const at::Tensor &w, const at::Tensor *bias, bool centered, double eps) {
  auto x = given.contiguous();
  auto y = at::empty_like(x);
  int64_t n = x.size(-1), rows = x.numel() / std::max<int64_t>(1, n);
  auto *from = x.const_data_ptr<float>(), *weights = w.const_data_ptr<float>();
  auto *shift = bias ? bias->const_data_ptr<float>() : nullptr;
  auto *to = y.mutable_data_ptr<float>();
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float *a = from + r * n;
      float *b = to + r * n, mean = 0, total = 0;
      if (centered) {
#pragma omp simd reduction(+ : mean)
        for (int64_t i = 0; i < n; i++) mean += a[i];
        mean /= static_cast<float>(n);
      }
#pragma omp simd reduction(+ : total)
      for (int64_t i = 0; i < n; i++) total += (a[i] - mean) * (a[i] - mean);
      float factor = 1 / std::sqrt(total / static_cast<float>(n) + static_cast<float>(eps));
#pragma omp simd
      for (int64_t i = 0; i < n; i++) b[i] = (a[i] - mean) * factor * weights[i];
      if (shift) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) b[i] += shift[i];
      }
    }
  });
  return y;
}

// Whether the above takes these, and nobody waits for a gradient.
bool normalizes(const at::Tensor &x, CTorchTensor w, CTorchTensor b) {
  auto plain = [&](CTorchTensor handle) {
    auto &p = T(handle);
    return p.device().is_cpu() && p.scalar_type() == at::kFloat && p.is_contiguous() && p.dim() == 1 && p.size(0) == x.size(-1);
  };
  bool fits = w && plain(w) && (!b || plain(b)) && x.device().is_cpu() && x.scalar_type() == at::kFloat && x.size(-1) > 0;
  return fits && !(at::GradMode::is_enabled() && (x.requires_grad() || T(w).requires_grad() || (b && T(b).requires_grad())));
}

} // namespace

TENSOR_OP(rms_norm, (CTorchTensor handle, CTorchTensor w, double eps), [&] {
  auto &x = T(handle);
  TORCH_CHECK(x.dim() > 0, "rms_norm takes rows, not one number");
  return normalizes(x, w, nullptr) ? normalized(x, T(w), nullptr, false, eps) : at::rms_norm(x, {x.size(-1)}, maybe(w), eps);
}())
TENSOR_OP(layer_norm, (CTorchTensor handle, int64_t width, CTorchTensor w, CTorchTensor b, double eps), [&] {
  auto &x = T(handle);
  bool ours = x.dim() > 0 && x.size(-1) == width && normalizes(x, w, b);
  return ours ? normalized(x, T(w), b ? &T(b) : nullptr, true, eps) : at::layer_norm(x, {width}, maybe(w), maybe(b), eps);
}())
