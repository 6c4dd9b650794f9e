// Exponentials and their sums over a row: what activations, losses, sampling and attention share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace softmax {

// exp by 2^k · e^r with |r| ≤ ln2/2 and e^r by its series to r^7 (relative error below 1e-8): no branch and no call, so
// that compilers vectorise the loops around it.
[[gnu::always_inline]] inline float exponential(float x) {
  x = std::min(std::max(x, -87.0f), 88.0f);
  float k = std::nearbyint(x * 1.44269504088896341f);
  float r = std::fma(k, -0.693145751953125f, x);
  r = std::fma(k, -1.42860682030941723212e-6f, r);
  float p = 1.0f / 5040;
  p = std::fma(p, r, 1.0f / 720);
  p = std::fma(p, r, 1.0f / 120);
  p = std::fma(p, r, 1.0f / 24);
  p = std::fma(p, r, 1.0f / 6);
  p = std::fma(p, r, 0.5f);
  p = std::fma(p, r, 1.0f);
  p = std::fma(p, r, 1.0f);
  int32_t bits = (static_cast<int32_t>(k) + 127) << 23;
  float scale;
  __builtin_memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

inline float maximum(const float *x, int64_t n) {
  float m = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : m)
  for (int64_t i = 0; i < n; i++) m = std::max(m, x[i]);
  return m;
}

// Σ exp(scale·(x − m)). In double across strips, in float inside one, for speed without drift.
inline double exponential_sum(const float *x, int64_t n, float m, float scale) {
  double total = 0;
  for (int64_t start = 0; start < n; start += 1024) {
    int64_t end = std::min(n, start + 1024);
    float strip = 0;
#pragma omp simd reduction(+ : strip)
    for (int64_t i = start; i < end; i++) strip += exponential(scale * (x[i] - m));
    total += strip;
  }
  return total;
}

} // namespace softmax
