// What libtorch lacks and our loops need: attention within packed documents, rotary positions, cross-entropy that never
// holds all logits, attention over a paged cache, and token sampling. Each has a plain reference in Tests/TorchTests.
#include "handles.h"
#include "widened.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

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

float maximum(const float *x, int64_t n) {
  float m = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : m)
  for (int64_t i = 0; i < n; i++) m = std::max(m, x[i]);
  return m;
}

// Σ exp(scale·(x − m)). In double across strips, in float inside one, for speed without drift.
double exponential_sum(const float *x, int64_t n, float m, float scale) {
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

// ---- attention kept inside each document of a packed row

// Documents of one length side by side. They stand alone, or continue a shared beginning that was laid down before them
// (`shared` tokens from `shared_start` on), of which they see everything and of each other nothing.
struct Run {
  int64_t start, length, count, shared_start, shared;
  int64_t rows() const { return length * count; }
};

// Runs whose gradients meet: a beginning with all that continues it, or one run alone.
using Family = std::vector<Run>;

// Neighbouring documents of one length become one batched call. `parents` (or nothing) holds for each document −1 or the
// number of the one that it continues.
std::vector<Family> families_of(const std::vector<int64_t> &starts, const std::vector<int64_t> &parents) {
  std::vector<Family> families;
  for (size_t i = 0; i + 1 < starts.size(); i++) {
    Run run{starts[i], starts[i + 1] - starts[i], 1, 0, 0};
    if (run.length == 0) continue;
    if (int64_t parent = parents.empty() ? -1 : parents[i]; parent >= 0) {
      run.shared_start = starts[parent];
      run.shared = starts[parent + 1] - starts[parent];
    }
    // A beginning stays alone, so that its keys are one piece.
    bool is_beginning = i + 1 < parents.size() && parents[i + 1] == static_cast<int64_t>(i);
    if (!families.empty() && !is_beginning) {
      auto &last = families.back().back();
      if (last.length == run.length && (last.shared > 0) == (run.shared > 0)) {
        last.count++;
        continue;
      }
    }
    if (run.shared > 0) families.back().push_back(run);
    else families.push_back({run});
  }
  return families;
}

at::Tensor batched(const at::Tensor &x, const Run &run) {
  return x.narrow(0, run.start, run.length * run.count)
      .unflatten(0, {run.count, run.length})
      .transpose(1, 2);
}

// The beginning that a run continues, as one sequence: [1, heads, shared, width].
at::Tensor beginning(const at::Tensor &x, const Run &run) {
  return x.narrow(0, run.shared_start, run.shared).unsqueeze(0).transpose(1, 2);
}

// All keys that a run's documents see, the beginning's before their own: [count, heads, shared + length, width].
at::Tensor whole_keys(const at::Tensor &x, const Run &run) {
  auto own = batched(x, run);
  if (run.shared == 0) return own;
  return at::cat({beginning(x, run).expand({run.count, -1, -1, -1}), own}, 2);
}

// A run's rows as one sequence, [1, heads, rows, width]: where no row sees another there are no documents.
at::Tensor in_a_row(const at::Tensor &x, const Run &run) { return x.narrow(0, run.start, run.rows()).unsqueeze(0).transpose(1, 2); }

// Runs `body(family)` for all; many short ones are spread over the threads, few long ones use threads inside.
template <typename F> void each_family(const std::vector<Family> &families, F &&body) {
  if (static_cast<int64_t>(families.size()) < 2 * at::get_num_threads()) {
    for (auto &family : families) body(family);
    return;
  }
  at::parallel_for(0, static_cast<int64_t>(families.size()), 1, [&](int64_t from, int64_t to) {
    at::NoGradGuard off;
    at::AutoDispatchBelowADInplaceOrView below;
    for (int64_t i = from; i < to; i++) body(families[i]);
  });
}

// A part of each document of a run: some of the queries with the keys that they see. Without a window that is everything;
// with one, a block of queries needs only the keys since the window of its first.
struct Tile {
  int64_t first, rows, key_first, keys;
};

std::vector<Tile> tiles_of(const Run &run, int64_t window) {
  if (window <= 0 || run.length <= window) return {{0, run.length, 0, run.length}};
  // Blocks as long as the window do at most twice the work of the band; short ones would not fill the processor.
  int64_t step = std::min(run.length, std::max<int64_t>(window, 64));
  std::vector<Tile> tiles;
  for (int64_t first = 0; first < run.length; first += step) {
    int64_t rows = std::min(step, run.length - first), key_first = std::max<int64_t>(0, first - window + 1);
    tiles.push_back({first, rows, key_first, first + rows - key_first});
  }
  return tiles;
}

// 0 where a tile's query sees a key, −∞ where the key comes later or lies before the window; undefined where being causal
// says it all.
at::Tensor mask_of(const Tile &tile, int64_t window, const at::TensorOptions &options) {
  if (window <= 0 || (tile.key_first == 0 && tile.first == 0 && tile.rows <= window)) return {};
  int64_t behind = tile.first - tile.key_first;
  auto seen = at::ones({tile.rows, tile.keys}, options.dtype(at::kBool)).tril_(behind).triu_(behind - window + 1);
  return at::zeros({tile.rows, tile.keys}, options).masked_fill_(seen.logical_not_(), -std::numeric_limits<double>::infinity());
}

// What a packed batch consists of, and how scores are made of q · k.
struct Layout {
  std::vector<int64_t> starts, parents;
  double scale;
  int64_t window;

  // Whether a window ends inside what a document continues: joining two parts can't express that.
  bool has_windows_over_beginnings() const {
    if (window <= 0) return false;
    for (size_t i = 0; i < parents.size(); i++)
      if (parents[i] >= 0 && starts[parents[i] + 1] - starts[parents[i]] + starts[i + 1] - starts[i] > window) return true;
    return false;
  }
};

struct PackedAttention : torch::autograd::Function<PackedAttention> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor queries, at::Tensor keys, at::Tensor values, Layout layout) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto q = widened::operand(queries), k = widened::operand(keys), v = widened::operand(values);
    auto families = families_of(layout.starts, layout.parents);
    int64_t tokens = q.size(0), heads = q.size(1), width = q.size(2), window = layout.window;
    at::Tensor out, lse;
    if (families.size() == 1 && families[0].size() == 1 && (window <= 0 || families[0][0].length <= window)) {
      auto &run = families[0][0];
      auto [o, l] = at::_scaled_dot_product_flash_attention_for_cpu(batched(q, run), batched(k, run), batched(v, run), 0.0,
                                                                    true, {}, layout.scale);
      out = o.transpose(1, 2).reshape({tokens, heads, width});
      lse = l.contiguous();
    } else {
      out = at::empty({tokens, heads, width}, q.options());
      lse = at::empty({tokens * heads}, q.options().dtype(at::kFloat));
      each_family(families, [&](const Family &family) {
        for (auto &run : family) {
          for (auto &tile : tiles_of(run, window)) {
            auto mask = mask_of(tile, window, q.options());
            auto [o, l] = at::_scaled_dot_product_flash_attention_for_cpu(
                batched(q, run).narrow(2, tile.first, tile.rows), batched(k, run).narrow(2, tile.key_first, tile.keys),
                batched(v, run).narrow(2, tile.key_first, tile.keys), 0.0, !mask.defined(), given(mask), layout.scale);
            batched(out, run).narrow(2, tile.first, tile.rows).copy_(o);
            lse_of(lse, run, tile, heads).copy_(l);
          }
          if (run.shared > 0) add_beginning(q, k, v, run, layout.scale, out, lse);
        }
      });
    }
    out = out.to(queries.scalar_type());
    ctx->save_for_backward({queries, keys, values, out, lse});
    ctx->saved_data["starts"] = layout.starts;
    ctx->saved_data["parents"] = layout.parents;
    ctx->saved_data["scale"] = layout.scale;
    ctx->saved_data["window"] = layout.window;
    return out;
  }

  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    auto q = widened::operand(saved[0]), k = widened::operand(saved[1]), v = widened::operand(saved[2]);
    auto out = widened::operand(saved[3]), &lse = saved[4];
    double scale = ctx->saved_data["scale"].toDouble();
    int64_t window = ctx->saved_data["window"].toInt();
    auto families = families_of(ctx->saved_data["starts"].toIntVector(), ctx->saved_data["parents"].toIntVector());
    int64_t heads = q.size(1);
    auto g = widened::operand(grads[0].contiguous());
    auto dq = at::empty(q.sizes(), q.options()), dk = at::empty(k.sizes(), k.options()), dv = at::empty(v.sizes(), v.options());
    each_family(families, [&](const Family &family) {
      for (auto &run : family) {
        auto tiles = tiles_of(run, window);
        // Neighbouring tiles share keys, so their gradients are added up.
        if (tiles.size() > 1)
          for (auto &d : {dk, dv}) batched(d, run).zero_();
        for (auto &tile : tiles) {
          auto mask = mask_of(tile, window, q.options());
          auto queries = [&](const at::Tensor &x) { return batched(x, run).narrow(2, tile.first, tile.rows); };
          auto keys = [&](const at::Tensor &x) { return batched(x, run).narrow(2, tile.key_first, tile.keys); };
          auto [a, b, c] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
              queries(g), queries(q), keys(k), keys(v), queries(out), lse_of(lse, run, tile, heads), 0.0, !mask.defined(),
              given(mask), scale);
          queries(dq).copy_(a);
          if (tiles.size() > 1) {
            keys(dk).add_(b);
            keys(dv).add_(c);
          } else {
            keys(dk).copy_(b);
            keys(dv).copy_(c);
          }
        }
        if (run.shared == 0) continue;
        // With the whole's output and log-sum-exps each part's gradients are its share of the whole's.
        auto [a, b, c] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
            in_a_row(g, run), in_a_row(q, run), beginning(k, run), beginning(v, run), in_a_row(out, run),
            whole_lse_of(lse, run, heads).transpose(0, 1).reshape({1, heads, run.rows()}), 0.0, false, {}, scale);
        in_a_row(dq, run).add_(a);
        beginning(dk, run).add_(b);
        beginning(dv, run).add_(c);
      }
    });
    auto type = saved[0].scalar_type();
    return {dq.to(type), dk.to(type), dv.to(type), at::Tensor()};
  }

