// Products of five rows and more with a float32 weight that lies in the order in which they read it.
#pragma once

#include "dots.h"

#include <ATen/ATen.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace panels {

using dots::Lanes;
using dots::lanes;
using dots::load;

// A weight [outputs, inputs] as panels of 32 outputs, each [inputs, 32] and the last one filled up with zeros: a step of a
// product loads two registers of weights and multiplies them with one input of each row, so sums need no adding up of lanes,
// and every row's are made in the same order however many rows there are.
struct Weight {
  static constexpr int64_t width = 2 * lanes;
  // Rows that share a loaded weight; their sums fill 24 of AVX-512's 32 registers.
  static constexpr int most = 12;
  // Rows that read the weight together: as many as stay in the cache beside a panel.
  static constexpr int64_t block = 64;

  Weight(const float *w, int64_t outputs, int64_t inputs)
      : outputs(outputs), inputs(inputs), panels((outputs + width - 1) / width) {
    data.reset(static_cast<float *>(std::aligned_alloc(64, sizeof(float) * std::max<int64_t>(1, panels * width * inputs))));
    if (!data) throw std::bad_alloc();
    at::parallel_for(0, panels, 1, [&](int64_t from, int64_t to) {
      for (int64_t p = from; p < to; p++) {
        float *panel = data.get() + p * width * inputs;
        int64_t used = std::min(width, outputs - p * width);
        // A cache line of each output's row at a time.
        for (int64_t first = 0; first < inputs; first += lanes)
          for (int64_t n = 0; n < width; n++)
            for (int64_t i = first; i < std::min(first + lanes, inputs); i++)
              panel[i * width + n] = n < used ? w[(p * width + n) * inputs + i] : 0.0f;
      }
    });
  }

  // y = x · wᵀ + bias + added, of any number of rows.
  void multiply(const float *x, int64_t rows, const float *bias, const float *added, float *y) const {
    auto turned = at::empty({std::min(rows, block), inputs}, at::kFloat);
    for (int64_t r = 0; r < rows; r += block)
      some(x + r * inputs, std::min(block, rows - r), bias, added ? added + r * outputs : nullptr, y + r * outputs,
           turned.mutable_data_ptr<float>());
  }

private:
  int64_t outputs, inputs, panels;
  std::unique_ptr<float, decltype(&std::free)> data{nullptr, &std::free};

  // What a tile is added to, and where it goes: the first row's first output, and how many outputs there are.
  struct Place {
    const float *bias, *added;
    float *y;
    int64_t used;
  };

  // `turned` has room for x, each group's rows as [inputs, rows].
  void some(const float *x, int64_t rows, const float *bias, const float *added, float *y, float *turned) const {
    int64_t groups = (rows + most - 1) / most, fewer = rows / groups, longer = rows % groups;
    auto start = [&](int64_t g) { return g * fewer + std::min(g, longer); };
    auto of = [&](int64_t g) -> const Kernels & { return kernels[start(g + 1) - start(g) - 1]; };
    at::parallel_for(0, groups, std::max<int64_t>(1, 32768 / (inputs * most)), [&](int64_t from, int64_t to) {
      for (int64_t g = from; g < to; g++) (this->*of(g).turn)(x + start(g) * inputs, turned + start(g) * inputs);
    });
    at::parallel_for(0, panels, 1, [&](int64_t from, int64_t to) {
      for (int64_t p = from; p < to; p++) {
        const float *w = data.get() + p * width * inputs;
        int64_t n = p * width;
        for (int64_t g = 0; g < groups; g++) {
          // One group reads as fast as memory gives, so it asks for what it needs next. Of several, all but the first find the
          // panel in the cache: each asks for its share of the next panel, and memory is never idle.
          const float *next = groups == 1 ? w + 2048 : p + 1 < to ? w + width * (inputs + g * inputs / groups) : w;
          (this->*of(g).tile)(w, turned + start(g) * inputs, next, groups,
                              {bias ? bias + n : nullptr, added ? added + start(g) * outputs + n : nullptr,
                               y + start(g) * outputs + n, std::min(width, outputs - n)});
        }
      }
    });
  }

  // [R, inputs] → [inputs, R].
  template <int R> void turn(const float *from, float *to) const {
    for (int64_t i = 0; i < inputs; i++) {
#pragma GCC unroll 12
      for (int r = 0; r < R; r++) to[i * R + r] = from[r * inputs + i];
    }
  }

  // A panel with R rows.
  template <int R> void tile(const float *w, const float *x, const float *next, int64_t groups, const Place &place) const {
    Lanes sums[R][2] = {};
    int64_t step = width / groups;
    for (int64_t i = 0; i < inputs; i++) {
      Lanes a = load(w + i * width), b = load(w + i * width + lanes);
      __builtin_prefetch(next + i * step, 0, 3);
      if (groups == 1) __builtin_prefetch(next + i * step + lanes, 0, 3);
#pragma GCC unroll 12
      for (int r = 0; r < R; r++) {
        float factor = x[i * R + r];
        sums[r][0] += a * factor;
        sums[r][1] += b * factor;
      }
    }
    if (place.used == width) {
#pragma GCC unroll 12
      for (int r = 0; r < R; r++)
        for (int half = 0; half < 2; half++) {
          int64_t at = half * lanes;
          Lanes sum = sums[r][half];
          if (place.bias) sum += load(place.bias + at);
          if (place.added) sum += load(place.added + r * outputs + at);
          std::memcpy(place.y + r * outputs + at, &sum, sizeof sum);
        }
      return;
    }
    for (int r = 0; r < R; r++)
      for (int64_t n = 0; n < place.used; n++)
        place.y[r * outputs + n] = sums[r][n / lanes][n % lanes] + (place.bias ? place.bias[n] : 0.0f) +
                                   (place.added ? place.added[r * outputs + n] : 0.0f);
  }

  struct Kernels {
    void (Weight::*turn)(const float *, float *) const;
    void (Weight::*tile)(const float *, const float *, const float *, int64_t, const Place &) const;
  };
  template <int... R> static constexpr std::array<Kernels, sizeof...(R)> made(std::integer_sequence<int, R...>) {
    return {Kernels{&Weight::turn<R + 1>, &Weight::tile<R + 1>}...};
  }
  static const std::array<Kernels, most> kernels;
};

inline const std::array<Weight::Kernels, Weight::most> Weight::kernels = Weight::made(std::make_integer_sequence<int, Weight::most>());

} // namespace panels
