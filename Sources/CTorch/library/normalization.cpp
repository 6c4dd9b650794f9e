// Normalisation: of one token or a few in float32, where a step of decoding waits for what libtorch does around its kernels, and
// on a device, where libtorch under autocast passes over memory three times.
#include "activations.h"
#include "handles.h"
#include "kernels.h"
#include "placement.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace {

using activations::narrow;
using activations::wide;

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
    return placement::is_ours(p) && p.scalar_type() == at::kFloat && p.is_contiguous() && p.dim() == 1 && p.size(0) == x.size(-1);
  };
  bool fits = w && plain(w) && (!b || plain(b)) && placement::is_ours(x) && x.scalar_type() == at::kFloat && x.size(-1) > 0;
  return fits && !(at::GradMode::is_enabled() && (x.requires_grad() || T(w).requires_grad() || (b && T(b).requires_grad())));
}

// x/√(mean x² + ε)·w with a gradient: what waits for the backward pass is x and a number for each row, where libtorch's composition keeps
// three copies of x. Under autocast the result has the type that the next product would make of it.
struct RootMeanSquare : torch::autograd::Function<RootMeanSquare> {
  static at::Tensor forward(torch::autograd::AutogradContext *ctx, at::Tensor given, at::Tensor w, double eps, at::ScalarType result) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto x = given.contiguous(), y = at::empty(x.sizes(), x.options().dtype(result));
    int64_t n = x.size(-1);
    auto factors = at::empty({x.numel() / n}, x.options().dtype(at::kFloat));
    auto *weights = w.const_data_ptr<float>();
    auto *factor = factors.mutable_data_ptr<float>();
    typed(x, y, [&](auto *from, auto *to) {
      each_row(x, [&](int64_t r) {
        auto *a = from + r * n;
        auto *b = to + r * n;
        float total = 0;
#pragma omp simd reduction(+ : total)
        for (int64_t i = 0; i < n; i++) total += wide(a[i]) * wide(a[i]);
        float f = factor[r] = 1 / std::sqrt(total / static_cast<float>(n) + static_cast<float>(eps));
#pragma omp simd
        for (int64_t i = 0; i < n; i++) b[i] = narrow<std::remove_pointer_t<decltype(b)>>(wide(a[i]) * f * weights[i]);
      });
    });
    ctx->save_for_backward({x, w, factors});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    auto x = saved[0], w = saved[1], g = grads[0].contiguous(), dx = at::empty_like(x);
    int64_t n = x.size(-1), rows = x.numel() / n;
    auto *weights = w.const_data_ptr<float>(), *factor = saved[2].const_data_ptr<float>();
    typed(x, g, [&](auto *from, auto *upstream) {
      using scalar = std::remove_const_t<std::remove_pointer_t<decltype(from)>>;
      auto *to = dx.mutable_data_ptr<scalar>();
      each_row(x, [&](int64_t r) {
        auto *a = from + r * n;
        auto *up = upstream + r * n;
        auto *b = to + r * n;
        float along = 0, f = factor[r];
#pragma omp simd reduction(+ : along)
        for (int64_t i = 0; i < n; i++) along += wide(up[i]) * weights[i] * wide(a[i]);
        float back = along * f * f * f / static_cast<float>(n);
#pragma omp simd
        for (int64_t i = 0; i < n; i++) b[i] = narrow<scalar>(wide(up[i]) * weights[i] * f - wide(a[i]) * back);
      });
    });
    at::Tensor dw;
    if (ctx->needs_input_grad(1))
      dw = (g.reshape({rows, n}).to(at::kFloat) * x.reshape({rows, n}) * saved[2].unsqueeze(1)).sum(0);
    return {dx, dw, at::Tensor(), at::Tensor()};
  }

  // Whether this takes them, and somebody waits for a gradient.
  static bool takes(const at::Tensor &x, const at::Tensor &w) {
    auto knows = [](const at::Tensor &t) { return t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16; };
    return placement::is_ours(x) && placement::is_ours(w) && knows(x) && w.scalar_type() == at::kFloat && w.is_contiguous() && w.dim() == 1 &&
           x.size(-1) == w.size(0) && x.numel() > 0 && at::GradMode::is_enabled() && (x.requires_grad() || w.requires_grad());
  }

private:
  template <typename F> static void each_row(const at::Tensor &x, const F &body) {
    int64_t n = x.size(-1);
    at::parallel_for(0, x.numel() / n, std::max<int64_t>(1, 16384 / n), [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; r++) body(r);
    });
  }

  // Calls the body with the elements of both in their types, those of the second to be written to.
  template <typename F> static void typed(const at::Tensor &x, const at::Tensor &y, const F &body) {
    auto second = [&](auto *from) {
      if (y.scalar_type() == at::kFloat) body(from, y.mutable_data_ptr<float>());
      else body(from, y.mutable_data_ptr<at::BFloat16>());
    };
    if (x.scalar_type() == at::kFloat) second(x.const_data_ptr<float>());
    else second(x.const_data_ptr<at::BFloat16>());
  }
};

