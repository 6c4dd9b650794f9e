"""Gymnasium's interfaces, by Gymnasium's own checker and by what its documents say of autoresets."""
import unittest
import warnings

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import apprentice_arcade as arcade
from apprentice_arcade import ArcadeEnv, ArcadeVectorEnv


class EnvTests(unittest.TestCase):
    def test_gymnasiums_checker_passes_for_every_game(self):
        for game in arcade.GAMES:
            with self.subTest(game), warnings.catch_warnings():
                warnings.simplefilter("error")
                env = gymnasium.make(f"arcade/{game}-v0", render_mode="rgb_array", distribution_mode="easy")
                check_env(env.unwrapped)
                env.close()

    def test_truncation_is_told_from_termination(self):
        env = ArcadeEnv("maze", distribution_mode="easy")
        env.reset(seed=3)
        for step in range(500):
            _, _, terminated, truncated, info = env.step(4)
            self.assertEqual((terminated, truncated), (False, step == 499))
        self.assertEqual(info["elapsed_step"], 500)
        with self.assertRaisesRegex(arcade.ArcadeError, "reset it first"):
            env.step(4)
        # Somebody who runs into lava dies by the rules.
        env = ArcadeEnv("ninja", distribution_mode="easy")
        env.reset(seed=1)
        ended = False
        for _ in range(300):
            _, _, ended, truncated, _ = env.step(7)
            if ended or truncated:
                break
        self.assertEqual((ended, truncated), (True, False))

    def test_seeds_and_levels(self):
        env, other = ArcadeEnv("coinrun"), ArcadeEnv("coinrun")
        one, info = env.reset(seed=7)
        two, _ = other.reset(seed=7)
        np.testing.assert_array_equal(one, two)
        self.assertNotEqual(env.reset()[1]["level_seed"], info["level_seed"])
        self.assertNotEqual(ArcadeEnv("coinrun").reset()[1], ArcadeEnv("coinrun").reset()[1])
        three, infos = other.reset(options={"level": info["level_seed"]})
        np.testing.assert_array_equal(one, three)
        self.assertEqual(infos["level_seed"], info["level_seed"])
        with self.assertRaisesRegex(arcade.ArcadeError, "no options levle"):
            env.reset(options={"levle": 3})
        with self.assertRaisesRegex(arcade.ArcadeError, "no action 15"):
            env.step(15)

    def test_states(self):
        env = ArcadeEnv("bigfish")
        env.reset(seed=1)
        env.step(7)
        state = env.get_state()
        after = env.step(8)[0]
        env.set_state(state)
        np.testing.assert_array_equal(env.step(8)[0], after)

    def test_rendering(self):
        env = ArcadeEnv("maze", render_mode="rgb_array")
        env.reset(seed=1)
        self.assertEqual(env.render().shape, (512, 512, 3))
        self.assertIsNone(ArcadeEnv("maze").render())
        with self.assertRaisesRegex(arcade.ArcadeError, "no render mode 'human'"):
            ArcadeEnv("maze", render_mode="human")


