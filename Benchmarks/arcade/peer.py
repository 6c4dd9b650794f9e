#!/usr/bin/env python3
"""The published libraries' side of compare.py: one line of JSON a game.

usage: peer.py procgen speed THREADS SECONDS MODE       steps per second, 64 environments, random actions
       peer.py procgen random EPISODES MODE [GAME...]   returns and lengths of a random policy
       peer.py envpool speed THREADS SECONDS MODE

procgen has no wheel for today's Python: PYTHONPATH names a checkout of github.com/openai/procgen at 0.10.7 with gym3 installed,
cmake and Qt 5 (Debian's qtbase5-dev); its library builds itself on the first import.
"""
import json, sys, time
import numpy as np

GAMES = ["bigfish", "bossfight", "caveflyer", "chaser", "climber", "coinrun", "dodgeball", "fruitbot", "heist", "jumper", "leaper",
         "maze", "miner", "ninja", "plunder", "starpilot"]


class Procgen:
    def __init__(self, game, mode, count, threads, seed=1):
        from procgen.env import ProcgenGym3Env
        self.env = ProcgenGym3Env(num=count, env_name=game, distribution_mode=mode, num_threads=0 if threads == 1 else threads,
                                  rand_seed=seed)
        self.env.observe()

    def step(self, actions):
        self.env.act(actions)
        reward, _, first = self.env.observe()
        return reward, first


class EnvPool:
    def __init__(self, game, mode, count, threads, seed=1):
        import envpool
        name = {"bigfish": "Bigfish", "bossfight": "Bossfight", "caveflyer": "Caveflyer", "dodgeball": "Dodgeball",
                "fruitbot": "Fruitbot", "starpilot": "Starpilot"}.get(game, game.capitalize())
        self.env = envpool.make_gymnasium(f"{name}{mode.capitalize()}-v0", num_envs=count, num_threads=threads, seed=seed)
        self.env.reset()

    def step(self, actions):
        _, reward, terminated, truncated, _ = self.env.step(actions)
        return reward, terminated | truncated


def speed(peer, threads, seconds, mode):
    random = np.random.default_rng(2)
    for game in GAMES:
        env = peer(game, mode, 64, threads)

        def play(limit):
            start, steps = time.perf_counter(), 0
            while True:
                env.step(random.integers(0, 15, 64).astype(np.int32))
                steps += 64
                passed = time.perf_counter() - start
                if passed >= limit:
                    return steps / passed
        play(seconds / 3)
        print(json.dumps({"game": game, "steps_per_second": round(play(seconds))}), flush=True)


def sample(peer, episodes, mode, games):
    random = np.random.default_rng(2)
    for game in games or GAMES:
        count = 50
        env = peer(game, mode, count, 1)
        quota = [episodes // count] * count
        returns, lengths = [], []
        total, length = np.zeros(count), np.zeros(count, int)
        while sum(quota):
            reward, first = env.step(random.integers(0, 15, count).astype(np.int32))
            total += reward
            length += 1
            for i in np.nonzero(first)[0]:
                # As many episodes of each environment: else short ones would be seen more often.
                if quota[i]:
                    quota[i] -= 1
                    returns.append(float(total[i]))
                    lengths.append(int(length[i]))
                total[i], length[i] = 0, 0
        print(json.dumps({"game": game, "returns": [round(x, 4) for x in returns], "lengths": lengths}), flush=True)


if __name__ == "__main__":
    peer = {"procgen": Procgen, "envpool": EnvPool}[sys.argv[1]]
    if sys.argv[2] == "speed":
        speed(peer, int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
    else:
        sample(peer, int(sys.argv[3]), sys.argv[4], sys.argv[5:])