// ---- on a device, in the types that are there; under autocast the result has the type that the next product would make of it

kernels::Definitions definitions_of(const at::Tensor &x, const at::Tensor &w, at::ScalarType result, bool centered, at::ScalarType added) {
  return {{"NORM", "1"},
          {"FROM", kernels::name_of(x.scalar_type())},
          {"WEIGHT", kernels::name_of(w.scalar_type())},
          {"TO", kernels::name_of(result)},
          {"ADDED", kernels::name_of(added)},
          {"LENGTH", std::to_string(x.size(-1))},
          {"CENTERED", centered ? "1" : "0"}};
}

struct KernelNorm : torch::autograd::Function<KernelNorm> {
  struct Made {
    at::Tensor y, sum, means, factors;
  };

  static Made computed(const at::Tensor &x, const at::Tensor &added, const at::Tensor &w, const at::Tensor &bias, bool centered, double eps,
                       at::ScalarType result, bool keeps) {
    int64_t rows = x.numel() / x.size(-1);
    auto floats = x.options().dtype(at::kFloat);
    Made made{at::empty(x.sizes(), x.options().dtype(result)), {}, {}, {}};
    if (added.defined()) made.sum = at::empty(x.sizes(), x.options());
    if (keeps) made.factors = at::empty({rows}, floats);
    if (keeps && centered) made.means = at::empty({rows}, floats);
    auto read = [](const at::Tensor &t) { return t.defined() ? t.const_data_ptr() : nullptr; };
    auto write = [](const at::Tensor &t) { return t.defined() ? t.mutable_data_ptr() : nullptr; };
    auto *from = read(x), *other = read(added), *weights = read(w), *shift = read(bias);
    auto *to = write(made.y), *sums = write(made.sum), *means = write(made.means), *factors = write(made.factors);
    float epsilon = static_cast<float>(eps);
    auto type = added.defined() ? added.scalar_type() : x.scalar_type();
    kernels::launch("normalize", definitions_of(x, w, result, centered, type), x, {rows},
                    {&from, &other, &sums, &weights, &shift, &epsilon, &to, &means, &factors});
    return made;
  }

  // The norm, and before it the sum where something is added.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext *ctx, at::Tensor given, std::optional<at::Tensor> added,
                                                at::Tensor w, std::optional<at::Tensor> bias, bool centered, double eps,
                                                at::ScalarType result) {
    at::AutoDispatchBelowADInplaceOrView below;
    ctx->set_materialize_grads(false);
    auto x = given.contiguous(), other = added ? added->contiguous() : at::Tensor();
    auto made = computed(x, other, w, bias.value_or(at::Tensor()), centered, eps, result, true);
    ctx->save_for_backward({added ? made.sum : x, w, made.factors, centered ? made.means : made.factors});
    ctx->saved_data["centered"] = centered;
    ctx->saved_data["biased"] = bias.has_value();
    if (added) ctx->saved_data["added"] = added->scalar_type();
    return added ? torch::autograd::variable_list{made.sum, made.y} : torch::autograd::variable_list{made.y};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    auto &x = saved[0], &w = saved[1];
    bool centered = ctx->saved_data["centered"].toBool(), biased = ctx->saved_data["biased"].toBool();
    bool adds = ctx->saved_data.count("added") > 0;
    auto type = adds ? ctx->saved_data["added"].toScalarType() : x.scalar_type();
    auto passed = adds && grads[0].defined() ? grads[0].to(x.scalar_type()).contiguous() : at::Tensor();
    auto upstream = grads.back();
    // Nobody waits for the norm: the sum's gradient is all.
    if (!upstream.defined())
      return {passed, passed.to(type), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    auto g = upstream.contiguous();
    int64_t rows = x.numel() / x.size(-1), n = x.size(-1);
    // Blocks enough for any device, few enough that the sums of the weights' gradients are little beside x.
    int64_t blocks = std::min<int64_t>(rows, 1024);
    auto dx = at::empty(x.sizes(), x.options());
    // Of one type it is one gradient.
    bool differs = adds && type != x.scalar_type();
    auto dadded = differs ? at::empty(x.sizes(), x.options().dtype(type)) : at::Tensor();
    auto sums = at::empty({biased ? 2 : 1, blocks, n}, x.options().dtype(at::kFloat));
    auto *gradient = g.const_data_ptr(), *from = x.const_data_ptr(), *weights = w.const_data_ptr(), *factors = saved[2].const_data_ptr(),
         *means = saved[3].const_data_ptr(), *other = passed.defined() ? passed.const_data_ptr() : nullptr;
    auto *to = dx.mutable_data_ptr(), *to_added = differs ? dadded.mutable_data_ptr() : nullptr, *dw = sums.mutable_data_ptr(),
         *db = biased ? sums[1].mutable_data_ptr() : nullptr;
    kernels::launch("normalize_backward", definitions_of(x, w, g.scalar_type(), centered, type), x, {blocks},
                    {&gradient, &other, &from, &weights, &means, &factors, &rows, &to, &to_added, &dw, &db});
    auto whole = sums.sum(1).to(w.scalar_type());
    return {dx,           adds ? (differs ? dadded : dx) : at::Tensor(), whole[0], biased ? whole[1] : at::Tensor(), at::Tensor(),
            at::Tensor(), at::Tensor()};
  }
};