private:
  static std::optional<at::Tensor> given(const at::Tensor &mask) {
    return mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt;
  }

  // Where a tile's log-sum-exps lie; their layout is flash attention's own: [batch, heads, length].
  static at::Tensor lse_of(const at::Tensor &lse, const Run &run, const Tile &tile, int64_t heads) {
    return lse.reshape({-1})
        .narrow(0, heads * (run.start + run.count * tile.first), run.count * heads * tile.rows)
        .view({run.count, heads, tile.rows});
  }
  static at::Tensor whole_lse_of(const at::Tensor &lse, const Run &run, int64_t heads) {
    return lse_of(lse, run, {0, run.length, 0, run.length}, heads);
  }

  // Attention over two sets of keys is each set's attention, weighed by its share of the sum of exponentials.
  static void add_beginning(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const Run &run, double scale,
                            const at::Tensor &out, const at::Tensor &lse) {
    int64_t heads = q.size(1);
    auto [o, l] = at::_scaled_dot_product_flash_attention_for_cpu(in_a_row(q, run), beginning(k, run), beginning(v, run), 0.0,
                                                                  false, {}, scale);
    auto own = whole_lse_of(lse, run, heads);
    auto theirs = l.reshape({heads, run.count, run.length}).transpose(0, 1);
    // σ(theirs − own) is their share.
    auto share = at::sigmoid(theirs - own).transpose(0, 1).reshape({1, heads, run.rows(), 1}).to(q.scalar_type());
    auto merged = in_a_row(out, run);
    merged.lerp_(o, share);
    own.copy_(at::logaddexp(own, theirs));
  }
};

// The same by ordinary ops, so that autograd makes the gradients: for soft caps (Gemma 2), c·tanh(score/c), for windows that
// end inside a shared beginning, and for devices whose fused attention knows no window.
at::Tensor plain_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const Layout &layout,
                           double soft_cap) {
  std::vector<at::Tensor> parts;
  for (auto &family : families_of(layout.starts, layout.parents)) {
    for (auto &run : family) {
      std::vector<at::Tensor> blocks;
      auto floats = q.options().dtype(at::kFloat);
      auto tiles = run.shared > 0 ? std::vector<Tile>{{run.shared, run.length, 0, run.shared + run.length}}
                                  : tiles_of(run, layout.window);
      auto queries = batched(q, run), keys = whole_keys(k, run), values = whole_keys(v, run);
      for (auto &tile : tiles) {
        auto mask = mask_of(tile, layout.window > 0 ? layout.window : run.shared + run.length, floats);
        if (!mask.defined())
          mask = at::full({tile.rows, tile.keys}, -std::numeric_limits<double>::infinity(), floats).triu_(1);
        auto scores = at::matmul(queries.narrow(2, tile.first - run.shared, tile.rows),
                                 keys.narrow(2, tile.key_first, tile.keys).transpose(2, 3)).to(at::kFloat) * layout.scale;
        if (soft_cap > 0) scores = at::tanh(scores / soft_cap) * soft_cap;
        blocks.push_back(at::matmul(at::softmax(scores + mask, -1).to(v.scalar_type()),
                                    values.narrow(2, tile.key_first, tile.keys)));
      }
      parts.push_back(at::cat(blocks, 2).transpose(1, 2).flatten(0, 1));
    }
  }
  return parts.empty() ? q * 1 : at::cat(parts, 0);
}

// ---- RMS normalisation (Zhang 2019): libtorch makes it of five ops on the CPU, which is what a step of decoding waits for

