// Linear layers whose weights are kept in the form that their product reads.
#include "handles.h"
#include "packed.h"

#include "activations.h"
#include "dots.h"
#include "eights.h"
#include "few.h"
#include "panels.h"
#include "placement.h"
#include "widened.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <memory>
#include <mutex>

namespace {

// Up to `few` rows read the weight as it lies, more than `many` are libtorch's. The kernels add up in different orders, so these
// are part of what decides a result to the bit: whoever makes the layer chooses them (RowLimits in Swift).
struct Limits {
  int64_t few, many;
};

// For some rows a general product spends more time on bringing the weight into its order than on multiplying; a few rows read it
// as it lies, and for many the time doesn't matter.
struct Float32Linear : PackedLinear {
  at::Tensor weight;

  Float32Linear(const at::Tensor &w, const std::optional<at::Tensor> &b, Limits limits)
      : PackedLinear(w.size(0), w.size(1), b), weight(w.detach().contiguous()), limits(limits) {}

  at::Tensor multiply(const at::Tensor &x, const float *added) override {
    int64_t rows = x.size(0);
    if (weight.scalar_type() != at::kFloat || rows > limits.many) return plus(general(x), added);
    auto y = room(x);
    auto *w = weight.const_data_ptr<float>(), *from = x.const_data_ptr<float>();
    auto *to = y.mutable_data_ptr<float>();
    if (rows <= limits.few) dots::multiply(w, from, rows, inputs, outputs, bias_data(), added, to);
    else {
      std::call_once(ordering, [&] { ordered = std::make_unique<panels::Weight<float>>(w, outputs, inputs); });
      ordered->multiply(from, rows, bias_data(), added, to);
    }
    return y;
  }
  at::Tensor restored() override { return weight.to(at::kFloat); }
  at::Tensor general(const at::Tensor &x) override { return at::linear(x, weight.to(x.options()), placed(x)); }

private:
  Limits limits;
  std::unique_ptr<panels::Weight<float>> ordered;
  std::once_flag ordering;
};

// Half the memory of float32. The products themselves are float32's, of panels in bfloat16, but on a processor that multiplies
// bfloat16 itself, where a few rows read the weight as it lies.
struct BFloat16Linear : PackedLinear {
  at::Tensor weight;
  std::unique_ptr<panels::Weight<at::BFloat16>> ordered;

