// Products with a weight that lies in the order in which several rows read it.
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

constexpr int64_t width = 2 * lanes;
// Rows that share a loaded weight; their sums fill 24 of AVX-512's 32 registers.
constexpr int most = 12;

// Where sums go, and what they are added to: the first row's first output, how far it is to the next row's, and how many
// outputs there are.
struct Place {
  const float *bias, *added;
  float *y;
  int64_t apart, used;

  // Sixteen sums of a row, or as many of them as there are outputs.
  void put(int r, int64_t n, Lanes sum) const {
    if (n + lanes <= used) {
      if (bias) sum += load(bias + n);
      if (added) sum += load(added + r * apart + n);
      std::memcpy(y + r * apart + n, &sum, sizeof sum);
    } else {
      for (int64_t i = 0; n + i < used; i++)
        y[r * apart + n + i] = sum[i] + (bias ? bias[n + i] : 0.0f) + (added ? added[r * apart + n + i] : 0.0f);
    }
  }
};

// What is asked of memory at each input, before it is needed.
struct Ahead {
  const char *at;
  int64_t step;

  void ask(int64_t i) const {
    __builtin_prefetch(at + i * step, 0, 3);
    if (step > 64) __builtin_prefetch(at + i * step + 64, 0, 3);
  }
};

// [R, inputs] → [inputs, R].
template <int R> void turn(const float *from, int64_t inputs, float *to) {
  for (int64_t i = 0; i < inputs; i++) {
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) to[i * R + r] = from[r * inputs + i];
  }
}

