// The ops that libtorch has: one line each. What libtorch lacks is in the other files, processes are in group.cpp.
#include "few.h"
#include "handles.h"
#include "placement.h"
#include "widened.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/library.h>
#include <torch/version.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

std::atomic<int64_t> ctorch_live{0};
thread_local std::string ctorch_message;
thread_local bool ctorch_composed = false;

// ---- handles and errors

extern "C" const char *ctorch_error(void) { return ctorch_message.c_str(); }
extern "C" const char *ctorch_version(void) { return TORCH_VERSION; }
extern "C" int64_t ctorch_live_handles(void) { return ctorch_live.load(); }
extern "C" void ctorch_release(CTorchTensor a) {
  if (!a) return;
  ctorch_live.fetch_sub(1, std::memory_order_relaxed);
  delete reinterpret_cast<at::Tensor *>(a);
}
TENSOR_OP(retain, (CTorchTensor a), T(a))
TENSOR_OP(undefined, (void), at::Tensor())

// ---- the machine

extern "C" int ctorch_threads(void) { return at::get_num_threads(); }
STATUS_OP(set_threads, (int n), at::set_num_threads(n))
// cuDNN's ways to convolve few channels differ much in speed: it tries them once for each shape, unless told not to. Which is
// the fastest may change from run to run, and with it the order of sums.
static bool tries_convolutions() {
  const char *text = std::getenv("CTORCH_CUDNN_BENCHMARK");
  return !text || std::strcmp(text, "0") != 0;
}
extern "C" int ctorch_cuda_devices(void) {
  return guarded<int>(0, [] {
    if (!at::hasCUDA() || !at::detail::getCUDAHooks().hasCUDA()) return 0;
    int count = static_cast<int>(at::detail::getCUDAHooks().deviceCount());
    if (count > 0) at::globalContext().setBenchmarkCuDNN(tries_convolutions());
    return count;
  });
}
extern "C" int ctorch_mps_available(void) {
  return guarded<int>(0, [] { return at::hasMPS() ? 1 : 0; });
}
STATUS_OP(synchronize, (int device), {
  if (device == static_cast<int>(c10::DeviceType::CUDA)) {
    // A copy to the host waits for everything queued before it, without linking CUDA's own libraries here.
    at::zeros({1}, options(static_cast<int>(at::kFloat), device, 0)).cpu();
  } else if (device == static_cast<int>(c10::DeviceType::MPS)) {
    at::detail::getMPSHooks().deviceSynchronize();
  }
})
extern "C" const char *ctorch_capabilities(void) {
  static std::string text = at::get_cpu_capability();
  return text.c_str();
}

extern "C" int ctorch_set_composed(int on) {
  bool before = ctorch_composed;
  ctorch_composed = on != 0;
  return before;
}

// ---- making tensors

TENSOR_OP(empty, (const int64_t *dims, int n, int dtype, int device, int index),
          at::empty(dims_of(dims, n), options(dtype, device, index)))
TENSOR_OP(full, (const int64_t *dims, int n, double value, int dtype, int device, int index),
          at::full(dims_of(dims, n), value, options(dtype, device, index)))
TENSOR_OP(arange, (double start, double end, double step, int dtype, int device, int index),
          (at::isIntegralType(static_cast<at::ScalarType>(dtype), false)
               ? at::arange(static_cast<int64_t>(start), static_cast<int64_t>(end), static_cast<int64_t>(step),
                            options(dtype, device, index))
               : at::arange(start, end, step, options(dtype, device, index))))
TENSOR_OP(eye, (int64_t size, int dtype, int device, int index), at::eye(size, options(dtype, device, index)))
TENSOR_OP(copy_from, (const void *data, const int64_t *dims, int n, int dtype),
          at::from_blob(const_cast<void *>(data), dims_of(dims, n), options(dtype, 0, 0)).clone())