  BFloat16Linear(const at::Tensor &w, const std::optional<at::Tensor> &b, Limits limits)
      : PackedLinear(w.size(0), w.size(1), b), limits(limits) {
    auto rounded = w.detach().to(at::kBFloat16).contiguous();
    if (bias.defined() && !rounded.is_cpu()) rounded_bias = bias.to(at::kBFloat16);
    if (widened::is_native() || !rounded.is_cpu()) weight = rounded;
    else ordered = std::make_unique<panels::Weight<at::BFloat16>>(rounded.const_data_ptr<at::BFloat16>(), outputs, inputs);
  }
  at::Tensor multiply(const at::Tensor &x, const float *added) override {
    int64_t rows = x.size(0);
    if (!ordered && rows > limits.few) {
      auto y = at::linear(x.to(at::kBFloat16), weight).to(at::kFloat);
      return plus(bias.defined() ? y + bias : y, added);
    }
    if (ordered && rows > limits.many) return plus(general(x), added);
    auto y = room(x);
    auto *from = x.const_data_ptr<float>();
    auto *to = y.mutable_data_ptr<float>();
    if (ordered) ordered->multiply(from, rows, bias_data(), added, to);
    else dots::multiply(weight.const_data_ptr<at::BFloat16>(), from, rows, inputs, outputs, bias_data(), added, to);
    return y;
  }
  // Elsewhere than on the processor the result is bfloat16 too, as under autocast.
  at::Tensor general(const at::Tensor &x) override {
    if (weight.is_cpu()) return PackedLinear::general(x);
    auto shift = bias.defined() ? std::optional<at::Tensor>(rounded_bias) : std::nullopt;
    auto made = few::product(x, weight, shift);
    return made.defined() ? made : at::linear(x.to(at::kBFloat16), weight, shift);
  }
  at::Tensor restored() override {
    if (!ordered) return weight.to(at::kFloat);
    auto w = at::empty({outputs, inputs}, at::kFloat);
    ordered->restore(w.mutable_data_ptr<float>());
    return w;
  }
  at::Tensor restored(at::IntArrayRef rows) override {
    auto w = at::empty({static_cast<int64_t>(rows.size()), inputs}, at::kFloat);
    if (!ordered) {
      auto index = at::from_blob(const_cast<int64_t *>(rows.data()), {static_cast<int64_t>(rows.size())}, at::kLong);
      return weight.index_select(0, index.to(weight.device())).to(at::kFloat);
    }
    auto *to = w.mutable_data_ptr<float>();
    for (size_t r = 0; r < rows.size(); r++) ordered->row(rows[r], to + static_cast<int64_t>(r) * inputs);
    return w;
  }

private:
  Limits limits;
  at::Tensor rounded_bias;
};

// A unit for each output channel, and one for each row of the input, found on the fly.
struct Int8Linear : PackedLinear {
  eights::Weight weight;
  Int8Linear(const at::Tensor &w, const std::optional<at::Tensor> &b)
      : PackedLinear(w.size(0), w.size(1), b), weight(w.detach().to(at::kFloat).contiguous().const_data_ptr<float>(), outputs, inputs) {
    TORCH_CHECK(inputs <= 65536, "8-bit weights take at most 65,536 inputs, not ", inputs);
  }
  at::Tensor multiply(const at::Tensor &x, const float *added) override {
    auto y = room(x);
    weight.multiply(x.const_data_ptr<float>(), x.size(0), bias_data(), added, y.mutable_data_ptr<float>());
    return y;
  }
  at::Tensor restored() override {
    auto w = at::empty({outputs, inputs}, at::kFloat);
    weight.restore(w.mutable_data_ptr<float>());
    return w;
  }
};

// Groups of 32 weights of a row share a scale and a zero (asymmetric, 0 to 15), activations stay as they are.
struct Int4Linear : PackedLinear {
  static constexpr int64_t group = 32;
  at::Tensor packed, scales;
  Int4Linear(const at::Tensor &w, const std::optional<at::Tensor> &b) : PackedLinear(w.size(0), w.size(1), b) {
    TORCH_CHECK(w.size(1) % group == 0 && w.size(0) % 16 == 0, "4-bit weights come in groups of ", group,
                " inputs and rows of 16 outputs, which [", w.size(0), ", ", w.size(1), "] is not");
    auto weight = w.detach().to(at::kFloat).contiguous().view({w.size(0), -1, group});
    auto low = weight.amin({2}), high = weight.amax({2});
    auto scale = ((high - low) / 15).clamp_min(1e-8);
    // The kernel reads (q − 8)·scale + zero.
    auto q = ((weight - low.unsqueeze(2)) / scale.unsqueeze(2)).round().clamp(0, 15).to(at::kInt).view({w.size(0), w.size(1)});
    packed = at::_convert_weight_to_int4pack_for_cpu(q, 1);
    scales = at::stack({scale, low + 8 * scale}, 2).transpose(0, 1).contiguous();
  }
  at::Tensor multiply(const at::Tensor &x, const float *added) override {
    auto y = at::_weight_int4pack_mm_for_cpu(x, packed, group, scales);
    return plus(bias.defined() ? y + bias : y, added);
  }
  // The packed order is libtorch's own: its product with the unit matrix spells it out.
  at::Tensor restored() override {
    return at::_weight_int4pack_mm_for_cpu(at::eye(inputs, at::kFloat), packed, group, scales).t().contiguous();
  }
};

// The gradient of x is made with the restored weight, which is made anew each time and not kept: the packed weight is all that stays in
// memory (Dettmers 2023).
struct RestoredLinear : torch::autograd::Function<RestoredLinear> {
  static at::Tensor forward(torch::autograd::AutogradContext *ctx, at::Tensor x, c10::intrusive_ptr<PackedLinear> layer) {
    at::AutoDispatchBelowADInplaceOrView below;
    ctx->saved_data["layer"] = c10::IValue::make_capsule(layer);
    return layer->trained(x);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto layer = c10::static_intrusive_pointer_cast<PackedLinear>(ctx->saved_data["layer"].toCapsule());
    auto g = widened::operand(grads[0]);
    auto w = layer->restored(0, layer->outputs, g.scalar_type()).to(g.device());
    return {at::matmul(g, w).to(grads[0].scalar_type()), at::Tensor()};
  }
};

PackedLinear &layer(CTorchPacked p) { return *reinterpret_cast<PackedLinear *>(p); }

} // namespace

at::Tensor PackedLinear::trained(const at::Tensor &x) { return widened::linear(x, restored().to(x.options()), placed(x)); }

