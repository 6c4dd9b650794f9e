// Kernels for NVIDIA's devices, for what libtorch does in several passes over memory or can't do at all. They are compiled
// at first use, for the device at hand, by the compiler that libtorch itself brings (NVRTC); where there is none, and on
// other devices, the same is composed of libtorch's ops.
#pragma once

#include <ATen/ATen.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace kernels {

// Whether x lies on a device that kernels can be compiled for. CTORCH_KERNELS=0 in the environment says no.
bool takes(const at::Tensor &x);

// What a kernel's source calls the type of x's elements: float or bfloat16.
bool knows(at::ScalarType type);
const char *name_of(at::ScalarType type);

using Definitions = std::vector<std::pair<const char *, std::string>>;

struct Launch {
  int64_t x, y = 1;
  int threads = 256;
  int64_t shared = 0;
};

// Queues the kernel `name` of sources.h on x's device. `definitions` are macros of its source, each combination of which is
// compiled once.
void launch(const char *name, const Definitions &definitions, const at::Tensor &x, Launch shape, std::initializer_list<void *> arguments);

} // namespace kernels
