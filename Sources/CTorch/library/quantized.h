// Products straight on weights of a few bits, as ggml's files hold them: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K keep
// their numbers and scales, laid out anew in as many bits. Activations are rounded to 8 bits in blocks of 32 with a scale each.
//
// Sums over a block are of whole numbers, those over blocks are made in one order whatever the number of rows: a row's result
// doesn't depend on how many come with it.
#pragma once

#include "blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#endif

namespace quantized {

using blocks::Type;

// A panel is 16 outputs, a group 32 inputs, a quad four inputs of each of a panel's outputs: 64 numbers, one register.
constexpr int64_t width = 16, group = 32, quads = 8;

typedef uint8_t Bytes __attribute__((vector_size(64)));
typedef int32_t Words __attribute__((vector_size(64)));
typedef float Lanes __attribute__((vector_size(64)));

template <typename V> inline V load(const void *p) {
  V x;
  std::memcpy(&x, p, sizeof x);
  return x;
}
inline Lanes spread(float x) { return Lanes{} + x; }
inline Lanes floats(const Words &x) { return __builtin_convertvector(x, Lanes); }

// Sixteen halves.
inline Lanes halves(const uint8_t *p) {
#if defined(__AVX512F__)
  return reinterpret_cast<Lanes>(_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p))));
#else
  Lanes x;
  for (int i = 0; i < width; i++) x[i] = blocks::half(p + 2 * i);
  return x;
#endif
}
// Sixteen bytes, with a sign or without.
template <typename T> inline Words bytes(const uint8_t *p) {
#if defined(__AVX512F__)
  // Said by intrinsics: GCC 12 converts the vector piece by piece, which took K types three times as long for one row.
  __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
  return reinterpret_cast<Words>(std::is_signed_v<T> ? _mm512_cvtepi8_epi32(x) : _mm512_cvtepu8_epi32(x));
#else
  typedef T Small __attribute__((vector_size(16)));
  return __builtin_convertvector(load<Small>(p), Words);
#endif
}

// How a type's numbers lie in a panel: `bits` a number, what is taken from it, and what scales a group. A group takes 64 · bits bytes
// and its scales; a block of 256 of the K types ends with what scales its groups' scales.
enum class Scaling { half, halfAndOffset, byteAndOffset, signedByte };
struct Form {
  int bits, zero;
  Scaling scaling;

  constexpr int64_t numbers() const { return 64 * bits; }
  constexpr int64_t scales() const { return scaling == Scaling::half ? 32 : scaling == Scaling::halfAndOffset ? 64 : 32; }
  constexpr bool has_blocks() const { return scaling == Scaling::byteAndOffset || scaling == Scaling::signedByte; }
  constexpr int64_t ending() const { return scaling == Scaling::byteAndOffset ? 64 : scaling == Scaling::signedByte ? 32 : 0; }
  constexpr int64_t group_bytes() const { return numbers() + scales(); }
  // Bytes of a panel with so many inputs.
  constexpr int64_t panel_bytes(int64_t inputs) const {
    return inputs / group * group_bytes() + (has_blocks() ? inputs / 256 * ending() : 0);
  }
  // Where a group begins.
  constexpr int64_t place(int64_t g) const { return g * group_bytes() + (has_blocks() ? g / 8 * ending() : 0); }
};

constexpr Form q4_0{4, 8, Scaling::half}, q5_0{5, 16, Scaling::half}, q8_0{8, 128, Scaling::half};
constexpr Form q4_1{4, 0, Scaling::halfAndOffset}, q5_1{5, 0, Scaling::halfAndOffset};
constexpr Form q4_k{4, 0, Scaling::byteAndOffset}, q5_k{5, 0, Scaling::byteAndOffset}, q6_k{6, 32, Scaling::signedByte};

// nullptr for a type that has no form of its own here.
inline const Form *form_of(Type type) {
  switch (type) {
  case Type::Q4_0: return &q4_0;
  case Type::Q4_1: return &q4_1;
  case Type::Q5_0: return &q5_0;
  case Type::Q5_1: return &q5_1;
  case Type::Q8_0: return &q8_0;
  case Type::Q4_K: return &q4_k;
  case Type::Q5_K: return &q5_k;
  case Type::Q6_K: return &q6_k;
  default: return nullptr;
  }
}

