#include "CTorch.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const CTorchTable *table;
static char message[2048];

const CTorchTable *ctorch_table(void) { return table; }

CTorchBlockShape ctorch_block_shape(uint32_t type) {
  switch (type) {
#define CTORCH_BLOCK(name, number, length, bytes)                                                                              \
  case number: return (CTorchBlockShape){#name, length, bytes};
#include "blocks.def"
#undef CTORCH_BLOCK
  }
  return (CTorchBlockShape){NULL, 0, 0};
}

// glibc returns every large block to the kernel at once, and the next step of training faults the same pages in again and has
// them cleared (2% of a step): what one step gives back the next one takes. The only place that sets malloc's thresholds.
static void keep_memory(void) {
#ifdef __GLIBC__
  if (getenv("CTORCH_SYSTEM_MALLOC") || getenv("MALLOC_TRIM_THRESHOLD_") || getenv("MALLOC_MMAP_THRESHOLD_")) return;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

const char *ctorch_open(const char *path) {
  if (table) return NULL;
  // libgomp's threads spin for milliseconds at the end of every parallel loop before they sleep. With anything else
  // running on the machine they spin on the cores that the last thread needs; sleeping between the ops of a step costs a
  // single stream a tenth of its speed. Read once, when the library is loaded.
  if (!getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "10000", 0);
  // Large tensors in large pages where the kernel gives them: caches of keys and values are read a few kilobytes here and
  // there, and with small pages each such piece waits for the page table (64 samples of one prompt: 8% faster).
  setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
  keep_memory();
  // Symbols stay local: two C++ runtimes in one process must not see each other's.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, sizeof message, "%s", dlerror());
    return message;
  }
  const CTorchTable *(*entry)(void) = (const CTorchTable *(*)(void))dlsym(library, "ctorch_library_table");
  if (!entry) {
    snprintf(message, sizeof message, "%s has no ctorch_library_table: not a CTorch library", path);
    dlclose(library);
    return message;
  }
  const CTorchTable *found = entry();
  if (found->abi != CTORCH_ABI || found->size != (int32_t)sizeof(CTorchTable)) {
    snprintf(message, sizeof message, "%s speaks version %d (%d bytes) of the C ABI, this program version %d (%d bytes)", path,
             found->abi, found->size, CTORCH_ABI, (int)sizeof(CTorchTable));
    dlclose(library);
    return message;
  }
  table = found;
  return NULL;
}
