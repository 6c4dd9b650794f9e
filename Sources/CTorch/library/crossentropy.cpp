// Cross-entropy and log-probabilities of a linear layer, a chunk of rows at a time, so that all logits are never held.
#include "handles.h"
#include "kernels.h"
#include "packed.h"
#include "placement.h"
#include "softmax.h"
#include "widened.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>

using softmax::exponential;
using softmax::exponential_sum;
using softmax::maximum;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// The layer's weight [vocabulary, width]: as it is, or packed, of which parts are restored when gradients need them.
struct Table {
  at::Tensor w;
  c10::intrusive_ptr<PackedLinear> packed;

  int64_t vocabulary() const { return packed ? packed->outputs : w.size(0); }
  int64_t width() const { return packed ? packed->inputs : w.size(1); }
  bool waits() const { return w.defined() && w.requires_grad(); }

  // h · wᵀ by the same product as when tokens are drawn where the table is packed.
  at::Tensor logits(const at::Tensor &h) const {
    if (!packed) return at::mm(h, w.t());
    return h.is_cpu() ? packed->multiply(h.to(at::kFloat).contiguous(), nullptr) : packed->general(h);
  }
  // into = g · w.
  void back(at::Tensor into, const at::Tensor &g) const {
    if (!packed) {
      at::mm_out(into, g, w);
      return;
    }
    // A part of the table that stays in the cache between being restored and being multiplied.
    constexpr int64_t step = 4096;
    auto sum = at::zeros(into.sizes(), into.options().dtype(at::kFloat));
    for (int64_t from = 0; from < packed->outputs; from += step) {
      int64_t to = std::min(from + step, packed->outputs);
      auto part = packed->restored(from, to, into.scalar_type()).to(into.device());
      sum.add_(at::mm(g.narrow(1, from, to - from), part));
    }
    into.copy_(sum);
  }
};

int64_t rows_of(int64_t chunk, int64_t n, const Table &table, bool is_ours) {
  if (chunk > 0) return chunk;
  int64_t vocabulary = table.vocabulary();
  if (table.packed) {
    // Restoring the table costs as much as some 50 rows of its product: 128 MB of logits.
    int64_t most = std::max<int64_t>(64, (int64_t(32) << 20) / std::max<int64_t>(vocabulary, 1));
    int64_t chunks = std::max<int64_t>(1, (n + most - 1) / most);
    return std::max<int64_t>(1, (n + chunks - 1) / chunks);
  }
  if (!is_ours) {
    // As many as a device's memory bears, in equal parts: each chunk adds to the whole table's gradient.
    int64_t most = std::max<int64_t>(64, (int64_t(1) << 30) / std::max<int64_t>(vocabulary, 1));
    int64_t chunks = std::max<int64_t>(1, (n + most - 1) / most);
    return std::max<int64_t>(1, (n + chunks - 1) / chunks);
  }
  // About 8 MB of fp32 logits: they stay in the last-level cache between the three passes over them.
  return std::max<int64_t>(64, (int64_t(2) << 20) / std::max<int64_t>(vocabulary, 1));
}

// Turns each row of logits into its loss, entropy, and (if `gradient`) into factor·(softmax − one_hot(target)).
// Rows whose target is negative are ignored: loss 0, gradient 0.
void softmax_rows(float *logits, int64_t rows, int64_t vocabulary, const int64_t *targets, const float *factors, float scale,
                  float *nll, float *entropy, bool gradient) {
  at::parallel_for(0, rows, 1, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; r++) {
      float *x = logits + r * vocabulary;
      int64_t target = targets[r];
      float m = maximum(x, vocabulary);
      double total = exponential_sum(x, vocabulary, m, scale);
      float log_total = static_cast<float>(std::log(total));
      nll[r] = target < 0 ? 0.0f : log_total - scale * (x[target] - m);
      if (entropy) {
        double mean = 0;
        for (int64_t start = 0; start < vocabulary; start += 1024) {
          int64_t end = std::min(vocabulary, start + 1024);
          float strip = 0;
#pragma omp simd reduction(+ : strip)
          for (int64_t i = start; i < end; i++) {
            float z = scale * (x[i] - m);
            strip += exponential(z) * z;
          }
          mean += strip;
        }
        entropy[r] = log_total - static_cast<float>(mean / total);
      }
      if (gradient) {
        float factor = target < 0 ? 0.0f : (factors ? factors[r] : 1.0f) * scale;
        float g = factor / static_cast<float>(total);
#pragma omp simd
        for (int64_t i = 0; i < vocabulary; i++) x[i] = g * exponential(scale * (x[i] - m));
        if (target >= 0) x[target] -= factor;
      }
    }
  });
}

