// A paged cache: writing to it, and what one step of a layer does with it.
#include "handles.h"
#include "kernels.h"
#include "paged.h"
#include "placement.h"
#include "rotary.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using paged::Scores;
using paged::Tables;

namespace {

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

// Writes keys and values [tokens, heads, width] into the cache's slots, whose numbers are in `places` where that is defined.
void append(const at::Tensor &keys, const at::Tensor &values, const at::Tensor &k, const at::Tensor &v, const int64_t *slots,
            int n, const at::Tensor &places) {
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
    if (placement::is_ours(cache) && cache.scalar_type() == at::kFloat) append<float>(cache, fresh.to(at::kFloat), slots, n, is_key);
    else if (placement::is_ours(cache) && cache.scalar_type() == at::kBFloat16)
      append<at::BFloat16>(cache, fresh.to(at::kBFloat16), slots, n, is_key);
    else {
      auto index = places.defined() ? places : placement::moved(slots, {n}, cache.device());
      auto page = seen.size(2);
      seen.index_put_({at::floor_divide(index, page).unsqueeze(1), at::arange(seen.size(1), index.options()).unsqueeze(0),
                       at::remainder(index, page).unsqueeze(1)},
                      fresh.to(cache.scalar_type()));
    }
  }
}

// Every slot and every block that is read lies in the cache.
void check_tables(const at::Tensor &k, const at::Tensor &v, const int64_t *slots, const Tables &tables) {
  for (int row = 0; row < tables.rows; row++) {
    TORCH_CHECK(tables.lengths[row] >= 1 && (tables.lengths[row] - 1) / v.size(2) < tables.blocks_per_row, "row ", row, " sees ", tables.lengths[row],
                " tokens in ", tables.blocks_per_row, " blocks of ", v.size(2));
    for (int64_t i = 0; i <= (tables.lengths[row] - 1) / v.size(2); i++) {
      auto block = tables.of(row)[i];
      TORCH_CHECK(block >= 0 && block < k.size(0), "row ", row, " names block ", block, " of ", k.size(0));
    }
  }
  if (!slots) return;
  for (int row = 0; row < tables.rows; row++)
    TORCH_CHECK(slots[row] >= 0 && slots[row] < v.size(0) * v.size(2), "slot ", slots[row], " lies outside a cache of ",
                v.size(0) * v.size(2));
}

// Slot, length and blocks of each row, as a device reads them: [rows, 2 + blocks a row] of int32.
at::Tensor laid_out(const Tables &tables, const int64_t *slots, c10::Device device) {
  std::vector<int32_t> all;
  for (int64_t row = 0; row < tables.rows; row++) {
    all.push_back(slots ? static_cast<int32_t>(slots[row]) : 0);
    all.push_back(tables.lengths[row]);
    all.insert(all.end(), tables.of(row), tables.of(row) + tables.blocks_per_row);
  }
  return placement::moved(all.data(), {tables.rows, 2 + tables.blocks_per_row}, device);
}

// The same by libtorch's ops: each row's pages gathered, what it doesn't see masked.
at::Tensor composed_attention(const at::Tensor &query, const at::Tensor &k, const at::Tensor &v, const at::Tensor &tables, Scores how,
                              const at::Tensor &sinks) {
  int64_t n = query.size(0), kv_heads = k.size(1), width = query.size(2), group = query.size(1) / kv_heads;
  auto blocks = tables.narrow(1, 2, tables.size(1) - 2).flatten();
  // [rows, heads, tokens, width] of both.
  auto gathered = [&](const at::Tensor &cache) {
    return cache.index_select(0, blocks).unflatten(0, {n, -1}).permute({0, 2, 1, 3, 4}).flatten(2, 3);
  };
  auto keys = gathered(k.transpose(2, 3)), values = gathered(v);
  auto places = at::arange(keys.size(2), tables.options()), lengths = tables.select(1, 1).unsqueeze(1);
  auto hidden = places >= lengths;
  if (how.window > 0) hidden = hidden.logical_or(places < lengths - how.window);
  auto wide = query.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  auto scores = at::matmul(query.view({n, kv_heads, group, width}), keys.transpose(2, 3)).to(wide) * how.scale;
  if (how.soft_cap > 0) scores = at::tanh(scores / how.soft_cap) * how.soft_cap;
  scores = scores.masked_fill(hidden.view({n, 1, 1, -1}), -std::numeric_limits<double>::infinity());
  int64_t seen = scores.size(3);
  if (sinks.defined()) scores = at::cat({scores, sinks.to(scores.options()).view({1, kv_heads, group, 1}).expand({n, -1, -1, -1})}, 3);
  auto weights = at::softmax(scores, -1).narrow(3, 0, seen);
  // What was never written may be anything, also not a number.
  values = values.masked_fill(hidden.view({n, 1, -1, 1}), 0);
  return at::matmul(weights.to(query.scalar_type()), values).view(query.sizes());
}

