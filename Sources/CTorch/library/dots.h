// Products of a few rows with a weight [outputs, inputs] as it lies in memory, and of rows of any number with 8-bit weights.
#pragma once

#include <ATen/Parallel.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>
#endif

namespace dots {

// Sixteen floats: one register with AVX-512, two or four elsewhere.
typedef float Lanes __attribute__((vector_size(64)));
constexpr int64_t lanes = 16;

inline Lanes load(const float *p) {
  Lanes x;
  std::memcpy(&x, p, sizeof x);
  return x;
}

// A bfloat16 is the upper half of a float.
inline Lanes load(const c10::BFloat16 *p) {
  typedef uint16_t Half __attribute__((vector_size(32)));
  typedef uint32_t Whole __attribute__((vector_size(64)));
  Half half;
  std::memcpy(&half, p, sizeof half);
  Whole whole = __builtin_convertvector(half, Whole) << 16;
  Lanes x;
  std::memcpy(&x, &whole, sizeof x);
  return x;
}

inline float sum(const Lanes &x) {
  typedef float Half __attribute__((vector_size(32)));
  typedef float Quarter __attribute__((vector_size(16)));
  Half a, b;
  std::memcpy(&a, &x, sizeof a);
  std::memcpy(&b, reinterpret_cast<const char *>(&x) + sizeof a, sizeof b);
  a += b;
  Quarter c, d;
  std::memcpy(&c, &a, sizeof c);
  std::memcpy(&d, reinterpret_cast<const char *>(&a) + sizeof c, sizeof d);
  c += d;
  return (c[0] + c[2]) + (c[1] + c[3]);
}

// N rows of the weight, `apart` rows from each other, with R rows of x: every element that is loaded takes part in several
// products.
template <int N, int R, typename Weight>
void tile(const Weight *w, int64_t apart, const float *x, int64_t inputs, const float *bias, const float *added, float *y,
          int64_t outputs) {
  // Half a page ahead of each row, where the next ones follow: the processor's own prefetching stops at pages.
  constexpr int64_t ahead = 2048 / sizeof(Weight);
  Lanes sums[N][R] = {};
  int64_t i = 0;
  for (; i + lanes <= inputs; i += lanes) {
    Lanes rows[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) rows[r] = load(x + r * inputs + i);
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      const Weight *at = w + n * apart * inputs + i;
      __builtin_prefetch(at + ahead, 0, 3);
      Lanes weights = load(at);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) sums[n][r] += weights * rows[r];
    }
  }
  for (int r = 0; r < R; r++)
    for (int n = 0; n < N; n++) {
      float total = sum(sums[n][r]);
      for (int64_t j = i; j < inputs; j++) total += static_cast<float>(w[n * apart * inputs + j]) * x[r * inputs + j];
      y[r * outputs + n * apart] = total + (bias ? bias[n * apart] : 0.0f) + (added ? added[r * outputs + n * apart] : 0.0f);
    }
}

template <int N, typename Weight>
void strip(const Weight *w, int64_t apart, const float *x, int64_t rows, int64_t inputs, const float *bias, const float *added,
           float *y, int64_t outputs) {
  int64_t r = 0;
  auto next = [&]<int R>() {
    tile<N, R>(w, apart, x + r * inputs, inputs, bias, added ? added + r * outputs : nullptr, y + r * outputs, outputs);
    r += R;
  };
  while (r + 4 <= rows) next.template operator()<4>();
  switch (rows - r) {
  case 3: return next.template operator()<3>();
  case 2: return next.template operator()<2>();
  case 1: return next.template operator()<1>();
  }
}

// y = x · wᵀ + bias + added of a few rows, reading the weight once: each thread reads its share in N places at a time, one row after
// the other in each, which memory delivers faster than N rows side by side.
template <typename Weight>
void multiply(const Weight *w, const float *x, int64_t rows, int64_t inputs, int64_t outputs, const float *bias,
              const float *added, float *y) {
  constexpr int N = 6;
  at::parallel_for(0, outputs, N, [&](int64_t from, int64_t to) {
    int64_t apart = (to - from) / N, rest = from + apart * N;
    auto at = [](const float *p, int64_t n) { return p ? p + n : nullptr; };
    for (int64_t n = from; n < from + apart; n++)
      strip<N>(w + n * inputs, apart, x, rows, inputs, at(bias, n), at(added, n), y + n, outputs);
    for (int64_t n = rest; n < to; n++)
      strip<1>(w + n * inputs, 1, x, rows, inputs, at(bias, n), at(added, n), y + n, outputs);
  });
}

} // namespace dots
