#include "rotary.h"
#include "handles.h"
#include "kernels.h"
#include "placement.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

template <typename scalar>
void rotate(const at::Tensor &x, const at::Tensor &out, const float *cos, const float *sin, int64_t half, float sign,
            bool interleaved) {
  int64_t heads = x.size(1), width = x.size(2);
  auto *from = x.const_data_ptr<scalar>();
  auto *to = out.mutable_data_ptr<scalar>();
  int64_t row = x.stride(0), head = x.stride(1);
  at::parallel_for(0, x.size(0), 16, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const float *c = cos + t * half, *s = sin + t * half;
      for (int64_t h = 0; h < heads; h++) {
        const scalar *a = from + t * row + h * head;
        scalar *b = to + (t * heads + h) * width;
        if (interleaved) {
          for (int64_t i = 0; i < half; i++) {
            float u = a[2 * i], w = a[2 * i + 1];
            b[2 * i] = static_cast<scalar>(u * c[i] - sign * w * s[i]);
            b[2 * i + 1] = static_cast<scalar>(w * c[i] + sign * u * s[i]);
          }
        } else {
          for (int64_t i = 0; i < half; i++) {
            float u = a[i], w = a[i + half];
            b[i] = static_cast<scalar>(u * c[i] - sign * w * s[i]);
            b[i + half] = static_cast<scalar>(w * c[i] + sign * u * s[i]);
          }
        }
        for (int64_t i = 2 * half; i < width; i++) b[i] = a[i];
      }
    }
  });
}

} // namespace

at::Tensor rotated(const at::Tensor &x0, const at::Tensor &cos, const at::Tensor &sin, bool interleaved, float sign) {
  int64_t half = cos.size(-1);
  TORCH_CHECK(x0.dim() == 3 && cos.dim() == 2 && 2 * half <= x0.size(2) && cos.size(0) == x0.size(0) &&
                  sin.sizes() == cos.sizes(),
              "rope takes x [tokens, heads, width] and tables [tokens, half] with 2 * half <= width, not ", x0.sizes(), ", ",
              cos.sizes(), " and ", sin.sizes());
  if (placement::is_ours(x0) && (x0.scalar_type() == at::kFloat || x0.scalar_type() == at::kBFloat16)) {
    auto x = x0.stride(2) == 1 ? x0 : x0.contiguous();
    auto c = cos.contiguous(), s = sin.contiguous();
    auto out = at::empty(x.sizes(), x.options());
    if (x.scalar_type() == at::kFloat)
      rotate<float>(x, out, c.const_data_ptr<float>(), s.const_data_ptr<float>(), half, sign, interleaved);
    else rotate<at::BFloat16>(x, out, c.const_data_ptr<float>(), s.const_data_ptr<float>(), half, sign, interleaved);
    return out;
  }
  if (kernels::takes(x0) && kernels::knows(x0.scalar_type()) && cos.scalar_type() == at::kFloat) {
    auto x = x0.stride(2) == 1 ? x0 : x0.contiguous();
    auto c = cos.contiguous(), s = sin.contiguous(), out = at::empty(x.sizes(), x.options());
    auto *from = x.const_data_ptr(), *cosines = c.const_data_ptr(), *sines = s.const_data_ptr();
    auto *to = out.mutable_data_ptr();
    int64_t row = x.stride(0), head = x.stride(1);
    int heads = static_cast<int>(x.size(1)), width = static_cast<int>(x.size(2)), pairs = static_cast<int>(half), other = interleaved;
    kernels::launch("rotate", {{"ROTARY", "1"}, {"FROM", kernels::name_of(x.scalar_type())}}, x, {x.size(0)},
                    {&from, &row, &head, &heads, &width, &pairs, &cosines, &sines, &sign, &other, &to});
    return out;
  }
  auto turn = x0.narrow(2, 0, 2 * half), rest = x0.narrow(2, 2 * half, x0.size(2) - 2 * half);
  auto c = cos.unsqueeze(1), s = sin.unsqueeze(1) * sign;
  at::Tensor result;
  if (interleaved) {
    auto pairs = turn.unflatten(2, {half, 2});
    auto u = pairs.select(3, 0), w = pairs.select(3, 1);
    result = at::stack({u * c - w * s, w * c + u * s}, 3).flatten(2);
  } else {
    auto u = turn.narrow(2, 0, half), w = turn.narrow(2, half, half);
    result = at::cat({u * c - w * s, w * c + u * s}, 2);
  }
  return at::cat({result.to(x0.scalar_type()), rest}, 2);
}

namespace {

struct Rope : torch::autograd::Function<Rope> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor x, at::Tensor cos, at::Tensor sin, bool interleaved) {
    at::AutoDispatchBelowADInplaceOrView below;
    ctx->save_for_backward({cos, sin});
    ctx->saved_data["interleaved"] = interleaved;
    return rotated(x, cos, sin, interleaved, 1);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    // A rotation's inverse is its transpose: turn the gradient back.
    return {rotated(grads[0], saved[0], saved[1], ctx->saved_data["interleaved"].toBool(), -1), at::Tensor(), at::Tensor(),
            at::Tensor()};
  }
};

} // namespace

TENSOR_OP(rope, (CTorchTensor x, CTorchTensor cos, CTorchTensor sin, int interleaved),
          at::GradMode::is_enabled() && T(x).requires_grad() ? Rope::apply(T(x), T(cos), T(sin), interleaved != 0)
                                                             : rotated(T(x), T(cos), T(sin), interleaved != 0, 1))
