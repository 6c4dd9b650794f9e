// Activations x·σ(u(x)): SiLU and the tanh form of GELU, alone or times a second half, in one pass each way.
#pragma once

#include "placement.h"
#include "softmax.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace activations {

using softmax::exponential;

[[gnu::always_inline]] inline float wide(float x) { return x; }
[[gnu::always_inline]] inline float wide(at::BFloat16 x) {
  uint32_t bits = static_cast<uint32_t>(x.x) << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
template <typename scalar> inline scalar narrow(float x);
template <> [[gnu::always_inline]] inline float narrow<float>(float x) { return x; }
// To the nearest, ties to even, without a branch; NaN needs none since no sum below carries into its exponent from a NaN
// that arithmetic made (its low bits are 0).
template <> [[gnu::always_inline]] inline at::BFloat16 narrow<at::BFloat16>(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return at::BFloat16(static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16), at::BFloat16::from_bits());
}

// u and its derivative. 1 + tanh(z) = 2σ(2z) makes GELU's tanh form (Hendrycks 2016) one of these.
struct SiLU {
  [[gnu::always_inline]] static inline float u(float x) { return x; }
  [[gnu::always_inline]] static inline float slope(float) { return 1; }
  static at::Tensor plain(const at::Tensor &x) { return at::silu(x); }
};
struct TanhGELU {
  static constexpr float a = 1.5957691216057308f, b = 0.044715f;
  [[gnu::always_inline]] static inline float u(float x) { return a * (x + b * x * x * x); }
  [[gnu::always_inline]] static inline float slope(float x) { return a * (1 + 3 * b * x * x); }
  static at::Tensor plain(const at::Tensor &x) { return at::gelu(x, "tanh"); }
};

[[gnu::always_inline]] inline float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

// y = f(x), or f(x) times what lies in `second`.
template <typename Curve, bool gated, typename scalar>
void activate(const scalar *__restrict x, const scalar *__restrict second, scalar *__restrict y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) {
    float v = wide(x[i]), value = v * sigmoid(Curve::u(v));
    if constexpr (gated) value *= wide(second[i]);
    y[i] = narrow<scalar>(value);
  }
}

// Gradients of both from y's.
template <typename Curve, bool gated, typename scalar>
void activate_backward(const scalar *__restrict x, const scalar *__restrict second, const scalar *__restrict dy,
                       scalar *__restrict dx, scalar *__restrict dsecond, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) {
    float v = wide(x[i]), s = sigmoid(Curve::u(v)), slope = s + v * s * (1 - s) * Curve::slope(v), upstream = wide(dy[i]);
    if constexpr (gated) {
      dsecond[i] = narrow<scalar>(upstream * v * s);
      upstream *= wide(second[i]);
    }
    dx[i] = narrow<scalar>(upstream * slope);
  }
}

template <typename Curve> struct Activated : torch::autograd::Function<Activated<Curve>> {
  static bool knows(const at::Tensor &x) {
    return placement::is_ours(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  }

  // Elements [..., n], or with a gate [..., 2n] of which the first half is activated and multiplies the second.
  static at::Tensor computed(const at::Tensor &x, bool gated) {
    auto shape = x.sizes().vec();
    if (gated) shape.back() /= 2;
    auto out = at::empty(shape, x.options());
    if (x.scalar_type() == at::kFloat) forwards<float>(x, out, gated);
    else forwards<at::BFloat16>(x, out, gated);
    return out;
  }

  static at::Tensor forward(torch::autograd::AutogradContext *ctx, at::Tensor x0, bool gated) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto x = x0.contiguous();
    ctx->save_for_backward({x});
    ctx->saved_data["gated"] = gated;
    return computed(x, gated);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto x = ctx->get_saved_variables()[0], g = grads[0].contiguous(), dx = at::empty(x.sizes(), x.options());
    bool gated = ctx->saved_data["gated"].toBool();
    if (x.scalar_type() == at::kFloat) backwards<float>(x, g, dx, gated);
    else backwards<at::BFloat16>(x, g, dx, gated);
    return {dx, at::Tensor()};
  }

private:
  template <typename scalar> static void forwards(const at::Tensor &x, const at::Tensor &out, bool gated) {
    auto *from = x.const_data_ptr<scalar>();
    auto *to = out.mutable_data_ptr<scalar>();
    pieces(out, gated, [&](int64_t at, int64_t n) {
      if (gated) activate<Curve, true>(from + 2 * at, from + 2 * at + n, to + at, n);
      else activate<Curve, false>(from + at, from + at, to + at, n);
    });
  }

  template <typename scalar> static void backwards(const at::Tensor &x, const at::Tensor &g, const at::Tensor &dx, bool gated) {
    auto *from = x.const_data_ptr<scalar>(), *upstream = g.const_data_ptr<scalar>();
    auto *to = dx.mutable_data_ptr<scalar>();
    pieces(g, gated, [&](int64_t at, int64_t n) {
      if (gated)
        activate_backward<Curve, true>(from + 2 * at, from + 2 * at + n, upstream + at, to + 2 * at, to + 2 * at + n, n);
      else activate_backward<Curve, false>(from + at, from + at, upstream + at, to + at, to + at, n);
    });
  }

  // Calls body(first element of the result, count) for rows, or for pieces of what has none, spread over the threads.
  template <typename F> static void pieces(const at::Tensor &out, bool gated, F &&body) {
    int64_t n = gated ? out.size(-1) : 4096, total = out.numel();
    if (total == 0) return;
    at::parallel_for(0, (total + n - 1) / n, std::max<int64_t>(1, 32768 / n), [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; r++) body(r * n, std::min(n, total - r * n));
    });
  }
};

template <typename Curve> at::Tensor activated(const at::Tensor &x, bool is_gated) {
  TORCH_CHECK(x.dim() > 0 && (!is_gated || x.size(-1) % 2 == 0), "a gated activation takes two halves, not ", x.sizes());
  // A gradient's bookkeeping costs more than activating one token.
  if (Activated<Curve>::knows(x))
    return at::GradMode::is_enabled() && x.requires_grad() ? Activated<Curve>::apply(x, is_gated)
                                                           : Activated<Curve>::computed(x.contiguous(), is_gated);
  if (!is_gated) return Curve::plain(x);
  auto halves = x.chunk(2, -1);
  return Curve::plain(halves[0]) * halves[1];
}

} // namespace activations
