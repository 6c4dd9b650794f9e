// Activations as ops of their own; packed.cpp applies them to what its products make.
#include "activations.h"
#include "handles.h"

using activations::activated;
using activations::SiLU;
using activations::TanhGELU;

TENSOR_OP(silu, (CTorchTensor x), T(x).dim() > 0 ? activated<SiLU>(T(x), false) : at::silu(T(x)))
TENSOR_OP(gelu, (CTorchTensor x, int tanh_approximation),
          tanh_approximation && T(x).dim() > 0 ? activated<TanhGELU>(T(x), false)
                                               : at::gelu(T(x), tanh_approximation ? "tanh" : "none"))
TENSOR_OP(gated, (CTorchTensor x, int is_gelu), is_gelu ? activated<TanhGELU>(T(x), true) : activated<SiLU>(T(x), true))
