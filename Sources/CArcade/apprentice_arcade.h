/*
 * The arcade's games for other languages: sixteen procedurally generated games, many at once.
 *
 *     arcade_configuration how;
 *     arcade_configure(&how, sizeof how);
 *     how.game = "coinrun";
 *     how.count = 64;
 *     arcade_vector *games;
 *     char *problem = arcade_vector_create(&how, &games);
 *     if (problem) { puts(problem); arcade_free(problem); return 1; }
 *     arcade_results now = arcade_vector_results(games);      // pointers that stay
 *     int32_t actions[64] = {0};
 *     problem = arcade_vector_step(games, actions, 64);       // now.observations, now.rewards, ... are of this step
 *     arcade_vector_destroy(games);
 *
 * Errors are messages: a function that can fail returns NULL where all went well, and else a sentence for people (UTF-8, ended by a
 * zero byte) that belongs to the caller, who gives it back with arcade_free. A call that failed has changed nothing.
 *
 * A handle may go from thread to thread; two threads must not use one at the same time. Handles are independent of each other.
 * An index that isn't one of an environment is an error like any other; a NULL handle or result pointer is a mistake in the
 * program and ends it.
 */
#ifndef APPRENTICE_ARCADE_H
#define APPRENTICE_ARCADE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of this interface. It grows with every change that a program compiled for an older one would notice; members that
 * are added at the end of arcade_configuration don't count, as its first member says how long it is. */
#define ARCADE_ABI 1

/* The library's number: a program goes on only where it is the ARCADE_ABI that it was compiled with. */
int32_t arcade_abi(void);

/* What there is, as JSON: {"abi", "observation": [64, 64, 3], "picture": [512, 512, 3], "actions": [["LEFT", "DOWN"], ...],
 * "games": [{"name", "summary", "modes": [{"name", "time_limit", "low", "high"}]}]}; low and high are the returns between which
 * scores are normalised, null for modes without published ones. The caller gives it back with arcade_free. */
char *arcade_description(void);

/* Gives back a message, a description or a state; NULL is fine. */
void arcade_free(void *memory);

/* What follows the end of an episode, in Gymnasium's terms. */
enum {
  /* The step that ends an episode begins the next one and shows its first observation: the benchmark's way. */
  ARCADE_AUTORESET_SAME_STEP = 0,
  /* The step that ends an episode shows its last observation; the next one heeds no action and begins a new one. */
  ARCADE_AUTORESET_NEXT_STEP = 1,
  /* Nothing: a reset begins a new one, and a step before that is an error. */
  ARCADE_AUTORESET_DISABLED = 2
};

/* Which games are made. arcade_configure fills in the defaults, which are named here. */
typedef struct {
  size_t size;                     /* of this struct, as arcade_configure was told it */
  const char *game;                /* "coinrun"; NULL at first, and needed */
  const char *mode;                /* "hard"; or "easy", and for some games "extreme", "memory", "exploration" */
  int64_t count;                   /* 1: environments */
  int64_t batch;                   /* 0: environments in a batch of a pool, 0 for all of them; vectors take no heed of it */
  int64_t threads;                 /* 1 */
  uint64_t seed;                   /* 0: the order of levels follows from it and the environment's index */
  int64_t levels;                  /* 0: how many levels may come up, 0 for all 2147483647 */
  int64_t first_level;             /* 0: the seed of the first of them */
  int32_t autoreset;               /* ARCADE_AUTORESET_SAME_STEP */
  uint8_t keeps_final_observations;/* 0: whether the last observations are kept that SAME_STEP shows nobody */
  uint8_t uses_sequential_levels;  /* 0: a completed level is followed by the one 997 seeds on, within one episode */
  uint8_t centers_player;          /* 1: the view follows the player; else the whole world is seen */
  uint8_t uses_backgrounds;        /* 1: else black */
  uint8_t uses_monochrome_assets;  /* 0: rectangles of one colour instead of pictures */
  uint8_t restricts_themes;        /* 0: every level has the first theme */
  uint8_t paints_velocity;         /* 0: two squares in the corner, as bright as the player is fast */
} arcade_configuration;