extern "C" CTorchPacked ctorch_pack_linear(CTorchTensor w, CTorchTensor b, int bits, int64_t few, int64_t many) {
  return guarded<CTorchPacked>(nullptr, [&]() -> CTorchPacked {
    auto &weight = T(w);
    auto bias = maybe(b);
    TORCH_CHECK(weight.dim() == 2 && (!bias || (bias->dim() == 1 && bias->size(0) == weight.size(0))),
                "a weight [out, in] and a bias [out] are needed, not ", weight.sizes(), " and ",
                bias ? bias->sizes() : at::IntArrayRef{});
    TORCH_CHECK(bits >= 16 || weight.device().is_cpu(), "weights of ", bits, " bits are for the CPU: keep them in 16 on a ",
                weight.device().type());
    at::NoGradGuard off;
    c10::intrusive_ptr<PackedLinear> made;
    if (bits == 4) made = c10::make_intrusive<Int4Linear>(weight, bias);
    else if (bits == 8) made = c10::make_intrusive<Int8Linear>(weight, bias);
    else if (bits == 16) made = c10::make_intrusive<BFloat16Linear>(weight, bias, Limits{few, many});
    else made = c10::make_intrusive<Float32Linear>(weight, bias, Limits{few, many});
    return own(std::move(made));
  });
}
extern "C" void ctorch_packed_free(CTorchPacked p) {
  c10::intrusive_ptr<PackedLinear>::reclaim(reinterpret_cast<PackedLinear *>(p));
}
TENSOR_OP(packed_weight, (CTorchPacked p), [&] {
  at::NoGradGuard off;
  return layer(p).restored();
}())
extern "C" int ctorch_multiplies_bfloat16(void) { return widened::is_native() ? 1 : 0; }
TENSOR_OP(packed_rows, (CTorchPacked p, CTorchTensor ids), [&] {
  at::NoGradGuard off;
  auto index = T(ids).to(at::kCPU, at::kLong).contiguous();
  auto *rows = index.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < index.numel(); i++)
    TORCH_CHECK(rows[i] >= 0 && rows[i] < layer(p).outputs, "row ", rows[i], " of ", layer(p).outputs);
  auto sizes = index.sizes().vec();
  sizes.push_back(layer(p).inputs);
  return layer(p).restored(at::IntArrayRef(rows, static_cast<size_t>(index.numel()))).view(sizes);
}())
// y, activated: `activation` is 0 for none, 1 for SiLU, 2 for GELU in its tanh form.
static at::Tensor activated(const at::Tensor &y, int activation, bool is_gated) {
  if (activation == 0) return y;
  return activation == 1 ? activations::activated<activations::SiLU>(y, is_gated)
                         : activations::activated<activations::TanhGELU>(y, is_gated);
}

TENSOR_OP(packed_linear, (CTorchPacked p, CTorchTensor handle, CTorchTensor residual, int activation, int is_gated), [&] {
  auto &given = T(handle);
  auto &own = layer(p);
  TORCH_CHECK(given.dim() >= 1 && given.size(-1) == own.inputs, "the layer takes ", own.inputs, " inputs, not ", given.sizes());
  TORCH_CHECK(activation >= 0 && activation <= 2 && (!residual || activation == 0),
              "an activation is 0, 1 or 2, and 0 where something is added");
  auto sizes = given.sizes().vec();
  sizes.back() = own.outputs;
  auto added = maybe(residual);
  TORCH_CHECK(!added || added->sizes() == sizes, "what is added to ", at::IntArrayRef(sizes), " has that shape, not ",
              added ? added->sizes() : at::IntArrayRef{});
  // Also where x itself asks for none: in training all of a model's layers must be those that the gradients are of.
  if (at::GradMode::is_enabled()) {
    auto kept = c10::intrusive_ptr<PackedLinear>::reclaim_copy(&own);
    auto kind = given.device().type();
    bool casts = at::autocast::is_autocast_enabled(kind);
    auto y = RestoredLinear::apply(casts ? given.to(at::autocast::get_autocast_dtype(kind)) : given, kept);
    return added ? *added + y : activated(y, activation, is_gated);
  }
  at::NoGradGuard off;
  at::AutoDispatchBelowADInplaceOrView below;
  if (!given.device().is_cpu()) {
    auto y = own.general(given);
    return added ? *added + y : activated(y, activation, is_gated);
  }
  bool is_plain = given.dim() == 2 && given.scalar_type() == at::kFloat && given.is_contiguous();
  auto x = is_plain ? given : given.reshape({-1, own.inputs}).to(at::kFloat).contiguous();
  if (added) added = added->to(at::kFloat).contiguous();
  auto y = x.size(0) > 0 ? own.multiply(x, added ? added->const_data_ptr<float>() : nullptr) : own.room(x);
  if (!is_plain) y = y.view(sizes).to(given.scalar_type());
  return activated(y, activation, is_gated);
}())