extern "C" CTorchTensor ctorch_borrow(void *data, const int64_t *dims, int n, int dtype, void (*release)(void *),
                                      void *context) {
  return guarded<CTorchTensor>(nullptr, [&] {
    return own(at::from_blob(
        data, dims_of(dims, n),
        [release, context](void *) {
          if (release) release(context);
        },
        options(dtype, 0, 0)));
  });
}
TENSOR_OP(empty_like, (CTorchTensor a), at::empty_like(T(a)))
TENSOR_OP(zeros_like, (CTorchTensor a), at::zeros_like(T(a)))

// ---- random numbers

static std::optional<at::Generator> generator(CTorchGenerator g) {
  return g ? std::optional<at::Generator>(*reinterpret_cast<at::Generator *>(g)) : std::nullopt;
}
extern "C" CTorchGenerator ctorch_generator_new(uint64_t seed, int device, int index) {
  return guarded<CTorchGenerator>(nullptr, [&] {
    auto kind = static_cast<c10::DeviceType>(device);
    auto made = at::globalContext()
                    .defaultGenerator(c10::Device(kind, device == 0 ? -1 : static_cast<int8_t>(index)))
                    .clone();
    made.set_current_seed(seed);
    return reinterpret_cast<CTorchGenerator>(new at::Generator(std::move(made)));
  });
}
extern "C" void ctorch_generator_free(CTorchGenerator g) { delete reinterpret_cast<at::Generator *>(g); }
TENSOR_OP(generator_state, (CTorchGenerator g), generator(g)->get_state())
STATUS_OP(generator_set_state, (CTorchGenerator g, CTorchTensor state), generator(g)->set_state(T(state)))
STATUS_OP(manual_seed, (uint64_t seed), at::manual_seed(seed))
TENSOR_OP(randn, (const int64_t *dims, int n, CTorchGenerator g, int dtype, int device, int index),
          at::randn(dims_of(dims, n), generator(g), options(dtype, device, index)))
TENSOR_OP(rand, (const int64_t *dims, int n, CTorchGenerator g, int dtype, int device, int index),
          at::rand(dims_of(dims, n), generator(g), options(dtype, device, index)))
TENSOR_OP(randint, (int64_t low, int64_t high, const int64_t *dims, int n, CTorchGenerator g, int device, int index),
          at::randint(low, high, dims_of(dims, n), generator(g), options(static_cast<int>(at::kLong), device, index)))
TENSOR_OP(randperm, (int64_t size, CTorchGenerator g), at::randperm(size, generator(g), at::kLong))
TENSOR_OP(multinomial, (CTorchTensor p, int64_t count, int replacement, CTorchGenerator g),
          at::multinomial(T(p), count, replacement != 0, generator(g)))
STATUS_OP(normal_, (CTorchTensor a, double mean, double std, CTorchGenerator g), T(a).normal_(mean, std, generator(g)))
STATUS_OP(uniform_, (CTorchTensor a, double low, double high, CTorchGenerator g), T(a).uniform_(low, high, generator(g)))
// at::dropout takes no generator, and training must resume to the bit, so the mask is drawn here.
TENSOR_OP(dropout, (CTorchTensor a, double p, CTorchGenerator g),
          T(a) * at::empty_like(T(a), at::MemoryFormat::Contiguous)
                     .bernoulli_(1 - p, generator(g))
                     .mul_(p < 1 ? 1 / (1 - p) : 0.0))

// ---- what a tensor is

