// Numbers as ggml's blocks: the way back from blocks.h.
//
// The types of 32 numbers are rounded exactly as ggml's and gguf's own code does it. The K types have no one right answer: scales are
// searched for here by least squares, group by group, and then once more among the whole numbers that the block can hold.
#pragma once

#include "blocks.h"

#include <algorithm>
#include <array>
#include <limits>

namespace blocks {

inline void put_half(uint8_t *y, float x) {
  uint16_t bits = static_cast<uint16_t>(to_half(std::fabs(x)) | (std::signbit(x) ? 0x8000 : 0));
  std::memcpy(y, &bits, sizeof bits);
}
// The number that stays of x in half precision.
inline float halved(float x) { return std::copysign(half(to_half(std::fabs(x))), x); }

// 32 numbers of up to five bits as Q4_0 to Q5_1 keep them: low nibbles, and the bits that top them where there is room for those.
inline void put_fives(const int *q, uint8_t *nibbles, uint8_t *tops) {
  for (int i = 0; i < 16; i++) nibbles[i] = static_cast<uint8_t>((q[i] & 15) | (q[i + 16] & 15) << 4);
  if (!tops) return;
  std::memset(tops, 0, 4);
  for (int i = 0; i < 32; i++) tops[i / 8] = static_cast<uint8_t>(tops[i / 8] | (q[i] >> 4) << i % 8);
}

// The number of largest size becomes the least of the whole numbers.
template <int bits> void quantize_around_zero(const float *x, uint8_t *y) {
  constexpr int middle = 1 << (bits - 1);
  float largest = 0;
  for (int i = 0; i < 32; i++)
    if (std::fabs(largest) < std::fabs(x[i])) largest = x[i];
  float d = largest / -middle, inverse = d != 0 ? 1 / d : 0;
  int q[32];
  for (int i = 0; i < 32; i++) q[i] = std::min(2 * middle - 1, static_cast<int>(x[i] * inverse + (middle + 0.5f)));
  put_half(y, d);
  put_fives(q, y + (bits == 5 ? 6 : 2), bits == 5 ? y + 2 : nullptr);
}

// The least number becomes 0 and the largest the largest.
template <int bits> void quantize_between(const float *x, uint8_t *y) {
  constexpr int top = (1 << bits) - 1;
  auto [least, most] = std::minmax_element(x, x + 32);
  float d = (*most - *least) / top, inverse = d != 0 ? 1 / d : 0;
  int q[32];
  for (int i = 0; i < 32; i++) q[i] = std::min(top, static_cast<int>((x[i] - *least) * inverse + 0.5f));
  put_half(y, d);
  put_half(y + 2, *least);
  put_fives(q, y + (bits == 5 ? 8 : 4), bits == 5 ? y + 4 : nullptr);
}

inline void quantize_eight(const float *x, uint8_t *y) {
  float largest = 0;
  for (int i = 0; i < 32; i++) largest = std::max(largest, std::fabs(x[i]));
  float d = largest / 127, inverse = d != 0 ? 1 / d : 0;
  put_half(y, d);
  for (int i = 0; i < 32; i++) y[2 + i] = static_cast<uint8_t>(static_cast<int8_t>(std::round(x[i] * inverse)));
}

inline float nearest(float x, float least, float most) { return std::min(std::max(std::nearbyint(x), least), most); }

// The squared error of n numbers as the nearest whole numbers times `scale` less `shift`, and those whole numbers.
template <int n> float rounded(const float *x, float scale, float shift, float least, float most, float *q) {
  float inverse = scale != 0 ? 1 / scale : 0, error = 0;
#pragma omp simd reduction(+ : error)
  for (int i = 0; i < n; i++) {
    q[i] = nearest((x[i] + shift) * inverse, least, most);
    float off = q[i] * scale - shift - x[i];
    error += off * off;
  }
  return error;
}

// A group of Q4_K or Q5_K: x ≈ q · scale − shift with both not negative.
struct Fit {
  float scale = 0, shift = 0, error = std::numeric_limits<float>::infinity();
};

// The scale and shift of least squares for whole numbers q of a group.
template <int n> Fit fitted(const float *x, const float *q) {
  float sum = 0, square = 0, total = 0, product = 0;
#pragma omp simd reduction(+ : sum, square, total, product)
  for (int i = 0; i < n; i++) {
    sum += q[i];
    square += q[i] * q[i];
    total += x[i];
    product += q[i] * x[i];
  }
  Fit fit;
  float determinant = n * square - sum * sum;
  if (determinant <= 0) return fit;
  fit.scale = (n * product - total * sum) / determinant;
  fit.shift = (total - fit.scale * sum) / -n;
  if (fit.shift < 0) fit = {product / square, 0, 0};
  if (fit.scale <= 0) return Fit{};
  float error = 0;
#pragma omp simd reduction(+ : error)
  for (int i = 0; i < n; i++) {
    float off = q[i] * fit.scale - fit.shift - x[i];
    error += off * off;
  }
  fit.error = error;
  return fit;
}

template <int top> Fit searched(const float *x) {
  float least = 0, most = -std::numeric_limits<float>::infinity();
  for (int i = 0; i < 32; i++) {
    least = std::min(least, x[i]);
    most = std::max(most, x[i]);
  }
  Fit best;
  if (most <= least) return {0, -least, 0};
  float q[32];
  for (int step = -10; step <= 10; step++) {
    rounded<32>(x, (most - least) / (top + 0.1f * step), -least, 0, top, q);
    // The whole numbers and the line through them take turns to get better.
    for (int turn = 0; turn < 3; turn++) {
      Fit fit = fitted<32>(x, q);
      if (!(fit.error < best.error)) break;
      best = fit;
      rounded<32>(x, fit.scale, fit.shift, 0, top, q);
    }
  }
  return best;
}

// The halves d and m by which whole scales and shifts are multiplied, of least squares over a block; false where there are none.
inline bool refined(const float *x, const float *q, const float *scales, const float *shifts, int group, float &d, float &m) {
  double aa = 0, ab = 0, bb = 0, xa = 0, xb = 0;
#pragma omp simd reduction(+ : aa, ab, bb, xa, xb)
  for (int i = 0; i < 256; i++) {
    double a = scales[i / group] * q[i], b = -shifts[i / group];
    aa += a * a;
    ab += a * b;
    bb += b * b;
    xa += x[i] * a;
    xb += x[i] * b;
  }
  double determinant = aa * bb - ab * ab;
  if (bb == 0 && aa > 0) {
    d = halved(static_cast<float>(xa / aa));
    m = 0;
    return d != 0;
  }
  if (!(determinant > 1e-9 * aa * bb)) return false;
  d = halved(static_cast<float>((xa * bb - xb * ab) / determinant));
  m = halved(static_cast<float>((xb * aa - xa * ab) / determinant));
  return d > 0 && m >= 0;
}

// Whole scales and shifts near those wanted, those of the least error, and the numbers that go with them.
template <int groups, int size, bool shifted>
float chosen(const float *x, const float *wanted, const float *wanted_shifts, float d, float m, float least, float most, float low, float high,
             float *scales, float *shifts, float *q) {
  float total = 0, trial[size];
  for (int g = 0; g < groups; g++) {
    float best = std::numeric_limits<float>::infinity();
    float near = d != 0 ? wanted[g] / d : 0, near_shift = m != 0 ? wanted_shifts[g] / m : 0;
    for (int i = -1; i <= 1; i++) {
      for (int j = shifted ? -1 : 0; j <= (shifted ? 1 : 0); j++) {
        float scale = nearest(near + i, low, high), shift = shifted ? nearest(near_shift + j, 0, 63) : 0;
        float error = rounded<size>(x + g * size, d * scale, m * shift, least, most, trial);
        if (error < best) {
          best = error;
          scales[g] = scale;
          shifts[g] = shift;
          std::copy(trial, trial + size, q + g * size);
        }
      }
    }
    total += best;
  }
  return total;
}

// Q4_K and Q5_K: eight groups of 32 with whole scales and shifts of six bits.
template <int bits> void quantize_k(const float *x, uint8_t *y) {
  constexpr int top = (1 << bits) - 1;
  float wanted[8], wanted_shifts[8], most = 0, most_shift = 0;
  for (int g = 0; g < 8; g++) {
    Fit fit = searched<top>(x + 32 * g);
    wanted[g] = fit.scale;
    wanted_shifts[g] = fit.shift;
    most = std::max(most, fit.scale);
    most_shift = std::max(most_shift, fit.shift);
  }
  float d = halved(most / 63), m = halved(most_shift / 63), q[256], scales[8], shifts[8];
  float error = chosen<8, 32, true>(x, wanted, wanted_shifts, d, m, 0, top, 0, 63, scales, shifts, q);
  for (int turn = 0; turn < 2; turn++) {
    float other_d, other_m, others[256], other_scales[8], other_shifts[8];
    if (!refined(x, q, scales, shifts, 32, other_d, other_m)) break;
    float other = chosen<8, 32, true>(x, wanted, wanted_shifts, other_d, other_m, 0, top, 0, 63, other_scales, other_shifts, others);
    if (!(other < error)) break;
    error = other;
    d = other_d;
    m = other_m;
    std::copy(others, others + 256, q);
    std::copy(other_scales, other_scales + 8, scales);
    std::copy(other_shifts, other_shifts + 8, shifts);
  }
  constexpr int start = bits == 5 ? 48 : 16;
  std::memset(y, 0, start + 128);
  put_half(y, d);
  put_half(y + 2, m);
  for (int g = 0; g < 8; g++) {
    // Six bits each in twelve bytes, as scales_of_k reads them.
    int scale = static_cast<int>(scales[g]), shift = static_cast<int>(shifts[g]);
    uint8_t *s = y + 4;
    if (g < 4) {
      s[g] = static_cast<uint8_t>(s[g] | scale);
      s[g + 4] = static_cast<uint8_t>(s[g + 4] | shift);
    } else {
      s[g + 4] = static_cast<uint8_t>((scale & 15) | (shift & 15) << 4);
      s[g - 4] = static_cast<uint8_t>(s[g - 4] | scale >> 4 << 6);
      s[g] = static_cast<uint8_t>(s[g] | shift >> 4 << 6);
    }
    for (int i = 0; i < 32; i++) {
      int number = static_cast<int>(q[g * 32 + i]);
      y[start + g / 2 * 32 + i] = static_cast<uint8_t>(y[start + g / 2 * 32 + i] | (number & 15) << 4 * (g % 2));
      if (bits == 5) y[16 + i] = static_cast<uint8_t>(y[16 + i] | number >> 4 << g);
    }
  }
}

// Q6_K: sixteen groups of 16 around zero with whole scales of eight bits.
inline void quantize_six(const float *x, uint8_t *y) {
  float wanted[16], none[16] = {}, largest = 0, q[256];
  for (int g = 0; g < 16; g++) {
    const float *own = x + 16 * g;
    float extreme = 0, best = 0;
    for (int i = 0; i < 16; i++)
      if (std::fabs(extreme) < std::fabs(own[i])) extreme = own[i];
    wanted[g] = 0;
    // The extreme as −32 or as 31, or a little inside or outside of them.
    for (int step = -9; extreme != 0 && step <= 18; step++) {
      float inverse = step <= 9 ? -(32 + 0.1f * step) / extreme : (31 + 0.1f * (step - 14)) / extreme, product = 0, square = 0;
#pragma omp simd reduction(+ : product, square)
      for (int i = 0; i < 16; i++) {
        float number = nearest(own[i] * inverse, -32, 31);
        product += number * own[i];
        square += number * number;
      }
      // What is left of the squares is Σx² less this.
      if (square > 0 && product * product > best * square) {
        best = product * product / square;
        wanted[g] = product / square;
      }
    }
    if (std::fabs(largest) < std::fabs(wanted[g])) largest = wanted[g];
  }
  float d = halved(largest / -128), scales[16], shifts[16];
  float error = chosen<16, 16, false>(x, wanted, none, d, 0, -32, 31, -128, 127, scales, shifts, q);
  for (int turn = 0; turn < 2 && d != 0; turn++) {
    float other_d, m, others[256], other_scales[16];
    if (!refined(x, q, scales, none, 16, other_d, m)) break;
    float other = chosen<16, 16, false>(x, wanted, none, other_d, 0, -32, 31, -128, 127, other_scales, shifts, others);
    if (!(other < error)) break;
    error = other;
    d = other_d;
    std::copy(others, others + 256, q);
    std::copy(other_scales, other_scales + 16, scales);
  }
  std::memset(y, 0, 210);
  put_half(y + 208, d);
  for (int g = 0; g < 16; g++) y[192 + g] = static_cast<uint8_t>(static_cast<int8_t>(scales[g]));
  for (int i = 0; i < 256; i++) {
    int part = i / 128, run = i % 128 / 32, number = static_cast<int>(q[i]) + 32;
    uint8_t &low = y[part * 64 + run % 2 * 32 + i % 32], &high = y[128 + part * 32 + i % 32];
    low = static_cast<uint8_t>(low | (number & 15) << 4 * (run / 2));
    high = static_cast<uint8_t>(high | number >> 4 << 2 * run);
  }
}

// One block of finite numbers; false for a type that nothing is written in here.
inline bool quantize(Type type, const float *x, uint8_t *y) {
  switch (type) {
  case Type::Q4_0: quantize_around_zero<4>(x, y); return true;
  case Type::Q5_0: quantize_around_zero<5>(x, y); return true;
  case Type::Q4_1: quantize_between<4>(x, y); return true;
  case Type::Q5_1: quantize_between<5>(x, y); return true;
  case Type::Q8_0: quantize_eight(x, y); return true;
  case Type::Q4_K: quantize_k<4>(x, y); return true;
  case Type::Q5_K: quantize_k<5>(x, y); return true;
  case Type::Q6_K: quantize_six(x, y); return true;
  default: return false;
  }
}

} // namespace blocks
