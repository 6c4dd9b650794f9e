// Attention kept inside each document of a packed row.
#include "handles.h"
#include "placement.h"
#include "widened.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

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
    auto [out, lse] = attended(widened::operand(queries), widened::operand(keys), widened::operand(values), layout);
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

  // The output, and the log-sum-exp of each query's scores in lse_of's layout.
  static std::pair<at::Tensor, at::Tensor> attended(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const Layout &layout) {
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
    return {out, lse};
  }

  // The same where each head has a score more in its softmax, which has no value: it takes its share of the sum of exponentials. No
  // gradients.
  static at::Tensor with_sinks(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values, const Layout &layout,
                               const at::Tensor &sinks) {
    at::NoGradGuard off;
    at::AutoDispatchBelowADInplaceOrView below;
    auto [out, lse] = attended(widened::operand(queries), widened::operand(keys), widened::operand(values), layout);
    int64_t heads = queries.size(1);
    auto sink = sinks.to(at::kFloat).view({1, heads, 1});
    for (auto &family : families_of(layout.starts, layout.parents))
      for (auto &run : family)
        for (auto &tile : tiles_of(run, layout.window)) {
          auto share = at::sigmoid(lse_of(lse, run, tile, heads) - sink).unsqueeze(-1);
          auto part = batched(out, run).narrow(2, tile.first, tile.rows);
          part.mul_(share.to(part.scalar_type()));
        }
    return out.to(queries.scalar_type());
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

// The same by ordinary ops, so that autograd makes the gradients: for soft caps (Gemma 2), c·tanh(score/c), for sinks (a score more for
// each head, without a value), for windows that end inside a shared beginning, and for float32 windows on a device.
at::Tensor plain_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const Layout &layout,
                           double soft_cap, const at::Tensor &sinks) {
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
        scores = scores + mask;
        if (sinks.defined())
          scores = at::cat({scores, sinks.to(at::kFloat).view({1, -1, 1, 1}).expand({scores.size(0), -1, tile.rows, 1})}, 3);
        blocks.push_back(at::matmul(at::softmax(scores, -1).narrow(3, 0, tile.keys).to(v.scalar_type()),
                                    values.narrow(2, tile.key_first, tile.keys)));
      }
      parts.push_back(at::cat(blocks, 2).transpose(1, 2).flatten(0, 1));
    }
  }
  return parts.empty() ? q * 1 : at::cat(parts, 0);
}

// ---- on a device: one call for all documents, as each call costs more there than a document's arithmetic

// A packed batch as a device reads it; made once for the layers of a pass, which come one after the other.
struct DeviceLayout {
  std::vector<int64_t> starts, parents;
  c10::Device device{c10::DeviceType::CPU};
  // Each document with what it continues: [documents, longest] places of tokens, short rows filled up with their last one;
  // and where among those rows each token's own place is.
  at::Tensor rows, own;
  int64_t longest = 0, longest_own = 0;
  // For kernels that take documents of any length: where queries and keys of each begin, and the keys' places in order
  // (undefined where no document continues another).
  at::Tensor query_starts, key_starts, keys;

  DeviceLayout(const Layout &layout, c10::Device device) : starts(layout.starts), parents(layout.parents), device(device) {
    std::vector<std::vector<int64_t>> documents;
    std::vector<int32_t> from{0}, keys_from{0};
    std::vector<int64_t> places, key_places;
    for (size_t i = 0; i + 1 < starts.size(); i++) {
      if (starts[i] == starts[i + 1]) continue;
      std::vector<int64_t> document;
      if (!parents.empty() && parents[i] >= 0)
        for (auto t = starts[parents[i]]; t < starts[parents[i] + 1]; t++) document.push_back(t);
      for (auto t = starts[i]; t < starts[i + 1]; t++) document.push_back(t);
      longest = std::max<int64_t>(longest, static_cast<int64_t>(document.size()));
      longest_own = std::max(longest_own, starts[i + 1] - starts[i]);
      from.push_back(static_cast<int32_t>(starts[i + 1]));
      keys_from.push_back(keys_from.back() + static_cast<int32_t>(document.size()));
      key_places.insert(key_places.end(), document.begin(), document.end());
      documents.push_back(std::move(document));
    }
    std::vector<int64_t> padded, inside(starts.back());
    for (size_t d = 0; d < documents.size(); d++) {
      auto &document = documents[d];
      int64_t first = from[d], before = static_cast<int64_t>(document.size()) - (from[d + 1] - first);
      for (int64_t j = 0; j < longest; j++) padded.push_back(document[std::min<int64_t>(j, document.size() - 1)]);
      for (int64_t j = first; j < from[d + 1]; j++) inside[j] = static_cast<int64_t>(d) * longest + before + j - first;
    }
    auto count = static_cast<int64_t>(documents.size());
    rows = placement::moved(padded.data(), {count, longest}, device);
    own = placement::moved(inside.data(), {starts.back()}, device);
    query_starts = placement::moved(from.data(), {count + 1}, device);
    key_starts = placement::moved(keys_from.data(), {count + 1}, device);
    if (std::any_of(parents.begin(), parents.end(), [](int64_t p) { return p >= 0; }))
      keys = placement::moved(key_places.data(), {static_cast<int64_t>(key_places.size())}, device);
  }
};

