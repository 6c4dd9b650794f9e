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
  void (*floats)(const uint8_t *panel, int64_t inputs, int from_quarter, int to_quarter, float *out);
  void (*halves)(const uint8_t *panel, int64_t inputs, int from_quarter, int to_quarter, uint16_t *out);

  void restore(const uint8_t *panel, int64_t inputs, int from, int to, float *out) const { floats(panel, inputs, from, to, out); }
  void restore(const uint8_t *panel, int64_t inputs, int from, int to, uint16_t *out) const { halves(panel, inputs, from, to, out); }
};

template <const Form &form> void multiply(const uint8_t *panel, const Rows &rows, int64_t first, int64_t count, Lanes *result) {
  switch (count) {
  case 1: return tile<form, 1>(panel, rows, first, result);
  case 2: return tile<form, 2>(panel, rows, first, result);
  case 4: return tile<form, 4>(panel, rows, first, result);
  default: return tile<form, most>(panel, rows, first, result);
  }
}

template <const Form &form> constexpr Kernels kernels{multiply<form>, restore_panel<form, float>, restore_panel<form, uint16_t>};

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
    product(x.const_data_ptr<float>(), x.size(0), added, nullptr, y.mutable_data_ptr<float>());
    return y;
  }

  // What generation draws from is what is trained: the same product, whose rounding of the input counts with a slope of 1 (Bengio 2013).
  // An update that is learnt then meets the model that it will be used with, and the ratio of probabilities to those of a rollout begins
  // at 1.
  at::Tensor trained(const at::Tensor &x) override { return trained(x, nullptr); }
  at::Tensor trained(const at::Tensor &x, const LowRank &updates) override { return trained(x, &updates); }

  at::Tensor restored() override { return restored(0, outputs, at::kFloat); }

  at::Tensor restored(int64_t from, int64_t to, at::ScalarType type) override {
    bool is_half = type == at::kBFloat16;
    auto w = at::empty({to - from, inputs}, is_half ? at::kBFloat16 : at::kFloat);
    if (is_half) restore(from, to, reinterpret_cast<uint16_t *>(w.mutable_data_ptr<at::BFloat16>()));
    else restore(from, to, w.mutable_data_ptr<float>());
    return w.to(type);
  }

  at::Tensor restored(at::IntArrayRef rows) override {
    auto w = at::empty({static_cast<int64_t>(rows.size()), inputs}, at::kFloat);
    auto *to = w.mutable_data_ptr<float>();
    at::parallel_for(0, static_cast<int64_t>(rows.size()), 8, [&](int64_t begin, int64_t end) {
      std::vector<float> four(static_cast<size_t>(4 * inputs));
      for (int64_t r = begin; r < end; r++) {
        auto &part = *std::find_if(parts.begin(), parts.end(), [&](const Part &part) { return rows[r] < part.start + part.rows; });
        int64_t own = rows[r] - part.start;
        int quarter = static_cast<int>(own % width / 4);
        kernels_of(*part.form).restore(part.panel(own / width), inputs, quarter, quarter + 1, four.data());
        std::memcpy(to + r * inputs, four.data() + own % 4 * inputs, static_cast<size_t>(inputs) * sizeof(float));
      }
    });
    return w;
  }

