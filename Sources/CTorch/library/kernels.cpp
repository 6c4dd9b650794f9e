// What libtorch lacks and our loops need: attention within packed documents, rotary positions, cross-entropy that never
// holds all logits, attention over a paged cache, and token sampling. Each has a plain reference in Tests/TorchTests.
#include "activations.h"
#include "handles.h"
#include "paged.h"
#include "widened.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>

using activations::activated;
using activations::exponential;
using paged::maximum;
using activations::SiLU;
using activations::TanhGELU;
using paged::Scores;
using paged::Tables;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

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

// ---- normalisation of one token or a few, float32: a step of decoding waits for what libtorch does around its kernels

// w·x/√(mean x² + ε) of each row (Zhang 2019), or w·(x − mean)/√(variance + ε) + b (Ba 2016).
at::Tensor normalized(const at::Tensor &given, const at::Tensor &w, const at::Tensor *bias, bool centered, double eps) {
  auto x = given.contiguous();
  auto y = at::empty_like(x);
  int64_t n = x.size(-1), rows = x.numel() / std::max<int64_t>(1, n);
  auto *from = x.const_data_ptr<float>(), *weights = w.const_data_ptr<float>();
  auto *shift = bias ? bias->const_data_ptr<float>() : nullptr;
  auto *to = y.mutable_data_ptr<float>();
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float *a = from + r * n;
      float *b = to + r * n, mean = 0, total = 0;
      if (centered) {
#pragma omp simd reduction(+ : mean)
        for (int64_t i = 0; i < n; i++) mean += a[i];
        mean /= static_cast<float>(n);
      }
#pragma omp simd reduction(+ : total)
      for (int64_t i = 0; i < n; i++) total += (a[i] - mean) * (a[i] - mean);
      float factor = 1 / std::sqrt(total / static_cast<float>(n) + static_cast<float>(eps));
#pragma omp simd
      for (int64_t i = 0; i < n; i++) b[i] = (a[i] - mean) * factor * weights[i];
      if (shift) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) b[i] += shift[i];
      }
    }
  });
  return y;
}

// Whether the above takes these, and nobody waits for a gradient.
bool normalizes(const at::Tensor &x, CTorchTensor w, CTorchTensor b) {
  auto plain = [&](CTorchTensor handle) {
    auto &p = T(handle);
    return p.device().is_cpu() && p.scalar_type() == at::kFloat && p.is_contiguous() && p.dim() == 1 && p.size(0) == x.size(-1);
  };
  bool fits = w && plain(w) && (!b || plain(b)) && x.device().is_cpu() && x.scalar_type() == at::kFloat && x.size(-1) > 0;
  return fits && !(at::GradMode::is_enabled() && (x.requires_grad() || T(w).requires_grad() || (b && T(b).requires_grad())));
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

// ---- a paged cache: writing to it, and what one step of a layer does with it

// Writes each token's vectors into its slot: values [heads, page, width] a block, keys [heads, width, page].
template <typename scalar>
void append(const at::Tensor &cache, const at::Tensor &fresh, const int64_t *slots, int64_t n, bool is_transposed) {
  int64_t heads = cache.size(1), page = cache.size(is_transposed ? 3 : 2), width = cache.size(is_transposed ? 2 : 3);
  auto *to = cache.mutable_data_ptr<scalar>();
  auto *from = fresh.const_data_ptr<scalar>();
  int64_t row = fresh.stride(0), head = fresh.stride(1);
  at::parallel_for(0, n, 4, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      int64_t block = slots[t] / page, position = slots[t] % page;
      for (int64_t h = 0; h < heads; h++) {
        const scalar *x = from + t * row + h * head;
        scalar *y = to + (block * heads + h) * page * width;
        if (is_transposed)
          for (int64_t i = 0; i < width; i++) y[i * page + position] = x[i];
        else std::copy_n(x, width, y + position * width);
      }
    }
  });
}

// Writes keys and values [tokens, heads, width] into the cache's slots.
void append(const at::Tensor &keys, const at::Tensor &values, const at::Tensor &k, const at::Tensor &v, const int64_t *slots,
            int n) {
  for (bool is_key : {true, false}) {
    auto &cache = is_key ? keys : values, &fresh = is_key ? k : v;
    // Seen as [blocks, heads, page, width] both.
    auto seen = is_key ? cache.transpose(2, 3) : cache;
    TORCH_CHECK(fresh.dim() == 3 && fresh.size(0) == n && fresh.size(1) == seen.size(1) && fresh.size(2) == seen.size(3) &&
                    fresh.stride(2) == 1,
                "kv_append takes [tokens, heads, width] for a cache of ", seen.sizes(), ", not ", fresh.sizes());
    for (int i = 0; i < n; i++)
      TORCH_CHECK(slots[i] >= 0 && slots[i] < seen.size(0) * seen.size(2), "slot ", slots[i], " lies outside a cache of ",
                  seen.size(0) * seen.size(2));
    if (cache.device().is_cpu() && cache.scalar_type() == at::kFloat) append<float>(cache, fresh.to(at::kFloat), slots, n, is_key);
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
}

// Attention of q [rows, heads, width], one query a row, over the cache.
at::Tensor paged_attention(const at::Tensor &given, const at::Tensor &k, const at::Tensor &v, Tables tables, Scores how) {
  auto query = given.contiguous();
  auto [blocks, lengths, n, blocks_per_row] = tables;
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
  if (how.scale <= 0) how.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(query.size(2))));
  auto out = at::empty(query.sizes(), query.options());
  bool is_own = query.device().is_cpu() && v.size(2) == paged::lanes;
  if (is_own && query.scalar_type() == at::kFloat)
    paged::attend<float>(query, k, v, out, tables, how);
  else if (is_own && query.scalar_type() == at::kBFloat16)
    paged::attend<at::BFloat16>(query, k, v, out, tables, how);
  else {
    int64_t group = query.size(1) / k.size(1), page = v.size(2);
    for (int row = 0; row < n; row++) {
      int64_t length = lengths[row], count = (length + page - 1) / page;
      auto table = at::from_blob(const_cast<int32_t *>(blocks + static_cast<int64_t>(row) * blocks_per_row), {count}, at::kInt)
                       .to(query.device());
      int64_t first = how.window > 0 ? std::max<int64_t>(0, length - how.window) : 0;
      auto gathered = [&](const at::Tensor &cache) {
        return cache.index_select(0, table)
            .transpose(0, 1)
            .flatten(1, 2)
            .narrow(1, first, length - first)
            .repeat_interleave(group, 0);
      };
      auto one = query[row].unsqueeze(1), old = gathered(k.transpose(2, 3));
      if (how.soft_cap > 0) {
        auto scores = at::matmul(one, old.transpose(1, 2)).to(at::kFloat) * how.scale;
        auto weights = at::softmax(at::tanh(scores / how.soft_cap) * how.soft_cap, -1).to(query.scalar_type());
        out[row].copy_(at::matmul(weights, gathered(v)).squeeze(1));
      } else
        out[row].copy_(
            at::scaled_dot_product_attention(one, old, gathered(v), {}, 0.0, false, how.scale).squeeze(1));
    }
  }
  return out;
}

