// The part of libretro's binary interface (version 1) that this package speaks: the layouts of what cores are given and give, and
// the types of their functions, which are found by name at run time. Nothing is linked.
#ifndef APPRENTICE_RETRO_H
#define APPRENTICE_RETRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct retro_game_info {
  const char *path;
  const void *data;
  size_t size;
  const char *meta;
};

struct retro_system_info {
  const char *library_name;
  const char *library_version;
  const char *valid_extensions;
  bool need_fullpath;
  bool block_extract;
};

struct retro_game_geometry {
  unsigned base_width, base_height, max_width, max_height;
  float aspect_ratio;
};

struct retro_system_timing {
  double fps, sample_rate;
};

struct retro_system_av_info {
  struct retro_game_geometry geometry;
  struct retro_system_timing timing;
};

struct retro_variable {
  const char *key;
  const char *value;
};

struct retro_log_callback {
  void (*log)(int level, const char *format, ...);
};

typedef bool (*retro_environment_t)(unsigned command, void *data);
typedef void (*retro_video_refresh_t)(const void *data, unsigned width, unsigned height, size_t pitch);
typedef void (*retro_audio_sample_t)(int16_t left, int16_t right);
typedef size_t (*retro_audio_sample_batch_t)(const int16_t *data, size_t frames);
typedef void (*retro_input_poll_t)(void);
typedef int16_t (*retro_input_state_t)(unsigned port, unsigned device, unsigned index, unsigned id);

// Swift can't write functions with a variable number of arguments; this one takes a core's messages and drops them.
static inline void apprentice_retro_drop(int level, const char *format, ...) {
  (void)level;
  (void)format;
}

static inline void apprentice_retro_give_log(void *data) {
  ((struct retro_log_callback *)data)->log = apprentice_retro_drop;
}

#endif