extern "C" int ctorch_rank(CTorchTensor a) { return T(a).defined() ? static_cast<int>(T(a).dim()) : 0; }
STATUS_OP(shape, (CTorchTensor a, int64_t *out), {
  if (T(a).defined()) std::copy(T(a).sizes().begin(), T(a).sizes().end(), out);
})
STATUS_OP(strides, (CTorchTensor a, int64_t *out), std::copy(T(a).strides().begin(), T(a).strides().end(), out))
extern "C" int ctorch_dtype(CTorchTensor a) {
  return T(a).defined() ? static_cast<int>(T(a).scalar_type()) : static_cast<int>(at::kFloat);
}
extern "C" int ctorch_device(CTorchTensor a, int *index) {
  if (!T(a).defined()) {
    *index = 0;
    return 0;
  }
  *index = T(a).device().has_index() ? T(a).device().index() : 0;
  return static_cast<int>(T(a).device().type());
}
extern "C" int ctorch_is_contiguous(CTorchTensor a) { return T(a).defined() && T(a).is_contiguous(); }
extern "C" int ctorch_is_defined(CTorchTensor a) { return T(a).defined(); }
extern "C" void *ctorch_data(CTorchTensor a) {
  return guarded<void *>(nullptr, [&] { return T(a).data_ptr(); });
}
extern "C" int ctorch_same_storage(CTorchTensor a, CTorchTensor b) {
  return guarded<int>(0, [&] { return T(a).defined() && T(b).defined() && T(a).is_alias_of(T(b)) ? 1 : 0; });
}
extern "C" double ctorch_item(CTorchTensor a) {
  return guarded<double>(std::numeric_limits<double>::quiet_NaN(), [&] { return T(a).item().toDouble(); });
}
extern "C" int64_t ctorch_item_int(CTorchTensor a) {
  return guarded<int64_t>(std::numeric_limits<int64_t>::min(), [&] { return T(a).item().toLong(); });
}

// ---- conversion

TENSOR_OP(to, (CTorchTensor a, int dtype, int device, int index), T(a).is_cuda() || device != static_cast<int>(c10::DeviceType::CUDA)
              ? T(a).to(options(dtype, device, index))
              : placement::moved(T(a), options(dtype, device, index).device()).to(static_cast<at::ScalarType>(dtype)))
TENSOR_OP(contiguous, (CTorchTensor a), T(a).contiguous())
TENSOR_OP(clone, (CTorchTensor a), T(a).clone())
TENSOR_OP(detach, (CTorchTensor a), T(a).detach())

// ---- shape

TENSOR_OP(reshape, (CTorchTensor a, const int64_t *dims, int n), T(a).reshape(dims_of(dims, n)))
TENSOR_OP(permute, (CTorchTensor a, const int64_t *dims, int n), T(a).permute(dims_of(dims, n)))
TENSOR_OP(expand, (CTorchTensor a, const int64_t *dims, int n), T(a).expand(dims_of(dims, n)))
TENSOR_OP(repeat, (CTorchTensor a, const int64_t *dims, int n), T(a).repeat(dims_of(dims, n)))
TENSOR_OP(flip, (CTorchTensor a, const int64_t *dims, int n), T(a).flip(dims_of(dims, n)))
TENSOR_OP(roll, (CTorchTensor a, int64_t shift, int64_t axis), T(a).roll({shift}, {axis}))
TENSOR_OP(pad, (CTorchTensor a, const int64_t *pads, int n, double value),
          at::constant_pad_nd(T(a), dims_of(pads, n), value))
TENSOR_OP(transpose, (CTorchTensor a, int64_t i, int64_t j), T(a).transpose(i, j))
TENSOR_OP(squeeze, (CTorchTensor a, int64_t axis), T(a).squeeze(axis))
TENSOR_OP(unsqueeze, (CTorchTensor a, int64_t axis), T(a).unsqueeze(axis))
TENSOR_OP(flatten, (CTorchTensor a, int64_t from, int64_t to), T(a).flatten(from, to))
TENSOR_OP(select, (CTorchTensor a, int64_t axis, int64_t index), T(a).select(axis, index))
TENSOR_OP(slice, (CTorchTensor a, int64_t axis, int64_t start, int64_t end, int64_t step),
          T(a).slice(axis, start, end, step))
TENSOR_OP(cat, (const CTorchTensor *ts, int n, int64_t axis), at::cat(list_of(ts, n), axis))
TENSOR_OP(stack, (const CTorchTensor *ts, int n, int64_t axis), at::stack(list_of(ts, n), axis))
STATUS_OP(split, (CTorchTensor a, const int64_t *sizes, int n, int64_t axis, CTorchTensor *out), {
  auto parts = T(a).split_with_sizes(dims_of(sizes, n), axis);
  for (int i = 0; i < n; i++) out[i] = own(parts[i]);
})
TENSOR_OP(repeat_interleave, (CTorchTensor a, int64_t count, int64_t axis), T(a).repeat_interleave(count, axis))
TENSOR_OP(tril, (CTorchTensor a, int64_t k), T(a).tril(k))
TENSOR_OP(triu, (CTorchTensor a, int64_t k), T(a).triu(k))
TENSOR_OP(diagonal, (CTorchTensor a, int64_t offset, int64_t i, int64_t j), T(a).diagonal(offset, i, j))

