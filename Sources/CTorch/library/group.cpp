// Several processes through c10d's Gloo backend: what torchrun starts, this joins. What lies on a device goes by way of the processor.
#include "handles.h"

#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <cstdlib>

namespace {
struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};
Group &G(CTorchGroup g) { return *reinterpret_cast<Group *>(g); }
} // namespace

extern "C" CTorchGroup ctorch_group_new(const char *host, int port, int rank, int size, int host_store, double timeout) {
  return guarded<CTorchGroup>(nullptr, [&] {
    auto limit = std::chrono::milliseconds(static_cast<int64_t>(timeout * 1000));
    c10d::TCPStoreOptions store;
    store.port = static_cast<uint16_t>(port);
    store.isServer = host_store != 0;
    store.waitWorkers = false;
    store.timeout = limit;
    auto options = c10d::ProcessGroupGloo::Options::create();
    options->timeout = limit;
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    auto made = c10::make_intrusive<c10d::TCPStore>(std::string(host), store);
    // torchrun keeps its store when it restarts the workers: the new ones must not meet the old ones' keys.
    const char *attempt = std::getenv("TORCHELASTIC_RESTART_COUNT");
    std::string prefix = std::string("apprentice/") + (attempt ? attempt : "0");
    return reinterpret_cast<CTorchGroup>(
        new Group{made, c10::make_intrusive<c10d::ProcessGroupGloo>(
                            c10::make_intrusive<c10d::PrefixStore>(prefix, made), rank, size, options)});
  });
}
extern "C" void ctorch_group_free(CTorchGroup g) { delete reinterpret_cast<Group *>(g); }
STATUS_OP(group_allreduce, (CTorchGroup g, const CTorchTensor *ts, int n), {
  for (int i = 0; i < n; i++) {
    auto &x = T(ts[i]);
    std::vector<at::Tensor> one{x.cpu()};
    G(g).gloo->allreduce(one)->wait();
    if (!x.is_cpu()) x.copy_(one[0]);
  }
})
STATUS_OP(group_broadcast, (CTorchGroup g, const CTorchTensor *ts, int n, int root), {
  for (int i = 0; i < n; i++) {
    auto &x = T(ts[i]);
    std::vector<at::Tensor> one{x.cpu()};
    c10d::BroadcastOptions options;
    options.rootRank = root;
    G(g).gloo->broadcast(one, options)->wait();
    if (!x.is_cpu()) x.copy_(one[0]);
  }
})
STATUS_OP(group_barrier, (CTorchGroup g), G(g).gloo->barrier()->wait())