// The number of quad `q` in a group whose numbers begin at `p`: nibbles first, then the bits that top them.
template <int bits> [[gnu::always_inline]] inline Bytes quad(const uint8_t *p, int q) {
  if constexpr (bits == 8) return load<Bytes>(p + 64 * q);
  Bytes nibbles = load<Bytes>(p + 64 * (q / 2));
  Bytes low = q % 2 ? nibbles >> 4 : nibbles & 15;
  if constexpr (bits == 5) {
    Bytes tops = load<Bytes>(p + 256);
    low |= (q < 4 ? tops << (4 - q) : tops >> (q - 4)) & 16;
  }
  if constexpr (bits == 6) {
    Bytes tops = load<Bytes>(p + 256 + 64 * (q / 4));
    int at = q % 4 * 2;
    low |= (at < 4 ? tops << (4 - at) : tops >> (at - 4)) & 48;
  }
  return low;
}

// sums += Σ of four products for each of sixteen outputs; numbers are 0 to 255, or up to 63 where `bits` < 8.
template <int bits> [[gnu::always_inline]] inline void dot(Words &sums, const Bytes &w, const int8_t *x) {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
  int32_t four;
  std::memcpy(&four, x, sizeof four);
  __m512i inputs = _mm512_set1_epi32(four);
  // Said to the assembler: from the intrinsic GCC 12 makes copies of the sums at each step.
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(w), "v"(inputs));
#elif defined(__AVX2__)
  int32_t four;
  std::memcpy(&four, x, sizeof four);
  __m256i inputs = _mm256_set1_epi32(four), parts[2], totals[2];
  std::memcpy(parts, &w, sizeof w);
  std::memcpy(totals, &sums, sizeof sums);
  for (int i = 0; i < 2; i++) {
    __m256i pairs;
    if constexpr (bits == 8) {
      // Sums of two would not fit: |w − 128| times x with the sign, and what the 128 adds comes back at once.
      __m256i own = _mm256_xor_si256(parts[i], _mm256_set1_epi8(-128));
      pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(own), _mm256_sign_epi8(inputs, own));
      __m256i rest = _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), inputs), _mm256_set1_epi16(128));
      totals[i] = _mm256_add_epi32(totals[i], rest);
    } else pairs = _mm256_maddubs_epi16(parts[i], inputs);
    totals[i] = _mm256_add_epi32(totals[i], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  std::memcpy(&sums, totals, sizeof sums);
#elif defined(__ARM_FEATURE_DOTPROD)
  int32_t four;
  std::memcpy(&four, x, sizeof four);
  int8x16_t inputs = vreinterpretq_s8_s32(vdupq_n_s32(four));
  uint8x16_t parts[4];
  int32x4_t totals[4];
  std::memcpy(parts, &w, sizeof w);
  std::memcpy(totals, &sums, sizeof sums);
  for (int i = 0; i < 4; i++) {
    if constexpr (bits == 8) {
      int8x16_t own = vreinterpretq_s8_u8(veorq_u8(parts[i], vdupq_n_u8(128)));
      // 128 = 2 · 64, as 128 itself is no signed byte.
      totals[i] = vdotq_s32(vdotq_s32(totals[i], vdupq_n_s8(64), inputs), vdupq_n_s8(64), inputs);
      totals[i] = vdotq_s32(totals[i], own, inputs);
    } else totals[i] = vdotq_s32(totals[i], vreinterpretq_s8_u8(parts[i]), inputs);
  }
  std::memcpy(&sums, totals, sizeof sums);
#else
  for (int n = 0; n < width; n++)
    for (int i = 0; i < 4; i++) sums[n] += static_cast<int32_t>(w[4 * n + i]) * x[i];
#endif
}

// Rows in 8 bits: −127 … 127 and a unit for each 32, and the sums of each 16.
struct Rows {
  int64_t count, inputs;
  const int8_t *q;
  const float *units;
  const int32_t *sums;

