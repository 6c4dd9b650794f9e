// Attention of single queries over a cache that lies in pages, each [heads, width, page] of keys and [heads, page, width] of
// values (Kwon 2023).
#pragma once

#include "dots.h"
#include "softmax.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace paged {

using softmax::exponential;
using dots::Lanes;
using dots::lanes;
using dots::load;
using softmax::maximum;

inline void store(float *to, const Lanes &x) { std::memcpy(to, &x, sizeof x); }

// How scores are made of q · k: a factor, how many of the newest keys are seen (0 for all), and c·tanh(score/c) (0 for none); and a
// score of each head that takes part in the softmax without a key (nullptr for none).
struct Scores {
  float scale;
  int64_t window;
  float soft_cap;
  const float *sinks = nullptr;
};

// Where the rows of a step find what they attend to.
struct Tables {
  const int32_t *blocks, *lengths;
  int rows, blocks_per_row;
  const int32_t *of(int64_t row) const { return blocks + row * blocks_per_row; }
};

// Both products below take several queries at a time, as what is loaded then serves all of them. A query's sums are made in
// the same order however many there are.

// q · k of T queries, one after the other, with a page of keys. Keys lie transposed, so that a product is a sum of rows and no
// lane is ever summed with another; where the page is not full the last scores mean nothing.
// `fixed` is the width where it is known when this is compiled, else 0.
template <typename scalar, int fixed, int T>
void products(const float *q, const scalar *k, int64_t dynamic, float *scores, int64_t stride) {
  const int64_t width = fixed ? fixed : dynamic;
  // Two sums each, as one alone would wait for itself at each step.
  Lanes even[T] = {}, odd[T] = {};
  int64_t i = 0;
  for (; i + 2 <= width; i += 2) {
    Lanes a = load(k + i * lanes), b = load(k + (i + 1) * lanes);
#pragma GCC unroll 8
    for (int t = 0; t < T; t++) {
      even[t] += q[t * width + i] * a;
      odd[t] += q[t * width + i + 1] * b;
    }
  }
  if (i < width)
    for (int t = 0; t < T; t++) even[t] += q[t * width + i] * load(k + i * lanes);
#pragma GCC unroll 8
  for (int t = 0; t < T; t++) store(scores + t * stride, even[t] + odd[t]);
}

// out += Σ weight · value over the first `count` values of a page, for T queries.
template <typename scalar, int fixed, int T>
void weigh(const float *weights, int64_t stride, const scalar *v, int64_t count, int64_t dynamic, float *out) {
  if constexpr (fixed == 0) {
    for (int t = 0; t < T; t++)
      for (int64_t j = 0; j < count; j++)
#pragma omp simd
        for (int64_t i = 0; i < dynamic; i++) out[t * dynamic + i] += weights[t * stride + j] * static_cast<float>(v[j * dynamic + i]);
  } else {
    // Narrow values in several sums in turns, so that four are always under way.
    constexpr int parts = fixed / lanes, turns = parts < 4 ? 4 / parts : 1;
    Lanes sums[T][turns][parts] = {};
    auto add = [&](int64_t j, int turn) {
#pragma GCC unroll 16
      for (int p = 0; p < parts; p++) {
        Lanes x = load(v + j * fixed + p * lanes);
#pragma GCC unroll 8
        for (int t = 0; t < T; t++) sums[t][turn][p] += weights[t * stride + j] * x;
      }
    };
    int64_t j = 0;
    for (; j + turns <= count; j += turns)
#pragma GCC unroll 4
      for (int turn = 0; turn < turns; turn++) add(j + turn, turn);
    for (; j < count; j++) add(j, 0);
#pragma GCC unroll 8
    for (int t = 0; t < T; t++)
#pragma GCC unroll 16
      for (int p = 0; p < parts; p++) {
        Lanes total = sums[t][0][p];
        for (int turn = 1; turn < turns; turn++) total += sums[t][turn][p];
        float *to = out + t * fixed + p * lanes;
        store(to, load(to) + total);
      }
  }
}