// w·x/√(mean x² + ε) of each row, float32.
at::Tensor rms_normed(const at::Tensor &given, const at::Tensor &w, double eps) {
  auto x = given.contiguous();
  auto y = at::empty_like(x);
  int64_t n = x.size(-1), rows = x.numel() / std::max<int64_t>(1, n);
  auto *from = x.const_data_ptr<float>(), *weights = w.const_data_ptr<float>();
  auto *to = y.mutable_data_ptr<float>();
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float *a = from + r * n;
      float *b = to + r * n, total = 0;
#pragma omp simd reduction(+ : total)
      for (int64_t i = 0; i < n; i++) total += a[i] * a[i];
      float factor = 1 / std::sqrt(total / static_cast<float>(n) + static_cast<float>(eps));
#pragma omp simd
      for (int64_t i = 0; i < n; i++) b[i] = a[i] * factor * weights[i];
    }
  });
  return y;
}

// ---- rotary positions: RoFormer (Su 2021), the half-split layout of Llama or the interleaved one of GPT-J

template <typename scalar>
void rotate(const at::Tensor &x, const at::Tensor &out, const float *cos, const float *sin, int64_t half, float sign,
            bool interleaved) {
  int64_t heads = x.size(1), width = x.size(2);
  auto *from = x.const_data_ptr<scalar>();
  auto *to = out.mutable_data_ptr<scalar>();
  int64_t row = x.stride(0), head = x.stride(1);
  at::parallel_for(0, x.size(0), 16, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const float *c = cos + t * half, *s = sin + t * half;
      for (int64_t h = 0; h < heads; h++) {
        const scalar *a = from + t * row + h * head;
        scalar *b = to + (t * heads + h) * width;
        if (interleaved) {
          for (int64_t i = 0; i < half; i++) {
            float u = a[2 * i], w = a[2 * i + 1];
            b[2 * i] = static_cast<scalar>(u * c[i] - sign * w * s[i]);
            b[2 * i + 1] = static_cast<scalar>(w * c[i] + sign * u * s[i]);
          }
        } else {
          for (int64_t i = 0; i < half; i++) {
            float u = a[i], w = a[i + half];
            b[i] = static_cast<scalar>(u * c[i] - sign * w * s[i]);
            b[i + half] = static_cast<scalar>(w * c[i] + sign * u * s[i]);
          }
        }
        for (int64_t i = 2 * half; i < width; i++) b[i] = a[i];
      }
    }
  });
}

at::Tensor rotated(const at::Tensor &x0, const at::Tensor &cos, const at::Tensor &sin, bool interleaved, float sign) {
  int64_t half = cos.size(-1);
  TORCH_CHECK(x0.dim() == 3 && cos.dim() == 2 && 2 * half <= x0.size(2) && cos.size(0) == x0.size(0) &&
                  sin.sizes() == cos.sizes(),
              "rope takes x [tokens, heads, width] and tables [tokens, half] with 2 * half <= width, not ", x0.sizes(), ", ",
              cos.sizes(), " and ", sin.sizes());
  if (x0.device().is_cpu() && (x0.scalar_type() == at::kFloat || x0.scalar_type() == at::kBFloat16)) {
    auto x = x0.stride(2) == 1 ? x0 : x0.contiguous();
    auto c = cos.contiguous(), s = sin.contiguous();
    auto out = at::empty(x.sizes(), x.options());
    if (x.scalar_type() == at::kFloat)
      rotate<float>(x, out, c.const_data_ptr<float>(), s.const_data_ptr<float>(), half, sign, interleaved);
    else rotate<at::BFloat16>(x, out, c.const_data_ptr<float>(), s.const_data_ptr<float>(), half, sign, interleaved);
    return out;
  }
  auto turn = x0.narrow(2, 0, 2 * half), rest = x0.narrow(2, 2 * half, x0.size(2) - 2 * half);
  auto c = cos.unsqueeze(1), s = sin.unsqueeze(1) * sign;
  at::Tensor result;
  if (interleaved) {
    auto pairs = turn.unflatten(2, {half, 2});
    auto u = pairs.select(3, 0), w = pairs.select(3, 1);
    result = at::stack({u * c - w * s, w * c + u * s}, 3).flatten(2);
  } else {
    auto u = turn.narrow(2, 0, half), w = turn.narrow(2, half, half);
    result = at::cat({u * c - w * s, w * c + u * s}, 2);
  }
  return at::cat({result.to(x0.scalar_type()), rest}, 2);
}

struct Rope : torch::autograd::Function<Rope> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor x, at::Tensor cos, at::Tensor sin, bool interleaved) {
    at::AutoDispatchBelowADInplaceOrView below;
    ctx->save_for_backward({cos, sin});
    ctx->saved_data["interleaved"] = interleaved;
    return rotated(x, cos, sin, interleaved, 1);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    // A rotation's inverse is its transpose: turn the gradient back.
    return {rotated(grads[0], saved[0], saved[1], ctx->saved_data["interleaved"].toBool(), -1), at::Tensor(), at::Tensor(),
            at::Tensor()};
  }
};

// ---- activations x·σ(u(x)): SiLU and the tanh form of GELU, alone or times a second half, in one pass each way

[[gnu::always_inline]] inline float wide(float x) { return x; }
[[gnu::always_inline]] inline float wide(at::BFloat16 x) {
  uint32_t bits = static_cast<uint32_t>(x.x) << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
template <typename scalar> inline scalar narrow(float x);
template <> [[gnu::always_inline]] inline float narrow<float>(float x) { return x; }
// To the nearest, ties to even, without a branch; NaN needs none since no sum below carries into its exponent from a NaN
// that arithmetic made (its low bits are 0).
template <> [[gnu::always_inline]] inline at::BFloat16 narrow<at::BFloat16>(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return at::BFloat16(static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16), at::BFloat16::from_bits());
}

// u and its derivative. 1 + tanh(z) = 2σ(2z) makes GELU's tanh form (Hendrycks 2016) one of these.
struct SiLU {
  [[gnu::always_inline]] static inline float u(float x) { return x; }
  [[gnu::always_inline]] static inline float slope(float) { return 1; }
  static at::Tensor plain(const at::Tensor &x) { return at::silu(x); }
};
struct TanhGELU {
  static constexpr float a = 1.5957691216057308f, b = 0.044715f;
  [[gnu::always_inline]] static inline float u(float x) { return a * (x + b * x * x * x); }
  [[gnu::always_inline]] static inline float slope(float x) { return a * (1 + 3 * b * x * x); }
  static at::Tensor plain(const at::Tensor &x) { return at::gelu(x, "tanh"); }
};

[[gnu::always_inline]] inline float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

// y = f(x), or f(x) times what lies in `second`.
template <typename Curve, bool gated, typename scalar>
void activate(const scalar *__restrict x, const scalar *__restrict second, scalar *__restrict y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) {
    float v = wide(x[i]), value = v * sigmoid(Curve::u(v));
    if constexpr (gated) value *= wide(second[i]);
    y[i] = narrow<scalar>(value);
  }
}

// Gradients of both from y's.
template <typename Curve, bool gated, typename scalar>
void activate_backward(const scalar *__restrict x, const scalar *__restrict second, const scalar *__restrict dy,
                       scalar *__restrict dx, scalar *__restrict dsecond, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) {
    float v = wide(x[i]), s = sigmoid(Curve::u(v)), slope = s + v * s * (1 - s) * Curve::slope(v), upstream = wide(dy[i]);
    if constexpr (gated) {
      dsecond[i] = narrow<scalar>(upstream * v * s);
      upstream *= wide(second[i]);
    }
    dx[i] = narrow<scalar>(upstream * slope);
  }
}