  static int64_t bytes(int64_t count, int64_t inputs) { return count * (inputs + inputs / 32 * sizeof(float) + inputs / 16 * sizeof(int32_t)); }

  // Rows in a piece of memory of that size, not yet filled.
  Rows(uint8_t *memory, int64_t count, int64_t inputs) : count(count), inputs(inputs) {
    units = reinterpret_cast<const float *>(memory);
    sums = reinterpret_cast<const int32_t *>(units + count * (inputs / 32));
    q = reinterpret_cast<const int8_t *>(sums + count * (inputs / 16));
  }

  // Rounds a row of floats, or of what becomes floats.
  template <typename scalar> void fill(int64_t row, const scalar *x) const {
    auto *to = const_cast<int8_t *>(q) + row * inputs;
    auto *unit = const_cast<float *>(units) + row * (inputs / 32);
    auto *sum = const_cast<int32_t *>(sums) + row * (inputs / 16);
    for (int64_t g = 0; g < inputs / 32; g++) {
      float own[32], largest = 0;
#pragma omp simd
      for (int i = 0; i < 32; i++) own[i] = static_cast<float>(x[32 * g + i]);
#pragma omp simd reduction(max : largest)
      for (int i = 0; i < 32; i++) largest = std::max(largest, std::fabs(own[i]));
      unit[g] = largest / 127;
      float factor = largest > 0 ? 127 / largest : 0;
      for (int half = 0; half < 2; half++) {
        int32_t total = 0;
#pragma omp simd reduction(+ : total)
        for (int i = 0; i < 16; i++) {
          auto rounded = static_cast<int32_t>(std::nearbyint(own[16 * half + i] * factor));
          to[32 * g + 16 * half + i] = static_cast<int8_t>(rounded);
          total += rounded;
        }
        sum[2 * g + half] = total;
      }
    }
  }
};

// R rows with one panel: `result[r]` gets the sums of the panel's sixteen outputs.
template <const Form &form, int R> void tile(const uint8_t *panel, const Rows &rows, int64_t first, Lanes *result) {
  constexpr int bits = form.bits;
  const int64_t inputs = rows.inputs, groups = inputs / group;
  const int8_t *x = rows.q + first * inputs;
  const float *units = rows.units + first * groups;
  const int32_t *sums = rows.sums + first * 2 * groups;
  Lanes totals[R] = {};
  Lanes d = {}, least = {};
  for (int64_t g = 0; g < groups; g++) {
    const uint8_t *numbers = panel + form.place(g), *scales = numbers + form.numbers();
    if constexpr (form.has_blocks())
      if (g % 8 == 0) {
        const uint8_t *ending = panel + form.place(g) + 8 * form.group_bytes();
        d = halves(ending);
        if constexpr (form.scaling == Scaling::byteAndOffset) least = halves(ending + 32);
      }
    __builtin_prefetch(numbers + 4096, 0, 3);
    __builtin_prefetch(numbers + 4160, 0, 3);
    __builtin_prefetch(numbers + 4224, 0, 3);
    __builtin_prefetch(numbers + 4288, 0, 3);
    if constexpr (bits > 4) __builtin_prefetch(numbers + 4352, 0, 3);
    const int8_t *at = x + g * group;
    if constexpr (form.scaling == Scaling::signedByte) {
      // A scale for each 16 inputs.
      Words both[R] = {};
#pragma GCC unroll 2
      for (int half = 0; half < 2; half++) {
        Words own[R];
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) own[r] = Words{} - form.zero * sums[r * 2 * groups + 2 * g + half];
#pragma GCC unroll 4
        for (int q = 4 * half; q < 4 * half + 4; q++) {
          Bytes w = quad<bits>(numbers, q);
#pragma GCC unroll 8
          for (int r = 0; r < R; r++) dot<bits>(own[r], w, at + r * inputs + 4 * q);
        }
        Words scale = bytes<int8_t>(scales + 16 * half);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) both[r] += own[r] * scale;
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) totals[r] += floats(both[r]) * (d * units[r * groups + g]);
    } else {
      Words own[R];
#pragma GCC unroll 8
      for (int r = 0; r < R; r++)
        own[r] = Words{} - form.zero * (sums[r * 2 * groups + 2 * g] + sums[r * 2 * groups + 2 * g + 1]);
#pragma GCC unroll 8
      for (int q = 0; q < quads; q++) {
        Bytes w = quad<bits>(numbers, q);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) dot<bits>(own[r], w, at + r * inputs + 4 * q);
      }
      Lanes scale, offset = {};
      if constexpr (form.scaling == Scaling::byteAndOffset) {
        scale = d * floats(bytes<uint8_t>(scales));
        offset = least * -floats(bytes<uint8_t>(scales + 16));
      } else {
        scale = halves(scales);
        if constexpr (form.scaling == Scaling::halfAndOffset) offset = halves(scales + 32);
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        float unit = units[r * groups + g];
        totals[r] += floats(own[r]) * (scale * unit);
        if constexpr (form.scaling != Scaling::half)
          totals[r] += offset * (unit * static_cast<float>(sums[r * 2 * groups + 2 * g] + sums[r * 2 * groups + 2 * g + 1]));
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) result[r] = totals[r];
}

