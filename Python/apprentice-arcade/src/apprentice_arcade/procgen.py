"""procgen's own interfaces, for programs that were written for it: change `from procgen import ProcgenEnv` to

    from apprentice_arcade.procgen import ProcgenEnv

As there, an episode that ends begins anew in the same step, a manual reset changes nothing, and `done` doesn't tell a game's end from
the time limit's; infos have prev_level_seed, prev_level_complete and level_seed. The spaces are those of `gym` where the program has
imported it (procgen's are gym's), else Gymnasium's, else small ones of this package.
"""
import random
import sys

import numpy as np

from ._library import ArcadeError
from ._options import arcade_options
from .games import ACTIONS, GAMES, OBSERVATION_SHAPE, Games

ENV_NAMES = list(GAMES)


class _Discrete:
    """Whole numbers from 0 on, where neither gym nor Gymnasium is there."""

    def __init__(self, n):
        self.n, self.shape, self.dtype = n, (), np.dtype(np.int64)

    def sample(self):
        return np.random.randint(self.n)

    def contains(self, value):
        return 0 <= int(value) < self.n

    __contains__ = contains


class _Box:
    """Bytes of a shape, where neither gym nor Gymnasium is there."""

    def __init__(self, low, high, shape, dtype):
        self.low, self.high, self.shape, self.dtype = low, high, shape, np.dtype(dtype)

    def contains(self, value):
        return np.shape(value) == self.shape and np.asarray(value).dtype == self.dtype

    __contains__ = contains


class _Dict(dict):
    """Spaces by name, where neither gym nor Gymnasium is there."""


def _spaces():
    if "gym" in sys.modules and hasattr(sys.modules["gym"], "spaces"):
        return sys.modules["gym"].spaces
    try:
        from gymnasium import spaces
        return spaces
    except ImportError:
        return None


def _made_spaces():
    spaces = _spaces()
    if spaces is None:
        return _Dict(rgb=_Box(0, 255, OBSERVATION_SHAPE, np.uint8)), _Discrete(len(ACTIONS))
    box = spaces.Box(low=0, high=255, shape=OBSERVATION_SHAPE, dtype=np.uint8)
    return spaces.Dict({"rgb": box}), spaces.Discrete(len(ACTIONS))


class ProcgenGym3Env:
    """gym3's interface: act, observe, get_info.

    ob_space and ac_space are gym3's types where gym3 is installed, else None.
    """

    def __init__(self, num, env_name, *, rand_seed=None, num_threads=4, render_mode=None, **options):
        if render_mode not in (None, "rgb_array"):
            raise ArcadeError(f"There is no render mode {render_mode!r}; there is 'rgb_array'.")
        if options.get("distribution_mode") == "exploration":
            for name in ("num_levels", "start_level"):
                if name in options:
                    raise ArcadeError(f"The mode exploration has one level of its own: leave {name} out.")
        seed = random.SystemRandom().randint(0, 2**31 - 1) if rand_seed is None else rand_seed
        self.num, self.env_name, self.render_mode = num, env_name, render_mode
        self.combos = list(ACTIONS)
        # procgen's 0 threads are the caller's own.
        self._games = Games(
            env_name, num, seed=seed, threads=max(1, num_threads), autoreset="same_step", **arcade_options(options))
        self._first = np.ones(num, bool)
        self.ob_space = self.ac_space = None
        try:
            from gym3.types import DictType, Discrete, TensorType
        except ImportError:
            return
        self.ob_space = DictType(rgb=TensorType(Discrete(256, dtype_name="uint8"), OBSERVATION_SHAPE))
        self.ac_space = TensorType(Discrete(len(ACTIONS), dtype_name="int32"), ())

    def act(self, ac):
        """Gives every environment its action."""
        now = self._games.step(np.asarray(ac))
        self._first = now.done

    def observe(self):
        """Rewards, {"rgb": observations} and whether episodes just began, for each environment."""
        now = self._games.now
        return now.rewards.copy(), {"rgb": now.observations.copy()}, self._first.copy()

    def get_info(self):
        """A dictionary for each environment."""
        now = self._games.now
        infos = [
            {"prev_level_seed": int(seed), "prev_level_complete": int(complete), "level_seed": int(level)}
            for seed, complete, level in zip(now.previous_levels, now.previous_complete, now.levels)
        ]
        if self.render_mode:
            for index, info in enumerate(infos):
                info["rgb"] = self._games.render(index)
        return infos

    def get_combos(self):
        """The keys of each action."""
        return list(ACTIONS)

    def keys_to_act(self, keys_list):
        """The action of the keys that are held, for each environment: the one of the most keys."""
        chosen = []
        for keys in keys_list:
            held = [n for n, combo in enumerate(ACTIONS) if set(combo) <= set(keys)]
            chosen.append(np.array([max(held, key=lambda n: len(ACTIONS[n]))]))
        return chosen

    def get_state(self):
        """The whole states, each as bytes."""
        return [self._games.save(index) for index in range(self.num)]

    def set_state(self, states):
        """Goes on from states of the same game and mode."""
        if len(states) != self.num:
            raise ArcadeError(f"There are {self.num} environments and {len(states)} states; give one for each.")
        for index, state in enumerate(states):
            self._games.restore(state, index)

    def callmethod(self, method, *args, **kwargs):
        """Calls a method by its name, as gym3's wrappers do."""
        return getattr(self, method)(*args, **kwargs)


class ProcgenEnv:
    """The interface of Baselines' VecEnv that procgen's ProcgenEnv has: reset, step (or step_async and step_wait), num_envs."""

    metadata = {"render.modes": ["human", "rgb_array"], "video.frames_per_second": 15}
    reward_range = (-float("inf"), float("inf"))
    spec = None

    def __init__(self, num_envs, env_name, **options):
        self.env = ProcgenGym3Env(num_envs, env_name, **options)
        self.observation_space, self.action_space = _made_spaces()

    @property
    def num_envs(self):
        return self.env.num

    @property
    def unwrapped(self):
        return self

    def reset(self):
        """The present observations; environments begin anew by themselves, and only by themselves."""
        _, observations, first = self.env.observe()
        if not first.all():
            print("Warning: manual reset ignored")
        return observations

    def step_async(self, actions):
        self.env.act(actions)

    def step_wait(self):
        rewards, observations, first = self.env.observe()
        return observations, rewards, first, self.env.get_info()

    def step(self, actions):
        self.step_async(actions)
        return self.step_wait()

    def render(self, mode="rgb_array"):
        """The first environment's scene, 512 x 512 where it was made with render_mode "rgb_array", else its observation."""
        if mode != "rgb_array":
            return None
        return self.env._games.render(0) if self.env.render_mode else self.env._games.now.observations[0].copy()

    def close(self):
        pass
