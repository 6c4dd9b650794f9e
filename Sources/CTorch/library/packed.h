// What every packed linear layer is to the ABI; the kinds are in packed.cpp and quantized.cpp.
#pragma once

#include "../include/CTorch.h"

#include <ATen/ATen.h>
#include <torch/custom_class.h>

#include <optional>

// A gradient that is still to be made keeps its layer, so that owners are counted.
struct PackedLinear : torch::CustomClassHolder {
  int64_t outputs, inputs;
  at::Tensor bias;

  PackedLinear(int64_t outputs, int64_t inputs, const std::optional<at::Tensor> &b)
      : outputs(outputs), inputs(inputs), bias(b ? b->detach().to(at::kFloat).contiguous() : at::Tensor()) {}
  // x [rows, inputs] → [rows, outputs], plus what is `added` of that shape (or nothing): all float32 and contiguous.
  virtual at::Tensor multiply(const at::Tensor &x, const float *added) = 0;
  // The weight as it is used, float32.
  virtual at::Tensor restored() = 0;
  // Some of its rows.
  virtual at::Tensor restored(at::IntArrayRef rows) {
    return restored().index_select(0, at::from_blob(const_cast<int64_t *>(rows.data()), {static_cast<int64_t>(rows.size())}, at::kLong));
  }
  // libtorch's product, for many rows and on any device.
  virtual at::Tensor general(const at::Tensor &x) { return at::linear(x, restored().to(x.options()), placed(x)); }

  std::optional<at::Tensor> placed(const at::Tensor &x) const {
    return bias.defined() ? std::optional<at::Tensor>(bias.to(x.options())) : std::nullopt;
  }
  const float *bias_data() const { return bias.defined() ? bias.const_data_ptr<float>() : nullptr; }
  at::Tensor room(const at::Tensor &x) const { return at::empty({x.size(0), outputs}, x.options()); }
  // y + added, where libtorch made y.
  static at::Tensor plus(at::Tensor y, const float *added) {
    if (!added) return y;
    auto sum = y.is_contiguous() ? y : y.contiguous();
    auto *to = sum.mutable_data_ptr<float>();
    int64_t n = sum.numel();
#pragma omp simd
    for (int64_t i = 0; i < n; i++) to[i] += added[i];
    return sum;
  }
};

// A handle that owns the layer.
inline CTorchPacked own(c10::intrusive_ptr<PackedLinear> made) { return reinterpret_cast<CTorchPacked>(made.release()); }