typedef uint16_t Halves __attribute__((vector_size(32)));

// Floats as bfloat16, to the nearest, ties to even.
[[gnu::always_inline]] inline Halves rounded_halves(const Lanes &x) {
  typedef uint32_t Bits __attribute__((vector_size(64)));
  Bits bits;
  std::memcpy(&bits, &x, sizeof x);
  return __builtin_convertvector((bits + 0x7fff + ((bits >> 16) & 1)) >> 16, Halves);
}

// Of sixteen numbers, the four of one quarter, each four times.
inline Lanes quadrupled(const Lanes &x, int quarter) {
#if defined(__AVX512F__)
  const __m512i places = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  return reinterpret_cast<Lanes>(
      _mm512_permutexvar_ps(_mm512_add_epi32(places, _mm512_set1_epi32(4 * quarter)), reinterpret_cast<__m512>(x)));
#else
  Lanes y;
  for (int i = 0; i < width; i++) y[i] = x[4 * quarter + i / 4];
  return y;
#endif
}

// Four floats of each of four outputs to where they belong, as they are or as bfloat16.
[[gnu::always_inline]] inline void put_four(const Lanes &x, float *to, int64_t stride) {
  float piece[width];
  std::memcpy(piece, &x, sizeof x);
  for (int n = 0; n < 4; n++) std::memcpy(to + n * stride, piece + 4 * n, 4 * sizeof(float));
}
[[gnu::always_inline]] inline void put_four(const Lanes &x, uint16_t *to, int64_t stride) {
  Halves rounded = rounded_halves(x);
  uint16_t piece[width];
  std::memcpy(piece, &rounded, sizeof rounded);
  for (int n = 0; n < 4; n++) std::memcpy(to + n * stride, piece + 4 * n, 4 * sizeof(uint16_t));
}