// ---- picking

TENSOR_OP(index_select, (CTorchTensor a, int64_t axis, CTorchTensor index), T(a).index_select(axis, T(index)))
TENSOR_OP(gather, (CTorchTensor a, int64_t axis, CTorchTensor index), T(a).gather(axis, T(index)))
TENSOR_OP(scatter, (CTorchTensor a, int64_t axis, CTorchTensor index, CTorchTensor source),
          T(a).scatter(axis, T(index), T(source)))
TENSOR_OP(scatter_add, (CTorchTensor a, int64_t axis, CTorchTensor index, CTorchTensor source),
          T(a).scatter_add(axis, T(index), T(source)))
TENSOR_OP(index_add, (CTorchTensor a, int64_t axis, CTorchTensor index, CTorchTensor source),
          T(a).index_add(axis, T(index), T(source)))
static c10::List<std::optional<at::Tensor>> indices(const CTorchTensor *ts, int n) {
  c10::List<std::optional<at::Tensor>> list;
  for (int i = 0; i < n; i++) list.push_back(maybe(ts[i]));
  return list;
}
TENSOR_OP(index, (CTorchTensor a, const CTorchTensor *ts, int n), at::index(T(a), indices(ts, n)))
STATUS_OP(index_put_, (CTorchTensor a, const CTorchTensor *ts, int n, CTorchTensor values, int accumulate),
          at::index_put_(T(a), indices(ts, n), T(values), accumulate != 0))
TENSOR_OP(masked_fill, (CTorchTensor a, CTorchTensor mask, double value), T(a).masked_fill(T(mask), value))
TENSOR_OP(masked_select, (CTorchTensor a, CTorchTensor mask), T(a).masked_select(T(mask)))
TENSOR_OP(where, (CTorchTensor condition, CTorchTensor a, CTorchTensor b), at::where(T(condition), T(a), T(b)))
TENSOR_OP(nonzero, (CTorchTensor a), T(a).nonzero())

// ---- elementwise

#define UNARY(name) TENSOR_OP(name, (CTorchTensor a), at::name(T(a)))
#define CTORCH_FN(result, name, parameters)
#include "../include/ops.def"
#undef CTORCH_FN
CTORCH_UNARY_OPS(UNARY)
TENSOR_OP(leaky_relu, (CTorchTensor a, double slope), at::leaky_relu(T(a), slope))
TENSOR_OP(elu, (CTorchTensor a, double alpha), at::elu(T(a), alpha))
#define BINARY(name) TENSOR_OP(name, (CTorchTensor a, CTorchTensor b), at::name(T(a), T(b)))
CTORCH_BINARY_OPS(BINARY)
#define SCALAR(name) TENSOR_OP(name##_scalar, (CTorchTensor a, double b), at::name(T(a), at::Scalar(b)))
// Python's `tensor * 2` keeps an integer tensor's type; a double scalar would promote it.
static at::Scalar scalar(const at::Tensor &a, double b) {
  if (at::isIntegralType(a.scalar_type(), true) && b == std::floor(b) && std::abs(b) < 9e15) return static_cast<int64_t>(b);
  return b;
}
#undef SCALAR
#define SCALAR(name) TENSOR_OP(name##_scalar, (CTorchTensor a, double b), at::name(T(a), scalar(T(a), b)))
CTORCH_SCALAR_OPS(SCALAR)
TENSOR_OP(add, (CTorchTensor a, CTorchTensor b, double alpha), at::add(T(a), T(b), scalar(T(a), alpha)))
TENSOR_OP(rsub_scalar, (CTorchTensor a, double b), at::rsub(T(a), scalar(T(a), b)))
TENSOR_OP(clamp, (CTorchTensor a, double low, double high),
          at::clamp(T(a), std::isinf(low) ? std::optional<at::Scalar>() : scalar(T(a), low),
                    std::isinf(high) ? std::optional<at::Scalar>() : scalar(T(a), high)))