template <typename Curve> struct Activated : torch::autograd::Function<Activated<Curve>> {
  static bool knows(const at::Tensor &x) {
    return x.device().is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  }

  // Elements [..., n], or with a gate [..., 2n] of which the first half is activated and multiplies the second.
  static at::Tensor forward(AutogradContext *ctx, at::Tensor x0, bool gated) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto x = x0.contiguous();
    ctx->save_for_backward({x});
    ctx->saved_data["gated"] = gated;
    auto shape = x.sizes().vec();
    if (gated) shape.back() /= 2;
    auto out = at::empty(shape, x.options());
    if (x.scalar_type() == at::kFloat) forwards<float>(x, out, gated);
    else forwards<at::BFloat16>(x, out, gated);
    return out;
  }

  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto x = ctx->get_saved_variables()[0], g = grads[0].contiguous(), dx = at::empty(x.sizes(), x.options());
    bool gated = ctx->saved_data["gated"].toBool();
    if (x.scalar_type() == at::kFloat) backwards<float>(x, g, dx, gated);
    else backwards<at::BFloat16>(x, g, dx, gated);
    return {dx, at::Tensor()};
  }

private:
  template <typename scalar> static void forwards(const at::Tensor &x, const at::Tensor &out, bool gated) {
    auto *from = x.const_data_ptr<scalar>();
    auto *to = out.mutable_data_ptr<scalar>();
    pieces(out, gated, [&](int64_t at, int64_t n) {
      if (gated) activate<Curve, true>(from + 2 * at, from + 2 * at + n, to + at, n);
      else activate<Curve, false>(from + at, from + at, to + at, n);
    });
  }

  template <typename scalar> static void backwards(const at::Tensor &x, const at::Tensor &g, const at::Tensor &dx, bool gated) {
    auto *from = x.const_data_ptr<scalar>(), *upstream = g.const_data_ptr<scalar>();
    auto *to = dx.mutable_data_ptr<scalar>();
    pieces(g, gated, [&](int64_t at, int64_t n) {
      if (gated)
        activate_backward<Curve, true>(from + 2 * at, from + 2 * at + n, upstream + at, to + 2 * at, to + 2 * at + n, n);
      else activate_backward<Curve, false>(from + at, from + at, upstream + at, to + at, to + at, n);
    });
  }

  // Calls body(first element of the result, count) for rows, or for pieces of what has none, spread over the threads.
  template <typename F> static void pieces(const at::Tensor &out, bool gated, F &&body) {
    int64_t n = gated ? out.size(-1) : 4096, total = out.numel();
    if (total == 0) return;
    at::parallel_for(0, (total + n - 1) / n, std::max<int64_t>(1, 32768 / n), [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; r++) body(r * n, std::min(n, total - r * n));
    });
  }
};

template <typename Curve> at::Tensor activated(const at::Tensor &x, bool is_gated) {
  TORCH_CHECK(x.dim() > 0 && (!is_gated || x.size(-1) % 2 == 0), "a gated activation takes two halves, not ", x.sizes());
  if (Activated<Curve>::knows(x)) return Activated<Curve>::apply(x, is_gated);
  if (!is_gated) return Curve::plain(x);
  auto halves = x.chunk(2, -1);
  return Curve::plain(halves[0]) * halves[1];
}

// ---- cross-entropy of a linear layer, a chunk of rows at a time

int64_t rows_of(int64_t chunk, int64_t vocabulary) {
  if (chunk > 0) return chunk;
  // About 8 MB of fp32 logits: they stay in the last-level cache between the three passes over them.
  return std::max<int64_t>(64, (int64_t(2) << 20) / std::max<int64_t>(vocabulary, 1));
}

// Turns each row of logits into its loss, entropy, and (if `gradient`) into factor·(softmax − one_hot(target)).
// Rows whose target is negative are ignored: loss 0, gradient 0.
void softmax_rows(float *logits, int64_t rows, int64_t vocabulary, const int64_t *targets, const float *factors, float scale,
                  float *nll, float *entropy, bool gradient) {
  at::parallel_for(0, rows, 1, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; r++) {
      float *x = logits + r * vocabulary;
      int64_t target = targets[r];
      float m = maximum(x, vocabulary);
      double total = exponential_sum(x, vocabulary, m, scale);
      float log_total = static_cast<float>(std::log(total));
      nll[r] = target < 0 ? 0.0f : log_total - scale * (x[target] - m);
      if (entropy) {
        double mean = 0;
        for (int64_t start = 0; start < vocabulary; start += 1024) {
          int64_t end = std::min(vocabulary, start + 1024);
          float strip = 0;
#pragma omp simd reduction(+ : strip)
          for (int64_t i = start; i < end; i++) {
            float z = scale * (x[i] - m);
            strip += exponential(z) * z;
          }
          mean += strip;
        }
        entropy[r] = log_total - static_cast<float>(mean / total);
      }
      if (gradient) {
        float factor = target < 0 ? 0.0f : (factors ? factors[r] : 1.0f) * scale;
        float g = factor / static_cast<float>(total);
#pragma omp simd
        for (int64_t i = 0; i < vocabulary; i++) x[i] = g * exponential(scale * (x[i] - m));
        if (target >= 0) x[target] -= factor;
      }
    }
  });
}

void check_targets(const at::Tensor &hidden, const at::Tensor &w, const at::Tensor &targets) {
  TORCH_CHECK(hidden.dim() == 2 && w.dim() == 2 && hidden.size(1) == w.size(1) && targets.dim() == 1 &&
                  targets.size(0) == hidden.size(0) && targets.scalar_type() == at::kLong,
              "hidden [N, D], weight [V, D] and int64 targets [N] are needed, not ", hidden.sizes(), ", ", w.sizes(), " and ",
              targets.sizes());
  if (targets.numel() == 0) return;
  int64_t largest = targets.max().item().toLong();
  TORCH_CHECK(largest < w.size(0), "target ", largest, " lies outside the vocabulary of ", w.size(0));
}

struct Chunked {
  at::Tensor nll, entropy, dh, dw;
};

// Which gradients somebody waits for: a frozen table's would cost a third of the layer for nothing.
struct Wanted {
  bool hidden = false, table = false;
};