// The same by libtorch's ops, where the target lies: the gradient, or nothing. A target outside the vocabulary can't be refused
// without waiting for the device; its loss is no number.
at::Tensor composed_rows(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &factors, double scale,
                         const at::Tensor &nll, const at::Tensor &entropy, bool gradient) {
  auto scaled = logits * scale, log_total = at::logsumexp(scaled, {1});
  auto ignored = targets < 0, place = targets.clamp(0, logits.size(1) - 1).unsqueeze(1);
  auto loss = log_total - scaled.gather(1, place).squeeze(1);
  loss = loss.masked_fill(ignored, 0).masked_fill(targets >= logits.size(1), std::numeric_limits<double>::quiet_NaN());
  nll.copy_(loss);
  if (!gradient && !entropy.defined()) return {};
  auto p = (scaled - log_total.unsqueeze(1)).exp_();
  // A masked token (−∞) has no share.
  if (entropy.defined()) entropy.copy_(log_total - (p * scaled).masked_fill_(p == 0, 0).sum(1));
  if (!gradient) return {};
  auto factor = factors.defined() ? factors * scale : at::full({targets.size(0)}, scale, p.options());
  return p.scatter_add_(1, place, at::full_like(place, -1, p.options())).mul_(factor.masked_fill(ignored, 0).unsqueeze(1));
}

void check_targets(const at::Tensor &hidden, const Table &table, const at::Tensor &targets) {
  bool is_matrix = table.packed || table.w.dim() == 2;
  auto shape = is_matrix ? std::vector<int64_t>{table.vocabulary(), table.width()} : table.w.sizes().vec();
  TORCH_CHECK(hidden.dim() == 2 && is_matrix && hidden.size(1) == shape[1] && targets.dim() == 1 &&
                  targets.size(0) == hidden.size(0) && targets.scalar_type() == at::kLong,
              "hidden [N, D], weight [V, D] and int64 targets [N] are needed, not ", hidden.sizes(), ", ", at::IntArrayRef(shape), " and ",
              targets.sizes());
  if (targets.numel() == 0 || !targets.is_cpu()) return;
  int64_t largest = targets.max().item().toLong();
  TORCH_CHECK(largest < shape[0], "target ", largest, " lies outside the vocabulary of ", shape[0]);
}

// The same in one pass over logits on a device, which become their gradient.
void kernel_rows(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &factors, double temperature, double soft_cap,
                 const at::Tensor &nll, const at::Tensor &entropy, bool gradient) {
  auto *x = logits.mutable_data_ptr(), *losses = nll.mutable_data_ptr(), *spread = entropy.defined() ? entropy.mutable_data_ptr() : nullptr;
  auto *places = targets.const_data_ptr(), *weights = factors.defined() ? factors.const_data_ptr() : nullptr;
  int64_t vocabulary = logits.size(1);
  float scale = static_cast<float>(1 / temperature), cap = static_cast<float>(soft_cap);
  int makes = gradient;
  kernels::launch("losses", {{"LOSSES", "1"}, {"FROM", kernels::name_of(logits.scalar_type())}}, logits, {logits.size(0), 1, 512},
                  {&x, &vocabulary, &places, &weights, &scale, &cap, &losses, &spread, &makes});
}

struct Chunked {
  at::Tensor nll, entropy, dh, dw;
};

// Which gradients somebody waits for: a frozen table's would cost a third of the layer for nothing.
struct Wanted {
  bool hidden = false, table = false;
};