// What stands between the product that makes queries, keys and values and the one that takes what was attended: positions,
// the cache, attention. One call, as each op of a step with one token costs more than its arithmetic.
struct Heads {
  int64_t queries, keys;
  bool interleaved;
};

at::Tensor paged_step(const at::Tensor &all, Heads heads, CTorchTensor cos, CTorchTensor sin, const at::Tensor &keys,
                      const at::Tensor &values, const int64_t *slots, Tables tables, Scores how) {
  at::NoGradGuard off;
  at::AutoDispatchBelowADInplaceOrView below;
  int64_t n = tables.rows, parts = heads.queries + 2 * heads.keys;
  TORCH_CHECK(heads.queries > 0 && heads.keys > 0 && all.dim() == 2 && all.size(0) == n && all.size(1) % parts == 0 &&
                  (!heads.interleaved || heads.queries == heads.keys),
              "paged_step takes [", n, ", heads * width] of ", parts, " heads, not ", all.sizes());
  int64_t width = all.size(1) / parts;
  at::Tensor q, k, v;
  if (heads.interleaved) {
    auto cut = all.view({n, heads.queries, 3, width});
    q = cut.select(2, 0);
    k = cut.select(2, 1);
    v = cut.select(2, 2);
  } else {
    auto cut = all.view({n, parts, width});
    q = cut.narrow(1, 0, heads.queries);
    k = cut.narrow(1, heads.queries, heads.keys);
    v = cut.narrow(1, heads.queries + heads.keys, heads.keys);
  }
  if (cos) {
    q = rotated(q, T(cos), T(sin), false, 1);
    k = rotated(k, T(cos), T(sin), false, 1);
  }
  append(keys, values, k, v, slots, tables.rows);
  return paged_attention(q, keys, values, tables, how).view({n, heads.queries * width});
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
          at::GradMode::is_enabled() && T(x).requires_grad() ? Rope::apply(T(x), T(cos), T(sin), interleaved != 0)
                                                             : rotated(T(x), T(cos), T(sin), interleaved != 0, 1))

TENSOR_OP(rms_norm, (CTorchTensor handle, CTorchTensor w, double eps), [&] {
  auto &x = T(handle);
  TORCH_CHECK(x.dim() > 0, "rms_norm takes rows, not one number");
  return normalizes(x, w, nullptr) ? normalized(x, T(w), nullptr, false, eps) : at::rms_norm(x, {x.size(-1)}, maybe(w), eps);
}())
TENSOR_OP(layer_norm, (CTorchTensor handle, int64_t width, CTorchTensor w, CTorchTensor b, double eps), [&] {
  auto &x = T(handle);
  bool ours = x.dim() > 0 && x.size(-1) == width && normalizes(x, w, b);
  return ours ? normalized(x, T(w), b ? &T(b) : nullptr, true, eps) : at::layer_norm(x, {width}, maybe(w), maybe(b), eps);
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

STATUS_OP(kv_append, (CTorchTensor keys, CTorchTensor values, CTorchTensor k, CTorchTensor v, const int64_t *slots, int n),
          append(T(keys), T(values), T(k), T(v), slots, n))

TENSOR_OP(paged_attention,
          (CTorchTensor q, CTorchTensor keys, CTorchTensor values, const int32_t *blocks, const int32_t *lengths, int n,
           int blocks_per_row, double scale, int64_t window, double soft_cap),
          paged_attention(T(q), T(keys), T(values), {blocks, lengths, n, blocks_per_row},
                          {static_cast<float>(scale), window, static_cast<float>(soft_cap)}))

TENSOR_OP(paged_step,
          (CTorchTensor all, int heads, int kv_heads, int interleaved, CTorchTensor cos, CTorchTensor sin, CTorchTensor keys,
           CTorchTensor values, const int64_t *slots, const int32_t *blocks, const int32_t *lengths, int n, int blocks_per_row,
           double scale, int64_t window, double soft_cap),
          paged_step(T(all), {heads, kv_heads, interleaved != 0}, cos, sin, T(keys), T(values), slots,
                     {blocks, lengths, n, blocks_per_row},
                     {static_cast<float>(scale), window, static_cast<float>(soft_cap)}))

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
