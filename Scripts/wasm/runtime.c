// What Embedded Swift asks of a C library: memory, and nothing else. Compiled with -fno-builtin, so that no loop becomes a call of itself.
//
// Blocks are powers of two, taken from the end of the memory once and kept in a list by size when they are given back: what a long
// conversation uses over and over never makes the memory grow.

typedef unsigned long size_t;
typedef unsigned char byte;

extern byte __heap_base;
static byte *end_of_heap;
static void *freed[32];

void *memset(void *to, int value, size_t count) {
  for (byte *p = to, *end = p + count; p < end; p++) *p = (byte)value;
  return to;
}

void *memcpy(void *to, const void *from, size_t count) {
  byte *p = to;
  const byte *q = from;
  for (; count >= 4 && !(((size_t)p | (size_t)q) & 3); count -= 4, p += 4, q += 4) *(unsigned *)p = *(const unsigned *)q;
  for (; count; count--) *p++ = *q++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  byte *p = to;
  const byte *q = from;
  if (p <= q) return memcpy(to, from, count);
  while (count--) p[count] = q[count];
  return to;
}

int memcmp(const void *a, const void *b, size_t count) {
  const byte *p = a, *q = b;
  for (; count; count--, p++, q++) if (*p != *q) return *p < *q ? -1 : 1;
  return 0;
}

// A block begins with 16 bytes that hold its size, so that every block stands at a multiple of 16.
int posix_memalign(void **result, size_t alignment, size_t size) {
  int power = 5;
  while (((size_t)1 << power) < size + 16) power++;
  if (alignment > 16 || power > 30) return 12;
  byte *block = freed[power];
  if (block) {
    freed[power] = *(void **)(block + 16);
  } else {
    if (!end_of_heap) end_of_heap = (byte *)(((size_t)&__heap_base + 15) & ~(size_t)15);
    block = end_of_heap;
    end_of_heap += (size_t)1 << power;
    size_t there = __builtin_wasm_memory_size(0) << 16;
    if ((size_t)end_of_heap > there &&
        __builtin_wasm_memory_grow(0, ((size_t)end_of_heap - there + 65535) >> 16) == (size_t)-1) {
      end_of_heap = block;
      return 12;
    }
  }
  *(int *)block = power;
  *result = block + 16;
  return 0;
}

void free(void *pointer) {
  if (!pointer) return;
  byte *block = (byte *)pointer - 16;
  int power = *(int *)block;
  *(void **)pointer = freed[power];
  freed[power] = block;
}

// Seeds of hash tables: none of ours depends on being unguessable.
void arc4random_buf(void *to, size_t count) { memset(to, 0x5A, count); }
