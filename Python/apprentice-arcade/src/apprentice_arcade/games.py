"""The games on numpy arrays alone: what Gymnasium's, procgen's and EnvPool's interfaces here are made of."""
import ctypes
from ctypes import byref, c_int64, c_void_p

import numpy as np

from ._library import DESCRIPTION, ArcadeError, Results, check, configuration, library

#: The names of the games.
GAMES = tuple(game["name"] for game in DESCRIPTION["games"])
#: The keys of each of the fifteen actions.
ACTIONS = tuple(tuple(keys) for keys in DESCRIPTION["actions"])
#: The shape of an observation: rows, columns, red, green and blue.
OBSERVATION_SHAPE = tuple(DESCRIPTION["observation"])
#: The shape of a picture for people.
PICTURE_SHAPE = tuple(DESCRIPTION["picture"])
#: For each game and mode the steps after which an episode is cut off.
TIME_LIMITS = {game["name"]: {mode["name"]: mode["time_limit"] for mode in game["modes"]} for game in DESCRIPTION["games"]}
#: For each game and mode the returns between which scores are normalised (Cobbe and others, 2019); None where none are published.
NORMALIZATION = {
    game["name"]: {mode["name"]: None if mode["low"] is None else (mode["low"], mode["high"]) for mode in game["modes"]}
    for game in DESCRIPTION["games"]
}


class Step:
    """What a step brought, as arrays over the library's memory: they show the next step after the next call.

    observations uint8 [count, 64, 64, 3]; rewards float32, terminated and truncated bool, environments, levels, previous_levels and
    elapsed int32, previous_complete bool, all [count]; final_observations likewise where an episode ended, or None.
    """

    def __init__(self, results, owner):
        count = results.count

        def array(pointer, kind, *shape):
            # The array keeps the owner of the memory.
            size = int(np.prod((count, *shape))) * np.dtype(kind).itemsize
            memory = (ctypes.c_uint8 * size).from_address(ctypes.addressof(pointer.contents))
            memory._owner = owner
            return np.frombuffer(memory, dtype=kind).reshape(count, *shape)

        self.observations = array(results.observations, np.uint8, *OBSERVATION_SHAPE)
        self.final_observations = (
            array(results.final_observations, np.uint8, *OBSERVATION_SHAPE) if results.final_observations else None)
        self.rewards = array(results.rewards, np.float32)
        self.terminated = array(results.terminated, np.bool_)
        self.truncated = array(results.truncated, np.bool_)
        self.environments = array(results.environments, np.int32)
        self.levels = array(results.levels, np.int32)
        self.previous_levels = array(results.previous_levels, np.int32)
        self.previous_complete = array(results.previous_complete, np.bool_)
        self.elapsed = array(results.elapsed, np.int32)

    @property
    def done(self):
        """Whether an episode ended for either reason, as the published protocol has it."""
        return self.terminated | self.truncated


def numbers(values, what, kind=np.int32):
    """Whole numbers as the library takes them."""
    array = np.asarray(values)
    if array.dtype.kind not in "iub":
        raise ArcadeError(f"{what} are whole numbers, not {array.dtype}.")
    array = array.reshape(-1)
    limits = np.iinfo(kind)
    if array.size and (int(array.min()) < limits.min or int(array.max()) > limits.max):
        raise ArcadeError(f"{what} go from {limits.min} to {limits.max}.")
    return np.ascontiguousarray(array, dtype=kind)


class _Handle:
    """Something of the library's that is given back once nobody needs it."""

    def __init__(self, pointer, destroy):
        self.pointer, self._destroy = pointer, destroy

    def __del__(self):
        if self.pointer:
            self._destroy(self.pointer)
            self.pointer = None


