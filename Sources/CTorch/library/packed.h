// What every packed linear layer is to the ABI; the kinds are in packed.cpp and quantized.cpp.
#pragma once

#include "../include/CTorch.h"

#include <ATen/ATen.h>
#include <torch/custom_class.h>

#include <optional>
#include <vector>

// Updates of low rank beside a layer's product (Hu 2021, section 4.1): y[r][start + o] += factor · Σ_k t[r][column + k] · up[o][k].
struct LowRank {
  struct Piece {
    // The outputs of an update, and its columns of t.
    int64_t start, count, column, rank;
    // [count, rank] float32.
    at::Tensor up;
    float factor;
  };
  std::vector<Piece> pieces;
  int64_t rank = 0;
  // [rows, rank] float32: the input times what leads down.
  at::Tensor t;
};

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
  // Rows from `from` up to `to` of the weight in a type.
  virtual at::Tensor restored(int64_t from, int64_t to, at::ScalarType type) { return restored().narrow(0, from, to - from).to(type); }
  // The layer of x [..., inputs] as training sees it, in the type of x: by default with the restored weight.
  virtual at::Tensor trained(const at::Tensor &x);
  // The same with updates of low rank, where the layer has such a product.
  virtual at::Tensor trained(const at::Tensor &, const LowRank &) { TORCH_CHECK(false, "only layers of blocks take updates in their product"); }
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