// The sum (undefined where nothing is added) and the norm by a device's kernel, or nothing where there is none for these.
std::pair<at::Tensor, at::Tensor> kernel_norm(const at::Tensor &x, CTorchTensor added, CTorchTensor w, CTorchTensor b, bool centered,
                                              double eps) {
  auto fits = [&](CTorchTensor handle) {
    auto &p = T(handle);
    return p.device() == x.device() && p.scalar_type() == T(w).scalar_type() && p.is_contiguous() && p.dim() == 1 && p.size(0) == x.size(-1);
  };
  if (!kernels::takes(x) || !w || x.size(-1) == 0 || x.size(-1) > 8192 || !kernels::knows(x.scalar_type()) ||
      !kernels::knows(T(w).scalar_type()) || !fits(w) || (b && !fits(b)))
    return {};
  if (added && (T(added).sizes() != x.sizes() || T(added).device() != x.device() || !kernels::knows(T(added).scalar_type()) ||
                at::promote_types(T(added).scalar_type(), x.scalar_type()) != x.scalar_type()))
    return {};
  auto kind = x.device().type();
  auto result = x.scalar_type();
  if (at::autocast::is_autocast_enabled(kind) && kernels::knows(at::autocast::get_autocast_dtype(kind)))
    result = at::autocast::get_autocast_dtype(kind);
  bool wanted = x.requires_grad() || T(w).requires_grad() || (b && T(b).requires_grad()) || (added && T(added).requires_grad());
  if (at::GradMode::is_enabled() && wanted) {
    auto made = KernelNorm::apply(x, maybe(added), T(w), maybe(b), centered, eps, result);
    return {added ? made[0] : at::Tensor(), made.back()};
  }
  auto made = KernelNorm::computed(x.contiguous(), added ? T(added).contiguous() : at::Tensor(), T(w), b ? T(b) : at::Tensor(), centered,
                                   eps, result, false);
  return {made.sum, made.y};
}

// A norm of x by whatever is there for it.
at::Tensor norm_of(const at::Tensor &x, CTorchTensor w, CTorchTensor b, bool centered, double eps) {
  TORCH_CHECK(x.dim() > 0, "a norm takes rows, not one number");
  if (auto made = kernel_norm(x, nullptr, w, b, centered, eps).second; made.defined()) return made;
  if (normalizes(x, w, b)) return normalized(x, T(w), b ? &T(b) : nullptr, centered, eps);
  if (!centered && w && RootMeanSquare::takes(x, T(w))) {
    auto type = at::autocast::is_autocast_enabled(at::kCPU) ? at::autocast::get_autocast_dtype(at::kCPU) : x.scalar_type();
    return RootMeanSquare::apply(x, T(w), eps, type == at::kBFloat16 ? type : x.scalar_type());
  }
  return centered ? at::layer_norm(x, {x.size(-1)}, maybe(w), maybe(b), eps) : at::rms_norm(x, {x.size(-1)}, maybe(w), eps);
}

} // namespace

TENSOR_OP(rms_norm, (CTorchTensor x, CTorchTensor w, double eps), norm_of(T(x), w, nullptr, false, eps))
TENSOR_OP(layer_norm, (CTorchTensor x, int64_t width, CTorchTensor w, CTorchTensor b, double eps), [&] {
  TORCH_CHECK(T(x).dim() > 0 && T(x).size(-1) == width, "layer_norm over ", width, " elements takes rows of as many, not ", T(x).sizes());
  return norm_of(T(x), w, b, true, eps);
}())
// x + added and its norm: on a device one pass over memory each way.
STATUS_OP(add_norm, (CTorchTensor x, CTorchTensor added, CTorchTensor w, CTorchTensor b, int centered, double eps, CTorchTensor *out), {
  auto [sum, made] = kernel_norm(T(x), added, w, b, centered != 0, eps);
  if (!made.defined()) {
    sum = T(x) + T(added);
    made = norm_of(sum, w, b, centered != 0, eps);
  }
  out[0] = own(sum);
  out[1] = own(made);
})
