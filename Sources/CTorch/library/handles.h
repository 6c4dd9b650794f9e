// How a handle becomes a tensor and an exception becomes a message. Included by every file of the library.
#pragma once

#include "../include/CTorch.h"

#include <ATen/ATen.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

extern std::atomic<int64_t> ctorch_live;
extern thread_local std::string ctorch_message;

inline at::Tensor &T(CTorchTensor handle) { return *reinterpret_cast<at::Tensor *>(handle); }

inline CTorchTensor own(at::Tensor tensor) {
  ctorch_live.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<CTorchTensor>(new at::Tensor(std::move(tensor)));
}

inline std::optional<at::Tensor> maybe(CTorchTensor handle) {
  return handle ? std::optional<at::Tensor>(T(handle)) : std::nullopt;
}

inline at::IntArrayRef dims_of(const int64_t *dims, int n) { return at::IntArrayRef(dims, static_cast<size_t>(n)); }

inline std::vector<at::Tensor> list_of(const CTorchTensor *ts, int n) {
  std::vector<at::Tensor> list;
  list.reserve(n);
  for (int i = 0; i < n; i++) list.push_back(ts[i] ? T(ts[i]) : at::Tensor());
  return list;
}

inline at::TensorOptions options(int dtype, int device, int index) {
  return at::TensorOptions()
      .dtype(static_cast<at::ScalarType>(dtype))
      .device(c10::Device(static_cast<c10::DeviceType>(device), device == 0 ? -1 : static_cast<int8_t>(index)));
}

// Runs `body`; whatever it throws becomes the thread's message and `failure` the result.
template <typename R, typename F> R guarded(R failure, F &&body) {
  try {
    return body();
  } catch (const c10::Error &e) {
    ctorch_message = e.what_without_backtrace();
  } catch (const std::exception &e) {
    ctorch_message = e.what();
  } catch (...) {
    ctorch_message = "an exception of unknown type";
  }
  return failure;
}

#define TENSOR_OP(name, parameters, expression)                                                                                \
  extern "C" CTorchTensor ctorch_##name parameters {                                                                           \
    return guarded<CTorchTensor>(nullptr, [&]() -> CTorchTensor { return own(expression); });                                  \
  }

#define STATUS_OP(name, parameters, ...)                                                                                       \
  extern "C" int ctorch_##name parameters {                                                                                    \
    return guarded<int>(-1, [&]() -> int {                                                                                     \
      __VA_ARGS__;                                                                                                             \
      return 0;                                                                                                                \
    });                                                                                                                        \
  }
