// Linear layers on ggml's blocks.
#include "quantized.h"
#include "handles.h"
#include "packed.h"

#include <ATen/Parallel.h>

#include <array>
#include <vector>

using blocks::Type;
using namespace quantized;

namespace {

// R rows at a time, from most to least.
constexpr int most = 8;

// What is done with a panel of a form.
struct Kernels {
  void (*multiply)(const uint8_t *panel, const Rows &rows, int64_t first, int64_t count, Lanes *result);
  void (*restore)(const uint8_t *panel, int64_t inputs, int from, int to, float *out);
};

template <const Form &form> void multiply(const uint8_t *panel, const Rows &rows, int64_t first, int64_t count, Lanes *result) {
  switch (count) {
  case 1: return tile<form, 1>(panel, rows, first, result);
  case 2: return tile<form, 2>(panel, rows, first, result);
  case 4: return tile<form, 4>(panel, rows, first, result);
  default: return tile<form, most>(panel, rows, first, result);
  }
}

template <const Form &form> constexpr Kernels kernels{multiply<form>, restore_panel<form>};

const Kernels &kernels_of(const Form &form) {
  if (&form == &q4_0) return kernels<q4_0>;
  if (&form == &q4_1) return kernels<q4_1>;
  if (&form == &q5_0) return kernels<q5_0>;
  if (&form == &q5_1) return kernels<q5_1>;
  if (&form == &q4_k) return kernels<q4_k>;
  if (&form == &q5_k) return kernels<q5_k>;
  if (&form == &q6_k) return kernels<q6_k>;
  return kernels<q8_0>;
}

// Rows of one type, the first of which is the layer's output `start`.
struct Part {
  const Form *form;
  int64_t start, rows, panels, size;
  std::unique_ptr<uint8_t, decltype(&std::free)> data{nullptr, &std::free};

  const uint8_t *panel(int64_t p) const { return data.get() + p * size; }
};

struct QuantizedLinear : PackedLinear {
  std::vector<Part> parts;
  int64_t panels = 0;

  QuantizedLinear(const CTorchBlocks *given, int n, int64_t outputs, int64_t inputs, const std::optional<at::Tensor> &b)
      : PackedLinear(outputs, inputs, b) {
    int64_t start = 0;
    for (int i = 0; i < n; i++) {
      parts.push_back(read(given[i], start));
      start += given[i].rows;
      panels += parts.back().panels;
    }
  }

  at::Tensor multiply(const at::Tensor &x, const float *added) override {
    auto y = room(x);
    int64_t n = x.size(0);
    auto memory = at::empty({Rows::bytes(n, inputs)}, at::kByte);
    Rows rows(memory.mutable_data_ptr<uint8_t>(), n, inputs);
    auto *from = x.const_data_ptr<float>(), *shift = bias_data();
    auto *to = y.mutable_data_ptr<float>();
    at::parallel_for(0, n, std::max<int64_t>(1, 16384 / inputs), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) rows.fill(r, from + r * inputs);
    });
    each_panel(2, [&](const Part &part, int64_t p) {
      auto &kernel = kernels_of(*part.form);
      int64_t first = part.start + p * width, used = std::min(width, part.rows - p * width);
      Lanes sums[most];
      for (int64_t r = 0; r < n;) {
        int64_t count = n - r >= 8 ? 8 : n - r >= 4 ? 4 : n - r >= 2 ? 2 : 1;
        kernel.multiply(part.panel(p), rows, r, count, sums);
        for (int64_t i = 0; i < count; i++, r++)
          for (int64_t o = 0; o < used; o++) {
            int64_t place = r * outputs + first + o;
            to[place] = sums[i][o] + (shift ? shift[first + o] : 0.0f) + (added ? added[place] : 0.0f);
          }
      }
    });
    return y;
  }

  at::Tensor restored() override {
    auto w = at::empty({outputs, inputs}, at::kFloat);
    auto *to = w.mutable_data_ptr<float>();
    each_panel(1, [&](const Part &part, int64_t p) {
      int used = static_cast<int>(std::min(width, part.rows - p * width));
      kernels_of(*part.form).restore(part.panel(p), inputs, 0, used, to + (part.start + p * width) * inputs);
    });
    return w;
  }

  at::Tensor restored(at::IntArrayRef rows) override {
    auto w = at::empty({static_cast<int64_t>(rows.size()), inputs}, at::kFloat);
    auto *to = w.mutable_data_ptr<float>();
    at::parallel_for(0, static_cast<int64_t>(rows.size()), 8, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        auto &part = *std::find_if(parts.begin(), parts.end(), [&](const Part &part) { return rows[r] < part.start + part.rows; });
        int64_t own = rows[r] - part.start;
        int lane = static_cast<int>(own % width);
        kernels_of(*part.form).restore(part.panel(own / width), inputs, lane, lane + 1, to + r * inputs);
      }
    });
    return w;
  }