/* Fills in the defaults; size is sizeof(arcade_configuration). */
void arcade_configure(arcade_configuration *how, size_t size);

/* What a step brought, in memory of the library's: nothing is copied. Arrays have a place for each of count environments. */
typedef struct {
  int64_t count;
  uint8_t *observations;           /* count x 64 x 64 x 3: red, green, blue, rows from the top */
  uint8_t *final_observations;     /* likewise, valid where an episode ended; NULL unless keeps_final_observations */
  float *rewards;
  uint8_t *terminated;             /* 1 where the game's rules ended an episode */
  uint8_t *truncated;              /* 1 where the time limit did */
  int32_t *environments;           /* the indices of the environments */
  int32_t *levels;                 /* the seeds of the levels that are being played */
  int32_t *previous_levels;        /* the seeds of the levels that the step was in */
  uint8_t *previous_complete;      /* 1 where the step completed its level */
  int32_t *elapsed;                /* the steps of the level up to this one, which counts; 0 after a reset */
} arcade_results;

/* ---- a vector: all environments take their steps together ---- */

typedef struct arcade_vector arcade_vector;

/* Makes environments at the starts of their first levels, whose observations are in the results. */
char *arcade_vector_create(const arcade_configuration *how, arcade_vector **made);
void arcade_vector_destroy(arcade_vector *vector);

/* The results: the pointers stay the same, and what is there changes with each call that follows. */
arcade_results arcade_vector_results(arcade_vector *vector);

/* Plays a step in each environment: count actions, 0 to 14. */
char *arcade_vector_step(arcade_vector *vector, const int32_t *actions, int64_t count);

/* Begins new episodes in all environments, or in those whose flags aren't 0 where there are flags. */
char *arcade_vector_reset(arcade_vector *vector, const uint8_t *flags, int64_t count);

/* Begins new episodes, the first ones of a seed, as arcade_vector_create does. */
char *arcade_vector_reset_seed(arcade_vector *vector, uint64_t seed);

/* Begins new episodes, the first ones of a seed for each environment: what a vector of one with that seed would play. */
char *arcade_vector_reset_seeds(arcade_vector *vector, const uint64_t *seeds, int64_t count);

/* Begins a level of one's choice in an environment. */
char *arcade_vector_begin_level(arcade_vector *vector, int64_t index, int32_t level);

/* The whole state of an environment: bytes that go from one machine to another. The caller gives them back with arcade_free. */
char *arcade_vector_save(arcade_vector *vector, int64_t index, uint8_t **bytes, int64_t *count);

/* Lets an environment of the same game and mode go on from a state. */
char *arcade_vector_restore(arcade_vector *vector, int64_t index, const uint8_t *bytes, int64_t count);

/* Draws the scene of an environment for people: 512 x 512 x 3 bytes. */
char *arcade_vector_render(arcade_vector *vector, int64_t index, uint8_t *pixels);

/* ---- a pool: environments are sent on and received as they are done, EnvPool's way ---- */

typedef struct arcade_pool arcade_pool;

/* Makes environments that wait for arcade_pool_reset. */
char *arcade_pool_create(const arcade_configuration *how, arcade_pool **made);
void arcade_pool_destroy(arcade_pool *pool);

/* Begins new episodes in the environments of the given indices, or in all that aren't at work where indices is NULL. */
char *arcade_pool_reset(arcade_pool *pool, const int32_t *indices, int64_t count);

/* Gives environments their next actions and returns at once. */
char *arcade_pool_send(arcade_pool *pool, const int32_t *actions, const int32_t *indices, int64_t count);

/* Waits for the next batch. Its arrays are valid until the next batch but one is received. */
char *arcade_pool_receive(arcade_pool *pool, arcade_results *batch);

#ifdef __cplusplus
}
#endif
#endif
