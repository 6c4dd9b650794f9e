// Products of rows of any number with an 8-bit weight. The sums are of whole numbers and thus exact: a row's result does not
// depend on how many others come with it, nor on the processor.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>
#define EIGHTS_VNNI 1
#endif

namespace eights {

// A panel is 64 outputs. Its weights lie as [inputs / 4][64][4], so that one instruction multiplies four inputs of sixteen
// outputs, and the memory is read from end to end.
constexpr int64_t panel = 64, quad = 4;

inline int64_t padded(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// −127 … 127 of a row and their unit; the stored numbers are 128 higher where the instruction takes unsigned ones.
#ifdef EIGHTS_VNNI
constexpr int offset = 128;
typedef uint8_t Activation;
#else
constexpr int offset = 0;
typedef int8_t Activation;
#endif

inline float quantise(const float *x, int64_t inputs, int64_t stored, Activation *to) {
  float largest = 0;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < inputs; i++) largest = std::max(largest, std::fabs(x[i]));
  float unit = largest / 127, factor = largest > 0 ? 127 / largest : 0;
#pragma omp simd
  for (int64_t i = 0; i < inputs; i++) to[i] = static_cast<Activation>(static_cast<int32_t>(std::nearbyint(x[i] * factor)) + offset);
  std::fill(to + inputs, to + stored, static_cast<Activation>(offset));
  return unit;
}

// What turns sums into results: a unit for each output and each row, and what the offset added.
struct Ending {
  const float *units, *bias;
  const int32_t *excess;
};

#ifdef EIGHTS_VNNI
// So many bytes ahead of what is read.
constexpr int64_t ahead = 2048;

// sums += x · w in fours. Said to the assembler: from the intrinsic GCC 12 makes copies of the sums at each step.
inline __attribute__((always_inline)) void dot(__m512i &sums, __m512i x, __m512i w) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(w));
}
#endif

// R rows of x with one panel.
template <int R>
void tile(const int8_t *w, const Activation *x, int64_t stored, const float *row_units, const Ending &end, const float *added,
          float *y, int64_t outputs, int64_t count) {
  alignas(64) int32_t sums[R][panel];
#ifdef EIGHTS_VNNI
  // All loops over rows and parts are unrolled, so that the sums stay in registers.
  __m512i acc[R][4];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) acc[r][p] = _mm512_setzero_si512();
  for (int64_t i = 0; i < stored; i += quad) {
    const int8_t *at = w + i * panel;
    __m512i w0 = _mm512_loadu_si512(at), w1 = _mm512_loadu_si512(at + 64), w2 = _mm512_loadu_si512(at + 128),
            w3 = _mm512_loadu_si512(at + 192);
    // The processor's own prefetching stops at pages.
    if constexpr (R <= 2) {
#pragma GCC unroll 4
      for (int p = 0; p < 4; p++) __builtin_prefetch(at + ahead + p * 64, 0, 3);
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      int32_t four;
      std::memcpy(&four, x + r * stored + i, sizeof four);
      __m512i inputs = _mm512_set1_epi32(four);
      dot(acc[r][0], inputs, w0);
      dot(acc[r][1], inputs, w1);
      dot(acc[r][2], inputs, w2);
      dot(acc[r][3], inputs, w3);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) _mm512_store_si512(&sums[r][16 * p], acc[r][p]);
#else
  std::memset(sums, 0, sizeof sums);
  for (int64_t i = 0; i < stored; i += quad)
    for (int r = 0; r < R; r++) {
      const Activation *four = x + r * stored + i;
#pragma omp simd
      for (int64_t n = 0; n < panel; n++) {
        const int8_t *v = w + i * panel + n * quad;
        sums[r][n] += v[0] * four[0] + v[1] * four[1] + v[2] * four[2] + v[3] * four[3];
      }
    }
#endif
  for (int r = 0; r < R; r++)
    for (int64_t n = 0; n < count; n++)
      y[r * outputs + n] = static_cast<float>(sums[r][n] - end.excess[n]) * (end.units[n] * row_units[r]) +
                           (end.bias ? end.bias[n] : 0.0f) + (added ? added[r * outputs + n] : 0.0f);
}

