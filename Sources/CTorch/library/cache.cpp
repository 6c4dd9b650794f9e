// A paged cache: writing to it, and what one step of a layer does with it.
#include "handles.h"
#include "paged.h"
#include "rotary.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

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

} // namespace

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