const DeviceLayout &device_layout(const Layout &layout, c10::Device device) {
  static thread_local std::unique_ptr<DeviceLayout> last;
  if (!last || last->device != device || last->starts != layout.starts || last->parents != layout.parents)
    last = std::make_unique<DeviceLayout>(layout, device);
  return *last;
}

// Documents of one length, none of which continues another, are a batch already: [count, heads, length, width].
at::Tensor as_batch(const at::Tensor &x, int64_t count) { return x.unflatten(0, {count, -1}).transpose(1, 2); }

// Documents filled up to one length: what is filled up comes last, where nobody sees it.
at::Tensor padded_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const DeviceLayout &layout, double scale) {
  auto batch = [&](const at::Tensor &x) { return x.index_select(0, layout.rows.flatten()).unflatten(0, layout.rows.sizes()).transpose(1, 2); };
  auto out = at::scaled_dot_product_attention(batch(q), batch(k), batch(v), {}, 0.0, true, scale);
  return out.transpose(1, 2).flatten(0, 1).index_select(0, layout.own);
}

at::Tensor device_attention(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, const Layout &layout) {
  auto families = families_of(layout.starts, layout.parents);
  int64_t window = layout.window;
  if (families.empty()) return query * 1;
  auto kind = query.device().type();
  auto type = at::autocast::is_autocast_enabled(kind) ? at::autocast::get_autocast_dtype(kind) : query.scalar_type();
  auto q = query.to(type), k = key.to(type), v = value.to(type);
  bool is_fused = query.is_cuda() && (type == at::kBFloat16 || type == at::kHalf) && q.size(2) <= 256 && q.size(2) % 8 == 0;
  // Only the fused kernels read one key for several queries.
  if (int64_t group = q.size(1) / k.size(1); group > 1 && !is_fused) {
    k = k.repeat_interleave(group, 1);
    v = v.repeat_interleave(group, 1);
  }
  if (families.size() == 1 && families[0].size() == 1 && (window <= 0 || families[0][0].length <= window)) {
    int64_t count = families[0][0].count;
    return at::scaled_dot_product_attention(as_batch(q, count), as_batch(k, count), as_batch(v, count), {}, 0.0, true, layout.scale,
                                            q.size(1) != k.size(1))
        .transpose(1, 2)
        .flatten(0, 1);
  }
  auto &laid = device_layout(layout, query.device());
  if (is_fused) {
    auto own = [&](const at::Tensor &x) { return laid.keys.defined() ? x.index_select(0, laid.keys) : x; };
    std::optional<int64_t> left, right;
    if (window > 0) left = window - 1, right = 0;
    // Queries are a document's last: the kernel's causal mask is laid from the end.
    return std::get<0>(at::_flash_attention_forward(q, own(k), own(v), laid.query_starts, laid.key_starts, laid.longest_own,
                                                    laid.longest, 0.0, true, false, layout.scale, left, right));
  }
  if (window > 0 && laid.longest > window) return {};
  return padded_attention(q, k, v, laid, layout.scale);
}

} // namespace

extern "C" CTorchTensor ctorch_packed_attention(CTorchTensor q, CTorchTensor k, CTorchTensor v, const int64_t *starts, int n,
                                                const int64_t *parents, int parent_count, double scale, int64_t window,
                                                double soft_cap, CTorchTensor sink) {
  return guarded<CTorchTensor>(nullptr, [&] {
    auto &query = T(q);
    auto key = T(k), value = T(v), sinks = maybe(sink).value_or(at::Tensor());
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
    Layout layout{{starts, starts + n}, {parents, parents + parent_count}, scale, window};
    if (scale <= 0) layout.scale = 1 / std::sqrt(static_cast<double>(query.size(2)));
    bool is_ours = placement::is_ours(query);
    TORCH_CHECK(!sinks.defined() || sinks.numel() == query.size(1), "sinks are one for each of ", query.sizes(), "'s heads, not ",
                sinks.sizes());
    if (!is_ours && soft_cap <= 0 && !sinks.defined())
      if (auto made = device_attention(query, key, value, layout); made.defined()) return own(std::move(made));
    int64_t group = query.size(1) / key.size(1);
    if (group > 1) {
      key = key.repeat_interleave(group, 1);
      value = value.repeat_interleave(group, 1);
    }
    bool waits = at::GradMode::is_enabled() && sinks.defined() &&
                 (query.requires_grad() || key.requires_grad() || value.requires_grad() || sinks.requires_grad());
    if (!is_ours || soft_cap > 0 || waits || layout.has_windows_over_beginnings())
      return own(plain_attention(query, key, value, layout, soft_cap, sinks));
    if (sinks.defined()) return own(PackedAttention::with_sinks(query, key, value, layout, sinks));
    return own(PackedAttention::apply(query, key, value, layout));
  });
}