template <int R>
void rest(int64_t rows, const int8_t *w, const Activation *x, int64_t stored, const float *row_units, const Ending &end,
          const float *added, float *y, int64_t outputs, int64_t count) {
  if constexpr (R > 0) {
    if (rows == R) tile<R>(w, x, stored, row_units, end, added, y, outputs, count);
    else rest<R - 1>(rows, w, x, stored, row_units, end, added, y, outputs, count);
  }
}

struct Weight {
  int64_t inputs, outputs, stored;
  std::vector<float> units;
  std::vector<int32_t> excess;
  // [panels][stored / 4][64][4], on a cache line's boundary.
  std::unique_ptr<int8_t, decltype(&std::free)> panels{nullptr, &std::free};

  // A unit for each output: its largest weight over 127.
  Weight(const float *w, int64_t outputs, int64_t inputs)
      : inputs(inputs), outputs(outputs), stored(padded(inputs, quad)), units(outputs), excess(outputs) {
    size_t size = padded(outputs, panel) * stored;
    panels.reset(static_cast<int8_t *>(std::aligned_alloc(64, padded(size, 64))));
    TORCH_CHECK(panels, "no memory for ", size, " bytes of weights");
    std::memset(panels.get(), 0, size);
    at::parallel_for(0, outputs, 16, [&](int64_t from, int64_t to) {
      for (int64_t n = from; n < to; n++) {
        const float *row = w + n * inputs;
        float largest = 0;
        for (int64_t i = 0; i < inputs; i++) largest = std::max(largest, std::fabs(row[i]));
        units[n] = largest / 127;
        float factor = largest > 0 ? 127 / largest : 0;
        int32_t total = 0;
        int8_t *to_panel = panels.get() + n / panel * panel * stored + n % panel * quad;
        for (int64_t i = 0; i < inputs; i++) {
          auto q = static_cast<int8_t>(std::nearbyint(row[i] * factor));
          total += q;
          to_panel[i / quad * quad * panel + i % quad] = q;
        }
        excess[n] = offset * total;
      }
    });
  }

  // The weight as it is used, [outputs, inputs].
  void restore(float *to) const {
    at::parallel_for(0, outputs, 16, [&](int64_t from, int64_t until) {
      for (int64_t n = from; n < until; n++) {
        const int8_t *source = panels.get() + n / panel * panel * stored + n % panel * quad;
        for (int64_t i = 0; i < inputs; i++)
          to[n * inputs + i] = static_cast<float>(source[i / quad * quad * panel + i % quad]) * units[n];
      }
    });
  }

  // y = x · wᵀ + bias + added.
  void multiply(const float *x, int64_t rows, const float *bias, const float *added, float *y) const {
    constexpr int R = 6;
    std::vector<Activation> quantised(rows * stored);
    std::vector<float> row_units(rows);
    at::parallel_for(0, rows, 8, [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; r++) row_units[r] = quantise(x + r * inputs, inputs, stored, quantised.data() + r * stored);
    });
    int64_t all = padded(outputs, panel) / panel;
    at::parallel_for(0, all, 1, [&](int64_t from, int64_t to) {
      for (int64_t p = from; p < to; p++) {
        int64_t n = p * panel, count = std::min(panel, outputs - n);
        Ending end{units.data() + n, bias ? bias + n : nullptr, excess.data() + n};
        const int8_t *w = panels.get() + n * stored;
        int64_t r = 0;
        auto plus = [&] { return added ? added + r * outputs + n : nullptr; };
        for (; r + R <= rows; r += R)
          tile<R>(w, quantised.data() + r * stored, stored, row_units.data() + r, end, plus(), y + r * outputs + n, outputs, count);
        rest<R - 1>(rows - r, w, quantised.data() + r * stored, stored, row_units.data() + r, end, plus(), y + r * outputs + n,
                    outputs, count);
      }
    });
  }
};

} // namespace eights
