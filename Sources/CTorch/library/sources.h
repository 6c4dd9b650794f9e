// The kernels' source, which NVRTC reads: each is the same as a kernel for the processor beside it, or as libtorch's ops.
// Compiled once for each combination of macros: FROM, the type of what is read (float or bfloat16), and those that stand above
// each kernel. All sums are made in float.
#pragma once

namespace sources {

inline const char *const text = R"cuda(
struct bfloat16 { unsigned short bits; };
__device__ inline float wide(float x) { return x; }
__device__ inline float wide(bfloat16 x) { return __uint_as_float(static_cast<unsigned>(x.bits) << 16); }
template <typename T> __device__ inline T narrow(float x);
template <> __device__ inline float narrow<float>(float x) { return x; }
// To the nearest, ties to even.
template <> __device__ inline bfloat16 narrow<bfloat16>(float x) {
  unsigned bits = __float_as_uint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<unsigned short>(0x7fff)};
  return {static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}
#define INFINITY_F __int_as_float(0x7f800000)

// As many elements as one load of 16 bytes brings.
template <typename T> struct alignas(16) Pack { T at[16 / sizeof(T)]; };

__device__ inline float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(~0u, x, step);
  return x;
}
__device__ inline float warp_max(float x) {
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(~0u, x, step));
  return x;
}
// Sums over a block of whole warps; every thread gets them.
template <int count> __device__ inline void block_sum(float (&x)[count]) {
  __shared__ float parts[count][32];
  int warp = threadIdx.x / 32, warps = blockDim.x / 32;
  for (int i = 0; i < count; i++) {
    x[i] = warp_sum(x[i]);
    if (threadIdx.x % 32 == 0) parts[i][warp] = x[i];
  }
  __syncthreads();
  for (int i = 0; i < count; i++) {
    x[i] = 0;
    for (int w = 0; w < warps; w++) x[i] += parts[i][w];
  }
  __syncthreads();
}

// ---- a row of logits to its loss, its entropy and its gradient (crossentropy.cpp's softmax_rows)
#ifdef LOSSES
// f(place, element) for all of a row, 16 bytes at a time where it is aligned; what f returns is written back if `writes`.
template <bool writes, typename F> __device__ inline void each(FROM *x, long long n, F f) {
  constexpr int width = 16 / sizeof(FROM);
  bool aligned = (reinterpret_cast<unsigned long long>(x) % 16) == 0;
  long long packs = aligned ? n / width : 0;
  for (long long p = threadIdx.x; p < packs; p += blockDim.x) {
    Pack<FROM> pack = reinterpret_cast<Pack<FROM> *>(x)[p];
#pragma unroll
    for (int i = 0; i < width; i++) {
      float y = f(p * width + i, wide(pack.at[i]));
      if (writes) pack.at[i] = narrow<FROM>(y);
    }
    if (writes) reinterpret_cast<Pack<FROM> *>(x)[p] = pack;
  }
  for (long long i = packs * width + threadIdx.x; i < n; i += blockDim.x) {
    float y = f(i, wide(x[i]));
    if (writes) x[i] = narrow<FROM>(y);
  }
}