TENSOR_OP(clamp_tensor, (CTorchTensor a, CTorchTensor low, CTorchTensor high), at::clamp(T(a), maybe(low), maybe(high)))
TENSOR_OP(lerp, (CTorchTensor a, CTorchTensor b, double weight), at::lerp(T(a), T(b), weight))

STATUS_OP(add_, (CTorchTensor a, CTorchTensor b, double alpha), T(a).add_(T(b), scalar(T(a), alpha)))
STATUS_OP(mul_, (CTorchTensor a, CTorchTensor b), T(a).mul_(T(b)))
STATUS_OP(mul_scalar_, (CTorchTensor a, double b), T(a).mul_(scalar(T(a), b)))
STATUS_OP(lerp_, (CTorchTensor a, CTorchTensor b, double weight), T(a).lerp_(T(b), weight))
STATUS_OP(fill_, (CTorchTensor a, double b), T(a).fill_(scalar(T(a), b)))
STATUS_OP(copy_, (CTorchTensor a, CTorchTensor b), {
  // Without waiting for the device where what goes there is small.
  if (T(a).is_cuda() && T(b).is_cpu()) T(a).copy_(placement::moved(T(b), T(a).device()));
  else T(a).copy_(T(b));
})

// ---- reductions

static std::vector<int64_t> axes(const at::Tensor &a, const int64_t *dims, int n) {
  if (n) return std::vector<int64_t>(dims, dims + n);
  std::vector<int64_t> all(a.dim());
  for (int64_t i = 0; i < a.dim(); i++) all[i] = i;
  return all;
}
#define REDUCE(name)                                                                                                           \
  TENSOR_OP(name, (CTorchTensor a, const int64_t *dims, int n, int keep), at::name(T(a), axes(T(a), dims, n), keep != 0))
CTORCH_REDUCE_OPS(REDUCE)
TENSOR_OP(var, (CTorchTensor a, const int64_t *dims, int n, double correction, int keep),
          at::var(T(a), at::OptionalIntArrayRef(axes(T(a), dims, n)), at::Scalar(correction), keep != 0))
TENSOR_OP(norm, (CTorchTensor a, double p), at::norm(T(a), p))
TENSOR_OP(prod, (CTorchTensor a, int64_t axis, int keep), at::prod(T(a), axis, keep != 0))
TENSOR_OP(argmax, (CTorchTensor a, int64_t axis, int keep), at::argmax(T(a), axis, keep != 0))
TENSOR_OP(argmin, (CTorchTensor a, int64_t axis, int keep), at::argmin(T(a), axis, keep != 0))
TENSOR_OP(all, (CTorchTensor a), at::all(T(a)))
TENSOR_OP(any, (CTorchTensor a), at::any(T(a)))
TENSOR_OP(cumsum, (CTorchTensor a, int64_t axis), at::cumsum(T(a), axis))
STATUS_OP(topk, (CTorchTensor a, int64_t k, int64_t axis, int largest, CTorchTensor *out), {
  auto [values, index] = at::topk(T(a), k, axis, largest != 0);
  out[0] = own(values);
  out[1] = own(index);
})
STATUS_OP(sort, (CTorchTensor a, int64_t axis, int descending, CTorchTensor *out), {
  auto [values, index] = at::sort(T(a), std::optional<bool>(true), axis, descending != 0);
  out[0] = own(values);
  out[1] = own(index);
})

// ---- linear algebra

TENSOR_OP(matmul, (CTorchTensor a, CTorchTensor b), at::matmul(T(a), T(b)))
TENSOR_OP(addmm, (CTorchTensor bias, CTorchTensor a, CTorchTensor b),
          T(a).dim() == 3 ? at::baddbmm(T(bias), T(a), T(b)) : at::addmm(T(bias), T(a), T(b)))