// Calls f<T>(i) so that [i, i + T) cover [0, n).
template <int most, typename F> void in_tiles(int64_t n, F &&f) {
  int64_t i = 0;
  if constexpr (most >= 8)
    for (; i + 8 <= n; i += 8) f.template operator()<8>(i);
  if constexpr (most >= 4)
    for (; i + 4 <= n; i += 4) f.template operator()<4>(i);
  if constexpr (most >= 2)
    for (; i + 2 <= n; i += 2) f.template operator()<2>(i);
  for (; i < n; i++) f.template operator()<1>(i);
}

// Begins to fetch a page that comes next: pages lie apart, and the processor's own prefetching needs a few misses in each.
template <typename scalar> void fetch(const scalar *page) {
  constexpr int lines = 8, line = 64 / sizeof(scalar);
#pragma GCC unroll 8
  for (int i = 0; i < lines; i++) __builtin_prefetch(page + i * line, 0, 3);
}

// How many pages all of `count` rows begin with, each row seeing the whole page.
inline int64_t common_pages(const Tables &tables, int64_t row, int64_t count, const Scores &how) {
  if (count == 1) return 0;
  int64_t shortest = *std::min_element(tables.lengths + row, tables.lengths + row + count);
  int64_t longest = *std::max_element(tables.lengths + row, tables.lengths + row + count);
  if (how.window > 0 && longest > how.window) return 0;
  int64_t common = 0;
  for (; (common + 1) * lanes <= shortest; common++)
    for (int64_t r = 1; r < count; r++)
      if (tables.of(row + r)[common] != tables.of(row)[common]) return common;
  return common;
}