class VectorTests(unittest.TestCase):
    def course(self, mode, steps=520, **options):
        """The results of somebody who stands still in two easy mazes, and of whom the time limit makes an end after 500 steps."""
        envs = ArcadeVectorEnv("maze", 2, distribution_mode="easy", autoreset_mode=mode, **options)
        results = [envs.reset(seed=5)]
        for _ in range(steps):
            results.append(envs.step(np.array([4, 4])))
        return results

    def test_it_is_a_vector_environment(self):
        envs = gymnasium.make_vec("arcade/starpilot-v0", num_envs=3, vectorization_mode="vector_entry_point")
        self.assertIsInstance(envs.unwrapped, gymnasium.vector.VectorEnv)
        self.assertEqual(envs.metadata["autoreset_mode"], AutoresetMode.NEXT_STEP)
        obs, infos = envs.reset(seed=1)
        self.assertIn(obs, envs.observation_space)
        self.assertEqual(envs.single_observation_space.shape, (64, 64, 3))
        obs, rewards, terminations, truncations, infos = envs.step(envs.action_space.sample())
        self.assertIn(obs, envs.observation_space)
        for array, kind in ((rewards, np.float32), (terminations, np.bool_), (truncations, np.bool_)):
            self.assertEqual((array.shape, array.dtype), ((3,), kind))
        self.assertTrue(infos["_level_seed"].all())

    def test_as_many_single_environments_play_the_same(self):
        # Gymnasium's own vector of ArcadeEnvs is the truth about seeds and autoresets.
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
            singles = gymnasium.vector.SyncVectorEnv(
                [lambda: ArcadeEnv("bigfish", distribution_mode="easy")] * 5, autoreset_mode=mode)
            envs = ArcadeVectorEnv("bigfish", 5, distribution_mode="easy", autoreset_mode=mode, num_threads=2)
            seeds = [3, 1, 4, 1, 5]
            random = np.random.default_rng(8)
            a, b = singles.reset(seed=seeds)[0], envs.reset(seed=seeds)[0]
            np.testing.assert_array_equal(a, b)
            ends = 0
            for _ in range(300):
                actions = random.integers(0, 15, 5)
                a, b = singles.step(actions), envs.step(actions)
                for one, other in zip(a[:4], b[:4]):
                    np.testing.assert_array_equal(one, other)
                done = a[2] | a[3]
                ends += done.sum()
                if mode is AutoresetMode.SAME_STEP and done.any():
                    np.testing.assert_array_equal(a[4]["_final_obs"], b[4]["_final_obs"])
                    for index in np.nonzero(done)[0]:
                        np.testing.assert_array_equal(a[4]["final_obs"][index], b[4]["final_obs"][index])
                    for key in ("elapsed_step", "prev_level_seed", "prev_level_complete"):
                        np.testing.assert_array_equal(a[4]["final_info"][key], b[4]["final_info"][key])
            self.assertGreater(ends, 3)

    def test_next_step(self):
        results = self.course(AutoresetMode.NEXT_STEP)
        obs, _, terminated, truncated, infos = results[500]
        self.assertTrue(truncated.all() and not terminated.any())
        np.testing.assert_array_equal(obs, results[0][0])
        obs, rewards, terminated, truncated, infos = results[501]
        self.assertFalse(truncated.any() or terminated.any() or rewards.any())
        self.assertEqual(infos["elapsed_step"].tolist(), [0, 0])
        self.assertTrue((obs != results[0][0]).any())

    def test_same_step(self):
        results = self.course("SameStep")
        obs, _, terminated, truncated, infos = results[500]
        self.assertTrue(truncated.all() and not terminated.any())
        np.testing.assert_array_equal(infos["final_obs"][1], results[0][0][1])
        self.assertEqual(infos["final_info"]["elapsed_step"].tolist(), [500, 500])
        self.assertTrue((obs != results[0][0]).any())
        self.assertNotIn("final_obs", results[501][4])

    def test_disabled(self):
        envs = ArcadeVectorEnv("maze", 2, distribution_mode="easy", autoreset_mode=AutoresetMode.DISABLED)
        envs.reset(seed=5)
        for _ in range(500):
            _, _, _, truncated, _ = envs.step([4, 4])
        self.assertTrue(truncated.all())
        with self.assertRaisesRegex(arcade.ArcadeError, "environment 0 is over; reset it first"):
            envs.step([4, 4])
        _, infos = envs.reset(options={"reset_mask": np.array([True, False])})
        self.assertEqual(infos["elapsed_step"].tolist(), [0, 500])

    def test_copies_and_views(self):
        results = self.course(AutoresetMode.NEXT_STEP, steps=3)
        self.assertIsNot(results[1][0].base, results[2][0].base if results[2][0].base is not None else results[2][0])
        envs = ArcadeVectorEnv("coinrun", 2, copy=False)
        first = envs.reset(seed=1)[0]
        before = first.copy()
        for _ in range(10):
            again = envs.step([7, 7])[0]
        self.assertIs(again, first)
        self.assertTrue((before != first).any())

    def test_wrappers_of_gymnasium_work(self):
        envs = ArcadeVectorEnv("bigfish", 4, distribution_mode="easy")
        envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(envs)
        envs = gymnasium.wrappers.vector.TransformReward(envs, lambda reward: np.clip(reward, -1, 1))
        envs.reset(seed=1)
        lengths = []
        for _ in range(300):
            _, _, _, _, infos = envs.step(envs.action_space.sample())
            if "episode" in infos:
                lengths += infos["episode"]["l"][infos["_episode"]].tolist()
        self.assertGreater(len(lengths), 2)

    def test_states_and_levels(self):
        envs = ArcadeVectorEnv("coinrun", 2)
        _, infos = envs.reset(seed=1, options={"levels": [11, 12]})
        self.assertEqual(infos["level_seed"].tolist(), [11, 12])
        states = envs.get_states()
        after = envs.step([7, 8])[0]
        np.testing.assert_array_equal(envs.set_states(states), envs.reset(options={"levels": [11, 12]})[0])
        np.testing.assert_array_equal(envs.step([7, 8])[0], after)
        before = envs.get_states()
        for part, wrong in (("2 environments and 1 states", states[:1]), ("cut off", [states[0], states[1][:-1]])):
            with self.assertRaisesRegex(arcade.ArcadeError, part):
                envs.set_states(wrong)
            self.assertEqual(envs.get_states(), before)

    def test_bad_input(self):
        envs = ArcadeVectorEnv("maze", 2)
        for part, body in (
            ("at least one environment", lambda: ArcadeVectorEnv("maze", 0)),
            ("no autoreset mode 'Never'", lambda: ArcadeVectorEnv("maze", 2, autoreset_mode="Never")),
            ("no option levels", lambda: ArcadeVectorEnv("maze", 2, levels=3)),
            ("2 environments and 3 actions", lambda: envs.step([1, 2, 3])),
            ("2 environments and 1 flags", lambda: envs.reset(options={"reset_mask": [True]})),
            ("2 environments and 1 levels", lambda: envs.reset(options={"levels": [3]})),
            ("either a seed or a reset_mask", lambda: envs.reset(seed=1, options={"reset_mask": [True, False]})),
        ):
            with self.assertRaisesRegex(arcade.ArcadeError, part):
                body()


if __name__ == "__main__":
    unittest.main()