extern "C" __global__ void losses(FROM *logits, long long vocabulary, const long long *targets, const float *factors, float scale, float cap,
                                  float *nll, float *entropy, int gradient) {
  FROM *x = logits + static_cast<long long>(blockIdx.x) * vocabulary;
  long long target = targets[blockIdx.x];
  auto bent = [&](float z) { return cap > 0 ? tanhf(z / cap) * cap : z; };
  // The maximum and the sum of exponentials in one pass: a new maximum scales the sum so far.
  float m = -INFINITY_F, sum = 0;
  each<false>(x, vocabulary, [&](long long, float given) {
    float z = bent(given);
    if (z > m) {
      sum = sum * __expf(scale * (m - z)) + 1;
      m = z;
    } else if (z != -INFINITY_F) sum += __expf(scale * (z - m));
    return 0.0f;
  });
  __shared__ float maxima[32], sums[32];
  float top = warp_max(m);
  sum = warp_sum(m == -INFINITY_F ? sum : sum * __expf(scale * (m - top)));
  if (threadIdx.x % 32 == 0) {
    maxima[threadIdx.x / 32] = top;
    sums[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  float largest = -INFINITY_F, total = 0;
  for (int w = 0; w < blockDim.x / 32; w++) largest = fmaxf(largest, maxima[w]);
  for (int w = 0; w < blockDim.x / 32; w++) total += maxima[w] == -INFINITY_F ? sums[w] : sums[w] * __expf(scale * (maxima[w] - largest));
  float log_total = logf(total);
  if (threadIdx.x == 0) {
    // A target outside the vocabulary can't be refused from here: its loss is no number.
    float loss = target < 0 ? 0.0f : target >= vocabulary ? nanf("") : log_total - scale * (bent(wide(x[target])) - largest);
    nll[blockIdx.x] = loss;
  }
  // Before what is read there is overwritten.
  __syncthreads();
  if (entropy) {
    float mean[1] = {0};
    each<false>(x, vocabulary, [&](long long, float given) {
      float z = scale * (bent(given) - largest);
      if (z != -INFINITY_F) mean[0] += __expf(z) * z;
      return 0.0f;
    });
    block_sum(mean);
    if (threadIdx.x == 0) entropy[blockIdx.x] = log_total - mean[0] / total;
  }
  if (!gradient) return;
  float factor = target < 0 ? 0.0f : (factors ? factors[blockIdx.x] : 1.0f) * scale, g = factor / total;
  each<true>(x, vocabulary, [&](long long i, float given) {
    float z = given, slope = 1;
    if (cap > 0) {
      float t = tanhf(given / cap);
      z = t * cap;
      slope = 1 - t * t;
    }
    return (g * __expf(scale * (z - largest)) - (i == target ? factor : 0.0f)) * slope;
  });
}
#endif

// ---- ROWS rows times a weight in bfloat16: a warp an output (dots.h's multiply)
#ifdef FEW
extern "C" __global__ void few_rows(const FROM *x, const bfloat16 *w, const bfloat16 *bias, int inputs, int outputs, bfloat16 *y) {
  int output = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (output >= outputs) return;
  const Pack<bfloat16> *row = reinterpret_cast<const Pack<bfloat16> *>(w + static_cast<long long>(output) * inputs);
  float sums[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) sums[r] = 0;
#pragma unroll 4
  for (int p = lane; p < inputs / 8; p += 32) {
    Pack<bfloat16> pack = row[p];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      const FROM *from = x + static_cast<long long>(r) * inputs + p * 8;
#pragma unroll
      for (int part = 0; part < 8 * sizeof(FROM) / 16; part++) {
        constexpr int width = 16 / sizeof(FROM);
        Pack<FROM> own = reinterpret_cast<const Pack<FROM> *>(from)[part];
#pragma unroll
        // The product takes bfloat16 on both sides.
        for (int i = 0; i < width; i++) sums[r] += wide(narrow<bfloat16>(wide(own.at[i]))) * wide(pack.at[part * width + i]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    float sum = warp_sum(sums[r]);
    if (lane == 0) y[static_cast<long long>(r) * outputs + output] = narrow<bfloat16>(sum + (bias ? wide(bias[output]) : 0.0f));
  }
}
#endif

// ---- norms: LENGTH elements a row, WEIGHT the type of the weights, TO that of the result, CENTERED 1 for layer norm. ADDED is the
// type of what is added first, where there is such a thing: the sum is a result too.
#ifdef NORM
constexpr int each_thread = (LENGTH + 255) / 256;
extern "C" __global__ void normalize(const FROM *x, const ADDED *added, FROM *sums, const WEIGHT *w, const WEIGHT *b, float epsilon, TO *y,
                                     float *means, float *factors) {
  const FROM *row = x + static_cast<long long>(blockIdx.x) * LENGTH;
  TO *to = y + static_cast<long long>(blockIdx.x) * LENGTH;
  float held[each_thread], sum[1] = {0};
#pragma unroll
  for (int e = 0; e < each_thread; e++) {
    int i = e * 256 + threadIdx.x;
    held[e] = i < LENGTH ? wide(row[i]) : 0.0f;
    if (added && i < LENGTH) {
      long long place = static_cast<long long>(blockIdx.x) * LENGTH + i;
      // As it is kept, so that the norm is that of what the next layers see.
      FROM kept = narrow<FROM>(held[e] + wide(added[place]));
      sums[place] = kept;
      held[e] = wide(kept);
    }
    sum[0] += held[e];
  }
  float mean = 0;
  if (CENTERED) {
    block_sum(sum);
    mean = sum[0] / LENGTH;
  }
  float squares[1] = {0};
#pragma unroll
  for (int e = 0; e < each_thread; e++) {
    int i = e * 256 + threadIdx.x;
    if (i < LENGTH) squares[0] += (held[e] - mean) * (held[e] - mean);
  }
  block_sum(squares);
  float factor = rsqrtf(squares[0] / LENGTH + epsilon);
#pragma unroll
  for (int e = 0; e < each_thread; e++) {
    int i = e * 256 + threadIdx.x;
    if (i < LENGTH) to[i] = narrow<TO>((held[e] - mean) * factor * wide(w[i]) + (b ? wide(b[i]) : 0.0f));
  }
  if (threadIdx.x == 0 && factors) {
    if (CENTERED) means[blockIdx.x] = mean;
    factors[blockIdx.x] = factor;
  }
}

// A block takes every gridDim-th row and leaves its sums of the weights' gradients, [blocks, LENGTH] each. What reached the sum by
// other ways, `passed`, joins its gradient, which is both operands'.
extern "C" __global__ void normalize_backward(const TO *gradient, const FROM *passed, const FROM *x, const WEIGHT *w, const float *means,
                                              const float *factors, long long rows, FROM *dx, ADDED *dadded, float *dw, float *db) {
  float own[each_thread], shift[each_thread], weight[each_thread];
#pragma unroll
  for (int e = 0; e < each_thread; e++) {
    int i = e * 256 + threadIdx.x;
    own[e] = shift[e] = 0;
    weight[e] = i < LENGTH ? wide(w[i]) : 0.0f;
  }
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    float mean = CENTERED ? means[row] : 0.0f, factor = factors[row];
    float unit[each_thread], upstream[each_thread], sums[2] = {0, 0};
#pragma unroll
    for (int e = 0; e < each_thread; e++) {
      int i = e * 256 + threadIdx.x;
      float g = i < LENGTH ? wide(gradient[row * LENGTH + i]) : 0.0f;
      unit[e] = i < LENGTH ? (wide(x[row * LENGTH + i]) - mean) * factor : 0.0f;
      upstream[e] = g * weight[e];
      own[e] += g * unit[e];
      shift[e] += g;
      sums[0] += upstream[e];
      sums[1] += upstream[e] * unit[e];
    }
    block_sum(sums);
    float level = CENTERED ? sums[0] / LENGTH : 0.0f, along = sums[1] / LENGTH;
#pragma unroll
    for (int e = 0; e < each_thread; e++) {
      int i = e * 256 + threadIdx.x;
      if (i >= LENGTH) continue;
      float whole = factor * (upstream[e] - level - unit[e] * along) + (passed ? wide(passed[row * LENGTH + i]) : 0.0f);
      dx[row * LENGTH + i] = narrow<FROM>(whole);
      if (dadded) dadded[row * LENGTH + i] = narrow<ADDED>(whole);
    }
  }
#pragma unroll
  for (int e = 0; e < each_thread; e++) {
    int i = e * 256 + threadIdx.x;
    if (i >= LENGTH) continue;
    dw[static_cast<long long>(blockIdx.x) * LENGTH + i] = own[e];
    if (db) db[static_cast<long long>(blockIdx.x) * LENGTH + i] = shift[e];
  }
}
#endif

// ---- rotary positions (rotary.cpp's rotate): a block a token, a thread each few features
#ifdef ROTARY
extern "C" __global__ void rotate(const FROM *x, long long row, long long head, int heads, int width, int half, const float *cosines,
                                  const float *sines, float sign, int interleaved, FROM *out) {
  long long token = blockIdx.x;
  for (int j = threadIdx.x; j < heads * width; j += blockDim.x) {
    int h = j / width, i = j % width;
    const FROM *from = x + token * row + h * head;
    float y = wide(from[i]);
    if (i < 2 * half) {
      int pair = interleaved ? i / 2 : i % half;
      bool is_second = interleaved ? i % 2 : i >= half;
      int other = interleaved ? i ^ 1 : (is_second ? i - half : i + half);
      float c = cosines[token * half + pair], s = sines[token * half + pair] * sign;
      y = is_second ? y * c + wide(from[other]) * s : y * c - wide(from[other]) * s;
    }
    out[(token * heads + h) * width + i] = narrow<FROM>(y);
  }
}
#endif

// ---- a paged cache: a row of `tables` is [slot, length, blocks ...], of `stride` numbers
#ifdef PAGED
// Turns queries and keys by position and writes keys and values into the cache: a block a row and head, a thread a feature.
// With `turned` null there are no queries, and `all` holds keys and values alone. WIDTH features, PAGE tokens.
extern "C" __global__ void prepare(const FROM *all, int heads, int kv_heads, int interleaved, const float *cosines, const float *sines, int half,
                                   const int *tables, int stride, FROM *turned, FROM *keys, FROM *values) {
  long long row = blockIdx.y;
  int part = blockIdx.x, i = threadIdx.x;
  // 0 for a query, 1 for a key, 2 for a value.
  int kind = interleaved ? part % 3 : part < heads ? 0 : part < heads + kv_heads ? 1 : 2;
  int h = interleaved ? part / 3 : kind == 0 ? part : kind == 1 ? part - heads : part - heads - kv_heads;
  const FROM *from = all + (row * (heads + 2 * kv_heads) + part) * WIDTH;
  float y = wide(from[i]);
  if (cosines && kind < 2 && i < 2 * half) {
    int pair = i % half;
    float c = cosines[row * half + pair], s = sines[row * half + pair];
    y = i >= half ? y * c + wide(from[i - half]) * s : y * c - wide(from[i + half]) * s;
  }
  FROM made = narrow<FROM>(y);
  if (kind == 0) {
    turned[(row * heads + h) * WIDTH + i] = made;
    return;
  }
  long long slot = tables[row * stride], block = slot / PAGE, place = slot % PAGE;
  if (kind == 1) keys[((block * kv_heads + h) * WIDTH + i) * PAGE + place] = made;
  else values[((block * kv_heads + h) * PAGE + place) * WIDTH + i] = made;
}

// Attention of a row's queries of one key head, GROUP of them, over its pages of PAGE (16) tokens: a page a warp, each with a
// maximum and sums of its own, joined at the end.
constexpr int elements = 16 / sizeof(FROM);
constexpr int token_lanes = 16 / elements, features_a_step = 32 / token_lanes;
constexpr int feature_lanes = WIDTH / elements, tokens_a_step = 32 / feature_lanes;
extern "C" __global__ void __launch_bounds__(WARPS * 32) attend(const FROM *queries, const FROM *keys, const FROM *values, const int *tables, int stride, int kv_heads, float scale,
                                  int window, float cap, FROM *out) {
  __shared__ float q[GROUP][WIDTH], weights[WARPS][GROUP][16], maxima[WARPS][GROUP], totals[WARPS][GROUP], joined[WARPS][GROUP][WIDTH];
  int kv = blockIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  long long row = blockIdx.y;
  const int *table = tables + row * stride + 2;
  int length = tables[row * stride + 1], first = window > 0 && length > window ? length - window : 0;
  const FROM *query = queries + (row * kv_heads + kv) * GROUP * WIDTH;
  for (int i = threadIdx.x; i < GROUP * WIDTH; i += blockDim.x) q[i / WIDTH][i % WIDTH] = wide(query[i]) * scale;
  __syncthreads();
  float m[GROUP], total[GROUP], sums[GROUP][elements];
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    m[g] = -INFINITY_F;
    total[g] = 0;
#pragma unroll
    for (int e = 0; e < elements; e++) sums[g][e] = 0;
  }
  for (int page = first / 16 + warp; page * 16 < length; page += WARPS) {
    long long block = table[page];
    const FROM *k = keys + (block * kv_heads + kv) * 16 * WIDTH, *v = values + (block * kv_heads + kv) * 16 * WIDTH;
    float scores[GROUP][elements];
#pragma unroll
    for (int g = 0; g < GROUP; g++)
#pragma unroll
      for (int e = 0; e < elements; e++) scores[g][e] = 0;
#pragma unroll
    for (int f = lane / token_lanes; f < WIDTH; f += features_a_step) {
      Pack<FROM> pack = *reinterpret_cast<const Pack<FROM> *>(k + f * 16 + lane % token_lanes * elements);
#pragma unroll
      for (int g = 0; g < GROUP; g++)
#pragma unroll
        for (int e = 0; e < elements; e++) scores[g][e] += q[g][f] * wide(pack.at[e]);
    }
#pragma unroll
    for (int g = 0; g < GROUP; g++)
#pragma unroll
      for (int e = 0; e < elements; e++) {
        float x = scores[g][e];
        for (int step = token_lanes; step < 32; step *= 2) x += __shfl_xor_sync(~0u, x, step);
        if (lane < token_lanes) weights[warp][g][lane * elements + e] = x;
      }
    __syncwarp();
    int mine = page * 16 + lane % 16;
    bool is_seen = mine >= first && mine < length;
#pragma unroll
    for (int g = 0; g < GROUP; g++) {
      float x = is_seen ? weights[warp][g][lane % 16] : -INFINITY_F;
      if (cap > 0 && is_seen) x = tanhf(x / cap) * cap;
      float top = fmaxf(m[g], warp_max(x)), change = m[g] == -INFINITY_F ? 0.0f : __expf(m[g] - top);
      float weight = is_seen ? __expf(x - top) : 0.0f;
      // Both halves of the warp hold the same sixteen.
      total[g] = total[g] * change + warp_sum(lane < 16 ? weight : 0.0f);
      m[g] = top;
#pragma unroll
      for (int e = 0; e < elements; e++) sums[g][e] *= change;
      __syncwarp();
      if (lane < 16) weights[warp][g][lane] = weight;
    }
    __syncwarp();
#pragma unroll
    for (int t = lane / feature_lanes; t < 16; t += tokens_a_step) {
      // What was never written may be anything.
      if (page * 16 + t < first || page * 16 + t >= length) continue;
      Pack<FROM> pack = *reinterpret_cast<const Pack<FROM> *>(v + t * WIDTH + lane % feature_lanes * elements);
#pragma unroll
      for (int g = 0; g < GROUP; g++)
#pragma unroll
        for (int e = 0; e < elements; e++) sums[g][e] += weights[warp][g][t] * wide(pack.at[e]);
    }
    __syncwarp();
  }
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
#pragma unroll
    for (int e = 0; e < elements; e++) {
      float x = sums[g][e];
      for (int step = feature_lanes; step < 32; step *= 2) x += __shfl_xor_sync(~0u, x, step);
      if (lane < feature_lanes) joined[warp][g][lane * elements + e] = x;
    }
    if (lane == 0) {
      maxima[warp][g] = m[g];
      totals[warp][g] = total[g];
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < GROUP * WIDTH; i += blockDim.x) {
    int g = i / WIDTH;
    float top = -INFINITY_F, over = 0, under = 0;
    for (int w = 0; w < WARPS; w++) top = fmaxf(top, maxima[w][g]);
    for (int w = 0; w < WARPS; w++) {
      if (maxima[w][g] == -INFINITY_F) continue;
      float share = __expf(maxima[w][g] - top);
      over += share * joined[w][g][i % WIDTH];
      under += share * totals[w][g];
    }
    out[(row * kv_heads + kv) * GROUP * WIDTH + i] = narrow<FROM>(over / under);
  }
}
#endif
)cuda";

} // namespace sources