TENSOR_OP(linear, (CTorchTensor x, CTorchTensor w, CTorchTensor bias), [&] {
  // Of one type, as libtorch asks of it.
  if (T(x).scalar_type() == T(w).scalar_type())
    if (auto made = few::product(T(x), T(w), maybe(bias)); made.defined()) return made;
  return widened::linear(T(x), T(w), maybe(bias));
}())
TENSOR_OP(einsum, (const char *equation, const CTorchTensor *ts, int n), at::einsum(equation, list_of(ts, n)))

// ---- networks

TENSOR_OP(softmax, (CTorchTensor a, int64_t axis), at::softmax(T(a), axis))
TENSOR_OP(log_softmax, (CTorchTensor a, int64_t axis), at::log_softmax(T(a), axis))
TENSOR_OP(group_norm, (CTorchTensor a, int64_t groups, CTorchTensor w, CTorchTensor b, double eps),
          at::group_norm(T(a), groups, maybe(w), maybe(b), eps))
TENSOR_OP(batch_norm,
          (CTorchTensor a, CTorchTensor w, CTorchTensor b, CTorchTensor mean, CTorchTensor var, int training, double momentum,
           double eps),
          at::batch_norm(T(a), maybe(w), maybe(b), maybe(mean), maybe(var), training != 0, momentum, eps, false))
TENSOR_OP(embedding, (CTorchTensor w, CTorchTensor ids), at::embedding(T(w), T(ids)))
TENSOR_OP(cross_entropy, (CTorchTensor logits, CTorchTensor targets, int64_t ignore, double smoothing, int reduction),
          at::cross_entropy_loss(T(logits), T(targets), {}, reduction, ignore, smoothing))
TENSOR_OP(bce_logits, (CTorchTensor logits, CTorchTensor targets, int reduction),
          at::binary_cross_entropy_with_logits(T(logits), T(targets), {}, {}, reduction))
TENSOR_OP(mse, (CTorchTensor a, CTorchTensor b, int reduction), at::mse_loss(T(a), T(b), reduction))
TENSOR_OP(attention,
          (CTorchTensor q, CTorchTensor k, CTorchTensor v, CTorchTensor mask, double dropout, int causal, double scale),
          at::scaled_dot_product_attention(T(q), T(k), T(v), maybe(mask), dropout, causal != 0,
                                           scale > 0 ? std::optional<double>(scale) : std::nullopt,
                                           T(q).size(-3) != T(k).size(-3)))
TENSOR_OP(conv1d,
          (CTorchTensor x, CTorchTensor w, CTorchTensor b, int64_t stride, int64_t padding, int64_t dilation, int64_t groups),
          at::conv1d(T(x), T(w), maybe(b), {stride}, {padding}, {dilation}, groups))
TENSOR_OP(conv2d,
          (CTorchTensor x, CTorchTensor w, CTorchTensor b, int64_t stride, int64_t padding, int64_t dilation, int64_t groups),
          at::conv2d(T(x), T(w), maybe(b), {stride, stride}, {padding, padding}, {dilation, dilation}, groups))
TENSOR_OP(conv_transpose2d,
          (CTorchTensor x, CTorchTensor w, CTorchTensor b, int64_t stride, int64_t padding, int64_t output_padding,
           int64_t groups),
          at::conv_transpose2d(T(x), T(w), maybe(b), {stride, stride}, {padding, padding}, {output_padding, output_padding},
                               groups))
TENSOR_OP(max_pool2d, (CTorchTensor x, int64_t size, int64_t stride, int64_t padding),
          at::max_pool2d(T(x), {size, size}, {stride, stride}, {padding, padding}))
TENSOR_OP(avg_pool2d, (CTorchTensor x, int64_t size, int64_t stride, int64_t padding),
          at::avg_pool2d(T(x), {size, size}, {stride, stride}, {padding, padding}))
STATUS_OP(lstm,
          (CTorchTensor x, CTorchTensor h, CTorchTensor c, const CTorchTensor *ts, int n, int layers, int batch_first,
           CTorchTensor *out),
          {
            auto [y, hn, cn] = at::lstm(T(x), {T(h), T(c)}, list_of(ts, n), true, layers, 0.0, false, false, batch_first != 0);
            out[0] = own(y);
            out[1] = own(hn);
            out[2] = own(cn);
          })