private:
  template <typename Body> void each_panel(int64_t grain, const Body &body) const {
    at::parallel_for(0, panels, grain, [&](int64_t from, int64_t to) {
      int64_t before = 0;
      for (auto &part : parts) {
        for (int64_t p = std::max<int64_t>(0, from - before); p < std::min(part.panels, to - before); p++) body(part, p);
        before += part.panels;
      }
    });
  }

  // The row of a file that is ours of this number: features that are turned together lie in pairs there, in halves here.
  static int64_t place(const CTorchBlocks &given, int64_t row) {
    if (given.heads == 0) return row;
    int64_t size = given.rows / given.heads, half = size / 2, own = row % size;
    return row / size * size + own % half * 2 + own / half;
  }

  Part read(const CTorchBlocks &given, int64_t start) const {
    auto type = static_cast<Type>(given.type);
    auto [length, bytes] = blocks::shape(given.type);
    auto *form = form_of(type);
    Part part{form ? form : &q8_0, start, given.rows, (given.rows + width - 1) / width, 0};
    part.size = part.form->panel_bytes(inputs);
    size_t size = static_cast<size_t>((part.panels * part.size + 63) / 64 * 64);
    part.data.reset(static_cast<uint8_t *>(std::aligned_alloc(64, size)));
    if (!part.data) throw std::bad_alloc();
    int64_t row_bytes = inputs / length * bytes, row_blocks = inputs / length, in_block = length, block_bytes = bytes;
    at::parallel_for(0, part.panels, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> floats(form ? 0 : inputs);
      for (int64_t p = begin; p < end; p++) {
        uint8_t *panel = part.data.get() + p * part.size;
        std::memset(panel, 0, part.size);
        for (int64_t n = 0; n < std::min(width, given.rows - p * width); n++) {
          auto *row = static_cast<const uint8_t *>(given.blocks) + place(given, p * width + n) * row_bytes;
          if (form) put_row(type, row, inputs, static_cast<int>(n), panel);
          else {
            for (int64_t b = 0; b < row_blocks; b++) blocks::restore(type, row + b * block_bytes, floats.data() + b * in_block);
            put_floats(floats.data(), inputs, static_cast<int>(n), panel);
          }
        }
      }
    });
    return part;
  }
};

} // namespace

extern "C" CTorchPacked ctorch_pack_blocks(const CTorchBlocks *parts, int n, int64_t inputs, CTorchTensor b) {
  return guarded<CTorchPacked>(nullptr, [&]() -> CTorchPacked {
    auto bias = maybe(b);
    int64_t outputs = 0;
    for (int i = 0; i < n; i++) {
      auto &part = parts[i];
      auto [length, bytes] = blocks::shape(part.type);
      TORCH_CHECK(length > 1 && part.rows > 0 && inputs > 0 && inputs % length == 0, "type ", part.type, " of ggml makes no [",
                  part.rows, ", ", inputs, "] in blocks");
      TORCH_CHECK(part.heads == 0 || part.rows % (2 * part.heads) == 0, part.rows, " rows are no pairs in ", part.heads, " heads");
      outputs += part.rows;
    }
    TORCH_CHECK(n > 0 && (!bias || (bias->dim() == 1 && bias->size(0) == outputs)), "blocks of ", outputs,
                " rows and a bias as long are needed");
    at::NoGradGuard off;
    return own(c10::make_intrusive<QuantizedLinear>(parts, n, outputs, inputs, bias));
  });
}
