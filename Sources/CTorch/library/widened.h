// Products of bfloat16 on processors that have no such instruction. There oneDNN emulates them at a third of float32's speed;
// float32's own product gives the same numbers, since a product of two bfloat16s is exact in float32.
#pragma once

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>

namespace widened {

// Whether the processor multiplies bfloat16 itself.
inline bool is_native() {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool does = __builtin_cpu_supports("avx512bf16");
  return does;
#elif defined(__ARM_FEATURE_BF16)
  return true;
#else
  return false;
#endif
}

inline bool is_emulated(const at::Tensor &x) {
  return x.device().is_cpu() && x.scalar_type() == at::kBFloat16 && !is_native();
}

// What a product should read for x.
inline at::Tensor operand(const at::Tensor &x) { return is_emulated(x) ? x.to(at::kFloat) : x; }

// Autocast would make bfloat16 of what was widened.
struct Uncast {
  c10::impl::ExcludeDispatchKeyGuard guard{c10::autocast_dispatch_keyset};
};

// A linear layer on bfloat16, or on what autocast makes bfloat16 of, by float32's products. Gradients of float32 arguments stay
// float32, where autocast would round them on their way.
struct Linear : torch::autograd::Function<Linear> {
  using Context = torch::autograd::AutogradContext;

  static at::Tensor forward(Context *ctx, at::Tensor x, at::Tensor w, std::optional<at::Tensor> bias) {
    at::AutoDispatchBelowADInplaceOrView below;
    Uncast uncast;
    ctx->saved_data["x"] = x.scalar_type();
    ctx->saved_data["w"] = w.scalar_type();
    if (bias) ctx->saved_data["bias"] = bias->scalar_type();
    x = x.to(at::kBFloat16);
    w = w.to(at::kBFloat16);
    ctx->save_for_backward({x, w});
    if (bias) bias = bias->to(at::kBFloat16).to(at::kFloat);
    return at::linear(x.to(at::kFloat), w.to(at::kFloat), bias).to(at::kBFloat16);
  }

  static torch::autograd::variable_list backward(Context *ctx, torch::autograd::variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    Uncast uncast;
    auto saved = ctx->get_saved_variables();
    auto g = grads[0].to(at::kFloat).flatten(0, -2);
    auto type = [&](const char *of) { return ctx->saved_data[of].toScalarType(); };
    at::Tensor dx, dw, db;
    if (ctx->needs_input_grad(0)) dx = at::mm(g, saved[1].to(at::kFloat)).to(type("x")).view(saved[0].sizes());
    if (ctx->needs_input_grad(1)) dw = at::mm(g.t(), saved[0].to(at::kFloat).flatten(0, -2)).to(type("w"));
    if (ctx->saved_data.count("bias") && ctx->needs_input_grad(2)) db = g.sum(0).to(type("bias"));
    return {dx, dw, db};
  }
};

// at::linear, unless that would emulate.
inline at::Tensor linear(const at::Tensor &x, const at::Tensor &w, const std::optional<at::Tensor> &bias) {
  auto casts = [](const at::Tensor &t) {
    return t.scalar_type() == at::kBFloat16 ||
           (t.scalar_type() != at::kDouble && t.is_floating_point() && at::autocast::is_autocast_enabled(at::kCPU) &&
            at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16);
  };
  if (!is_native() && x.device().is_cpu() && w.device().is_cpu() && x.dim() >= 2 && casts(x) && casts(w) &&
      w.dim() == 2 && x.size(-1) == w.size(1) && (!bias || bias->sizes() == at::IntArrayRef{w.size(0)}))
    return Linear::apply(x, w, bias);
  return at::linear(x, w, bias);
}

} // namespace widened
