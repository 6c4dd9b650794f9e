// Products with a few columns, as updates of low rank have them. A general product is made for wide matrices: on these it spends its
// time on arranging them.
#pragma once

#include "dots.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <vector>

namespace lowrank {

using dots::Lanes;
using dots::lanes;

// A matrix by rows in float32 or bfloat16 that lies in memory as it is, or a copy that does.
inline at::Tensor plain(const at::Tensor &x) {
  bool is_known = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  return (is_known ? x : x.to(at::kFloat)).contiguous();
}

// Calls the body with the elements of x in their type.
template <typename F> void typed(const at::Tensor &x, const F &body) {
  if (x.scalar_type() == at::kBFloat16) body(x.const_data_ptr<at::BFloat16>());
  else body(x.const_data_ptr<float>());
}

// to[r][k] = Σ_i x[r][i] · w[k][i] for each of n rows, `inputs` numbers of each that begin `apart` from one another. A row's result
// doesn't depend on how many there are.
template <typename scalar>
void down(const scalar *x, int64_t apart, int64_t n, int64_t inputs, const float *w, int64_t rank, float *to, int64_t width) {
  constexpr int64_t step = 16;
  at::parallel_for(0, (n + step - 1) / step, std::max<int64_t>(1, 65536 / (step * inputs)), [&](int64_t from, int64_t until) {
    std::vector<float> floats(static_cast<size_t>(std::min(step, n) * inputs));
    for (int64_t block = from; block < until; block++) {
      int64_t first = block * step, rows = std::min(step, n - first);
      for (int64_t r = 0; r < rows; r++) {
        const scalar *own = x + (first + r) * apart;
        float *wide = floats.data() + r * inputs;
#pragma omp simd
        for (int64_t i = 0; i < inputs; i++) wide[i] = static_cast<float>(own[i]);
      }
      int64_t k = 0;
      for (; k + 4 <= rank; k += 4)
        dots::strip<4>(w + k * inputs, 1, floats.data(), rows, inputs, nullptr, nullptr, to + first * width + k, width);
      for (; k < rank; k++)
        dots::strip<1>(w + k * inputs, 1, floats.data(), rows, inputs, nullptr, nullptr, to + first * width + k, width);
    }
  });
}

// to[k][c] = Σ_r t[r][k] · x[r][c], `columns` of each row of x, which begin `apart` from one another; t has `width` numbers a row.
template <typename scalar>
void outer(const scalar *x, int64_t apart, int64_t n, int64_t columns, const float *t, int64_t width, int64_t rank, float *to) {
  constexpr int64_t rows = 64;
  constexpr int together = 8;
  std::fill(to, to + rank * columns, 0.0f);
  at::parallel_for(0, (columns + lanes - 1) / lanes, 4, [&](int64_t from, int64_t until) {
    // Some rows at a time go through all columns of the thread, so that what is read of a row follows what was read of it before.
    for (int64_t start = 0; start < n; start += rows) {
      int64_t end = std::min(n, start + rows);
      for (int64_t block = from; block < until; block++) {
        int64_t c = block * lanes;
        if (c + lanes > columns) {
          for (int64_t k = 0; k < rank; k++)
            for (int64_t rest = c; rest < columns; rest++)
              for (int64_t r = start; r < end; r++)
                to[k * columns + rest] += t[r * width + k] * static_cast<float>(x[r * apart + rest]);
          continue;
        }
        int64_t k = 0;
        for (; k + together <= rank; k += together) {
          Lanes sums[together];
#pragma GCC unroll 8
          for (int i = 0; i < together; i++) sums[i] = dots::load(to + (k + i) * columns + c);
          for (int64_t r = start; r < end; r++) {
            Lanes own = dots::load(x + r * apart + c);
            const float *factors = t + r * width + k;
#pragma GCC unroll 8
            for (int i = 0; i < together; i++) sums[i] += own * factors[i];
          }
#pragma GCC unroll 8
          for (int i = 0; i < together; i++) std::memcpy(to + (k + i) * columns + c, &sums[i], sizeof sums[i]);
        }
        for (; k < rank; k++) {
          Lanes sum = dots::load(to + k * columns + c);
          for (int64_t r = start; r < end; r++) sum += dots::load(x + r * apart + c) * t[r * width + k];
          std::memcpy(to + k * columns + c, &sum, sizeof sum);
        }
      }
    }
  });
}

} // namespace lowrank
