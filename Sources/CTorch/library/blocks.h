// ggml's blocks: how each type's bytes become numbers. Written for exactness; products read the blocks by kernels of their own.
#pragma once

#include "grids.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace blocks {

enum class Type : int {
#define CTORCH_BLOCK(name, number, length, bytes) name = number,
#include "../include/blocks.def"
#undef CTORCH_BLOCK
};

struct Shape {
  int64_t length, bytes;
};

// {0, 0} for a number that is no type's.
inline Shape shape(int type) {
  switch (type) {
#define CTORCH_BLOCK(name, number, length, bytes)                                                                              \
  case number: return {length, bytes};
#include "../include/blocks.def"
#undef CTORCH_BLOCK
  }
  return {0, 0};
}

template <typename T> inline T at(const uint8_t *x) {
  T value;
  std::memcpy(&value, x, sizeof value);
  return value;
}

// IEEE half precision.
inline float half(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
  if (exponent == 0) {
    float tiny = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -tiny : tiny;
  }
  return std::bit_cast<float>(sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13);
}
inline float half(const uint8_t *x) { return half(at<uint16_t>(x)); }

// The half nearest to a number that is not negative, ties to even; infinity beyond its range.
inline uint16_t to_half(float x) {
  auto bits = std::bit_cast<uint32_t>(x);
  if (x < 0x1p-14f) return static_cast<uint16_t>(std::nearbyint(x * 0x1p24f));
  uint32_t rounded = bits + 0xfff + (bits >> 13 & 1) - (112u << 23);
  return rounded >= 31u << 23 ? 0x7c00 : static_cast<uint16_t>(rounded >> 13);
}

inline int nibble(const uint8_t *x, int i) { return x[i / 2] >> 4 * (i % 2) & 15; }
inline int bit(const uint8_t *x, int i) { return x[i / 8] >> i % 8 & 1; }

// The numbers that four bits stand for in the types that have uneven steps.
inline constexpr std::array<int8_t, 16> uneven = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
// Twice the numbers of four-bit floating point, E2M1.
inline constexpr std::array<int8_t, 16> e2m1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// The scale and offset of eight groups in Q4_K and Q5_K: six bits each in twelve bytes.
inline void scales_of_k(const uint8_t *s, int group, int &scale, int &offset) {
  if (group < 4) {
    scale = s[group] & 63;
    offset = s[group + 4] & 63;
  } else {
    scale = (s[group + 4] & 15) | s[group - 4] >> 6 << 4;
    offset = s[group + 4] >> 4 | s[group] >> 6 << 4;
  }
}

// The sixteen signed scales of Q3_K: six bits each in twelve bytes.
inline int scale_of_q3(const uint8_t *s, int group) {
  int low = s[group % 8] >> 4 * (group / 8) & 15, high = s[8 + group % 4] >> 2 * (group / 4) & 3;
  return (low | high << 4) - 32;
}

// Four bits and a bit that tops them, low nibbles first, as Q4_0 to Q5_1 keep them.
inline int five(const uint8_t *nibbles, const uint8_t *tops, int i) {
  int low = i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4;
  return tops ? low | bit(tops, i) << 4 : low;
}

// Eight numbers of a lattice of IQ2, with their signs, one bit each.
inline void lattice2(uint16_t entry, int signs, float scale, float *y) {
  constexpr float levels[] = {0x08, 0x19, 0x2b};
  for (int i = 0; i < 8; i++) y[i] = scale * levels[entry >> 2 * i & 3] * (signs >> i & 1 ? -1.0f : 1.0f);
}
// Four numbers of a lattice of IQ3.
inline void lattice3(uint16_t entry, int signs, float scale, const float *levels, float *y) {
  for (int i = 0; i < 4; i++) y[i] = scale * levels[entry >> 4 * i & 15] * (signs >> i & 1 ? -1.0f : 1.0f);
}
// Eight numbers of IQ1's lattice, −1, 0 or 1, moved by a part.
inline void lattice1(int index, float scale, float part, float *y) {
  for (int i = 0; i < 8; i++) y[i] = scale * (static_cast<float>((grids::iq1_s[index] >> 2 * i & 3) - 1) + part);
}
// Seven bits of signs; the eighth makes their number even.
inline int even(uint32_t signs) {
  signs &= 127;
  return static_cast<int>(signs | (std::popcount(signs) & 1) << 7);
}

