// Where a tensor's memory lies decides what may read it: our own kernels read the processor's; what lies elsewhere goes to
// kernels.h's, or to libtorch's ops.
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <vector>

// On this thread the processor's tensors go the way of a device's: how tests compare both without a device.
extern thread_local bool ctorch_composed;

namespace placement {

// Whether the kernels that read the processor's memory take x.
inline bool is_ours(const at::Tensor &x) { return x.device().is_cpu() && !ctorch_composed; }

// A copy of x on a device, without waiting for what is queued there where x is small: it goes through pinned memory, which
// libtorch keeps until the copy is done.
inline at::Tensor moved(const at::Tensor &x, c10::Device device) {
  constexpr size_t small = 8 << 20;
  bool is_queued = device.is_cuda() && x.device().is_cpu() && x.nbytes() <= small && !x.requires_grad();
  return is_queued ? x.contiguous().pin_memory().to(device, true) : x.to(device);
}

// The same of whole numbers.
template <typename scalar> at::Tensor moved(const scalar *values, at::IntArrayRef shape, c10::Device device) {
  auto type = c10::CppTypeToScalarType<scalar>::value;
  auto x = at::empty(shape, at::TensorOptions().dtype(type).pinned_memory(device.is_cuda()));
  if (x.numel() > 0) std::memcpy(x.mutable_data_ptr(), values, x.nbytes());
  return device.is_cpu() ? x : x.to(device, true);
}

} // namespace placement