class Games:
    """Many environments of one game that take their steps together.

    game one of GAMES; mode "easy", "hard" or another of the game's; count environments, spread over threads; seed the order of levels;
    levels how many may come up (0 for all) from first_level on; autoreset "same_step", "next_step" or "disabled";
    keeps_final_observations and the other options as in apprentice_arcade.h.
    """

    def __init__(self, game, count=1, *, mode="hard", seed=0, threads=1, levels=0, first_level=0, autoreset="same_step", **options):
        how = configuration(
            game=game, mode=mode, count=count, seed=seed, threads=threads, levels=levels, first_level=first_level,
            autoreset=autoreset, **options)
        pointer = c_void_p()
        check(library.arcade_vector_create(byref(how), byref(pointer)))
        self._handle = _Handle(pointer, library.arcade_vector_destroy)
        self.game, self.mode, self.count, self.autoreset = str(game), str(mode), int(count), autoreset
        #: The last step.
        self.now = Step(library.arcade_vector_results(pointer), self._handle)

    def step(self, actions):
        """Plays a step in each environment: count actions, 0 to 14."""
        actions = numbers(actions, "Actions")
        check(library.arcade_vector_step(self._handle.pointer, actions.ctypes.data, actions.size))
        return self.now

    def reset(self, seed=None, where=None):
        """Begins new episodes: of a seed, of a seed for each environment, or only where a flag is set."""
        if where is not None:
            flags = np.ascontiguousarray(np.asarray(where).reshape(-1), dtype=np.bool_)
            check(library.arcade_vector_reset(self._handle.pointer, flags.ctypes.data, flags.size))
        elif seed is None:
            check(library.arcade_vector_reset(self._handle.pointer, None, 0))
        elif np.ndim(seed) == 0:
            seed = numbers(seed, "Seeds", np.uint64)
            check(library.arcade_vector_reset_seed(self._handle.pointer, int(seed[0])))
        else:
            seeds = numbers(seed, "Seeds", np.uint64)
            check(library.arcade_vector_reset_seeds(self._handle.pointer, seeds.ctypes.data, seeds.size))
        return self.now

    def begin(self, index, level):
        """Begins a level of one's choice in an environment."""
        level = int(numbers(level, "Levels")[0])
        check(library.arcade_vector_begin_level(self._handle.pointer, index, level))
        return self.now

    def save(self, index=0):
        """The whole state of an environment as bytes."""
        memory, count = c_void_p(), c_int64()
        check(library.arcade_vector_save(self._handle.pointer, index, byref(memory), byref(count)))
        state = ctypes.string_at(memory, count.value)
        library.arcade_free(memory)
        return state

    def restore(self, state, index=0):
        """Lets an environment of the same game and mode go on from a state."""
        check(library.arcade_vector_restore(self._handle.pointer, index, bytes(state), len(state)))
        return self.now

    def render(self, index=0):
        """The scene of an environment for people: uint8 [512, 512, 3]."""
        picture = np.empty(PICTURE_SHAPE, np.uint8)
        check(library.arcade_vector_render(self._handle.pointer, index, picture.ctypes.data))
        return picture


class Pool:
    """Many environments of one game that are sent on and received as they are done."""

    def __init__(
        self, game, count, batch=0, *, mode="hard", seed=0, threads=1, levels=0, first_level=0, autoreset="next_step", **options
    ):
        how = configuration(
            game=game, mode=mode, count=count, batch=batch, seed=seed, threads=threads, levels=levels, first_level=first_level,
            autoreset=autoreset, **options)
        pointer = c_void_p()
        check(library.arcade_pool_create(byref(how), byref(pointer)))
        self._handle = _Handle(pointer, library.arcade_pool_destroy)
        self._steps = {}
        self.game, self.mode, self.count, self.batch, self.autoreset = str(game), str(mode), int(count), int(batch or count), autoreset

    def reset(self, indices=None):
        """Begins new episodes in all environments that aren't at work, or in some."""
        if indices is None:
            check(library.arcade_pool_reset(self._handle.pointer, None, 0))
        else:
            indices = numbers(indices, "Environments")
            check(library.arcade_pool_reset(self._handle.pointer, indices.ctypes.data, indices.size))

    def send(self, actions, indices):
        """Gives environments their next actions and returns at once."""
        actions, indices = numbers(actions, "Actions"), numbers(indices, "Environments")
        if actions.size != indices.size:
            raise ArcadeError(f"{actions.size} actions for {indices.size} environments; give one for each.")
        check(library.arcade_pool_send(self._handle.pointer, actions.ctypes.data, indices.ctypes.data, actions.size))

    def receive(self):
        """Waits for the next batch; its arrays are valid until the next one but one is received."""
        results = Results()
        check(library.arcade_pool_receive(self._handle.pointer, byref(results)))
        # The library goes round in a ring of a few batches.
        place = ctypes.addressof(results.observations.contents)
        if place not in self._steps:
            self._steps[place] = Step(results, self._handle)
        return self._steps[place]
