"""EnvPool's interface: `make` and the object that it gives, whose send and recv keep slow environments from holding up the rest.

    import apprentice_arcade as envpool
    env = envpool.make("CoinrunEasy-v0", env_type="gymnasium", num_envs=64, batch_size=16, num_threads=2, seed=1)
    env.async_reset()
    while True:
        obs, rewards, terminated, truncated, info = env.recv()
        env.send(policy(obs), info["env_id"])

Names of tasks are EnvPool's: game and mode (Easy, Hard, Extreme, Memory, Exploration) with the version, or the game alone, which is
hard. Observations are [batch, 64, 64, 3] (EnvPool's are [batch, 3, 64, 64] unless it is told channel_first=False; here
channel_first=True does that). The step that ends an episode shows its last observation, and the next one begins a new episode.
Arrays are copies; with copy=False they are views that are valid until the next batch but one is received.
"""
import re

import numpy as np

from ._library import ArcadeError
from ._options import arcade_options
from .games import ACTIONS, GAMES, OBSERVATION_SHAPE, TIME_LIMITS, Pool


def list_all_envs():
    """The names of all tasks."""
    return [f"{game.capitalize()}{mode.capitalize()}-v0" for game in GAMES for mode in TIME_LIMITS[game]]


def _task(name):
    match = re.fullmatch(r"([A-Za-z]+?)(Easy|Hard|Extreme|Memory|Exploration)?(-v0)?", name)
    game = match and match[1].lower()
    if game not in GAMES:
        from difflib import get_close_matches
        near = get_close_matches(name, list_all_envs(), 1)
        raise ArcadeError(
            f"There is no task {name!r}; " + (f"did you mean {near[0]!r}?" if near else "list_all_envs() names them."))
    return game, (match[2] or "Hard").lower()


def make(task_id, env_type="gymnasium", **options):
    """The environments of a task; env_type "gymnasium" or "gym" (observations alone from reset, one `done` from step)."""
    if env_type not in ("gymnasium", "gym"):
        raise ArcadeError(f"There is no env_type {env_type!r}; there are 'gymnasium' and 'gym'.")
    game, mode = _task(task_id)
    mode = options.pop("distribution_mode", mode)
    return EnvPool(game, mode, env_type, **options)


def make_gymnasium(task_id, **options):
    """The environments of a task, with Gymnasium's results."""
    return make(task_id, "gymnasium", **options)


class EnvPool:
    """Environments of one task; see this module."""

    def __init__(
        self, game, mode, env_type, num_envs=1, batch_size=None, num_threads=1, seed=42, channel_first=False, copy=True, **options
    ):
        batch_size = batch_size or num_envs
        self._pool = Pool(
            game, num_envs, batch_size, mode=mode, seed=seed, threads=num_threads or 1, autoreset="next_step",
            **arcade_options(options))
        self._is_gym, self._channel_first, self._copy = env_type == "gym", channel_first, copy
        self.num_envs, self.batch_size = num_envs, batch_size
        self.config = {
            "num_envs": num_envs, "batch_size": batch_size, "num_threads": num_threads, "seed": seed, "env_name": game,
            "distribution_mode": mode, "max_episode_steps": TIME_LIMITS[game][mode], "channel_first": channel_first, **options,
        }
        self.all_env_ids = np.arange(num_envs, dtype=np.int32)
        self.observation_space = self.action_space = None
        try:
            if self._is_gym:
                from gym import spaces
            else:
                from gymnasium import spaces
        except ImportError:
            return
        shape = OBSERVATION_SHAPE[2:] + OBSERVATION_SHAPE[:2] if channel_first else OBSERVATION_SHAPE
        self.observation_space = spaces.Box(low=0, high=255, shape=shape, dtype=np.uint8)
        self.action_space = spaces.Discrete(len(ACTIONS))

    def __len__(self):
        return self.num_envs

    @property
    def is_async(self):
        """Whether a batch has fewer environments than there are."""
        return self.batch_size != self.num_envs

    @property
    def single_observation_space(self):
        return self.observation_space

    @property
    def single_action_space(self):
        return self.action_space

    def async_reset(self):
        """Sets all environments going; recv gives their first observations."""
        self._pool.reset()

    def send(self, action, env_id=None):
        """Gives environments their actions and returns at once."""
        if isinstance(action, dict):
            action, env_id = action["action"], action.get("env_id", env_id)
        self._pool.send(action, self.all_env_ids if env_id is None else env_id)

    def recv(self, reset=False, return_info=True):
        """The next batch: observations, rewards, terminated, truncated (or done) and infos, whose env_id says of which environments."""
        now = self._pool.receive()
        given = np.copy if self._copy else (lambda array: array)
        observations = given(now.observations)
        if self._channel_first:
            observations = np.ascontiguousarray(observations.transpose(0, 3, 1, 2))
        # Without copies the indices would change under the hands of who sends the next actions.
        info = {
            "env_id": now.environments.copy(), "level_seed": now.levels.copy(), "prev_level_seed": now.previous_levels.copy(),
            "prev_level_complete": now.previous_complete.astype(np.int32), "elapsed_step": now.elapsed.copy(),
        }
        if self._is_gym:
            info["TimeLimit.truncated"] = now.truncated.copy()
        if reset:
            return (observations, info) if return_info and not self._is_gym else observations
        if self._is_gym:
            return observations, given(now.rewards), now.done, info
        return observations, given(now.rewards), given(now.terminated), given(now.truncated), info

    def step(self, action, env_id=None):
        """send and recv."""
        self.send(action, env_id)
        return self.recv()

    def reset(self, env_id=None, *, seed=None, options=None):
        """Begins new episodes in all environments, or in some, whose results make a batch; their seed is given to make."""
        if seed is not None:
            raise ArcadeError("The seed is given to make(..., seed=...), as EnvPool has it.")
        self._pool.reset(env_id)
        return self.recv(reset=True)

    def close(self):
        self._pool = None

    def __repr__(self):
        return f"EnvPool({', '.join(f'{name}={value!r}' for name, value in self.config.items())})"