// Whether kernels.h's attention takes such a cache.
bool has_kernel(const at::Tensor &query, const at::Tensor &k, const at::Tensor &v) {
  int64_t width = k.size(2), group = query.size(1) / k.size(1), elements = 16 / static_cast<int64_t>(query.element_size());
  return kernels::takes(query) && kernels::knows(query.scalar_type()) && v.size(2) == 16 && group <= 8 && width % elements == 0 &&
         32 % (width / elements) == 0;
}

kernels::Definitions definitions_of(const at::Tensor &k, int64_t group, int64_t warps) {
  return {{"PAGED", "1"},
          {"FROM", kernels::name_of(k.scalar_type())},
          {"WIDTH", std::to_string(k.size(2))},
          {"PAGE", "16"},
          {"GROUP", std::to_string(group)},
          {"WARPS", std::to_string(warps)}};
}

void kernel_attention(const at::Tensor &query, const at::Tensor &k, const at::Tensor &v, const at::Tensor &tables, Scores how,
                      const at::Tensor &out) {
  int64_t rows = query.size(0), group = query.size(1) / k.size(1);
  // Few rows leave most of the device idle unless each is spread over many warps.
  int64_t warps = rows * k.size(1) < 512 ? 16 : 4;
  while (warps > 1 && (warps * group * k.size(2) > 8192 || warps * group > 64)) warps /= 2;
  auto *queries = query.const_data_ptr(), *keys = k.const_data_ptr(), *values = v.const_data_ptr();
  auto *table = tables.const_data_ptr();
  auto *to = out.mutable_data_ptr();
  int stride = static_cast<int>(tables.size(1)), heads = static_cast<int>(k.size(1)), window = static_cast<int>(how.window);
  kernels::launch("attend", definitions_of(k, group, warps), query, {k.size(1), rows, static_cast<int>(warps * 32)},
                  {&queries, &keys, &values, &table, &stride, &heads, &how.scale, &window, &how.soft_cap, &to});
}

// Attention of q [rows, heads, width], one query a row, over the cache. `laid` is laid_out()'s, or undefined.
at::Tensor paged_attention(const at::Tensor &given, const at::Tensor &k, const at::Tensor &v, Tables tables, Scores how,
                           at::Tensor laid, const at::Tensor &given_sinks) {
  auto query = given.contiguous();
  int n = tables.rows;
  at::Tensor sinks;
  if (given_sinks.defined()) {
    TORCH_CHECK(query.dim() == 3 && given_sinks.numel() == query.size(1), "sinks are one for each of ", query.sizes(), "'s heads, not ",
                given_sinks.sizes());
    sinks = given_sinks.detach().to(at::kFloat).contiguous();
  }
  TORCH_CHECK(query.dim() == 3 && query.size(0) == n && k.dim() == 4 && query.size(2) == k.size(2) &&
                  query.size(1) % k.size(1) == 0,
              "paged_attention takes q [rows, heads, width] and keys [blocks, heads, width, page], not ", query.sizes(),
              " and ", k.sizes());
  TORCH_CHECK(k.transpose(2, 3).sizes() == v.sizes() && k.is_contiguous() && v.is_contiguous() && k.scalar_type() == query.scalar_type() &&
                  v.scalar_type() == query.scalar_type(),
              "paged_attention takes a contiguous cache of the queries' type, and values [blocks, heads, page, width]");
  check_tables(k, v, nullptr, tables);
  if (how.scale <= 0) how.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(query.size(2))));
  bool is_ours = placement::is_ours(query);
  if (!is_ours || v.size(2) != paged::lanes || !kernels::knows(query.scalar_type())) {
    if (!laid.defined()) laid = laid_out(tables, nullptr, query.device());
    if (sinks.defined() || !has_kernel(query, k, v)) return composed_attention(query, k, v, laid, how, sinks);
    auto out = at::empty(query.sizes(), query.options());
    kernel_attention(query, k, v, laid, how, out);
    return out;
  }
  auto out = at::empty(query.sizes(), query.options());
  if (sinks.defined()) how.sinks = sinks.const_data_ptr<float>();
  if (query.scalar_type() == at::kFloat) paged::attend<float>(query, k, v, out, tables, how);
  else paged::attend<at::BFloat16>(query, k, v, out, tables, how);
  return out;
}

// What stands between the product that makes queries, keys and values and the one that takes what was attended: positions,
// the cache, attention. One call, as each op of a step with one token costs more than its arithmetic.
struct Heads {
  int64_t queries, keys;
  bool interleaved;
};

