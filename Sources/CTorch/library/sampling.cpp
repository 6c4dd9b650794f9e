// How a row of logits becomes a token.
#include "handles.h"
#include "placement.h"
#include "softmax.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

using softmax::exponential;
using softmax::exponential_sum;
using softmax::maximum;

namespace {

// A uniform number in [0, 1) from (seed, counter) alone: two rounds of the SplitMix64 finaliser (Steele 2014).
double uniform(uint64_t seed, uint64_t counter) {
  auto mix = [](uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  uint64_t z = mix(mix(seed + 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL * (counter + 1));
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

int64_t draw(const float *x, int64_t n, float m, const CTorchSampling &how) {
  if (how.temperature <= 0) return std::find(x, x + n, m) - x;
  float scale = static_cast<float>(1 / how.temperature);
  double u = uniform(how.seed, how.counter);
  bool all = (how.top_k <= 0 || how.top_k >= n) && how.top_p >= 1 && how.min_p <= 0;
  if (all) {
    double goal = u * exponential_sum(x, n, m, scale), running = 0;
    int64_t last = 0;
    for (int64_t start = 0; start < n; start += 1024) {
      int64_t end = std::min(n, start + 1024);
      double strip = exponential_sum(x + start, end - start, m, scale);
      if (running + strip < goal && end < n) {
        running += strip;
        continue;
      }
      for (int64_t i = start; i < end; i++) {
        float p = exponential(scale * (x[i] - m));
        // A masked token (−∞) keeps a rounding's worth of mass in exponential(): it must never be drawn.
        if (x[i] == -std::numeric_limits<float>::infinity()) continue;
        last = i;
        running += p;
        if (running > goal) return i;
      }
    }
    return last;
  }
  std::vector<std::pair<float, int64_t>> kept;
  kept.reserve(n);
  // min-p needs no order: keep what has at least min_p times the mode's probability.
  float floor = how.min_p > 0 ? m + static_cast<float>(std::log(how.min_p)) / scale : -std::numeric_limits<float>::infinity();
  for (int64_t i = 0; i < n; i++)
    if (x[i] >= floor && x[i] > -std::numeric_limits<float>::infinity()) kept.emplace_back(x[i], i);
  auto better = [](const auto &a, const auto &b) { return a.first > b.first || (a.first == b.first && a.second < b.second); };
  if (how.top_k > 0 && how.top_k < static_cast<int64_t>(kept.size())) {
    std::nth_element(kept.begin(), kept.begin() + how.top_k - 1, kept.end(), better);
    kept.resize(how.top_k);
  }
  std::sort(kept.begin(), kept.end(), better);
  std::vector<double> mass(kept.size());
  double total = 0;
  for (size_t i = 0; i < kept.size(); i++) total += mass[i] = std::exp(static_cast<double>(scale) * (kept[i].first - m));
  size_t count = kept.size();
  if (how.top_p < 1) {
    double running = 0;
    // The smallest set whose probability reaches top_p (Holtzman 2020): the token that crosses the line belongs to it.
    for (size_t i = 0; i < kept.size(); i++) {
      running += mass[i];
      if (running >= how.top_p * total) {
        count = i + 1;
        break;
      }
    }
    total = 0;
    for (size_t i = 0; i < count; i++) total += mass[i];
  }
  double goal = u * total, running = 0;
  for (size_t i = 0; i < count; i++) {
    running += mass[i];
    if (running > goal) return kept[i].second;
  }
  return kept[count - 1].second;
}

// The same for rows that lie elsewhere, by libtorch's ops: only the tokens and their log-probabilities come to the processor.
void draw_there(const at::Tensor &x, const CTorchSampling *rows, int n, int64_t *ids, float *logprobs) {
  int64_t vocabulary = x.size(1);
  bool draws = false, filters = false, draws_plainly = false;
  // Per row: 1/temperature (0 for greedy), k, p, min-p, the uniform number, and whether there is a filter.
  std::vector<double> all;
  for (int r = 0; r < n; r++) {
    auto &how = rows[r];
    bool is_greedy = how.temperature <= 0;
    bool is_plain = (how.top_k <= 0 || how.top_k >= vocabulary) && how.top_p >= 1 && how.min_p <= 0;
    draws = draws || !is_greedy;
    filters = filters || (!is_greedy && !is_plain);
    draws_plainly = draws_plainly || (!is_greedy && is_plain);
    for (double value : {is_greedy ? 0.0 : 1 / how.temperature, how.top_k <= 0 ? static_cast<double>(vocabulary) : static_cast<double>(how.top_k),
                         how.top_p, how.min_p, uniform(how.seed, how.counter), is_plain ? 0.0 : 1.0})
      all.push_back(value);
  }
  auto best = x.argmax(1, true), chosen = best;
  if (draws) {
    auto settings = placement::moved(all.data(), {n, 6}, x.device());
    auto setting = [&](int64_t i) { return settings.narrow(1, i, 1); };
    auto scale = setting(0), u = setting(4), mode = x.gather(1, best);
    auto masses = [&](const at::Tensor &logits) { return ((logits - mode).to(at::kDouble) * scale).exp_(); };
    // The first place where the running sum passes the share u of the whole.
    auto place = [&](const at::Tensor &running) {
      auto goal = u * running.narrow(1, vocabulary - 1, 1);
      return at::searchsorted(running, goal, false, true);
    };
    at::Tensor drawn;
    if (draws_plainly) drawn = place(masses(x).cumsum_(1));
    if (filters) {
      auto [sorted, order] = at::sort(x, std::optional<bool>(true), 1, true);
      auto kept = (at::arange(vocabulary, settings.options()) < setting(1))
                      .logical_and_(sorted >= mode + (setting(3).log() / scale).to(at::kFloat));
      auto mass = masses(sorted).mul_(kept);
      auto running = mass.cumsum(1);
      // The token that crosses the line belongs to the set.
      auto in_set = (running - mass < setting(2) * running.narrow(1, vocabulary - 1, 1)).logical_or_(setting(2) >= 1);
      auto found = place(mass.mul_(in_set).cumsum_(1)).clamp_(0, vocabulary - 1);
      auto filtered = order.gather(1, found);
      drawn = drawn.defined() ? at::where(setting(5) > 0, filtered, drawn) : filtered;
    }
    // A sum that rounding let pass nobody takes the most probable token.
    chosen = at::where((scale > 0).logical_and_(drawn < vocabulary), drawn, best);
  }
  auto logprob = x.gather(1, chosen.clamp_max(vocabulary - 1)).to(at::kDouble) - at::logsumexp(x, {1}, true);
  auto both = at::cat({chosen.to(at::kDouble), logprob}, 1).cpu().contiguous();
  auto *values = both.const_data_ptr<double>();
  for (int r = 0; r < n; r++) {
    TORCH_CHECK(std::isfinite(values[2 * r + 1]), "row ", r, " of the logits is no distribution");
    ids[r] = static_cast<int64_t>(values[2 * r]);
    logprobs[r] = static_cast<float>(values[2 * r + 1]);
  }
}

} // namespace

STATUS_OP(sample, (CTorchTensor logits, const CTorchSampling *rows, int n, int64_t *ids, float *logprobs), {
  auto x = T(logits).to(at::kFloat).contiguous();
  TORCH_CHECK(x.dim() == 2 && x.size(0) == n, "sample takes logits [rows, vocabulary], not ", x.sizes(), " for ", n, " rows");
  if (!placement::is_ours(x)) {
    at::NoGradGuard off;
    if (n > 0) draw_there(x, rows, n, ids, logprobs);
    return 0;
  }
  int64_t vocabulary = x.size(1);
  auto *data = x.const_data_ptr<float>();
  at::parallel_for(0, n, 1, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; r++) {
      const float *row = data + r * vocabulary;
      float m = maximum(row, vocabulary);
      double total = exponential_sum(row, vocabulary, m, 1);
      // All masked, a NaN or +∞: there is no distribution to draw from.
      TORCH_CHECK(std::isfinite(total), "row ", r, " of the logits is no distribution: its largest element is ", m);
      ids[r] = draw(row, vocabulary, m, rows[r]);
      logprobs[r] = row[ids[r]] - m - static_cast<float>(std::log(total));
    }
  });
})
