"""procgen's interfaces, as CleanRL's ppo_procgen.py and gym3's programs use them."""
import unittest

import numpy as np

import apprentice_arcade as arcade
from apprentice_arcade.procgen import ENV_NAMES, ProcgenEnv, ProcgenGym3Env


class ProcgenTests(unittest.TestCase):
    def test_what_cleanrl_does(self):
        envs = ProcgenEnv(num_envs=4, env_name="bigfish", num_levels=0, start_level=0, distribution_mode="easy")
        self.assertEqual(envs.observation_space["rgb"].shape, (64, 64, 3))
        self.assertEqual((envs.action_space.n, envs.num_envs), (15, 4))
        obs = envs.reset()
        self.assertEqual((obs["rgb"].shape, obs["rgb"].dtype), ((4, 64, 64, 3), np.uint8))
        ends = 0
        for _ in range(200):
            before = obs["rgb"].copy()
            obs, reward, done, infos = envs.step(np.random.default_rng(1).integers(0, 15, 4))
            self.assertEqual((reward.dtype, done.dtype, len(infos)), (np.float32, bool, 4))
            self.assertEqual(set(infos[0]), {"prev_level_seed", "prev_level_complete", "level_seed"})
            for index in np.nonzero(done)[0]:
                ends += 1
                # The step that ends an episode shows the next one.
                self.assertNotEqual(infos[index]["level_seed"], infos[index]["prev_level_seed"])
                self.assertFalse((before[index] == obs["rgb"][index]).all())
        self.assertGreater(ends, 0)

    def test_time_limits_are_done_like_ends(self):
        envs = ProcgenEnv(num_envs=1, env_name="maze", distribution_mode="easy", rand_seed=3)
        done = [envs.step(np.array([4]))[2][0] for _ in range(501)]
        self.assertEqual(np.nonzero(done)[0].tolist(), [499])

    def test_seeds_and_levels(self):
        def first(**options):
            return ProcgenEnv(num_envs=6, env_name="coinrun", num_threads=0, **options).reset()["rgb"]

        np.testing.assert_array_equal(first(rand_seed=4), first(rand_seed=4))
        self.assertTrue((first() != first()).any())
        env = ProcgenGym3Env(6, "coinrun", num_levels=2, start_level=50)
        self.assertEqual({info["level_seed"] for info in env.get_info()} | {50, 51}, {50, 51})
        env = ProcgenGym3Env(2, "maze", distribution_mode="exploration")
        self.assertEqual(env.get_info()[0]["level_seed"], 158988835)

    def test_gym3(self):
        # Levels of a seed: of levels by chance now and then one ends with its first step.
        env = ProcgenGym3Env(num=3, env_name="jumper", rand_seed=1, render_mode="rgb_array")
        reward, obs, first = env.observe()
        self.assertTrue(first.all())
        self.assertEqual(env.get_info()[2]["rgb"].shape, (512, 512, 3))
        env.act(np.array([7, 7, 7]))
        again, same, first = env.observe()
        self.assertFalse(first.any())
        states = env.get_state()
        env.act(np.array([8, 8, 8]))
        moved = env.observe()[1]["rgb"]
        env.set_state(states)
        np.testing.assert_array_equal(env.observe()[1]["rgb"], same["rgb"])
        env.act(np.array([8, 8, 8]))
        np.testing.assert_array_equal(env.observe()[1]["rgb"], moved)
        self.assertEqual([int(a[0]) for a in env.keys_to_act([["LEFT", "UP"], [], ["D", "Z"]])], [2, 4, 9])
        self.assertEqual(env.callmethod("get_combos")[8], ("RIGHT", "UP"))

    def test_bad_input(self):
        self.assertEqual(tuple(ENV_NAMES), arcade.GAMES)
        for part, options in (
            ("Did you mean 'maze'", dict(env_name="mazes")),
            ("no mode 'hrad'", dict(distribution_mode="hrad")),
            ("no option levels", dict(levels=3)),
            ("use_generated_assets isn't there", dict(use_generated_assets=True)),
            ("leave num_levels out", dict(distribution_mode="exploration", num_levels=1)),
            ("no render mode 'human'", dict(render_mode="human")),
        ):
            with self.assertRaisesRegex(arcade.ArcadeError, part):
                ProcgenEnv(num_envs=1, **{"env_name": "maze", **options})
        envs = ProcgenEnv(num_envs=2, env_name="maze", use_generated_assets=False, debug_mode=0)
        with self.assertRaisesRegex(arcade.ArcadeError, "2 environments and 3 actions"):
            envs.step(np.array([1, 2, 3]))


if __name__ == "__main__":
    unittest.main()
