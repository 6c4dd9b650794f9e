"""The games on numpy alone, as the header of the library describes them."""
import gc
import unittest

import numpy as np

import apprentice_arcade as arcade


class Actions:
    """Actions drawn for a test, the same for the same seed."""

    def __init__(self, seed, count):
        self.random, self.count = np.random.default_rng(seed), count

    def __call__(self):
        return self.random.integers(0, 15, self.count)


class GamesTests(unittest.TestCase):
    def test_what_there_is(self):
        self.assertEqual(len(arcade.GAMES), 16)
        self.assertEqual(arcade.OBSERVATION_SHAPE, (64, 64, 3))
        self.assertEqual((arcade.ACTIONS[0], arcade.ACTIONS[4], arcade.ACTIONS[9]), (("LEFT", "DOWN"), (), ("D",)))
        self.assertEqual((arcade.TIME_LIMITS["bigfish"]["hard"], arcade.TIME_LIMITS["jumper"]["memory"]), (6000, 2000))
        # Cobbe and others 2019, appendix C.
        self.assertEqual(arcade.NORMALIZATION["starpilot"]["easy"], (2.5, 64))
        self.assertIsNone(arcade.NORMALIZATION["maze"]["memory"])

    def test_same_seed_same_course_whatever_the_threads(self):
        for game in ("coinrun", "bigfish", "plunder"):
            one, three = arcade.Games(game, 12, seed=5), arcade.Games(game, 12, seed=5, threads=3)
            other = arcade.Games(game, 12, seed=6)
            actions = Actions(1, 12)
            for _ in range(60):
                now = actions()
                a, b = one.step(now), three.step(now)
                other.step(now)
                np.testing.assert_array_equal(a.observations, b.observations)
                np.testing.assert_array_equal(a.rewards, b.rewards)
                np.testing.assert_array_equal(a.levels, b.levels)
            self.assertTrue((a.levels != other.now.levels).any())
            self.assertGreater(len(np.unique(a.observations)), 20)

    def test_arrays_are_the_librarys_memory_and_outlive_the_games(self):
        games = arcade.Games("coinrun", 4, mode="easy")
        step = games.now
        first = step.observations.copy()
        for _ in range(20):
            self.assertIs(games.step([7, 7, 7, 7]), step)
        self.assertFalse((first == step.observations).all())
        last = step.observations.copy()
        del games
        gc.collect()
        np.testing.assert_array_equal(step.observations, last)

    def test_a_state_goes_on_as_its_environment_would(self):
        for game in arcade.GAMES:
            one, two = arcade.Games(game, 1, mode="easy", seed=3), arcade.Games(game, 1, mode="easy", seed=4)
            actions = Actions(2, 1)
            for _ in range(25):
                one.step(actions())
            state = one.save()
            np.testing.assert_array_equal(two.restore(state).observations, one.now.observations)
            self.assertEqual(two.save(), state)
            for _ in range(25):
                now = actions()
                a, b = one.step(now), two.step(now)
                np.testing.assert_array_equal(a.observations, b.observations)
                self.assertEqual((a.rewards[0], a.terminated[0], a.levels[0]), (b.rewards[0], b.terminated[0], b.levels[0]))

    def test_the_large_picture_shows_the_same_scene(self):
        games = arcade.Games("bigfish", 1, mode="easy", seed=3)
        large, small = games.render().astype(float), games.now.observations[0].astype(float)
        self.assertEqual(large.shape, (512, 512, 3))
        shrunk = large.reshape(64, 8, 64, 8, 3).mean((1, 3))
        self.assertLess(abs(shrunk - small).mean(), 12)
        self.assertGreater(np.corrcoef(shrunk.ravel(), small.ravel())[0, 1], 0.9)

    def test_resets(self):
        games = arcade.Games("maze", 3, mode="easy", seed=1)
        first = games.now.observations.copy()
        games.step([7, 7, 7])
        games.reset(seed=1)
        np.testing.assert_array_equal(games.now.observations, first)
        games.step([7, 7, 7])
        levels = games.now.levels.copy()
        games.reset(where=[False, True, False])
        self.assertEqual(list(games.now.elapsed), [1, 0, 1])
        self.assertEqual((games.now.levels == levels).tolist(), [True, False, True])
        games.reset(seed=[8, 9, 8])
        alone = arcade.Games("maze", 1, mode="easy")
        alone.reset(seed=[8])
        np.testing.assert_array_equal(games.now.observations[0], alone.now.observations[0])
        np.testing.assert_array_equal(games.now.observations[2], alone.now.observations[0])
        self.assertEqual(games.begin(1, 41).levels[1], 41)

    def test_final_observations(self):
        options = dict(mode="easy", seed=2, levels=3)
        same = arcade.Games("maze", 2, autoreset="same_step", keeps_final_observations=True, **options)
        none = arcade.Games("maze", 2, autoreset="disabled", **options)
        for _ in range(500):
            a, b = same.step([4, 4]), none.step([4, 4])
            if b.done.any():
                break
        self.assertTrue(a.done[0] and a.truncated[0] and not a.terminated[0])
        np.testing.assert_array_equal(a.final_observations[0], b.observations[0])
        self.assertEqual(a.elapsed[0], 500)

    def test_bad_input_is_refused_in_words_and_changes_nothing(self):
        def refuses(part, body):
            with self.assertRaises(arcade.ArcadeError) as caught:
                body()
            self.assertIn(part, str(caught.exception))

        refuses("Did you mean 'coinrun'?", lambda: arcade.Games("conrun"))
        refuses("no mode 'hrad'", lambda: arcade.Games("maze", mode="hrad"))
        refuses("has no mode 'memory'", lambda: arcade.Games("bigfish", mode="memory"))
        refuses("-1 levels", lambda: arcade.Games("maze", levels=-1))
        refuses("exploration has one level", lambda: arcade.Games("maze", mode="exploration", levels=3))
        refuses("at least one environment", lambda: arcade.Games("maze", 0))
        refuses("at least one thread", lambda: arcade.Games("maze", threads=0))
        refuses("no autoreset 'never'", lambda: arcade.Games("maze", autoreset="never"))
        refuses("levels can't be", lambda: arcade.Games("maze", levels=2**70))
        refuses("aren't among them", lambda: arcade.Games("maze", levels=2**40))
        games = arcade.Games("maze", 3)
        state = games.save(1)
        refuses("3 environments and 2 actions", lambda: games.step([1, 2]))
        refuses("action 15, which environment 2", lambda: games.step([1, 2, 15]))
        refuses("action -1, which environment 0", lambda: games.step([-1, 2, 1]))
        refuses("whole numbers", lambda: games.step([0.5, 1.0, 2.0]))
        refuses("Actions go from", lambda: games.step([2**40, 1, 2]))
        refuses("3 environments and 1 flags", lambda: games.reset(where=[True]))
        refuses("3 environments and 2 seeds", lambda: games.reset(seed=[1, 2]))
        refuses("Seeds go from", lambda: games.reset(seed=-1))
        refuses("no environment 3", lambda: games.save(3))
        refuses("no environment -1", lambda: games.render(-1))
        refuses("of the game heist", lambda: games.restore(arcade.Games("heist").save(), 1))
        refuses("of the mode easy", lambda: games.restore(arcade.Games("maze", mode="easy").save(), 1))
        refuses("cut off", lambda: games.restore(state[:-3], 1))
        refuses("aren't one of the arcade's", lambda: games.restore(b"hello world", 1))
        self.assertEqual(games.save(1), state)


if __name__ == "__main__":
    unittest.main()