// ---- autograd

extern "C" int ctorch_requires_grad(CTorchTensor a) { return T(a).defined() && T(a).requires_grad(); }
STATUS_OP(set_requires_grad, (CTorchTensor a, int on), T(a).set_requires_grad(on != 0))
TENSOR_OP(grad, (CTorchTensor a), T(a).grad())
STATUS_OP(set_grad, (CTorchTensor a, CTorchTensor g), T(a).mutable_grad() = g ? T(g) : at::Tensor())
STATUS_OP(backward, (const CTorchTensor *ts, int n, const CTorchTensor *gs, int retain),
          torch::autograd::backward(list_of(ts, n), gs ? list_of(gs, n) : std::vector<at::Tensor>(), retain != 0))
STATUS_OP(gradients,
          (const CTorchTensor *ts, int n, const CTorchTensor *gs, const CTorchTensor *inputs, int m, int retain, int create,
           CTorchTensor *out),
          {
            // An input outside the graph has no path like any other: libtorch would refuse it.
            std::vector<at::Tensor> asked;
            std::vector<int> places;
            for (int i = 0; i < m; i++) {
              if (!T(inputs[i]).requires_grad()) continue;
              asked.push_back(T(inputs[i]));
              places.push_back(i);
            }
            std::vector<at::Tensor> found(m);
            if (!asked.empty()) {
              auto result = torch::autograd::grad(list_of(ts, n), asked, gs ? list_of(gs, n) : std::vector<at::Tensor>(),
                                                  std::optional<bool>(retain != 0), create != 0, true);
              for (size_t i = 0; i < places.size(); i++) found[places[i]] = result[i];
            }
            for (int i = 0; i < m; i++) out[i] = own(found[i]);
          })
extern "C" int ctorch_grad_enabled(void) { return at::GradMode::is_enabled(); }
extern "C" void ctorch_set_grad_enabled(int on) { at::GradMode::set_enabled(on != 0); }
extern "C" int ctorch_autocast_dtype(int device) {
  auto kind = static_cast<c10::DeviceType>(device);
  return at::autocast::is_autocast_enabled(kind) ? static_cast<int>(at::autocast::get_autocast_dtype(kind)) : -1;
}
STATUS_OP(set_autocast, (int device, int dtype), {
  auto kind = static_cast<c10::DeviceType>(device);
  if (dtype >= 0) at::autocast::set_autocast_dtype(kind, static_cast<at::ScalarType>(dtype));
  at::autocast::set_autocast_enabled(kind, dtype >= 0);
  // The cache holds casted weights for as long as the scope, while a step of PPO changes the weights several times within it. A
  // pass casts each weight once anyway.
  at::autocast::set_autocast_cache_enabled(false);
})

