#include "kernels.h"
#include "sources.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <dlfcn.h>

#include <cstdlib>
#include <map>
#include <mutex>

namespace {

// The few functions of the driver and of NVRTC that are needed, by their C ABI: neither's headers are everywhere.
using Function = void *;

struct Driver {
  int (*module_load)(void **module, const void *image);
  int (*get_function)(Function *function, void *module, const char *name);
  int (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *stream, void **arguments, void **);
  int (*attribute)(int *value, int attribute, int device);
  int (*allow)(Function, int attribute, int value);
  int (*error_name)(int, const char **);
  int (*context)(void **);
  int (*create)(void **program, const char *source, const char *name, int, const char *const *, const char *const *);
  int (*compile)(void *program, int count, const char *const *options);
  int (*log_size)(void *program, size_t *);
  int (*log)(void *program, char *);
  int (*image_size)(void *program, size_t *);
  int (*image)(void *program, char *);
  int (*destroy)(void **program);
  int (*version)(int *major, int *minor);
  bool is_there = false;

  Driver() {
    // libtorch's own door to both, which knows where they are.
    void *library = dlopen("libcaffe2_nvrtc.so", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    is_there = true;
    auto find = [&](auto &function, const char *name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
      is_there = is_there && function;
    };
    find(module_load, "cuModuleLoadData");
    find(get_function, "cuModuleGetFunction");
    find(launch, "cuLaunchKernel");
    find(attribute, "cuDeviceGetAttribute");
    find(allow, "cuFuncSetAttribute");
    find(error_name, "cuGetErrorName");
    find(context, "cuCtxGetCurrent");
    find(create, "nvrtcCreateProgram");
    find(compile, "nvrtcCompileProgram");
    find(log_size, "nvrtcGetProgramLogSize");
    find(log, "nvrtcGetProgramLog");
    find(image_size, "nvrtcGetCUBINSize");
    find(image, "nvrtcGetCUBIN");
    find(destroy, "nvrtcDestroyProgram");
    find(version, "nvrtcVersion");
    if (is_there) open_builtins();
  }

private:
  // NVRTC asks for this library by its bare name, which is found beside it only if it is open already.
  void open_builtins() const {
    Dl_info place;
    int major = 0, minor = 0;
    if (version(&major, &minor) != 0 || !dladdr(reinterpret_cast<void *>(create), &place) || !place.dli_fname) return;
    std::string path = place.dli_fname;
    path.resize(path.rfind('/') + 1);
    path += "libnvrtc-builtins.so." + std::to_string(major) + "." + std::to_string(minor);
    dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  }
};

const Driver &driver() {
  static const Driver found;
  return found;
}

void check(int status, const char *what) {
  if (status == 0) return;
  const char *name = nullptr;
  driver().error_name(status, &name);
  TORCH_CHECK(false, what, ": CUDA's driver says ", name ? name : std::to_string(status).c_str());
}

Function compiled(const char *name, const kernels::Definitions &definitions, c10::Device device) {
  int major = 0, minor = 0;
  check(driver().attribute(&major, 75, device.index()), "compute capability");
  check(driver().attribute(&minor, 76, device.index()), "compute capability");
  std::vector<std::string> options{"--std=c++17", "--gpu-architecture=sm_" + std::to_string(major * 10 + minor)};
  for (auto &[macro, value] : definitions) options.push_back(std::string("-D") + macro + "=" + value);
  std::vector<const char *> pointers;
  for (auto &option : options) pointers.push_back(option.c_str());
  void *program = nullptr;
  TORCH_CHECK(driver().create(&program, sources::text, name, 0, nullptr, nullptr) == 0, "NVRTC made no program");
  int status = driver().compile(program, static_cast<int>(pointers.size()), pointers.data());
  if (status != 0) {
    size_t size = 0;
    driver().log_size(program, &size);
    std::string log(size, ' ');
    driver().log(program, log.data());
    driver().destroy(&program);
    TORCH_CHECK(false, "kernel ", name, " was not compiled:\n", log);
  }
  size_t size = 0;
  driver().image_size(program, &size);
  std::string image(size, ' ');
  driver().image(program, image.data());
  driver().destroy(&program);
  void *module = nullptr;
  Function function = nullptr;
  check(driver().module_load(&module, image.data()), name);
  check(driver().get_function(&function, module, name), name);
  return function;
}

} // namespace

namespace kernels {

bool takes(const at::Tensor &x) {
  if (!x.device().is_cuda()) return false;
  static const bool are_wanted = [] {
    const char *text = std::getenv("CTORCH_KERNELS");
    return !text || std::string(text) != "0";
  }();
  return are_wanted && driver().is_there;
}

bool knows(at::ScalarType type) { return type == at::kFloat || type == at::kBFloat16; }
const char *name_of(at::ScalarType type) { return type == at::kFloat ? "float" : "bfloat16"; }

void launch(const char *name, const Definitions &definitions, const at::Tensor &x, Launch shape, std::initializer_list<void *> arguments) {
  if (shape.x == 0 || shape.y == 0) return;
  auto device = x.device();
  c10::DeviceGuard guard(device);
  // A thread that has used no function of the runtime has no context yet.
  if (void *context = nullptr; driver().context(&context) == 0 && !context) at::zeros({1}, x.options());
  static std::mutex mutex;
  static std::map<std::pair<int, std::string>, Function> known;
  std::string key = name;
  for (auto &[macro, value] : definitions) key += std::string(" ") + macro + "=" + value;
  Function function;
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto &place = known[{device.index(), key}];
    if (!place) {
      place = compiled(name, definitions, device);
      // More shared memory than every device has is asked for by name.
      if (shape.shared > 48 << 10) check(driver().allow(place, 8, static_cast<int>(shape.shared)), name);
    }
    function = place;
  }
  void *stream = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getStream(device).native_handle();
  std::vector<void *> pointers(arguments);
  check(driver().launch(function, static_cast<unsigned>(shape.x), static_cast<unsigned>(shape.y), 1, static_cast<unsigned>(shape.threads), 1,
                        1, static_cast<unsigned>(shape.shared), stream, pointers.data(), nullptr),
        name);
}

} // namespace kernels