// The numbers of the panel's outputs of some quarters as floats or bfloat16 [outputs, inputs]; `out` is the place of the first of them.
template <const Form &form, typename scalar>
void restore_panel(const uint8_t *panel, int64_t inputs, int from_quarter, int to_quarter, scalar *out) {
  typedef uint8_t Quarter __attribute__((vector_size(16)));
  Lanes d = {}, least = {};
  for (int64_t g = 0; g < inputs / group; g++) {
    const uint8_t *numbers = panel + form.place(g), *scales = numbers + form.numbers();
    if constexpr (form.has_blocks())
      if (g % 8 == 0) {
        const uint8_t *ending = numbers + 8 * form.group_bytes();
        d = halves(ending);
        if constexpr (form.scaling == Scaling::byteAndOffset) least = halves(ending + 32);
      }
    Lanes scale = {}, offset = {};
    if constexpr (form.scaling == Scaling::byteAndOffset) {
      scale = d * floats(bytes<uint8_t>(scales));
      offset = -(least * floats(bytes<uint8_t>(scales + 16)));
    } else if constexpr (form.scaling != Scaling::signedByte) {
      scale = halves(scales);
      if constexpr (form.scaling == Scaling::halfAndOffset) offset = halves(scales + 32);
    }
    // A scale for each 16 inputs, or for all 32.
    constexpr int runs = form.scaling == Scaling::signedByte ? 2 : 1;
    for (int run = 0; run < runs; run++) {
      if constexpr (form.scaling == Scaling::signedByte) scale = d * floats(bytes<int8_t>(scales + 16 * run));
      Lanes own_scales[4], own_offsets[4];
#pragma GCC unroll 4
      for (int quarter = 0; quarter < 4; quarter++)
        own_scales[quarter] = quadrupled(scale, quarter), own_offsets[quarter] = quadrupled(offset, quarter);
      for (int q = run * quads / runs; q < (run + 1) * quads / runs; q++) {
        Bytes w = quad<form.bits>(numbers, q);
        for (int quarter = from_quarter; quarter < to_quarter; quarter++) {
          Words own = __builtin_convertvector(load<Quarter>(reinterpret_cast<const uint8_t *>(&w) + 16 * quarter), Words);
          Lanes x = own_scales[quarter] * floats(own - form.zero) + own_offsets[quarter];
          put_four(x, out + 4 * (quarter - from_quarter) * inputs + g * group + 4 * q, inputs);
        }
      }
    }
  }
}

// The whole numbers of 32 inputs of a row, put into place `n` of a panel's group: the four bytes of a quad at a time.
template <int bits> inline void put(uint8_t *numbers, int n, const uint8_t *q) {
  uint32_t own[quads];
  std::memcpy(own, q, sizeof own);
  auto store = [&](int64_t at, uint32_t word) { std::memcpy(numbers + at + 4 * n, &word, sizeof word); };
  if constexpr (bits == 8) {
    for (int64_t i = 0; i < quads; i++) store(64 * i, own[i]);
    return;
  }
  for (int64_t i = 0; i < quads; i += 2) store(32 * i, (own[i] & 0x0f0f0f0f) | (own[i + 1] & 0x0f0f0f0f) << 4);
  if constexpr (bits == 5) {
    uint32_t tops = 0;
    for (int i = 0; i < quads; i++) tops |= (own[i] >> 4 & 0x01010101) << i;
    store(256, tops);
  }
  if constexpr (bits == 6)
    for (int64_t half = 0; half < 2; half++) {
      uint32_t tops = 0;
      for (int i = 0; i < 4; i++) tops |= (own[4 * half + i] >> 4 & 0x03030303) << 2 * i;
      store(256 + 64 * half, tops);
    }
}

// 32 nibbles, low ones first, and the bits that top them where there are some.
template <int bits> inline void spread_fives(const uint8_t *nibbles, const uint8_t *tops, uint8_t *q) {
  for (int i = 0; i < 16; i++) q[i] = nibbles[i] & 15;
  for (int i = 0; i < 16; i++) q[16 + i] = nibbles[i] >> 4;
  if constexpr (bits == 5) {
    auto word = blocks::at<uint32_t>(tops);
    for (int i = 0; i < group; i++) q[i] |= static_cast<uint8_t>((word >> i & 1) << 4);
  }
}

