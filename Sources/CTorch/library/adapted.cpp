// A frozen linear layer with updates of low rank beside it, as one step of the graph: y = x·wᵀ + b + Σ factor·(x·downᵀ)·upᵀ, each update on
// its own outputs (Hu 2021, section 4.1).
//
// The sum is made where the product is, so that no update passes over the outputs by itself, and all that waits for the backward pass
// is x and its few columns after `down`.
#include "handles.h"
#include "lowrank.h"
#include "packed.h"
#include "widened.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What is added to a layer: `weights` has down [rank, inputs] and up [outputs of it, rank] of each update in turn.
struct Updates {
  std::vector<int64_t> starts;
  std::vector<double> factors;

  int64_t count() const { return static_cast<int64_t>(starts.size()); }
};

at::Tensor two_dimensional(const at::Tensor &x) { return lowrank::plain(x.reshape({-1, x.size(-1)})); }

// x · downᵀ of each update, side by side, and what leads up.
LowRank low_rank(const at::Tensor &x, at::TensorList weights, const Updates &updates) {
  LowRank made;
  for (int64_t i = 0; i < updates.count(); i++) {
    auto up = weights[2 * i + 1].to(at::kFloat).contiguous();
    made.pieces.push_back({updates.starts[i], up.size(0), made.rank, up.size(1), up, static_cast<float>(updates.factors[i])});
    made.rank += up.size(1);
  }
  auto flat = two_dimensional(x);
  int64_t n = flat.size(0), inputs = flat.size(1);
  made.t = at::empty({n, made.rank}, at::kFloat);
  auto *to = made.t.mutable_data_ptr<float>();
  lowrank::typed(flat, [&](auto *from) {
    for (int64_t i = 0; i < updates.count(); i++) {
      auto &piece = made.pieces[i];
      auto down = weights[2 * i].to(at::kFloat).contiguous();
      lowrank::down(from, inputs, n, inputs, down.const_data_ptr<float>(), piece.rank, to + piece.column, made.rank);
    }
  });
  return made;
}

struct AdaptedLinear : torch::autograd::Function<AdaptedLinear> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor x, at::TensorList weights, c10::intrusive_ptr<PackedLinear> layer,
                            Updates updates) {
    at::AutoDispatchBelowADInplaceOrView below;
    widened::Uncast uncast;
    auto added = low_rank(x, weights, updates);
    variable_list saved{x, added.t};
    saved.insert(saved.end(), weights.begin(), weights.end());
    ctx->save_for_backward(saved);
    ctx->saved_data["layer"] = c10::IValue::make_capsule(layer);
    ctx->saved_data["starts"] = updates.starts;
    ctx->saved_data["factors"] = updates.factors;
    return layer->trained(x, added);
  }

  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    widened::Uncast uncast;
    auto layer = c10::static_intrusive_pointer_cast<PackedLinear>(ctx->saved_data["layer"].toCapsule());
    auto saved = ctx->get_saved_variables();
    Updates updates{ctx->saved_data["starts"].toIntVector(), ctx->saved_data["factors"].toDoubleVector()};
    at::TensorList weights(saved.data() + 2, saved.size() - 2);
    auto x = two_dimensional(saved[0]), t = saved[1], g = two_dimensional(widened::operand(grads[0]));
    int64_t n = x.size(0), inputs = x.size(1), rank = t.size(1), column = 0;
    // The gradients of t, and of what led up from there.
    auto dt = at::empty({n, rank}, at::kFloat);
    variable_list result(1 + 2 * updates.count());
    lowrank::typed(g, [&](auto *all) {
      for (int64_t i = 0; i < updates.count(); i++) {
        auto &up = weights[2 * i + 1];
        auto *own = all + updates.starts[i];
        int64_t outputs = up.size(0), own_rank = up.size(1);
        auto back = (up.to(at::kFloat) * updates.factors[i]).t().contiguous();
        lowrank::down(own, layer->outputs, n, outputs, back.const_data_ptr<float>(), own_rank, dt.mutable_data_ptr<float>() + column, rank);
        if (ctx->needs_input_grad(2 + 2 * i)) {
          auto sums = at::empty({own_rank, outputs}, at::kFloat);
          lowrank::outer(own, layer->outputs, n, outputs, t.const_data_ptr<float>() + column, rank, own_rank, sums.mutable_data_ptr<float>());
          result[2 + 2 * i] = (sums * updates.factors[i]).t().to(up.scalar_type()).contiguous();
        }
        column += own_rank;
      }
    });
    variable_list downs;
    lowrank::typed(x, [&](auto *from) {
      int64_t place = 0;
      for (int64_t i = 0; i < updates.count(); i++) {
        auto &down = weights[2 * i];
        downs.push_back(down);
        if (ctx->needs_input_grad(1 + 2 * i)) {
          auto sums = at::empty({down.size(0), inputs}, at::kFloat);
          lowrank::outer(from, inputs, n, inputs, dt.const_data_ptr<float>() + place, rank, down.size(0), sums.mutable_data_ptr<float>());
          result[1 + 2 * i] = sums.to(down.scalar_type());
        }
        place += down.size(0);
      }
    });
    if (ctx->needs_input_grad(0)) {
      auto dx = at::mm(dt.to(g.scalar_type()), at::cat(downs).to(g.scalar_type()));
      at::addmm_out(dx, dx, g, layer->restored(0, layer->outputs, g.scalar_type()));
      result[0] = dx.to(saved[0].scalar_type()).view(saved[0].sizes());
    }
    result.resize(result.size() + 2);
    return result;
  }
};

at::Tensor adapted(PackedLinear &layer, at::Tensor x, at::TensorList weights, const Updates &updates) {
  TORCH_CHECK(x.dim() >= 1 && x.size(-1) == layer.inputs && x.device().is_cpu(), "the layer takes ", layer.inputs,
              " inputs on the CPU, not ", x.sizes());
  for (int64_t i = 0; i < updates.count(); i++) {
    auto &down = weights[2 * i], &up = weights[2 * i + 1];
    TORCH_CHECK(down.dim() == 2 && up.dim() == 2 && down.size(1) == layer.inputs && up.size(1) == down.size(0) &&
                    updates.starts[i] >= 0 && updates.starts[i] + up.size(0) <= layer.outputs,
                "an update of [", layer.outputs, ", ", layer.inputs, "] at output ", updates.starts[i], " can't be of ", down.sizes(),
                " and ", up.sizes());
  }
  if (at::GradMode::is_enabled()) {
    if (at::autocast::is_autocast_enabled(at::kCPU)) x = x.to(at::autocast::get_autocast_dtype(at::kCPU));
    return AdaptedLinear::apply(x, weights, c10::intrusive_ptr<PackedLinear>::reclaim_copy(&layer), updates);
  }
  at::AutoDispatchBelowADInplaceOrView below;
  widened::Uncast uncast;
  return layer.trained(x, low_rank(x, weights, updates));
}

} // namespace

// weights: down and up of each of n updates; starts: the first output of each; factors: what each is multiplied with.
extern "C" CTorchTensor ctorch_packed_adapted(CTorchPacked p, CTorchTensor x, const CTorchTensor *weights, int n, const int64_t *starts,
                                              const double *factors) {
  return guarded<CTorchTensor>(nullptr, [&] {
    Updates updates{std::vector<int64_t>(starts, starts + n), std::vector<double>(factors, factors + n)};
    auto list = list_of(weights, 2 * n);
    return own(adapted(*reinterpret_cast<PackedLinear *>(p), T(x), at::TensorList(list), updates));
  });
}
