// Products with ggml's blocks by whichever instructions this was compiled for, beside plain sums in double precision of the same
// whole numbers. Compiled and run by Scripts/check-kernels for each instruction set; prints one line a type.
#include "quantized.h"

#include <cstdio>
#include <random>
#include <vector>

using namespace quantized;

template <const Form &form, int R> bool agrees(const char *name) {
  constexpr int64_t inputs = 512, groups = inputs / group;
  std::mt19937 random(R);
  std::vector<uint8_t> storage(form.panel_bytes(inputs) + 64 + 8192);
  uint8_t *panel = storage.data() + (64 - reinterpret_cast<uintptr_t>(storage.data()) % 64);
  for (int64_t i = 0; i < form.panel_bytes(inputs); i++) panel[i] = static_cast<uint8_t>(random());
  // Halves that are numbers: 2^-9 to 2^-8.
  auto sane = [&](uint8_t *at, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += 2) {
      auto half = static_cast<uint16_t>(0x1800 + (random() & 0x3ff));
      std::memcpy(at + i, &half, 2);
    }
  };
  for (int64_t g = 0; g < groups; g++) {
    uint8_t *numbers = panel + form.place(g);
    if (!form.has_blocks()) sane(numbers + form.numbers(), form.scales());
    else if (g % 8 == 7) sane(numbers + form.group_bytes(), form.ending());
  }
  std::vector<float> x(R * inputs), weights(width * inputs);
  std::normal_distribution<float> normal;
  for (auto &value : x) value = normal(random);
  std::vector<uint8_t> memory(Rows::bytes(R, inputs) + 64);
  Rows rows(memory.data(), R, inputs);
  for (int r = 0; r < R; r++) rows.fill(r, x.data() + r * inputs);
  restore_panel<form>(panel, inputs, 0, 4, weights.data());
  Lanes result[R];
  tile<form, R>(panel, rows, 0, result);
  double worst = 0;
  for (int r = 0; r < R; r++)
    for (int64_t n = 0; n < width; n++) {
      double exact = 0, size = 0;
      for (int64_t i = 0; i < inputs; i++) {
        double value = static_cast<double>(weights[n * inputs + i]) * rows.q[r * inputs + i] * rows.units[r * groups + i / group];
        exact += value;
        size += std::fabs(value);
      }
      worst = std::max(worst, std::fabs(result[r][n] - exact) / size);
    }
  std::printf("%-5s %d rows: worst relative difference %.1e\n", name, R, worst);
  return worst < 1e-5;
}

template <const Form &form> bool agrees(const char *name) { return agrees<form, 1>(name) & agrees<form, 8>(name); }

int main() {
  bool all = agrees<q4_0>("Q4_0") & agrees<q4_1>("Q4_1") & agrees<q5_0>("Q5_0") & agrees<q5_1>("Q5_1") & agrees<q8_0>("Q8_0") &
             agrees<q4_k>("Q4_K") & agrees<q5_k>("Q5_K") & agrees<q6_k>("Q6_K");
  return all ? 0 : 1;
}
