// A device's work recorded once and sent again as a whole: what a step of decoding queues takes longer to queue than to do.
#include "handles.h"

#ifdef CTORCH_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <memory>

namespace {
struct Graph {
  at::cuda::CUDAGraph graph;
  // While it is recorded, what is queued goes to a stream of its own.
  std::unique_ptr<c10::cuda::CUDAStreamGuard> recording;
};
Graph &G(CTorchGraph g) { return *reinterpret_cast<Graph *>(g); }
} // namespace

extern "C" CTorchGraph ctorch_graph_begin(int index) {
  return guarded<CTorchGraph>(nullptr, [&] {
    auto made = std::make_unique<Graph>();
    c10::cuda::device_synchronize();
    made->recording = std::make_unique<c10::cuda::CUDAStreamGuard>(c10::cuda::getStreamFromPool(false, static_cast<int8_t>(index)));
    // Other threads may go on with what they do.
    made->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    return reinterpret_cast<CTorchGraph>(made.release());
  });
}
STATUS_OP(graph_end, (CTorchGraph g), {
  auto recording = std::move(G(g).recording);
  G(g).graph.capture_end();
})
STATUS_OP(graph_replay, (CTorchGraph g), G(g).graph.replay())
extern "C" void ctorch_graph_free(CTorchGraph g) {
  guarded<int>(0, [&] {
    std::unique_ptr<Graph> own(&G(g));
    if (auto recording = std::move(own->recording)) own->graph.capture_end();
    return 0;
  });
}

#else

extern "C" CTorchGraph ctorch_graph_begin(int) {
  ctorch_message = "this libtorch records no graphs";
  return nullptr;
}
extern "C" int ctorch_graph_end(CTorchGraph) { return -1; }
extern "C" int ctorch_graph_replay(CTorchGraph) { return -1; }
extern "C" void ctorch_graph_free(CTorchGraph) {}

#endif
