"""EnvPool's interface: what is sent comes back, in batches, and each environment plays what it plays in a vector."""
import unittest

import numpy as np

import apprentice_arcade as arcade


class PoolTests(unittest.TestCase):
    def test_environments_play_what_they_play_in_a_vector(self):
        count, steps = 7, 80
        for game in ("coinrun", "bigfish"):
            options = dict(mode="easy", seed=11, autoreset="next_step")
            vector = arcade.Games(game, count, **options)
            vector.reset()
            script = np.random.default_rng(4).integers(0, 15, (steps, count))
            expected = [vector.now.observations.copy()], [vector.now.rewards.copy()], [vector.now.done.copy()]
            for actions in script:
                now = vector.step(actions)
                for kept, array in zip(expected, (now.observations, now.rewards, now.done)):
                    kept.append(array.copy())
            pool = arcade.Pool(game, count, 3, threads=2, **options)
            pool.reset()
            played = np.zeros(count, int)
            at_work = count
            # The last results of some environments don't make a batch any more.
            while at_work >= 3:
                batch = pool.receive()
                onward = []
                for place, index in enumerate(batch.environments):
                    step = played[index]
                    np.testing.assert_array_equal(batch.observations[place], expected[0][step][index])
                    self.assertEqual(batch.rewards[place], expected[1][step][index])
                    self.assertEqual(batch.done[place], expected[2][step][index])
                    played[index] += 1
                    if step < steps:
                        onward.append(index)
                if onward:
                    pool.send([script[played[index] - 1][index] for index in onward], onward)
                at_work += len(onward) - 3
            self.assertGreater(played.sum(), count * steps * 3 // 4)

    def test_send_and_recv_as_envpools_users_write_them(self):
        env = arcade.make("CoinrunEasy-v0", env_type="gymnasium", num_envs=8, batch_size=4, num_threads=2, seed=1)
        self.assertEqual((len(env), env.is_async, env.config["max_episode_steps"]), (8, True, 1000))
        self.assertEqual((env.observation_space.shape, env.action_space.n), ((64, 64, 3), 15))
        env.async_reset()
        seen = set()
        for _ in range(40):
            obs, rewards, terminated, truncated, info = env.recv()
            self.assertEqual((obs.shape, obs.dtype, rewards.dtype), ((4, 64, 64, 3), np.uint8, np.float32))
            self.assertEqual((terminated.dtype, truncated.dtype, info["env_id"].dtype), (bool, bool, np.int32))
            seen.update(info["env_id"].tolist())
            env.send(np.full(4, 7), info["env_id"])
        self.assertEqual(seen, set(range(8)))

    def test_sync_and_gym(self):
        env = arcade.make("maze", env_type="gymnasium", num_envs=3, distribution_mode="easy")
        obs, info = env.reset()
        self.assertEqual((obs.shape, info["elapsed_step"].tolist()), ((3, 64, 64, 3), [0, 0, 0]))
        for step in range(500):
            obs, _, terminated, truncated, info = env.step(np.full(3, 4))
            order = np.argsort(info["env_id"])
        self.assertEqual((truncated.all(), terminated.any(), info["elapsed_step"].tolist()), (True, False, [500] * 3))
        # The step after the last one begins a new episode whatever its action is.
        _, rewards, terminated, truncated, info = env.step(np.full(3, 7))
        self.assertEqual((truncated.any(), rewards.any(), info["elapsed_step"].tolist()), (False, False, [0] * 3))
        self.assertEqual(sorted(order), [0, 1, 2])
        first = arcade.make("maze", env_type="gymnasium", num_envs=2, channel_first=True).reset()[0]
        self.assertEqual(first.shape, (2, 3, 64, 64))
        np.testing.assert_array_equal(
            first.transpose(0, 2, 3, 1), arcade.make("MazeHard-v0", num_envs=2).reset()[0])

    def test_names(self):
        self.assertIn("StarpilotExtreme-v0", arcade.list_all_envs())
        self.assertIn("JumperMemory-v0", arcade.list_all_envs())
        self.assertNotIn("BigfishMemory-v0", arcade.list_all_envs())
        for name, part in (("ConrunEasy-v0", "did you mean 'CoinrunEasy-v0'"), ("qqq", "list_all_envs")):
            with self.assertRaisesRegex(arcade.ArcadeError, part):
                arcade.make(name)

    def test_what_cant_be_sent_or_received_is_refused(self):
        env = arcade.make("maze", num_envs=4, batch_size=2)
        for part, body in (
            ("0 environments are at work", lambda: env.recv()),
            ("no environment 4", lambda: env.send([1], [4])),
            ("1 actions for 2 environments", lambda: env.send([1], [0, 1])),
            ("sent twice", lambda: env.send([1, 1], [0, 0])),
            ("no action 99", lambda: env.send([99], [0])),
            ("1 to 4 of them, not 5", lambda: arcade.make("maze", num_envs=4, batch_size=5)),
            ("no env_type 'dm'", lambda: arcade.make("maze", env_type="dm")),
            ("no option stack_num", lambda: arcade.make("maze", stack_num=4)),
            ("given to make", lambda: env.reset(seed=3)),
        ):
            with self.assertRaisesRegex(arcade.ArcadeError, part):
                body()
        env.async_reset()
        with self.assertRaisesRegex(arcade.ArcadeError, "at work"):
            env.send([1], [0])

    def test_a_pool_ends_while_it_works(self):
        for _ in range(20):
            pool = arcade.Pool("coinrun", 16, 4, threads=4, mode="easy")
            pool.reset()
            pool.receive()
            del pool


if __name__ == "__main__":
    unittest.main()