template <typename scalar, int fixed>
void attend(const at::Tensor &q, const at::Tensor &keys, const at::Tensor &values, const at::Tensor &out, Tables tables,
            Scores how) {
  const int64_t rows = q.size(0), heads = q.size(1), width = fixed ? fixed : q.size(2), page = lanes;
  const int64_t kv_heads = keys.size(1), group = heads / kv_heads;
  auto *query = q.const_data_ptr<scalar>();
  auto *cached_keys = keys.const_data_ptr<scalar>();
  auto *cached_values = values.const_data_ptr<scalar>();
  auto *result = out.mutable_data_ptr<scalar>();
  const int64_t head_stride = page * width, block_stride = kv_heads * head_stride;
  constexpr int most = fixed == 0 ? 1 : fixed <= 64 ? 4 : fixed <= 128 ? 2 : 1;
  // Neighbouring rows are worked on together: those of one prompt share its pages, and a group's heads share all.
  const int64_t together = std::max<int64_t>(1, 8 / group), parts = (rows + together - 1) / together;
  // Heads outermost: rows that share a prompt's pages then read them from the nearest cache.
  at::parallel_for(0, kv_heads * parts, 1, [&](int64_t from, int64_t to) {
    std::vector<float> scores, current, sums, totals;
    for (int64_t job = from; job < to; job++) {
      int64_t kv = job / parts, row = job % parts * together, count = std::min(together, rows - row), all = count * group;
      const int32_t *lengths = tables.lengths + row;
      int64_t stride = (*std::max_element(lengths, lengths + count) + page - 1) / page * page;
      scores.resize(all * stride);
      current.resize(all * width);
      sums.assign(all * width, 0.0f);
      totals.resize(all);
      for (int64_t r = 0; r < count; r++) {
        const scalar *source = query + ((row + r) * heads + kv * group) * width;
        for (int64_t i = 0; i < group * width; i++) current[r * group * width + i] = static_cast<float>(source[i]) * how.scale;
      }
      int64_t common = common_pages(tables, row, count, how);
      auto key_page = [&](int64_t r, int64_t p) { return cached_keys + tables.of(row + r)[p] * block_stride + kv * head_stride; };
      auto value_page = [&](int64_t r, int64_t p) { return cached_values + tables.of(row + r)[p] * block_stride + kv * head_stride; };
      // Queries [i, i + n) with one page.
      auto score = [&](int64_t i, int64_t n, const scalar *k, int64_t p) {
        in_tiles<fixed ? 8 : 1>(n, [&]<int T>(int64_t t) {
          products<scalar, fixed, T>(current.data() + (i + t) * width, k, width, scores.data() + (i + t) * stride + p * page, stride);
        });
      };
      for (int64_t p = 0; p < common; p++) score(0, all, key_page(0, p), p);
      for (int64_t r = 0; r < count; r++) {
        int64_t length = lengths[r], first = how.window > 0 ? std::max<int64_t>(0, length - how.window) : 0, begin = first / page;
        for (int64_t p = std::max(common, begin); p * page < length; p++) {
          fetch((p + 1) * page < length ? key_page(r, p + 1) : value_page(r, std::max(common, begin)));
          score(r * group, group, key_page(r, p), p);
        }
        for (int64_t h = 0; h < group; h++) {
          float *x = scores.data() + (r * group + h) * stride;
          if (how.soft_cap > 0) {
#pragma omp simd
            for (int64_t j = first; j < length; j++)
              x[j] = how.soft_cap * (1 - 2 / (exponential(2 / how.soft_cap * x[j]) + 1));
          }
          float m = maximum(x + first, length - first), total = 0;
          if (how.sinks) {
            float sink = how.sinks[kv * group + h];
            m = std::max(m, sink);
            total = exponential(sink - m);
          }
#pragma omp simd reduction(+ : total)
          for (int64_t j = first; j < length; j++) {
            x[j] = exponential(x[j] - m);
            total += x[j];
          }
          // What lies before the window in its first page counts for nothing.
          std::fill(x + begin * page, x + first, 0.0f);
          totals[r * group + h] = total;
        }
      }
      auto add = [&](int64_t i, int64_t n, const scalar *v, int64_t p, int64_t held) {
        in_tiles<most>(n, [&]<int T>(int64_t t) {
          weigh<scalar, fixed, T>(scores.data() + (i + t) * stride + p * page, stride, v, held, width, sums.data() + (i + t) * width);
        });
      };
      for (int64_t p = 0; p < common; p++) add(0, all, value_page(0, p), p, page);
      for (int64_t r = 0; r < count; r++) {
        int64_t length = lengths[r], first = how.window > 0 ? std::max<int64_t>(0, length - how.window) : 0;
        for (int64_t p = std::max(common, first / page); p * page < length; p++) {
          if ((p + 1) * page < length) fetch(value_page(r, p + 1));
          add(r * group, group, value_page(r, p), p, std::min(page, length - p * page));
        }
        for (int64_t h = 0; h < group; h++) {
          scalar *to = result + ((row + r) * heads + kv * group + h) * width;
          const float *sum = sums.data() + (r * group + h) * width;
          float total = totals[r * group + h];
          for (int64_t i = 0; i < width; i++) to[i] = static_cast<scalar>(sum[i] / total);
        }
      }
    }
  });
}

// out of q [rows, heads, width] and a cache of pages of `lanes` tokens.
template <typename scalar>
void attend(const at::Tensor &q, const at::Tensor &keys, const at::Tensor &values, const at::Tensor &out, Tables tables,
            Scores how) {
  switch (q.size(2)) {
  case 16: return attend<scalar, 16>(q, keys, values, out, tables, how);
  case 32: return attend<scalar, 32>(q, keys, values, out, tables, how);
  case 64: return attend<scalar, 64>(q, keys, values, out, tables, how);
  case 128: return attend<scalar, 128>(q, keys, values, out, tables, how);
  case 256: return attend<scalar, 256>(q, keys, values, out, tables, how);
  default: return attend<scalar, 0>(q, keys, values, out, tables, how);
  }
}

} // namespace paged