// One pass over all chunks. `factors` (or null) weighs each row's gradient.
Chunked chunked(const at::Tensor &states, const Table &given, const at::Tensor &targets, const at::Tensor &factors,
                double temperature, int64_t chunk, bool entropy, Wanted wanted, double soft_cap) {
  widened::Uncast uncast;
  auto hidden = widened::operand(states);
  Table table{given.packed ? at::Tensor() : widened::operand(given.w), given.packed};
  bool gradient = wanted.hidden || wanted.table;
  bool is_ours = placement::is_ours(hidden);
  int64_t n = hidden.size(0), vocabulary = table.vocabulary(), step = rows_of(chunk, n, table, is_ours);
  auto floats = hidden.options().dtype(at::kFloat);
  auto labels = targets.to(hidden.device()).contiguous();
  Chunked result;
  auto nll = at::zeros({n}, floats);
  if (entropy) result.entropy = at::zeros({n}, floats);
  if (wanted.hidden) result.dh = at::empty_like(hidden);
  if (wanted.table) result.dw = at::zeros(table.w.sizes(), table.w.options().dtype(at::kFloat));
  at::Tensor weights = factors.defined() ? factors.to(floats).contiguous() : at::Tensor();
  bool low = hidden.scalar_type() != at::kFloat;
  // The gradients of a chunk, of which g are the logits'.
  auto add = [&](const at::Tensor &g, const at::Tensor &h, int64_t start, int64_t rows) {
    if (wanted.hidden) {
      table.back(result.dh.narrow(0, start, rows), g);
    }
    if (!wanted.table) return;
    if (low) result.dw.add_(at::mm(g.t(), h));
    else result.dw.addmm_(g.t(), h);
  };
  for (int64_t start = 0; start < n; start += step) {
    int64_t rows = std::min(step, n - start);
    auto h = hidden.narrow(0, start, rows);
    // Logits are rounded to the type of the states, also where their product is made in a wider one; those of a packed table are those
    // that tokens are drawn by.
    auto product = table.packed ? table.logits(h) : table.logits(h).to(states.scalar_type());
    if (kernels::takes(product) && kernels::knows(product.scalar_type())) {
      kernel_rows(product, labels.narrow(0, start, rows), weights.defined() ? weights.narrow(0, start, rows) : weights, temperature,
                  soft_cap, nll.narrow(0, start, rows), entropy ? result.entropy.narrow(0, start, rows) : at::Tensor(), gradient);
      if (gradient) add(product, h, start, rows);
      continue;
    }
    auto logits = product.to(at::kFloat).contiguous();
    at::Tensor bent;
    if (soft_cap > 0) {
      bent = at::tanh(logits / soft_cap);
      logits = bent * soft_cap;
    }
    if (is_ours)
      softmax_rows(logits.mutable_data_ptr<float>(), rows, vocabulary, labels.const_data_ptr<int64_t>() + start,
                   weights.defined() ? weights.const_data_ptr<float>() + start : nullptr, static_cast<float>(1 / temperature),
                   nll.mutable_data_ptr<float>() + start,
                   entropy ? result.entropy.mutable_data_ptr<float>() + start : nullptr, gradient);
    else
      logits = composed_rows(logits, labels.narrow(0, start, rows), weights.defined() ? weights.narrow(0, start, rows) : weights,
                             1 / temperature, nll.narrow(0, start, rows),
                             entropy ? result.entropy.narrow(0, start, rows) : at::Tensor(), gradient);
    if (!gradient) continue;
    // d c·tanh(z/c) / dz = 1 − tanh².
    if (soft_cap > 0) logits.mul_(bent.square_().neg_().add_(1));
    add(logits.to(hidden.options()), h, start, rows);
  }
  result.nll = nll;
  if (wanted.hidden) result.dh = result.dh.to(states.scalar_type());
  if (wanted.table) result.dw = result.dw.to(given.w.scalar_type());
  return result;
}