// One pass over all chunks. `factors` (or null) weighs each row's gradient.
Chunked chunked(const at::Tensor &states, const at::Tensor &table, const at::Tensor &targets, const at::Tensor &factors,
                double temperature, int64_t chunk, bool entropy, Wanted wanted, double soft_cap) {
  widened::Uncast uncast;
  auto hidden = widened::operand(states), w = widened::operand(table);
  bool gradient = wanted.hidden || wanted.table;
  int64_t n = hidden.size(0), vocabulary = w.size(0), step = rows_of(chunk, vocabulary);
  auto floats = at::TensorOptions().dtype(at::kFloat);
  auto labels = targets.cpu().contiguous();
  Chunked result;
  auto nll = at::zeros({n}, floats);
  if (entropy) result.entropy = at::zeros({n}, floats);
  if (wanted.hidden) result.dh = at::empty_like(hidden);
  if (wanted.table) result.dw = at::zeros(w.sizes(), w.options().dtype(at::kFloat));
  at::Tensor weights = factors.defined() ? factors.to(at::kFloat).cpu().contiguous() : at::Tensor();
  bool low = hidden.scalar_type() != at::kFloat;
  for (int64_t start = 0; start < n; start += step) {
    int64_t rows = std::min(step, n - start);
    auto h = hidden.narrow(0, start, rows);
    // Logits are rounded to the type of the states, also where their product is made in a wider one.
    auto logits = at::mm(h, w.t()).to(states.scalar_type()).to(at::kCPU, at::kFloat).contiguous();
    at::Tensor bent;
    if (soft_cap > 0) {
      bent = at::tanh(logits / soft_cap);
      logits = bent * soft_cap;
    }
    softmax_rows(logits.mutable_data_ptr<float>(), rows, vocabulary, labels.const_data_ptr<int64_t>() + start,
                 weights.defined() ? weights.const_data_ptr<float>() + start : nullptr, static_cast<float>(1 / temperature),
                 nll.mutable_data_ptr<float>() + start,
                 entropy ? result.entropy.mutable_data_ptr<float>() + start : nullptr, gradient);
    if (!gradient) continue;
    // d c·tanh(z/c) / dz = 1 − tanh².
    if (soft_cap > 0) logits.mul_(bent.square_().neg_().add_(1));
    auto g = logits.to(hidden.options());
    if (wanted.hidden) {
      auto into = result.dh.narrow(0, start, rows);
      at::mm_out(into, g, w);
    }
    if (!wanted.table) continue;
    if (low) result.dw.add_(at::mm(g.t(), h));
    else result.dw.addmm_(g.t(), h);
  }
  result.nll = nll.to(hidden.device());
  if (entropy) result.entropy = result.entropy.to(hidden.device());
  if (wanted.hidden) result.dh = result.dh.to(states.scalar_type());
  if (wanted.table) result.dw = result.dw.to(table.scalar_type());
  return result;
}