at::Tensor paged_step(const at::Tensor &all, Heads heads, CTorchTensor cos, CTorchTensor sin, const at::Tensor &keys,
                      const at::Tensor &values, const int64_t *slots, Tables tables, Scores how, at::Tensor laid,
                      const at::Tensor &sinks) {
  at::NoGradGuard off;
  at::AutoDispatchBelowADInplaceOrView below;
  int64_t n = tables.rows, parts = heads.queries + 2 * heads.keys;
  TORCH_CHECK(heads.queries > 0 && heads.keys > 0 && all.dim() == 2 && all.size(0) == n && all.size(1) % parts == 0 &&
                  (!heads.interleaved || heads.queries == heads.keys),
              "paged_step takes [", n, ", heads * width] of ", parts, " heads, not ", all.sizes());
  int64_t width = all.size(1) / parts;
  if (!placement::is_ours(all) && !laid.defined()) laid = laid_out(tables, slots, all.device());
  if (all.scalar_type() == keys.scalar_type() && keys.dim() == 4 && keys.size(1) == heads.keys && keys.size(2) == width &&
      values.dim() == 4 && width <= 1024 && all.is_contiguous() && keys.is_contiguous() && values.is_contiguous() &&
      kernels::takes(all) && !sinks.defined()) {
    auto q = at::empty({n, heads.queries, width}, all.options());
    if (has_kernel(q, keys, values)) {
      check_tables(keys, values, slots, tables);
      auto c = cos ? T(cos).contiguous() : at::Tensor(), s = sin ? T(sin).contiguous() : at::Tensor();
      auto *from = all.const_data_ptr(), *cosines = cos ? c.const_data_ptr() : nullptr, *sines = sin ? s.const_data_ptr() : nullptr;
      auto *table = laid.const_data_ptr();
      auto *turned = q.mutable_data_ptr(), *to_keys = keys.mutable_data_ptr(), *to_values = values.mutable_data_ptr();
      int queries = static_cast<int>(heads.queries), kv = static_cast<int>(heads.keys), order = heads.interleaved,
          half = cos ? static_cast<int>(c.size(1)) : 0, stride = static_cast<int>(laid.size(1));
      kernels::launch("prepare", definitions_of(keys, heads.queries / heads.keys, 4), all, {parts, n, static_cast<int>(width)},
                      {&from, &queries, &kv, &order, &cosines, &sines, &half, &table, &stride, &turned, &to_keys, &to_values});
      if (how.scale <= 0) how.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(width)));
      auto out = at::empty({n, heads.queries * width}, all.options());
      kernel_attention(q, keys, values, laid, how, out);
      return out;
    }
  }
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
  append(keys, values, k, v, slots, tables.rows, laid.defined() ? laid.select(1, 0).to(at::kLong) : at::Tensor());
  // Queries in the cache's type, where autocast made them in another.
  return paged_attention(q.to(keys.scalar_type()), keys, values, tables, how, laid, sinks).view({n, heads.queries * width});
}

} // namespace

STATUS_OP(kv_append,
          (CTorchTensor keys, CTorchTensor values, CTorchTensor k, CTorchTensor v, const int64_t *slots, int n, CTorchTensor places),
          append(T(keys), T(values), T(k), T(v), slots, n, maybe(places).value_or(at::Tensor())))

TENSOR_OP(paged_attention,
          (CTorchTensor q, CTorchTensor keys, CTorchTensor values, const int32_t *blocks, const int32_t *lengths, int n,
           int blocks_per_row, CTorchTensor tables, double scale, int64_t window, double soft_cap, CTorchTensor sinks),
          paged_attention(T(q), T(keys), T(values), {blocks, lengths, n, blocks_per_row},
                          {static_cast<float>(scale), window, static_cast<float>(soft_cap)}, maybe(tables).value_or(at::Tensor()),
                          maybe(sinks).value_or(at::Tensor())))

TENSOR_OP(paged_step,
          (CTorchTensor all, int heads, int kv_heads, int interleaved, CTorchTensor cos, CTorchTensor sin, CTorchTensor keys,
           CTorchTensor values, const int64_t *slots, const int32_t *blocks, const int32_t *lengths, int n, int blocks_per_row,
           CTorchTensor tables, double scale, int64_t window, double soft_cap, CTorchTensor sinks),
          paged_step(T(all), {heads, kv_heads, interleaved != 0}, cos, sin, T(keys), T(values), slots,
                     {blocks, lengths, n, blocks_per_row},
                     {static_cast<float>(scale), window, static_cast<float>(soft_cap)}, maybe(tables).value_or(at::Tensor()),
                     maybe(sinks).value_or(at::Tensor())))