// One block of a quantised type; nothing for the others.
inline void restore(Type type, const uint8_t *x, float *y) {
  switch (type) {
  case Type::Q4_0:
  case Type::Q5_0: {
    bool is_five = type == Type::Q5_0;
    float d = half(x);
    for (int i = 0; i < 32; i++) y[i] = d * static_cast<float>(five(x + (is_five ? 6 : 2), is_five ? x + 2 : nullptr, i) - (is_five ? 16 : 8));
    return;
  }
  case Type::Q4_1:
  case Type::Q5_1: {
    bool is_five = type == Type::Q5_1;
    float d = half(x), m = half(x + 2);
    for (int i = 0; i < 32; i++) y[i] = d * static_cast<float>(five(x + (is_five ? 8 : 4), is_five ? x + 4 : nullptr, i)) + m;
    return;
  }
  case Type::Q8_0:
  case Type::Q8_1: {
    float d = half(x);
    auto *q = reinterpret_cast<const int8_t *>(x + (type == Type::Q8_1 ? 4 : 2));
    for (int i = 0; i < 32; i++) y[i] = static_cast<float>(q[i]) * d;
    return;
  }
  case Type::Q2_K: {
    float d = half(x + 80), least = half(x + 82);
    for (int i = 0; i < 256; i++) {
      int q = x[16 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3, scale = x[i / 16];
      y[i] = d * static_cast<float>(scale & 15) * static_cast<float>(q) - least * static_cast<float>(scale >> 4);
    }
    return;
  }
  case Type::Q3_K: {
    float d = half(x + 108);
    for (int i = 0; i < 256; i++) {
      int low = x[32 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3, top = x[i % 32] >> i / 32 & 1;
      y[i] = d * static_cast<float>(scale_of_q3(x + 96, i / 16)) * static_cast<float>(low - (top ? 0 : 4));
    }
    return;
  }
  case Type::Q4_K:
  case Type::Q5_K: {
    bool is_five = type == Type::Q5_K;
    float d = half(x), least = half(x + 2);
    const uint8_t *nibbles = x + (is_five ? 48 : 16), *tops = x + 16;
    for (int group = 0; group < 8; group++) {
      int scale, offset;
      scales_of_k(x + 4, group, scale, offset);
      float factor = d * static_cast<float>(scale), shift = least * static_cast<float>(offset);
      for (int i = 0; i < 32; i++) {
        int q = nibbles[group / 2 * 32 + i] >> 4 * (group % 2) & 15;
        if (is_five) q |= (tops[i] >> group & 1) << 4;
        y[group * 32 + i] = factor * static_cast<float>(q) - shift;
      }
    }
    return;
  }
  case Type::Q6_K: {
    float d = half(x + 208);
    auto *scales = reinterpret_cast<const int8_t *>(x + 192);
    for (int i = 0; i < 256; i++) {
      // A half of 128 is four runs of 32: the low nibbles of two runs of bytes, then their high ones.
      int part = i / 128, run = i % 128 / 32, low = x[part * 64 + run % 2 * 32 + i % 32] >> 4 * (run / 2) & 15;
      int q = (low | (x[128 + part * 32 + i % 32] >> 2 * run & 3) << 4) - 32;
      y[i] = d * static_cast<float>(scales[i / 16]) * static_cast<float>(q);
    }
    return;
  }
  case Type::Q8_K: {
    float d = at<float>(x);
    auto *q = reinterpret_cast<const int8_t *>(x + 4);
    for (int i = 0; i < 256; i++) y[i] = d * static_cast<float>(q[i]);
    return;
  }
  case Type::IQ2_XXS: {
    float d = half(x);
    for (int group = 0; group < 8; group++) {
      const uint8_t *q = x + 2 + group * 8;
      auto packed = at<uint32_t>(q + 4);
      float scale = d * (0.5f + static_cast<float>(packed >> 28)) * 0.25f;
      for (int i = 0; i < 4; i++) lattice2(grids::iq2_xxs[q[i]], even(packed >> 7 * i), scale, y + group * 32 + i * 8);
    }
    return;
  }
  case Type::IQ2_XS: {
    float d = half(x);
    for (int i = 0; i < 32; i++) {
      auto q = at<uint16_t>(x + 2 + 2 * i);
      float scale = d * (0.5f + static_cast<float>(nibble(x + 66, i / 2))) * 0.25f;
      lattice2(grids::iq2_xs[q & 511], even(q >> 9), scale, y + i * 8);
    }
    return;
  }
  case Type::IQ2_S: {
    float d = half(x);
    for (int i = 0; i < 32; i++) {
      int index = x[2 + i] | (x[66 + i / 4] >> 2 * (i % 4) & 3) << 8;
      float scale = d * (0.5f + static_cast<float>(nibble(x + 74, i / 2))) * 0.25f;
      lattice2(grids::iq2_s[index], x[34 + i], scale, y + i * 8);
    }
    return;
  }
  case Type::IQ3_XXS: {
    constexpr float levels[] = {0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3e};
    float d = half(x);
    for (int i = 0; i < 64; i++) {
      auto packed = at<uint32_t>(x + 66 + i / 8 * 4);
      float scale = d * (0.5f + static_cast<float>(packed >> 28)) * 0.5f;
      lattice3(grids::iq3_xxs[x[2 + i]], even(packed >> 7 * (i % 8 / 2)) >> 4 * (i % 2), scale, levels, y + i * 4);
    }
    return;
  }
  case Type::IQ3_S: {
    constexpr float levels[] = {1, 3, 5, 7, 9, 11, 13, 15};
    float d = half(x);
    for (int i = 0; i < 64; i++) {
      float scale = d * static_cast<float>(1 + 2 * nibble(x + 106, i / 8));
      lattice3(grids::iq3_s[x[2 + i] | bit(x + 66, i) << 8], nibble(x + 74, i), scale, levels, y + i * 4);
    }
    return;
  }
  case Type::IQ1_S: {
    float d = half(x);
    for (int i = 0; i < 32; i++) {
      int packed = at<uint16_t>(x + 34 + i / 4 * 2);
      float scale = d * static_cast<float>(2 * (packed >> 12 & 7) + 1);
      lattice1(x[2 + i] | (packed >> 3 * (i % 4) & 7) << 8, scale, packed & 0x8000 ? -0.125f : 0.125f, y + i * 8);
    }
    return;
  }
  case Type::IQ1_M: {
    uint16_t scales[4];
    std::memcpy(scales, x + 48, sizeof scales);
    // The block's own scale lies in the four highest bits of each.
    float d = half(static_cast<uint16_t>(scales[0] >> 12 | (scales[1] >> 8 & 0xf0) | (scales[2] >> 4 & 0xf00) | (scales[3] & 0xf000)));
    for (int i = 0; i < 32; i++) {
      int packed = nibble(x + 32, i);
      float scale = d * static_cast<float>(2 * (scales[i / 8] >> 3 * (i / 2 % 4) & 7) + 1);
      lattice1(x[i] | (packed & 7) << 8, scale, packed & 8 ? -0.125f : 0.125f, y + i * 8);
    }
    return;
  }
  case Type::IQ4_NL: {
    float d = half(x);
    for (int i = 0; i < 32; i++) y[i] = d * static_cast<float>(uneven[five(x + 2, nullptr, i)]);
    return;
  }
  case Type::IQ4_XS: {
    float d = half(x);
    auto high = at<uint16_t>(x + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * static_cast<float>((nibble(x + 4, group) | (high >> 2 * group & 3) << 4) - 32);
      for (int i = 0; i < 32; i++) y[group * 32 + i] = scale * static_cast<float>(uneven[five(x + 8 + group * 16, nullptr, i)]);
    }
    return;
  }
  case Type::TQ1_0: {
    // Five digits to the base 3 a byte, the first in what a product by 1 leaves at the top; the last four bytes hold four.
    constexpr int powers[] = {1, 3, 9, 27, 81};
    float d = half(x + 52);
    auto digit = [&](int byte, int place) {
      return static_cast<float>((static_cast<uint8_t>(x[byte] * powers[place]) * 3 >> 8) - 1) * d;
    };
    for (int i = 0; i < 160; i++) y[i] = digit(i % 32, i / 32);
    for (int i = 0; i < 80; i++) y[160 + i] = digit(32 + i % 16, i / 16);
    for (int i = 0; i < 16; i++) y[240 + i] = digit(48 + i % 4, i / 4);
    return;
  }
  case Type::TQ2_0: {
    float d = half(x + 64);
    for (int i = 0; i < 256; i++) y[i] = d * static_cast<float>((x[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3) - 1);
    return;
  }
  case Type::MXFP4: {
    // Half of 2^(e − 127): the numbers are doubled.
    float d = std::bit_cast<float>(x[0] < 2 ? 0x00200000u << x[0] : static_cast<uint32_t>(x[0] - 1) << 23);
    for (int i = 0; i < 32; i++) y[i] = d * static_cast<float>(e2m1[five(x + 1, nullptr, i)]);
    return;
  }
  case Type::NVFP4: {
    for (int i = 0; i < 64; i++) {
      // E4M3 without a sign; its largest code, which would be no number, is 0 as its smallest is.
      int code = x[i / 16], exponent = code >> 3 & 15, fraction = code & 7;
      float d = exponent == 0 ? static_cast<float>(fraction) * 0x1p-9f
                              : (1 + static_cast<float>(fraction) / 8) * std::bit_cast<float>((exponent + 120) << 23);
      if (code == 0 || code == 0x7f) d = 0;
      int place = i % 16, q = x[4 + i / 16 * 8 + place % 8] >> 4 * (place / 8) & 15;
      y[i] = d * 0.5f * static_cast<float>(e2m1[q]);
    }
    return;
  }
  default: return;
  }
}

} // namespace blocks
