/* A program in C that plays by apprentice_arcade.h; HeaderTests compiles it as C99 and as C++17 and runs it. */
#include "apprentice_arcade.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(int line, const char *what) {
  printf("line %d: %s\n", line, what);
  exit(1);
}
#define NEED(x) do { if (!(x)) fail(__LINE__, #x); } while (0)

/* What a call that must go well complains about. */
static void fine(int line, char *message) {
  if (message) fail(line, message);
}
#define FINE(x) fine(__LINE__, (x))

/* What a call that must not go well says. */
static void refused(int line, char *message, const char *part) {
  if (!message) fail(line, "it wasn't refused");
  if (!strstr(message, part)) fail(line, message);
  arcade_free(message);
}
#define REFUSED(x, part) refused(__LINE__, (x), part)

int main(void) {
  arcade_configuration how;
  arcade_vector *games = NULL, *other = NULL;
  arcade_pool *pool = NULL;
  arcade_results now, batch;
  int32_t actions[4] = {7, 7, 7, 7}, bad[4] = {7, 15, 7, 7}, indices[2];
  uint8_t flags[4] = {0, 1, 0, 0}, *state = NULL, *picture, *before;
  uint64_t seeds[4] = {5, 6, 7, 8};
  int64_t size = 0, picture_size = 512 * 512 * 3, one = 64 * 64 * 3;
  char *text;
  int i, colours = 0;

  NEED(arcade_abi() == ARCADE_ABI);
  text = arcade_description();
  NEED(strstr(text, "\"coinrun\"") && strstr(text, "[\"LEFT\", \"DOWN\"]"));
  arcade_free(text);
  arcade_free(NULL);

  memset(&how, 0, sizeof how);
  REFUSED(arcade_vector_create(&how, &games), "arcade_configure");
  REFUSED(arcade_vector_create(NULL, &games), "NULL");
  arcade_configure(&how, sizeof how);
  NEED(how.size == sizeof how && how.count == 1 && how.threads == 1 && how.uses_backgrounds && how.centers_player);
  REFUSED(arcade_vector_create(&how, &games), "names no game");
  how.game = "conrun";
  REFUSED(arcade_vector_create(&how, &games), "Did you mean 'coinrun'?");
  how.game = "coinrun";
  how.mode = "memory";
  REFUSED(arcade_vector_create(&how, &games), "has no mode 'memory'");
  how.mode = "easy";
  how.count = 0;
  REFUSED(arcade_vector_create(&how, &games), "at least one environment");
  how.count = 4;
  how.threads = 2;
  how.autoreset = 3;
  REFUSED(arcade_vector_create(&how, &games), "no autoreset 3");
  how.autoreset = ARCADE_AUTORESET_SAME_STEP;
  how.levels = -1;
  REFUSED(arcade_vector_create(&how, &games), "-1 levels");
  how.levels = 0;
  how.seed = 9;
  REFUSED(arcade_vector_create(&how, NULL), "NULL");
  NEED(games == NULL);
  FINE(arcade_vector_create(&how, &games));

  now = arcade_vector_results(games);
  NEED(now.count == 4 && now.final_observations == NULL && now.environments[3] == 3 && now.elapsed[0] == 0);
  for (i = 0; i < one; i++) colours |= now.observations[i];
  NEED(colours != 0);
  REFUSED(arcade_vector_step(games, actions, 3), "4 environments and 3 actions");
  REFUSED(arcade_vector_step(games, bad, 4), "action 15, which environment 1");
  REFUSED(arcade_vector_step(games, NULL, 4), "NULL");
  REFUSED(arcade_vector_step(games, actions, -1), "can't be -1 actions");
  for (i = 0; i < 30; i++) FINE(arcade_vector_step(games, actions, 4));
  NEED(now.elapsed[2] == 30 && now.previous_levels[2] == now.levels[2]);

  /* A state goes on as its environment would, in another vector. */
  FINE(arcade_vector_save(games, 2, &state, &size));
  NEED(size > 100);
  FINE(arcade_vector_create(&how, &other));
  FINE(arcade_vector_restore(other, 0, state, size));
  REFUSED(arcade_vector_restore(other, 0, state, size - 1), "cut off");
  REFUSED(arcade_vector_restore(other, 4, state, size), "no environment 4");
  REFUSED(arcade_vector_save(other, -1, &state, &size), "no environment -1");
  for (i = 0; i < 20; i++) {
    FINE(arcade_vector_step(games, actions, 4));
    FINE(arcade_vector_step(other, actions, 4));
  }
  NEED(!memcmp(now.observations + 2 * one, arcade_vector_results(other).observations, (size_t)one));
  arcade_free(state);

  /* Drawn large, the same scene twice. */
  picture = (uint8_t *)calloc(2, (size_t)picture_size);
  FINE(arcade_vector_render(games, 2, picture));
  FINE(arcade_vector_render(other, 0, picture + picture_size));
  NEED(!memcmp(picture, picture + picture_size, (size_t)picture_size));
  NEED(picture[0] | picture[picture_size / 2]);
  REFUSED(arcade_vector_render(games, 9, picture), "no environment 9");
  REFUSED(arcade_vector_render(games, 0, NULL), "NULL");
  free(picture);

  /* Resets: some, all of a seed, a seed each, a level. */
  before = (uint8_t *)malloc((size_t)one);
  FINE(arcade_vector_reset(games, flags, 4));
  NEED(now.elapsed[1] == 0 && now.elapsed[2] == 50);
  REFUSED(arcade_vector_reset(games, flags, 3), "4 environments and 3 flags");
  FINE(arcade_vector_reset(games, NULL, 0));
  NEED(now.elapsed[2] == 0);
  FINE(arcade_vector_reset_seed(games, 9));
  FINE(arcade_vector_reset_seed(other, 9));
  NEED(!memcmp(now.observations, arcade_vector_results(other).observations, (size_t)(4 * one)));
  FINE(arcade_vector_reset_seeds(games, seeds, 4));
  REFUSED(arcade_vector_reset_seeds(games, seeds, 2), "4 environments and 2 seeds");
  FINE(arcade_vector_begin_level(games, 3, 77));
  NEED(now.levels[3] == 77);
  REFUSED(arcade_vector_begin_level(games, 3, -7), "no level -7");
  memcpy(before, now.observations + 3 * one, (size_t)one);
  FINE(arcade_vector_begin_level(other, 0, 77));
  NEED(!memcmp(before, arcade_vector_results(other).observations, (size_t)one));
  free(before);
  arcade_vector_destroy(games);
  arcade_vector_destroy(other);
  arcade_vector_destroy(NULL);

  /* The pool: batches of two of four. */
  how.batch = 5;
  REFUSED(arcade_pool_create(&how, &pool), "1 to 4 of them, not 5");
  how.batch = 2;
  FINE(arcade_pool_create(&how, &pool));
  REFUSED(arcade_pool_receive(pool, &batch), "0 environments are at work");
  FINE(arcade_pool_reset(pool, NULL, 0));
  indices[0] = 0;
  REFUSED(arcade_pool_send(pool, actions, indices, 1), "at work");
  for (i = 0; i < 100; i++) {
    FINE(arcade_pool_receive(pool, &batch));
    NEED(batch.count == 2 && batch.environments[0] != batch.environments[1]);
    memcpy(indices, batch.environments, sizeof indices);
    FINE(arcade_pool_send(pool, actions, indices, 2));
  }
  FINE(arcade_pool_receive(pool, &batch));
  indices[0] = indices[1] = batch.environments[0];
  REFUSED(arcade_pool_send(pool, actions, indices, 2), "sent twice");
  REFUSED(arcade_pool_send(pool, bad, batch.environments, 2), "action 15");
  indices[0] = 4;
  REFUSED(arcade_pool_send(pool, actions, indices, 1), "no environment 4");
  /* Destroyed while it works. */
  FINE(arcade_pool_send(pool, actions, batch.environments, 2));
  arcade_pool_destroy(pool);
  puts("all is well");
  return 0;
}
