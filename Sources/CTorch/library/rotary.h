// Rotary positions: RoFormer (Su 2021), the half-split layout of Llama or the interleaved one of GPT-J.
#pragma once

#include <ATen/core/Tensor.h>

// x [tokens, heads, width] with its first 2 * half features turned by the tables [tokens, half]; a sign of −1 turns back.
at::Tensor rotated(const at::Tensor &x, const at::Tensor &cos, const at::Tensor &sin, bool interleaved, float sign);