// A function whose backward is on the other side of the ABI. Only the public C++ autograd API is used here: what lies
// beneath it (how nodes are owned) changes between releases.
struct Foreign : torch::CustomClassHolder {
  CTorchBackward function;
  void (*free)(void *);
  void *context;
  Foreign(CTorchBackward function, void (*free)(void *), void *context) : function(function), free(free), context(context) {}
  ~Foreign() override {
    if (free) free(context);
  }
};
struct ForeignFunction : torch::autograd::Function<ForeignFunction> {
  using Input = std::optional<at::Tensor>;
  static constexpr int most = 8;
  // Function::apply tracks tensors given one by one, not those in a list: hence eight places.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext *ctx, Input, Input, Input, Input, Input, Input,
                                                Input, Input, const std::vector<at::Tensor> *results, int64_t inputs,
                                                c10::intrusive_ptr<Foreign> foreign) {
    ctx->saved_data["foreign"] = c10::IValue::make_capsule(foreign);
    ctx->saved_data["inputs"] = inputs;
    torch::autograd::variable_list outputs;
    for (auto &r : *results) outputs.push_back(r.detach());
    return outputs;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    auto foreign = c10::static_intrusive_pointer_cast<Foreign>(ctx->saved_data["foreign"].toCapsule());
    std::vector<CTorchTensor> in, out(ctx->saved_data["inputs"].toInt(), nullptr);
    for (auto &g : grads) in.push_back(g.defined() ? own(g) : nullptr);
    int status = foreign->function(foreign->context, in.data(), static_cast<int>(in.size()), out.data(),
                                   static_cast<int>(out.size()));
    for (auto h : in) ctorch_release(h);
    torch::autograd::variable_list result;
    for (auto h : out) {
      result.push_back(h ? T(h) : at::Tensor());
      ctorch_release(h);
    }
    result.resize(most + 3);
    TORCH_CHECK(status == 0, "a custom backward failed");
    return result;
  }
};
STATUS_OP(custom,
          (const CTorchTensor *ts, int n, const CTorchTensor *results, int m, CTorchBackward backward, void (*release)(void *),
           void *context, CTorchTensor *out),
          {
            auto values = list_of(results, m);
            auto foreign = c10::make_intrusive<Foreign>(backward, release, context);
            TORCH_CHECK(n <= ForeignFunction::most, "a custom function takes at most ", ForeignFunction::most, " tensors, not ", n);
            auto x = [&](int i) { return i < n ? maybe(ts[i]) : std::nullopt; };
            auto outputs =
                ForeignFunction::apply(x(0), x(1), x(2), x(3), x(4), x(5), x(6), x(7), &values, static_cast<int64_t>(n), foreign);
            for (int i = 0; i < m; i++) out[i] = own(outputs[i]);
          })

// ---- optimizers

STATUS_OP(adamw_,
          (const CTorchTensor *params, const CTorchTensor *grads, const CTorchTensor *m, const CTorchTensor *v,
           const CTorchTensor *steps, int n, double lr, double beta1, double beta2, double eps, double decay),
          {
            at::NoGradGuard off;
            auto counts = list_of(steps, n);
            at::_foreach_add_(counts, 1);
            at::_fused_adamw_(list_of(params, n), list_of(grads, n), list_of(m, n), list_of(v, n), {}, counts, lr, beta1,
                              beta2, decay, eps, false, false);
          })
STATUS_OP(sgd_,
          (const CTorchTensor *params, const CTorchTensor *grads, const CTorchTensor *momenta, int n, double lr,
           double momentum, double decay, int nesterov, int first),
          {
            at::NoGradGuard off;
            at::_fused_sgd_(list_of(params, n), list_of(grads, n), momentum > 0 ? list_of(momenta, n) : std::vector<at::Tensor>(),
                            decay, momentum, lr, 0.0, nesterov != 0, false, first != 0);
          })
extern "C" double ctorch_grad_norm(const CTorchTensor *grads, int n) {
  return guarded<double>(std::numeric_limits<double>::quiet_NaN(), [&] {
    at::NoGradGuard off;
    if (n > 0 && !placement::is_ours(T(grads[0]))) {
      // One wait for the device, not one for each tensor.
      return at::stack(at::_foreach_norm(list_of(grads, n), 2)).to(at::kDouble).norm().item().toDouble();
    }
    // Summed in double: the total over many tensors must not depend on their order in fp32.
    double total = 0;
    for (int i = 0; i < n; i++) {
      double norm = at::norm(T(grads[i]), 2).item().toDouble();
      total += norm * norm;
    }
    return std::sqrt(total);
  });
}
STATUS_OP(scale_grads, (const CTorchTensor *grads, int n, double factor), {
  at::NoGradGuard off;
  if (n > 0) at::_foreach_mul_(list_of(grads, n), factor);
})

// ---- the table

#define CTORCH_FN(result, name, parameters) extern "C" result ctorch_##name parameters;
#include "../include/ops.def"
#undef CTORCH_FN

extern "C" __attribute__((visibility("default"))) const CTorchTable *ctorch_library_table(void) {
  static const CTorchTable table = {CTORCH_ABI, static_cast<int32_t>(sizeof(CTorchTable)),
#define CTORCH_FN(result, name, parameters) ctorch_##name,
#include "../include/ops.def"
#undef CTORCH_FN
  };
  return &table;
}