// Σ w_i · nll_i: the loss is a scalar, so the gradients are made while the logits are at hand and only scaled later.
struct LinearCrossEntropy : torch::autograd::Function<LinearCrossEntropy> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor hidden, std::optional<at::Tensor> w, c10::intrusive_ptr<PackedLinear> packed,
                            at::Tensor targets,
                            std::optional<at::Tensor> factors, int64_t chunk, bool gradient, double soft_cap, at::Tensor *nll) {
    auto weights = factors.value_or(at::Tensor());
    Table table{w.value_or(at::Tensor()), packed};
    Wanted wanted{gradient && hidden.requires_grad(), gradient && table.waits()};
    at::AutoDispatchBelowADInplaceOrView below;
    auto r = chunked(hidden, table, targets, weights, 1.0, chunk, false, wanted, soft_cap);
    if (nll) *nll = r.nll;
    // Undefined tensors can't be saved.
    variable_list made;
    for (auto &g : {r.dh, r.dw})
      if (g.defined()) made.push_back(g);
    ctx->save_for_backward(made);
    ctx->saved_data["hidden"] = wanted.hidden;
    ctx->saved_data["table"] = wanted.table;
    // Summed in double: the order of chunks must not show in the loss.
    auto sum = (weights.defined() ? r.nll.to(at::kDouble) * weights.to(at::kDouble) : r.nll.to(at::kDouble)).sum();
    return sum.to(at::kFloat);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    bool is_ours = placement::is_ours(grads[0]);
    double upstream = is_ours ? grads[0].item().toDouble() : 0;
    size_t next = 0;
    auto dh = ctx->saved_data["hidden"].toBool() ? saved[next++] : at::Tensor();
    auto dw = ctx->saved_data["table"].toBool() ? saved[next++] : at::Tensor();
    if (!is_ours) {
      // Without a look at the number, which would wait for the device.
      if (dh.defined()) dh = dh * grads[0].to(dh.scalar_type());
      if (dw.defined()) dw = dw * grads[0].to(dw.scalar_type());
    } else if (upstream != 1) {
      if (dh.defined()) dh = dh * upstream;
      if (dw.defined()) dw = dw * upstream;
    }
    return {dh, dw, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

// log p(target) of each row; the backward pass makes the logits again rather than keep them.
struct LinearLogprobs : torch::autograd::Function<LinearLogprobs> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor hidden, std::optional<at::Tensor> w, c10::intrusive_ptr<PackedLinear> packed,
                            at::Tensor targets,
                            double temperature, int64_t chunk, double soft_cap, at::Tensor *entropy) {
    at::AutoDispatchBelowADInplaceOrView below;
    variable_list kept{hidden, targets};
    if (packed) ctx->saved_data["packed"] = c10::IValue::make_capsule(packed);
    else kept.push_back(*w);
    ctx->save_for_backward(kept);
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["chunk"] = chunk;
    ctx->saved_data["soft_cap"] = soft_cap;
    auto r = chunked(hidden, {w.value_or(at::Tensor()), packed}, targets, {}, temperature, chunk, entropy != nullptr, {}, soft_cap);
    if (entropy) *entropy = r.entropy;
    return r.nll.neg();
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    Table table;
    if (ctx->saved_data.count("packed"))
      table.packed = c10::static_intrusive_pointer_cast<PackedLinear>(ctx->saved_data["packed"].toCapsule());
    else table.w = saved[2];
    auto r = chunked(saved[0], table, saved[1], grads[0].neg(), ctx->saved_data["temperature"].toDouble(),
                     ctx->saved_data["chunk"].toInt(), false, {saved[0].requires_grad(), table.waits()},
                     ctx->saved_data["soft_cap"].toDouble());
    return {r.dh, r.dw, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

// Autocast does not know our functions: cast what a linear layer would have cast.
at::Tensor autocasted(const at::Tensor &x) {
  auto kind = x.device().type();
  return at::autocast::is_autocast_enabled(kind) ? x.to(at::autocast::get_autocast_dtype(kind)) : x;
}

Table table_of(CTorchTensor w, CTorchPacked packed) {
  TORCH_CHECK((w == nullptr) != (packed == nullptr), "a table is a tensor or packed");
  if (packed) return {{}, c10::intrusive_ptr<PackedLinear>::reclaim_copy(reinterpret_cast<PackedLinear *>(packed))};
  return {T(w), {}};
}

} // namespace

extern "C" CTorchTensor ctorch_linear_cross_entropy(CTorchTensor hidden, CTorchTensor w, CTorchPacked packed, CTorchTensor targets,
                                                    CTorchTensor weights, int64_t chunk, double soft_cap,
                                                    CTorchTensor *nll) {
  return guarded<CTorchTensor>(nullptr, [&] {
    auto table = table_of(w, packed);
    check_targets(T(hidden), table, T(targets));
    TORCH_CHECK(!weights || (T(weights).dim() == 1 && T(weights).size(0) == T(hidden).size(0)),
                "weights must be one for each of the ", T(hidden).size(0), " rows, not ", T(weights).sizes());
    auto h = autocasted(T(hidden));
    auto own_table = packed ? std::nullopt : std::optional<at::Tensor>(autocasted(table.w));
    bool gradient = at::GradMode::is_enabled() && (h.requires_grad() || table.waits());
    at::Tensor losses;
    auto sum = LinearCrossEntropy::apply(h, own_table, table.packed, T(targets), maybe(weights), chunk, gradient, soft_cap, &losses);
    if (nll) *nll = own(losses);
    return own(sum);
  });
}

extern "C" CTorchTensor ctorch_linear_logprobs(CTorchTensor hidden, CTorchTensor w, CTorchPacked packed, CTorchTensor targets,
                                               double temperature, int64_t chunk, double soft_cap, CTorchTensor *entropy) {
  return guarded<CTorchTensor>(nullptr, [&] {
    auto table = table_of(w, packed);
    check_targets(T(hidden), table, T(targets));
    TORCH_CHECK(temperature > 0, "the temperature must be above 0, not ", temperature);
    auto h = autocasted(T(hidden));
    auto own_table = packed ? std::nullopt : std::optional<at::Tensor>(autocasted(table.w));
    at::Tensor spread;
    auto logprobs = LinearLogprobs::apply(h, own_table, table.packed, T(targets), temperature, chunk, soft_cap, entropy ? &spread : nullptr);
    if (entropy) *entropy = own(spread);
    return own(logprobs);
  });
}