// Σ w_i · nll_i: the loss is a scalar, so the gradients are made while the logits are at hand and only scaled later.
struct LinearCrossEntropy : torch::autograd::Function<LinearCrossEntropy> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor hidden, at::Tensor w, at::Tensor targets,
                            std::optional<at::Tensor> factors, int64_t chunk, bool gradient, double soft_cap, at::Tensor *nll) {
    auto weights = factors.value_or(at::Tensor());
    Wanted wanted{gradient && hidden.requires_grad(), gradient && w.requires_grad()};
    at::AutoDispatchBelowADInplaceOrView below;
    auto r = chunked(hidden, w, targets, weights, 1.0, chunk, false, wanted, soft_cap);
    if (nll) *nll = r.nll;
    // Undefined tensors can't be saved.
    variable_list made;
    for (auto &g : {r.dh, r.dw})
      if (g.defined()) made.push_back(g);
    ctx->save_for_backward(made);
    ctx->saved_data["hidden"] = wanted.hidden;
    ctx->saved_data["table"] = wanted.table;
    // Summed in double: the order of chunks must not show in the loss.
    auto sum = (weights.defined() ? r.nll.to(at::kDouble) * weights.to(at::kDouble) : r.nll.to(at::kDouble)).sum();
    return sum.to(at::kFloat);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    double upstream = grads[0].item().toDouble();
    size_t next = 0;
    auto dh = ctx->saved_data["hidden"].toBool() ? saved[next++] : at::Tensor();
    auto dw = ctx->saved_data["table"].toBool() ? saved[next++] : at::Tensor();
    if (upstream != 1) {
      if (dh.defined()) dh = dh * upstream;
      if (dw.defined()) dw = dw * upstream;
    }
    return {dh, dw, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

// log p(target) of each row; the backward pass makes the logits again rather than keep them.
struct LinearLogprobs : torch::autograd::Function<LinearLogprobs> {
  static at::Tensor forward(AutogradContext *ctx, at::Tensor hidden, at::Tensor w, at::Tensor targets, double temperature,
                            int64_t chunk, double soft_cap, at::Tensor *entropy) {
    at::AutoDispatchBelowADInplaceOrView below;
    ctx->save_for_backward({hidden, w, targets});
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["chunk"] = chunk;
    ctx->saved_data["soft_cap"] = soft_cap;
    auto r = chunked(hidden, w, targets, {}, temperature, chunk, entropy != nullptr, {}, soft_cap);
    if (entropy) *entropy = r.entropy;
    return r.nll.neg();
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto saved = ctx->get_saved_variables();
    auto r = chunked(saved[0], saved[1], saved[2], grads[0].neg(), ctx->saved_data["temperature"].toDouble(),
                     ctx->saved_data["chunk"].toInt(), false, {saved[0].requires_grad(), saved[1].requires_grad()},
                     ctx->saved_data["soft_cap"].toDouble());
    return {r.dh, r.dw, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

// Autocast does not know our functions: cast what a linear layer would have cast.
std::pair<at::Tensor, at::Tensor> autocasted(const at::Tensor &hidden, const at::Tensor &w) {
  auto kind = hidden.device().type();
  if (!at::autocast::is_autocast_enabled(kind)) return {hidden, w};
  auto dtype = at::autocast::get_autocast_dtype(kind);
  return {hidden.to(dtype), w.to(dtype)};
}

// ---- attention over a paged cache: one query a row

// q · k of a page's keys, which lie transposed, [width, page], so that a product is a sum of rows and no lane is ever
// summed with another. Where the page is not full the last scores mean nothing.
// `fixed` is the width where it is known when this is compiled, so that the loops unroll into registers; else 0.
template <typename scalar, int fixed>
void products(const float *q, const scalar *k, int64_t page, int64_t dynamic, float *scores) {
  constexpr int lanes = 16, side = 4;
  const int64_t width = fixed ? fixed : dynamic;
  if (page == lanes) {
    // Four sums, as one alone would wait for itself at each step.
    float sums[side][lanes] = {};
    for (int64_t i = 0; i + side <= width; i += side)
      for (int r = 0; r < side; r++)
#pragma omp simd
        for (int l = 0; l < lanes; l++) sums[r][l] += q[i + r] * static_cast<float>(k[(i + r) * lanes + l]);
    if constexpr (!fixed)
      for (int64_t i = width / side * side; i < width; i++)
#pragma omp simd
        for (int l = 0; l < lanes; l++) sums[0][l] += q[i] * static_cast<float>(k[i * lanes + l]);
#pragma omp simd
    for (int l = 0; l < lanes; l++) scores[l] = (sums[0][l] + sums[1][l]) + (sums[2][l] + sums[3][l]);
    return;
  }
  std::fill(scores, scores + page, 0.0f);
  for (int64_t i = 0; i < width; i++)
    for (int64_t l = 0; l < page; l++) scores[l] += q[i] * static_cast<float>(k[i * page + l]);
}

// How scores are made of q · k: a factor, how many of the newest keys are seen (0 for all), and c·tanh(score/c) (0 for none).
struct Scores {
  float scale;
  int64_t window;
  float soft_cap;
};

template <typename scalar, int fixed>
void paged(const at::Tensor &q, const at::Tensor &keys, const at::Tensor &values, const at::Tensor &out, const int32_t *blocks,
           const int32_t *lengths, int64_t blocks_per_row, Scores how) {
  const int64_t rows = q.size(0), heads = q.size(1), width = fixed ? fixed : q.size(2);
  const int64_t kv_heads = keys.size(1), page = keys.size(3), group = heads / kv_heads;
  auto *query = q.const_data_ptr<scalar>();
  auto *cached_keys = keys.const_data_ptr<scalar>();
  auto *cached_values = values.const_data_ptr<scalar>();
  auto *result = out.mutable_data_ptr<scalar>();
  const int64_t block_stride = kv_heads * page * width;
  // Heads outermost: rows that share a prompt's blocks then read them from the nearest cache.
  at::parallel_for(0, kv_heads * rows, 1, [&](int64_t from, int64_t to) {
    std::vector<float> scores, sum(width), current(width);
    for (int64_t job = from; job < to; job++) {
      int64_t kv = job / rows, row = job % rows, length = lengths[row];
      const int32_t *table = blocks + row * blocks_per_row;
      // Products are made of whole pages, from the one in which the window begins.
      int64_t first = how.window > 0 ? std::max<int64_t>(0, length - how.window) : 0, seen = length - first;
      int64_t begin = first / page * page;
      scores.resize((length - begin + page - 1) / page * page);
      for (int64_t h = kv * group; h < (kv + 1) * group; h++) {
        const scalar *q1 = query + (row * heads + h) * width;
        for (int64_t i = 0; i < width; i++) current[i] = static_cast<float>(q1[i]) * how.scale;
        for (int64_t start = begin; start < length; start += page)
          products<scalar, fixed>(current.data(), cached_keys + table[start / page] * block_stride + kv * page * width, page,
                                  width, scores.data() + start - begin);
        float *p = scores.data() + first - begin;
        if (how.soft_cap > 0) {
#pragma omp simd
          for (int64_t j = 0; j < seen; j++)
            p[j] = how.soft_cap * (1 - 2 / (exponential(2 / how.soft_cap * p[j]) + 1));
        }
        float m = maximum(p, seen);
        float total = 0;
#pragma omp simd reduction(+ : total)
        for (int64_t j = 0; j < seen; j++) {
          p[j] = exponential(p[j] - m);
          total += p[j];
        }
        scalar *r = result + (row * heads + h) * width;
        // `side` sums in turns, as one alone would wait for itself at each key.
        auto add = [&]<int side>(float *o) {
          for (int64_t start = first; start < length; start = (start / page + 1) * page) {
            const scalar *v = cached_values + table[start / page] * block_stride + (kv * page + start % page) * width;
            const float *weights = p + start - first;
            int64_t count = std::min(page - start % page, length - start), j = 0;
            for (; j + side <= count; j += side)
              for (int s = 0; s < side; s++)
#pragma omp simd
                for (int64_t i = 0; i < width; i++)
                  o[s * width + i] += weights[j + s] * static_cast<float>(v[(j + s) * width + i]);
            for (; j < count; j++)
#pragma omp simd
              for (int64_t i = 0; i < width; i++) o[i] += weights[j] * static_cast<float>(v[j * width + i]);
          }
          for (int s = 1; s < side; s++)
            for (int64_t i = 0; i < width; i++) o[i] += o[s * width + i];
          for (int64_t i = 0; i < width; i++) r[i] = static_cast<scalar>(o[i] / total);
        };
        if constexpr (fixed) {
          // On the stack and of known size: it stays in registers.
          constexpr int side = fixed < 64 ? 64 / fixed : 1;
          float o[side * fixed] = {};
          add.template operator()<side>(o);
        } else {
          std::fill(sum.begin(), sum.end(), 0.0f);
          add.template operator()<1>(sum.data());
        }
      }
    }
  });
}

template <typename scalar>
void paged(const at::Tensor &q, const at::Tensor &keys, const at::Tensor &values, const at::Tensor &out, const int32_t *blocks,
           const int32_t *lengths, int64_t blocks_per_row, Scores how) {
  switch (q.size(2)) {
  case 16: return paged<scalar, 16>(q, keys, values, out, blocks, lengths, blocks_per_row, how);
  case 32: return paged<scalar, 32>(q, keys, values, out, blocks, lengths, blocks_per_row, how);
  case 64: return paged<scalar, 64>(q, keys, values, out, blocks, lengths, blocks_per_row, how);
  case 128: return paged<scalar, 128>(q, keys, values, out, blocks, lengths, blocks_per_row, how);
  default: return paged<scalar, 0>(q, keys, values, out, blocks, lengths, blocks_per_row, how);
  }
}

// Writes each token's vectors into its slot: values [heads, page, width] a block, keys [heads, width, page].
template <typename scalar>
void append(const at::Tensor &cache, const at::Tensor &fresh, const int64_t *slots, int64_t n, bool is_transposed) {
  int64_t heads = cache.size(1), page = cache.size(is_transposed ? 3 : 2), width = cache.size(is_transposed ? 2 : 3);
  auto *to = cache.mutable_data_ptr<scalar>();
  auto *from = fresh.const_data_ptr<scalar>();
  int64_t row = fresh.stride(0), head = fresh.stride(1);
  for (int64_t t = 0; t < n; t++) {
    int64_t block = slots[t] / page, position = slots[t] % page;
    for (int64_t h = 0; h < heads; h++) {
      const scalar *x = from + t * row + h * head;
      scalar *y = to + (block * heads + h) * page * width;
      if (is_transposed)
        for (int64_t i = 0; i < width; i++) y[i * page + position] = x[i];
      else std::copy_n(x, width, y + position * width);
    }
  }
}

// ---- sampling

// A uniform number in [0, 1) from (seed, counter) alone: two rounds of the SplitMix64 finaliser (Steele 2014).
double uniform(uint64_t seed, uint64_t counter) {
  auto mix = [](uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  uint64_t z = mix(mix(seed + 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL * (counter + 1));
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

int64_t draw(const float *x, int64_t n, float m, const CTorchSampling &how) {
  if (how.temperature <= 0) return std::find(x, x + n, m) - x;
  float scale = static_cast<float>(1 / how.temperature);
  double u = uniform(how.seed, how.counter);
  bool all = (how.top_k <= 0 || how.top_k >= n) && how.top_p >= 1 && how.min_p <= 0;
  if (all) {
    double goal = u * exponential_sum(x, n, m, scale), running = 0;
    int64_t last = 0;
    for (int64_t start = 0; start < n; start += 1024) {
      int64_t end = std::min(n, start + 1024);
      double strip = exponential_sum(x + start, end - start, m, scale);
      if (running + strip < goal && end < n) {
        running += strip;
        continue;
      }
      for (int64_t i = start; i < end; i++) {
        float p = exponential(scale * (x[i] - m));
        // A masked token (−∞) keeps a rounding's worth of mass in exponential(): it must never be drawn.
        if (x[i] == -std::numeric_limits<float>::infinity()) continue;
        last = i;
        running += p;
        if (running > goal) return i;
      }
    }
    return last;
  }
  std::vector<std::pair<float, int64_t>> kept;
  kept.reserve(n);
  // min-p needs no order: keep what has at least min_p times the mode's probability.
  float floor = how.min_p > 0 ? m + static_cast<float>(std::log(how.min_p)) / scale : -std::numeric_limits<float>::infinity();
  for (int64_t i = 0; i < n; i++)
    if (x[i] >= floor && x[i] > -std::numeric_limits<float>::infinity()) kept.emplace_back(x[i], i);
  auto better = [](const auto &a, const auto &b) { return a.first > b.first || (a.first == b.first && a.second < b.second); };
  if (how.top_k > 0 && how.top_k < static_cast<int64_t>(kept.size())) {
    std::nth_element(kept.begin(), kept.begin() + how.top_k - 1, kept.end(), better);
    kept.resize(how.top_k);
  }
  std::sort(kept.begin(), kept.end(), better);
  std::vector<double> mass(kept.size());
  double total = 0;
  for (size_t i = 0; i < kept.size(); i++) total += mass[i] = std::exp(static_cast<double>(scale) * (kept[i].first - m));
  size_t count = kept.size();
  if (how.top_p < 1) {
    double running = 0;
    // The smallest set whose probability reaches top_p (Holtzman 2020): the token that crosses the line belongs to it.
    for (size_t i = 0; i < kept.size(); i++) {
      running += mass[i];
      if (running >= how.top_p * total) {
        count = i + 1;
        break;
      }
    }
    total = 0;
    for (size_t i = 0; i < count; i++) total += mass[i];
  }
  double goal = u * total, running = 0;
  for (size_t i = 0; i < count; i++) {
    running += mass[i];
    if (running > goal) return kept[i].second;
  }
  return kept[count - 1].second;
}

} // namespace

extern "C" CTorchTensor ctorch_packed_attention(CTorchTensor q, CTorchTensor k, CTorchTensor v, const int64_t *starts, int n,
                                                const int64_t *parents, int parent_count, double scale, int64_t window,
                                                double soft_cap) {
  return guarded<CTorchTensor>(nullptr, [&] {
    auto &query = T(q);
    auto key = T(k), value = T(v);
    TORCH_CHECK(query.dim() == 3 && key.dim() == 3 && value.dim() == 3 && n >= 2 && starts[0] == 0 &&
                    starts[n - 1] == query.size(0) && key.size(0) == query.size(0),
                "packed_attention takes q, k, v [tokens, heads, width] and boundaries from 0 to tokens, not ", query.sizes(),
                ", ", key.sizes(), " and ", n, " boundaries");
    TORCH_CHECK(parent_count == 0 || parent_count == n - 1, "packed_attention takes a parent for each of ", n - 1,
                " documents, not ", parent_count);
    for (int i = 0; i < parent_count; i++) {
      auto parent = parents[i];
      TORCH_CHECK(parent < 0 || (parent < i && parents[parent] < 0 && (parent == i - 1 || parents[i - 1] == parent)),
                  "document ", i, " can't continue document ", parent, ": what continues a document follows it at once");
    }
    int64_t group = query.size(1) / key.size(1);
    if (group > 1) {
      key = key.repeat_interleave(group, 1);
      value = value.repeat_interleave(group, 1);
    }
    Layout layout{{starts, starts + n}, {parents, parents + parent_count}, scale, window};
    if (scale <= 0) layout.scale = 1 / std::sqrt(static_cast<double>(query.size(2)));
    if (soft_cap > 0 || layout.has_windows_over_beginnings()) return own(plain_attention(query, key, value, layout, soft_cap));
    if (query.device().is_cpu()) return own(PackedAttention::apply(query, key, value, layout));
    std::vector<at::Tensor> parts;
    for (auto &family : families_of(layout.starts, layout.parents))
      for (auto &run : family) {
        if (window > 0 && run.length > window) return own(plain_attention(query, key, value, layout, soft_cap));
        std::optional<at::Tensor> seen;
        if (run.shared > 0)
          seen = at::ones({run.length, run.shared + run.length}, query.options().dtype(at::kBool)).tril_(run.shared);
        parts.push_back(at::scaled_dot_product_attention(batched(query, run), whole_keys(key, run), whole_keys(value, run), seen,
                                                         0.0, !seen, layout.scale)
                            .transpose(1, 2)
                            .flatten(0, 1));
      }
    return own(at::cat(parts, 0));
  });
}

TENSOR_OP(rope, (CTorchTensor x, CTorchTensor cos, CTorchTensor sin, int interleaved),
          Rope::apply(T(x), T(cos), T(sin), interleaved != 0))

TENSOR_OP(rms_norm, (CTorchTensor handle, CTorchTensor w, double eps), [&] {
  auto &x = T(handle);
  TORCH_CHECK(x.dim() > 0, "rms_norm takes rows, not one number");
  bool plain = w && x.device().is_cpu() && T(w).device().is_cpu() && x.scalar_type() == at::kFloat && x.size(-1) > 0 &&
               T(w).scalar_type() == at::kFloat && T(w).is_contiguous() && T(w).sizes() == at::IntArrayRef{x.size(-1)};
  bool waits = at::GradMode::is_enabled() && (x.requires_grad() || (w && T(w).requires_grad()));
  return plain && !waits ? rms_normed(x, T(w), eps) : at::rms_norm(x, {x.size(-1)}, maybe(w), eps);
}())
TENSOR_OP(silu, (CTorchTensor x), T(x).dim() > 0 ? activated<SiLU>(T(x), false) : at::silu(T(x)))
TENSOR_OP(gelu, (CTorchTensor x, int tanh_approximation),
          tanh_approximation && T(x).dim() > 0 ? activated<TanhGELU>(T(x), false)
                                               : at::gelu(T(x), tanh_approximation ? "tanh" : "none"))
TENSOR_OP(gated, (CTorchTensor x, int is_gelu), is_gelu ? activated<TanhGELU>(T(x), true) : activated<SiLU>(T(x), true))

extern "C" CTorchTensor ctorch_linear_cross_entropy(CTorchTensor hidden, CTorchTensor w, CTorchTensor targets,
                                                    CTorchTensor weights, int64_t chunk, double soft_cap,
                                                    CTorchTensor *nll) {
  return guarded<CTorchTensor>(nullptr, [&] {
    check_targets(T(hidden), T(w), T(targets));
    TORCH_CHECK(!weights || (T(weights).dim() == 1 && T(weights).size(0) == T(hidden).size(0)),
                "weights must be one for each of the ", T(hidden).size(0), " rows, not ", T(weights).sizes());
    auto [h, weight] = autocasted(T(hidden), T(w));
    bool gradient = at::GradMode::is_enabled() && (h.requires_grad() || weight.requires_grad());
    at::Tensor losses;
    auto sum = LinearCrossEntropy::apply(h, weight, T(targets), maybe(weights), chunk, gradient, soft_cap, &losses);
    if (nll) *nll = own(losses);
    return own(sum);
  });
}

extern "C" CTorchTensor ctorch_linear_logprobs(CTorchTensor hidden, CTorchTensor w, CTorchTensor targets, double temperature,
                                               int64_t chunk, double soft_cap, CTorchTensor *entropy) {
  return guarded<CTorchTensor>(nullptr, [&] {
    check_targets(T(hidden), T(w), T(targets));
    TORCH_CHECK(temperature > 0, "the temperature must be above 0, not ", temperature);
    auto [h, weight] = autocasted(T(hidden), T(w));
    at::Tensor spread;
    auto logprobs = LinearLogprobs::apply(h, weight, T(targets), temperature, chunk, soft_cap, entropy ? &spread : nullptr);
    if (entropy) *entropy = own(spread);
    return own(logprobs);
  });
}

STATUS_OP(kv_append, (CTorchTensor keys, CTorchTensor values, CTorchTensor k, CTorchTensor v, const int64_t *slots, int n), {
  for (bool is_key : {true, false}) {
    auto cache = T(is_key ? keys : values), fresh = T(is_key ? k : v);
    // Seen as [blocks, heads, page, width] both.
    auto seen = is_key ? cache.transpose(2, 3) : cache;
    TORCH_CHECK(fresh.dim() == 3 && fresh.size(0) == n && fresh.size(1) == seen.size(1) && fresh.size(2) == seen.size(3) &&
                    fresh.stride(2) == 1,
                "kv_append takes [tokens, heads, width] for a cache of ", seen.sizes(), ", not ", fresh.sizes());
    for (int i = 0; i < n; i++)
      TORCH_CHECK(slots[i] >= 0 && slots[i] < seen.size(0) * seen.size(2), "slot ", slots[i], " lies outside a cache of ",
                  seen.size(0) * seen.size(2));
    if (cache.device().is_cpu() && cache.scalar_type() == at::kFloat) append<float>(cache, fresh, slots, n, is_key);
    else if (cache.device().is_cpu() && cache.scalar_type() == at::kBFloat16)
      append<at::BFloat16>(cache, fresh.to(at::kBFloat16), slots, n, is_key);
    else {
      auto index = at::from_blob(const_cast<int64_t *>(slots), {n}, at::kLong).to(cache.device());
      auto page = seen.size(2);
      seen.index_put_({at::floor_divide(index, page).unsqueeze(1), at::arange(seen.size(1), index.options()).unsqueeze(0),
                       at::remainder(index, page).unsqueeze(1)},
                      fresh.to(cache.scalar_type()));
    }
  }
})

extern "C" CTorchTensor ctorch_paged_attention(CTorchTensor q, CTorchTensor keys, CTorchTensor values, const int32_t *blocks,
                                               const int32_t *lengths, int n, int blocks_per_row, double scale,
                                               int64_t window, double soft_cap) {
  return guarded<CTorchTensor>(nullptr, [&] {
    auto query = T(q).contiguous();
    auto &k = T(keys), &v = T(values);
    TORCH_CHECK(query.dim() == 3 && query.size(0) == n && k.dim() == 4 && query.size(2) == k.size(2) &&
                    query.size(1) % k.size(1) == 0,
                "paged_attention takes q [rows, heads, width] and keys [blocks, heads, width, page], not ", query.sizes(),
                " and ", k.sizes());
    TORCH_CHECK(k.transpose(2, 3).sizes() == v.sizes() && k.is_contiguous() && v.is_contiguous() && k.scalar_type() == query.scalar_type() &&
                    v.scalar_type() == query.scalar_type(),
                "paged_attention takes a contiguous cache of the queries' type, and values [blocks, heads, page, width]");
    for (int row = 0; row < n; row++) {
      TORCH_CHECK(lengths[row] >= 1 && (lengths[row] - 1) / v.size(2) < blocks_per_row, "row ", row, " sees ", lengths[row],
                  " tokens in ", blocks_per_row, " blocks of ", v.size(2));
      for (int64_t i = 0; i <= (lengths[row] - 1) / v.size(2); i++) {
        auto block = blocks[static_cast<int64_t>(row) * blocks_per_row + i];
        TORCH_CHECK(block >= 0 && block < k.size(0), "row ", row, " names block ", block, " of ", k.size(0));
      }
    }
    if (scale <= 0) scale = 1 / std::sqrt(static_cast<double>(query.size(2)));
    Scores how{static_cast<float>(scale), window, static_cast<float>(soft_cap)};
    auto out = at::empty(query.sizes(), query.options());
    if (query.device().is_cpu() && query.scalar_type() == at::kFloat)
      paged<float>(query, k, v, out, blocks, lengths, blocks_per_row, how);
    else if (query.device().is_cpu() && query.scalar_type() == at::kBFloat16)
      paged<at::BFloat16>(query, k, v, out, blocks, lengths, blocks_per_row, how);
    else {
      int64_t group = query.size(1) / k.size(1), page = v.size(2);
      for (int row = 0; row < n; row++) {
        int64_t length = lengths[row], count = (length + page - 1) / page;
        auto table = at::from_blob(const_cast<int32_t *>(blocks + static_cast<int64_t>(row) * blocks_per_row), {count}, at::kInt)
                         .to(query.device());
        int64_t first = window > 0 ? std::max<int64_t>(0, length - window) : 0;
        auto gathered = [&](const at::Tensor &cache) {
          return cache.index_select(0, table)
              .transpose(0, 1)
              .flatten(1, 2)
              .narrow(1, first, length - first)
              .repeat_interleave(group, 0);
        };
        auto one = query[row].unsqueeze(1), old = gathered(k.transpose(2, 3));
        if (soft_cap > 0) {
          auto scores = at::matmul(one, old.transpose(1, 2)).to(at::kFloat) * scale;
          auto weights = at::softmax(at::tanh(scores / soft_cap) * soft_cap, -1).to(query.scalar_type());
          out[row].copy_(at::matmul(weights, gathered(v)).squeeze(1));
        } else
          out[row].copy_(
              at::scaled_dot_product_attention(one, old, gathered(v), {}, 0.0, false, scale).squeeze(1));
      }
    }
    return own(out);
  });
}

STATUS_OP(sample, (CTorchTensor logits, const CTorchSampling *rows, int n, int64_t *ids, float *logprobs), {
  auto x = T(logits).to(at::kCPU, at::kFloat).contiguous();
  TORCH_CHECK(x.dim() == 2 && x.size(0) == n, "sample takes logits [rows, vocabulary], not ", x.sizes(), " for ", n, " rows");
  int64_t vocabulary = x.size(1);
  auto *data = x.const_data_ptr<float>();
  at::parallel_for(0, n, 1, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; r++) {
      const float *row = data + r * vocabulary;
      float m = maximum(row, vocabulary);
      double total = exponential_sum(row, vocabulary, m, 1);
      // All masked, a NaN or +∞: there is no distribution to draw from.
      TORCH_CHECK(std::isfinite(total), "row ", r, " of the logits is no distribution: its largest element is ", m);
      ids[r] = draw(row, vocabulary, m, rows[r]);
      logprobs[r] = row[ids[r]] - m - static_cast<float>(std::log(total));
    }
  });
})
