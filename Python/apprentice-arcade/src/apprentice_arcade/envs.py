"""The games as Gymnasium's environments: one (ArcadeEnv) and many (ArcadeVectorEnv).

Options, for both: num_levels (0 for all), start_level, distribution_mode ("easy", "hard", for some games "extreme", "memory",
"exploration"), use_sequential_levels, center_agent, use_backgrounds, use_monochrome_assets, restrict_themes, paint_vel_info, as in
procgen.
"""
import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from .games import ACTIONS, OBSERVATION_SHAPE, Games
from ._library import ArcadeError
from ._options import arcade_options

OBSERVATION_SPACE = gymnasium.spaces.Box(0, 255, OBSERVATION_SHAPE, np.uint8)
FPS = 15


def _chosen_options(options, allowed):
    options = dict(options or {})
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        raise ArcadeError(f"reset takes no options {', '.join(unknown)}; it takes {', '.join(allowed)}.")
    return options


class ArcadeEnv(gymnasium.Env):
    """One game, played step by step.

    Observations are 64 x 64 x 3 bytes; actions are 0 to 14 (see ACTIONS). `terminated` says that the game's rules ended the episode,
    `truncated` that its time was up. After either, reset begins a new one. `reset(seed=…)` starts the order of levels anew, so that the
    same seed and actions give the same observations; `reset(options={"level": n})` begins a level of one's choice.
    render() draws the same scene with 512 x 512 pixels.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": FPS}

    def __init__(self, game="coinrun", render_mode=None, **options):
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ArcadeError(f"There is no render mode {render_mode!r}; there is 'rgb_array'.")
        self.render_mode = render_mode
        self._make = lambda seed: Games(game, seed=seed, autoreset="disabled", **arcade_options(options))
        self._games = self._make(0)
        # An order of levels that nobody chose is another one each time.
        self._has_seed = False
        self.observation_space = gymnasium.spaces.Box(0, 255, OBSERVATION_SHAPE, np.uint8)
        self.action_space = gymnasium.spaces.Discrete(len(ACTIONS))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        options = _chosen_options(options, ["level"])
        if seed is not None:
            self._games.reset(seed=[seed])
        elif not self._has_seed:
            self._games.reset(seed=[int(self.np_random.integers(2**63))])
        else:
            self._games.reset()
        self._has_seed = True
        if "level" in options:
            self._games.begin(0, options["level"])
        return self._games.now.observations[0].copy(), self._info()

    def step(self, action):
        now = self._games.step(np.asarray(action).reshape(-1))
        return (
            now.observations[0].copy(), float(now.rewards[0]), bool(now.terminated[0]), bool(now.truncated[0]), self._info())

    def _info(self):
        now = self._games.now
        return {
            "level_seed": int(now.levels[0]), "prev_level_seed": int(now.previous_levels[0]),
            "prev_level_complete": bool(now.previous_complete[0]), "elapsed_step": int(now.elapsed[0]),
        }

    def render(self):
        return self._games.render(0) if self.render_mode == "rgb_array" else None

    def get_state(self):
        """The whole state as bytes."""
        return self._games.save(0)

    def set_state(self, state):
        """Goes on from a state of the same game and mode, and returns what is seen there."""
        return self._games.restore(state, 0).observations[0].copy()


class ArcadeVectorEnv(gymnasium.vector.VectorEnv):
    """Many environments of one game that take their steps together, spread over threads.

    `autoreset_mode` says what follows the end of an episode (https://farama.org/Vector-Autoreset-Mode):
      AutoresetMode.NEXT_STEP  the step that ends it shows its last observation; the next step heeds no action, has no reward and shows
                               the first observation of a new episode. The default, as in Gymnasium and EnvPool.
      AutoresetMode.SAME_STEP  the step that ends it shows the first observation of a new episode; the last one is in
                               infos["final_obs"] and its infos in infos["final_info"]. The way of the benchmark.
      AutoresetMode.DISABLED   reset(options={"reset_mask": flags}) begins new episodes; a step before that is an error.
    `terminations` are ends by the game's rules and `truncations` by the time limit.

    With copy=False observations, rewards and flags are views of the library's memory, which the next step overwrites.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": FPS}

    def __init__(
        self, game="coinrun", num_envs=1, *, seed=0, num_threads=1, autoreset_mode=AutoresetMode.NEXT_STEP, copy=True,
        render_mode=None, **options
    ):
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ArcadeError(f"There is no render mode {render_mode!r}; there is 'rgb_array'.")
        try:
            mode = AutoresetMode(autoreset_mode)
        except ValueError:
            raise ArcadeError(
                f"There is no autoreset mode {autoreset_mode!r}; there are {', '.join(repr(m.value) for m in AutoresetMode)}."
            ) from None
        self.render_mode, self.copy = render_mode, copy
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self._mode = mode
        self._games = Games(
            game, num_envs, seed=seed, threads=num_threads, autoreset=mode.name.lower(),
            keeps_final_observations=mode is AutoresetMode.SAME_STEP, **arcade_options(options))
        self.num_envs = self._games.count
        self.single_observation_space = gymnasium.spaces.Box(0, 255, OBSERVATION_SHAPE, np.uint8)
        self.single_action_space = gymnasium.spaces.Discrete(len(ACTIONS))
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, self.num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, self.num_envs)

    def reset(self, *, seed=None, options=None):
        """Begins new episodes.

        seed a number: the environments have orders of levels of their own that follow from it; a list: environment i plays what an
        ArcadeEnv of its seed would. options: {"reset_mask": flags} for some environments alone, {"levels": seeds} for levels of one's
        choice.
        """
        super().reset(seed=seed if np.ndim(seed) == 0 else None)
        options = _chosen_options(options, ["reset_mask", "levels"])
        mask = options.get("reset_mask")
        if mask is not None:
            if seed is not None:
                raise ArcadeError("Give either a seed or a reset_mask.")
            self._games.reset(where=mask)
        else:
            self._games.reset(seed=seed)
        if "levels" in options:
            levels = np.asarray(options["levels"]).reshape(-1)
            if levels.size != self.num_envs:
                raise ArcadeError(f"There are {self.num_envs} environments and {levels.size} levels; give one for each.")
            for index, level in enumerate(levels):
                self._games.begin(index, level)
        return self._given(self._games.now.observations), self._infos()

    def step(self, actions):
        now = self._games.step(actions)
        infos = self._infos()
        if self._mode is AutoresetMode.SAME_STEP and now.done.any():
            self._add_final(infos, now)
        return (
            self._given(now.observations), self._given(now.rewards), self._given(now.terminated), self._given(now.truncated),
            infos)

    def _given(self, array):
        return array.copy() if self.copy else array

    def _infos(self):
        now, infos = self._games.now, {}
        for key, array in (
            ("level_seed", now.levels), ("prev_level_seed", now.previous_levels),
            ("prev_level_complete", now.previous_complete), ("elapsed_step", now.elapsed),
        ):
            infos[key], infos["_" + key] = array.copy(), np.ones(self.num_envs, bool)
        return infos

    def _add_final(self, infos, now):
        done = now.done
        last = np.full(self.num_envs, None, object)
        for index in np.nonzero(done)[0]:
            last[index] = now.final_observations[index].copy()
        final = {}
        for key in ("prev_level_seed", "prev_level_complete", "elapsed_step"):
            final[key], final["_" + key] = np.where(done, infos[key], 0).astype(infos[key].dtype), done.copy()
        infos["final_obs"], infos["_final_obs"] = last, done.copy()
        infos["final_info"], infos["_final_info"] = final, done.copy()

    def render(self):
        if self.render_mode != "rgb_array":
            return None
        return tuple(self._games.render(index) for index in range(self.num_envs))

    def get_states(self):
        """The whole states of all environments, each as bytes."""
        return [self._games.save(index) for index in range(self.num_envs)]

    def set_states(self, states):
        """Goes on from states of the same game and mode, one for each environment, and returns what is seen there."""
        if len(states) != self.num_envs:
            raise ArcadeError(f"There are {self.num_envs} environments and {len(states)} states; give one for each.")
        before = self.get_states()
        try:
            for index, state in enumerate(states):
                self._games.restore(state, index)
        except ArcadeError:
            for index, state in enumerate(before):
                self._games.restore(state, index)
            raise
        return self._given(self._games.now.observations)