// One row of ggml's blocks into place `n` of a panel that was all zeros.
template <Type type, const Form &form> void put_row(const uint8_t *row, int64_t inputs, int n, uint8_t *panel) {
  constexpr int64_t length = form.has_blocks() ? 256 : group;
  const int64_t size = blocks::shape(static_cast<int>(type)).bytes;
  auto copy_half = [](uint8_t *to, const uint8_t *from) { std::memcpy(to, from, 2); };
  alignas(32) uint8_t q[group];
  for (int64_t g = 0; g < inputs / group; g++) {
    uint8_t *numbers = panel + form.place(g), *scales = numbers + form.numbers();
    const uint8_t *x = row + g * group / length * size;
    int part = static_cast<int>(g % 8);
    uint8_t *ending = numbers - part * form.group_bytes() + 8 * form.group_bytes();
    if constexpr (type == Type::Q4_0 || type == Type::Q5_0) {
      copy_half(scales + 2 * n, x);
      spread_fives<form.bits>(x + (form.bits == 5 ? 6 : 2), x + 2, q);
    } else if constexpr (type == Type::Q4_1 || type == Type::Q5_1) {
      copy_half(scales + 2 * n, x);
      copy_half(scales + 32 + 2 * n, x + 2);
      spread_fives<form.bits>(x + (form.bits == 5 ? 8 : 4), x + 4, q);
    } else if constexpr (type == Type::Q8_0) {
      copy_half(scales + 2 * n, x);
      for (int i = 0; i < group; i++) q[i] = x[2 + i] ^ 128;
    } else if constexpr (type == Type::Q6_K) {
      scales[n] = x[192 + 2 * part];
      scales[16 + n] = x[192 + 2 * part + 1];
      copy_half(ending + 2 * n, x + 208);
      int half = part / 4, run = part % 4;
      const uint8_t *low = x + half * 64 + run % 2 * 32, *high = x + 128 + half * 32;
      for (int i = 0; i < group; i++) q[i] = static_cast<uint8_t>((low[i] >> 4 * (run / 2) & 15) | (high[i] >> 2 * run & 3) << 4);
    } else {
      int scale, offset;
      blocks::scales_of_k(x + 4, part, scale, offset);
      scales[n] = static_cast<uint8_t>(scale);
      scales[16 + n] = static_cast<uint8_t>(offset);
      copy_half(ending + 2 * n, x);
      copy_half(ending + 32 + 2 * n, x + 2);
      const uint8_t *nibbles = x + (form.bits == 5 ? 48 : 16) + part / 2 * 32, *tops = x + 16;
      for (int i = 0; i < group; i++) q[i] = nibbles[i] >> 4 * (part % 2) & 15;
      if constexpr (form.bits == 5)
        for (int i = 0; i < group; i++) q[i] |= static_cast<uint8_t>((tops[i] >> part & 1) << 4);
    }
    put<form.bits>(numbers, n, q);
  }
}

// The same for a type that has a form.
inline void put_row(Type type, const uint8_t *row, int64_t inputs, int n, uint8_t *panel) {
  switch (type) {
  case Type::Q4_0: return put_row<Type::Q4_0, q4_0>(row, inputs, n, panel);
  case Type::Q4_1: return put_row<Type::Q4_1, q4_1>(row, inputs, n, panel);
  case Type::Q5_0: return put_row<Type::Q5_0, q5_0>(row, inputs, n, panel);
  case Type::Q5_1: return put_row<Type::Q5_1, q5_1>(row, inputs, n, panel);
  case Type::Q8_0: return put_row<Type::Q8_0, q8_0>(row, inputs, n, panel);
  case Type::Q4_K: return put_row<Type::Q4_K, q4_k>(row, inputs, n, panel);
  case Type::Q5_K: return put_row<Type::Q5_K, q5_k>(row, inputs, n, panel);
  case Type::Q6_K: return put_row<Type::Q6_K, q6_k>(row, inputs, n, panel);
  default: return;
  }
}

// A row of floats as Q8_0 has it: what types without a form of their own become.
inline void put_floats(const float *row, int64_t inputs, int n, uint8_t *panel) {
  uint8_t q[group];
  for (int64_t g = 0; g < inputs / group; g++) {
    uint8_t *numbers = panel + q8_0.place(g), *scales = numbers + q8_0.numbers();
    float largest = 0;
    for (int i = 0; i < group; i++) largest = std::max(largest, std::fabs(row[g * group + i]));
    auto scale = blocks::to_half(largest / 127);
    float unit = blocks::half(scale), factor = unit > 0 ? 1 / unit : 0;
    std::memcpy(scales + 2 * n, &scale, 2);
    for (int i = 0; i < group; i++)
      q[i] = static_cast<uint8_t>(static_cast<int>(std::clamp(std::nearbyint(row[g * group + i] * factor), -127.0f, 127.0f)) + 128);
    put<8>(numbers, n, q);
  }
}

} // namespace quantized