private:
  at::Tensor trained(const at::Tensor &given, const LowRank *updates) {
    auto sizes = given.sizes().vec();
    sizes.back() = outputs;
    bool is_half = given.scalar_type() == at::kBFloat16;
    auto x = given.reshape({-1, inputs}).to(is_half ? at::kBFloat16 : at::kFloat).contiguous();
    auto y = room(x);
    if (is_half) product(x.const_data_ptr<at::BFloat16>(), x.size(0), nullptr, updates, y.mutable_data_ptr<at::BFloat16>());
    else product(x.const_data_ptr<float>(), x.size(0), nullptr, updates, y.mutable_data_ptr<float>());
    return y.view(sizes).to(given.scalar_type());
  }

  // y = x · wᵀ + bias + what is added + the updates.
  template <typename scalar>
  void product(const scalar *x, int64_t n, const float *added, const LowRank *updates, scalar *y) const {
    auto memory = at::empty({Rows::bytes(n, inputs)}, at::kByte);
    Rows rows(memory.mutable_data_ptr<uint8_t>(), n, inputs);
    at::parallel_for(0, n, std::max<int64_t>(1, 16384 / inputs), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) rows.fill(r, x + r * inputs);
    });
    // As many rows as the second-level cache holds go through all panels, one such block after the other.
    int64_t block = std::max<int64_t>(most, (int64_t(384) << 10) / inputs / most * most);
    at::parallel_for(0, panels, 2, [&](int64_t from, int64_t to) {
      for (int64_t start = 0; start < n; start += block)
        each_panel(from, to, [&](const Part &part, int64_t p) {
          strip(part, p, rows, start, std::min(n, start + block), added, updates, y);
        });
    });
  }

  // Some rows with one panel.
  template <typename scalar>
  void strip(const Part &part, int64_t p, const Rows &rows, int64_t from, int64_t to, const float *added, const LowRank *updates, scalar *y) const {
    auto &kernel = kernels_of(*part.form);
    int64_t first = part.start + p * width, used = std::min(width, part.rows - p * width);
    auto some = [&](const float *values) {
      if (used == width) return load<Lanes>(values);
      Lanes x = {};
      std::memcpy(&x, values, static_cast<size_t>(used) * sizeof(float));
      return x;
    };
    Lanes shift = bias.defined() ? some(bias_data() + first) : Lanes{};
    auto columns = updates ? columns_of(*updates, first, used) : std::vector<Column>{};
    Lanes sums[most];
    for (int64_t r = from; r < to;) {
      int64_t count = to - r >= 8 ? 8 : to - r >= 4 ? 4 : to - r >= 2 ? 2 : 1;
      kernel.multiply(part.panel(p), rows, r, count, sums);
      for (int64_t i = 0; i < count; i++) sums[i] += shift;
      if (!columns.empty()) {
        auto *t = updates->t.const_data_ptr<float>() + r * updates->rank;
        for (auto &column : columns)
          for (int64_t i = 0; i < count; i++) sums[i] += column.up * t[i * updates->rank + column.number];
      }
      for (int64_t i = 0; i < count; i++, r++) {
        int64_t place = r * outputs + first;
        if (added) sums[i] += some(added + place);
        store(sums[i], used, y + place);
      }
    }
  }

  // What a column of t is multiplied with in a panel.
  struct Column {
    Lanes up;
    int64_t number;
  };
  static std::vector<Column> columns_of(const LowRank &updates, int64_t first, int64_t used) {
    std::vector<Column> made;
    for (auto &piece : updates.pieces) {
      int64_t from = std::max(first, piece.start), to = std::min(first + used, piece.start + piece.count);
      if (from >= to) continue;
      auto *up = piece.up.const_data_ptr<float>();
      for (int64_t k = 0; k < piece.rank; k++) {
        float values[width] = {};
        for (int64_t o = from; o < to; o++) values[o - first] = up[(o - piece.start) * piece.rank + k] * piece.factor;
        made.push_back({load<Lanes>(values), piece.column + k});
      }
    }
    return made;
  }

  // The first elements, most often all of them.
  template <typename V, typename scalar> static void store_some(const V &x, int64_t used, scalar *to) {
    if (used == width) std::memcpy(to, &x, sizeof x);
    else std::memcpy(to, &x, static_cast<size_t>(used) * sizeof(scalar));
  }
  static void store(const Lanes &x, int64_t used, float *to) { store_some(x, used, to); }
  static void store(const Lanes &x, int64_t used, at::BFloat16 *to) { store_some(rounded_halves(x), used, to); }

  // Rows of the weight; what a panel has of others is left out.
  template <typename scalar> void restore(int64_t begin, int64_t end, scalar *to) const {
    if (begin >= end) return;
    at::parallel_for(panel_of(begin), panel_of(end - 1) + 1, 1, [&](int64_t from_panel, int64_t to_panel) {
      std::vector<scalar> whole;
      each_panel(from_panel, to_panel, [&](const Part &part, int64_t p) {
        int64_t first = part.start + p * width, last = std::min(first + width, part.start + part.rows);
        int64_t from = std::max(first, begin), until = std::min(last, end);
        if (from >= until) return;
        auto &kernel = kernels_of(*part.form);
        if (until - from == width) return kernel.restore(part.panel(p), inputs, 0, 4, to + (first - begin) * inputs);
        whole.resize(static_cast<size_t>(width * inputs));
        kernel.restore(part.panel(p), inputs, 0, 4, whole.data());
        std::memcpy(to + (from - begin) * inputs, whole.data() + (from - first) * inputs,
                    static_cast<size_t>((until - from) * inputs) * sizeof(scalar));
      });
    });
  }

  // The panel that has a row, those of all parts counted through.
  int64_t panel_of(int64_t row) const {
    int64_t before = 0;
    for (auto &part : parts) {
      if (row < part.start + part.rows) return before + (row - part.start) / width;
      before += part.panels;
    }
    return before;
  }

  // What is done with the panels of these numbers.
  template <typename Body> void each_panel(int64_t from, int64_t to, const Body &body) const {
    int64_t before = 0;
    for (auto &part : parts) {
      for (int64_t p = std::max<int64_t>(0, from - before); p < std::min(part.panels, to - before); p++) body(part, p);
      before += part.panels;
    }
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
