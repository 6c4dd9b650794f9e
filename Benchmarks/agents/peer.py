#!/usr/bin/env python3
"""CleanRL's PPO over EnvPool's Procgen: the other side of compare.py, one line of JSON.

usage: peer.py GAME NETWORK SECONDS THREADS [DEVICE [bf16]]

The loop is that of CleanRL's ppo_procgen.py (64 environments, 256 steps, 8 minibatches, 3 epochs, Adam with epsilon 1e-5, whitened
advantages, clipped values, gradients of norm 0.5), written down here because its file wants other environments and loggers.
NETWORK is its IMPALA network, or 'small', the strided one (16 channels of 8 x 8 every 4, 32 of 4 x 4 every 2, 256 units).
The first rollout and its updates aren't counted. Learning is looked at as well: the mean return of the last 100 episodes.
"""
import collections, json, sys, time

import envpool
import numpy as np
import torch
from torch import nn

game, kind, seconds, threads = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
device = torch.device(sys.argv[5] if len(sys.argv) > 5 else "cpu")
half = "bf16" in sys.argv[6:]
torch.set_num_threads(threads)
torch.manual_seed(1)
ENVS, STEPS, MINIBATCHES, EPOCHS = 64, 256, 8, 3
GAMMA, LAMBDA, CLIP = 0.999, 0.95, 0.2
names = {"bigfish": "Bigfish", "bossfight": "Bossfight", "caveflyer": "Caveflyer", "dodgeball": "Dodgeball", "fruitbot": "Fruitbot",
         "starpilot": "Starpilot"}


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv0, self.conv1 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x):
        return x + self.conv1(torch.relu(self.conv0(torch.relu(x))))


def layer(module, gain=2 ** 0.5):
    nn.init.orthogonal_(module.weight, gain)
    nn.init.zeros_(module.bias)
    return module


def body():
    if kind == "small":
        return nn.Sequential(layer(nn.Conv2d(3, 16, 8, 4)), nn.ReLU(), layer(nn.Conv2d(16, 32, 4, 2)), nn.ReLU(), nn.Flatten(),
                             layer(nn.Linear(1152, 256)), nn.ReLU())
    stages, inputs = [], 3
    for outputs in (16, 32, 32):
        stages += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.MaxPool2d(3, 2, 1), Residual(outputs), Residual(outputs)]
        inputs = outputs
    return nn.Sequential(*stages, nn.Flatten(), nn.ReLU(), nn.Linear(2048, 256), nn.ReLU())


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.network, self.actor, self.critic = body(), layer(nn.Linear(256, 15), 0.01), layer(nn.Linear(256, 1), 1)

    def forward(self, x):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            hidden = self.network(x / 255.0)
        hidden = hidden.float()
        return torch.distributions.Categorical(logits=self.actor(hidden)), self.critic(hidden).flatten()


class NormalizedRewards:
    """Gymnasium's: divided by the running deviation of discounted sums, cut at 10."""

    def __init__(self):
        self.mean, self.var, self.count, self.sums = 0.0, 1.0, 1e-4, np.zeros(ENVS)

    def __call__(self, rewards, done):
        self.sums = self.sums * GAMMA * (1 - done) + rewards
        delta, total = self.sums.mean() - self.mean, self.count + ENVS
        self.var = (self.var * self.count + self.sums.var() * ENVS + delta ** 2 * self.count * ENVS / total) / total
        self.mean, self.count = self.mean + delta * ENVS / total, total
        return np.clip(rewards / np.sqrt(self.var + 1e-8), -10, 10)


envs = envpool.make_gym(f"{names.get(game, game.capitalize())}Easy-v0", num_envs=ENVS, num_threads=threads, seed=1, num_levels=200,
                        start_level=0)
agent = Agent().to(device)
optimizer = torch.optim.Adam(agent.parameters(), lr=5e-4, eps=1e-5)
normalized = NormalizedRewards()


def seen(observation):
    x = torch.as_tensor(np.asarray(observation), device=device).float()
    return x if x.shape[1] == 3 else x.permute(0, 3, 1, 2)


first = envs.reset()
next_obs, next_done = seen(first[0] if isinstance(first, tuple) else first), torch.zeros(ENVS, device=device)
obs = torch.zeros((STEPS, ENVS, 3, 64, 64), device=device)
actions = torch.zeros((STEPS, ENVS), dtype=torch.long, device=device)
logprobs, rewards, dones, values = (torch.zeros((STEPS, ENVS), device=device) for _ in range(4))
returns100, running = collections.deque(maxlen=100), np.zeros(ENVS)
clock = dict.fromkeys(("environment", "rollout", "update"), 0.0)
steps, begun = 0, None


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


while begun is None or time.perf_counter() - begun < seconds:
    if begun is None and steps:
        begun, clock, counted = time.perf_counter(), dict.fromkeys(clock, 0.0), steps
    start = time.perf_counter()
    for t in range(STEPS):
        obs[t], dones[t] = next_obs, next_done
        with torch.no_grad():
            distribution, values[t] = agent(next_obs)
            actions[t] = distribution.sample()
            logprobs[t] = distribution.log_prob(actions[t])
        chosen = actions[t].cpu().numpy().astype(np.int32)
        before = time.perf_counter()
        out = envs.step(chosen)
        clock["environment"] += time.perf_counter() - before
        observation, reward, done = out[0], out[1], out[2] if len(out) == 4 else out[2] | out[3]
        running += reward
        for i in np.nonzero(done)[0]:
            returns100.append(running[i])
            running[i] = 0
        rewards[t] = torch.as_tensor(normalized(reward, done), device=device)
        next_obs, next_done = seen(observation), torch.as_tensor(done, device=device).float()
    with torch.no_grad():
        following, last = agent(next_obs)[1], 0
        advantages = torch.zeros_like(rewards)
        for t in reversed(range(STEPS)):
            alive = 1 - (next_done if t == STEPS - 1 else dones[t + 1])
            delta = rewards[t] + GAMMA * (following if t == STEPS - 1 else values[t + 1]) * alive - values[t]
            advantages[t] = last = delta + GAMMA * LAMBDA * alive * last
        returns = advantages + values
    wait()
    clock["rollout"] += time.perf_counter() - start
    start = time.perf_counter()
    flat = [x.reshape(-1, *x.shape[2:]) for x in (obs, actions, logprobs, advantages, returns, values)]
    size = ENVS * STEPS // MINIBATCHES
    for _ in range(EPOCHS):
        order = torch.randperm(ENVS * STEPS, device=device)
        for index in order.split(size):
            o, a, old, advantage, target, old_value = (x[index] for x in flat)
            distribution, value = agent(o)
            log_ratio = distribution.log_prob(a) - old
            ratio = log_ratio.exp()
            with torch.no_grad():
                kl = ((ratio - 1) - log_ratio).mean()
            advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
            policy = torch.max(-advantage * ratio, -advantage * ratio.clamp(1 - CLIP, 1 + CLIP)).mean()
            near = old_value + (value - old_value).clamp(-CLIP, CLIP)
            critic = 0.5 * torch.max((value - target) ** 2, (near - target) ** 2).mean()
            loss = policy - 0.01 * distribution.entropy().mean() + 0.5 * critic
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
    wait()
    clock["update"] += time.perf_counter() - start
    steps += ENVS * STEPS

passed, made = time.perf_counter() - begun, steps - counted
print(json.dumps({
    "steps_per_second": made / passed, "steps": made, "episode_return": float(np.mean(returns100)) if returns100 else None,
    **{f"time/{name}": value / passed for name, value in clock.items()}, "torch": torch.__version__, "envpool": envpool.__version__}))