// P panels, `apart` elements from each other, with R rows: every element that is loaded takes part in R products.
template <int R, int P, typename Element>
void tile(const Element *w, int64_t apart, const float *x, int64_t inputs, const Ahead (&ahead)[P], const Place (&places)[P]) {
  Lanes sums[R][P][2] = {};
  for (int64_t i = 0; i < inputs; i++) {
#pragma GCC unroll 2
    for (int p = 0; p < P; p++) {
      ahead[p].ask(i);
      const Element *at = w + p * apart + i * width;
      Lanes a = load(at), b = load(at + lanes);
#pragma GCC unroll 12
      for (int r = 0; r < R; r++) {
        float factor = x[i * R + r];
        sums[r][p][0] += a * factor;
        sums[r][p][1] += b * factor;
      }
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int p = 0; p < P; p++) {
      places[p].put(r, 0, sums[r][p][0]);
      places[p].put(r, lanes, sums[r][p][1]);
    }
}

// The kernels of each number of rows from 1 to 12.
template <typename Element> struct Kernels {
  void (*turn)(const float *, int64_t, float *);
  void (*tile)(const Element *, int64_t, const float *, int64_t, const Ahead (&)[1], const Place (&)[1]);

  template <int... R> static constexpr std::array<Kernels, sizeof...(R)> made(std::integer_sequence<int, R...>) {
    return {Kernels{panels::turn<R + 1>, panels::tile<R + 1, 1, Element>}...};
  }
  static const Kernels &of(int64_t rows) {
    static constexpr auto all = made(std::make_integer_sequence<int, most>());
    return all[rows - 1];
  }
};

// A weight [outputs, inputs] as panels of 32 outputs, each [inputs, 32] and the last one filled up with zeros: a step of a
// product loads two registers of weights and multiplies them with one input of each row, so sums need no adding up of lanes,
// and every row's are made in the same order however many rows there are.
template <typename Element> struct Weight {
  Weight(const Element *w, int64_t outputs, int64_t inputs)
      : outputs(outputs), inputs(inputs), panels((outputs + width - 1) / width) {
    data.reset(static_cast<Element *>(std::aligned_alloc(64, sizeof(Element) * std::max<int64_t>(width, panels * width * inputs))));
    if (!data) throw std::bad_alloc();
    each([&](Element &to, int64_t n, int64_t i) { to = n < outputs ? w[n * inputs + i] : Element(0.0f); });
  }

  // The weight as it was given.
  void restore(float *w) const {
    each([&](const Element &from, int64_t n, int64_t i) {
      if (n < outputs) w[n * inputs + i] = static_cast<float>(from);
    });
  }

  // y = x · wᵀ + bias + added, of any number of rows.
  void multiply(const float *x, int64_t rows, const float *bias, const float *added, float *y) const {
    auto turned = at::empty({std::min(rows, block), inputs}, at::kFloat);
    for (int64_t r = 0; r < rows; r += block)
      some(x + r * inputs, std::min(block, rows - r), bias, added ? added + r * outputs : nullptr, y + r * outputs,
           turned.mutable_data_ptr<float>());
  }

  // One output's inputs.
  void row(int64_t n, float *to) const {
    const Element *at = panel(n / width) + n % width;
    for (int64_t i = 0; i < inputs; i++) to[i] = static_cast<float>(at[i * width]);
  }

private:
  // Rows that read the weight together: as many as stay in the cache beside a panel.
  static constexpr int64_t block = 64;
  // So few rows wait for memory, which delivers from two places at a time faster.
  static constexpr int64_t few = 4;
  // As many groups of rows are worth a copy of the panel in float32.
  static constexpr int64_t several = 3;

  int64_t outputs, inputs, panels;
  std::unique_ptr<Element, decltype(&std::free)> data{nullptr, &std::free};

  // Every element with its output and input, an output's cache line at a time.
  template <typename Body> void each(const Body &body) const {
    at::parallel_for(0, panels, 1, [&](int64_t from, int64_t to) {
      for (int64_t p = from; p < to; p++)
        for (int64_t first = 0; first < inputs; first += lanes)
          for (int64_t n = p * width; n < (p + 1) * width; n++)
            for (int64_t i = first; i < std::min(first + lanes, inputs); i++)
              body(data.get()[(p * inputs + i) * width + n % width], n, i);
    });
  }

  const Element *panel(int64_t p) const { return data.get() + p * width * inputs; }
  // Two pages on, where the next elements follow: the processor's own prefetching stops at pages.
  static Ahead following(const Element *w) { return {reinterpret_cast<const char *>(w) + 8192, width * sizeof(Element)}; }

  // `turned` has room for x, each group's rows as [inputs, rows].
  void some(const float *x, int64_t rows, const float *bias, const float *added, float *y, float *turned) const {
    int64_t groups = (rows + most - 1) / most, fewer = rows / groups, longer = rows % groups;
    auto start = [&](int64_t g) { return g * fewer + std::min(g, longer); };
    auto count = [&](int64_t g) { return start(g + 1) - start(g); };
    auto place = [&](int64_t p, int64_t row) {
      int64_t n = p * width;
      return Place{bias ? bias + n : nullptr, added ? added + row * outputs + n : nullptr, y + row * outputs + n, outputs,
                   std::min(width, outputs - n)};
    };
    at::parallel_for(0, groups, std::max<int64_t>(1, 32768 / (inputs * most)), [&](int64_t from, int64_t to) {
      for (int64_t g = from; g < to; g++) Kernels<Element>::of(count(g)).turn(x + start(g) * inputs, inputs, turned + start(g) * inputs);
    });
    at::parallel_for(0, panels, 2, [&](int64_t from, int64_t to) {
      if (rows <= few) {
        int64_t apart = (to - from) / 2;
        for (int64_t p = from; p < from + apart; p++)
          pair(rows, panel(p), apart * width * inputs, turned, {following(panel(p)), following(panel(p + apart))},
               {place(p, 0), place(p + apart, 0)});
        from += 2 * apart;
      }
      bool widens = sizeof(Element) < sizeof(float) && groups >= several;
      auto copy = at::empty({widens ? width * inputs : 0}, at::kFloat);
      float *wide = copy.mutable_data_ptr<float>();
      for (int64_t p = from; p < to; p++) {
        const Element *w = panel(p);
        if (widens)
          for (int64_t i = 0; i < width * inputs; i += lanes) {
            Lanes widened = load(w + i);
            std::memcpy(wide + i, &widened, sizeof widened);
          }
        for (int64_t g = 0; g < groups; g++) {
          // One group reads as fast as memory gives. Of several, all but the first find the panel in the cache: each asks for its
          // share of the next panel, so that memory is never idle.
          Ahead ahead = following(w);
          if (groups > 1) {
            int64_t size = width * sizeof(Element);
            ahead = {reinterpret_cast<const char *>(w) + (p + 1 < to ? size * (inputs + g * inputs / groups) : 0), size / groups};
          }
          const float *rows_of_group = turned + start(g) * inputs;
          if (widens) Kernels<float>::of(count(g)).tile(wide, 0, rows_of_group, inputs, {ahead}, {place(p, start(g))});
          else Kernels<Element>::of(count(g)).tile(w, 0, rows_of_group, inputs, {ahead}, {place(p, start(g))});
        }
      }
    });
  }

  void pair(int64_t rows, const Element *w, int64_t apart, const float *x, const Ahead (&ahead)[2], const Place (&places)[2]) const {
    switch (rows) {
    case 1: return tile<1, 2>(w, apart, x, inputs, ahead, places);
    case 2: return tile<2, 2>(w, apart, x, inputs, ahead, places);
    case 3: return tile<3, 2>(w, apart, x, inputs, ahead, places);
    default: return tile<4, 2>(w, apart, x, inputs, ahead, places);
    }
  }
};

} // namespace panels
