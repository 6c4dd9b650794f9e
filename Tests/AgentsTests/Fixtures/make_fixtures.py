#!/usr/bin/env python3
"""Golden values of agents' networks and of one PPO update, by plain PyTorch.

The networks are IMPALA's with CleanRL's names (ppo_procgen.py) and the strided one of Mnih 2013; the update is PPO's as CleanRL
computes it: normalised advantages, clipped policy and value losses, entropy, gradients of norm 0.5, Adam with epsilon 1e-5. The clip fraction is TRL's: the
share of actions whose gradient is cut, where CleanRL counts all ratios outside.
Writes networks.safetensors (weights, inputs, outputs), update.safetensors (weights before and after, a batch) and golden.json.
"""
import json

import torch
from safetensors.torch import save_file
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv0 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + self.conv1(torch.relu(self.conv0(torch.relu(x))))


class Stage(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.res_block0 = ResidualBlock(outputs)
        self.res_block1 = ResidualBlock(outputs)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv(x), kernel_size=3, stride=2, padding=1)
        return self.res_block1(self.res_block0(x))


class Agent(nn.Module):
    def __init__(self, network, features=256, actions=15):
        super().__init__()
        self.network = network
        self.actor = nn.Linear(features, actions)
        self.critic = nn.Linear(features, 1)

    def forward(self, observations):
        hidden = self.network(observations.permute(0, 3, 1, 2) / 255.0)
        return self.actor(hidden), self.critic(hidden).flatten()


def impala(depths=(16, 32, 32), size=32):
    stages, channels, left = [], 3, size
    for depth in depths:
        stages.append(Stage(channels, depth))
        channels, left = depth, (left + 1) // 2
    return nn.Sequential(*stages, nn.Flatten(), nn.ReLU(), nn.Linear(channels * left * left, 256), nn.ReLU())


def strided(channels=(16, 32), size=32):
    left = ((size - 8) // 4 + 1 - 4) // 2 + 1
    return nn.Sequential(
        nn.Conv2d(3, channels[0], 8, stride=4), nn.ReLU(), nn.Conv2d(channels[0], channels[1], 4, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(channels[1] * left * left, 256), nn.ReLU())


torch.manual_seed(1)
torch.set_num_threads(1)
tensors = {}
for name, body in (("impala", impala()), ("small", strided())):
    agent = Agent(body)
    # Whole numbers of 1/512 are exact in eight bits: a quarter of the file.
    with torch.no_grad():
        for p in agent.parameters():
            p.copy_((p * 512).round() / 512)
    observations = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    logits, values = agent(observations.float())
    tensors[f"{name}.observations"], tensors[f"{name}.logits"], tensors[f"{name}.values"] = observations, logits, values
    for key, p in agent.state_dict().items():
        scaled = (p * 512).round()
        assert scaled.abs().max() < 128, key
        tensors[f"{name}.weights.{key}"] = scaled.to(torch.int8)
save_file({k: v.detach().contiguous() for k, v in tensors.items()}, "networks.safetensors")

# One update of a tiny strided network.
torch.manual_seed(2)
count, size, actions = 24, 20, 5
network = nn.Sequential(
    nn.Conv2d(3, 2, 8, stride=4), nn.ReLU(), nn.Conv2d(2, 4, 4, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(4, 256), nn.ReLU())
agent = Agent(network, actions=actions)
before = {f"before.{k}": v.clone() for k, v in agent.state_dict().items()}
observations = torch.randint(0, 256, (count, size, size, 3), dtype=torch.uint8)
taken = torch.randint(0, actions, (count,))
old = -1.6 + 0.3 * torch.randn(count)
old_values = torch.randn(count)
returns = 4 * torch.randn(count)
advantages = torch.randn(count) * 3 + 1
golden = {"torch": torch.__version__, "updates": []}
batch = {"observations": observations, "actions": taken, "log_probabilities": old, "values": old_values,
         "advantages": advantages, "returns": returns}
after = {}
for clips in (True, False):
    agent.load_state_dict({k.removeprefix("before."): v for k, v in before.items()})
    optimizer = torch.optim.Adam(agent.parameters(), lr=5e-4, eps=1e-5)
    logits, values = agent(observations.float())
    distribution = torch.distributions.Categorical(logits=logits)
    log_ratio = distribution.log_prob(taken) - old
    ratio = log_ratio.exp()
    a = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    policy_loss = torch.max(-a * ratio, -a * ratio.clamp(0.8, 1.2)).mean()
    if clips:
        unclipped = (values - returns) ** 2
        clipped = old_values + (values - old_values).clamp(-0.2, 0.2)
        value_loss = 0.5 * torch.max(unclipped, (clipped - returns) ** 2).mean()
    else:
        value_loss = 0.5 * ((values - returns) ** 2).mean()
    entropy = distribution.entropy().mean()
    loss = policy_loss - 0.01 * entropy + 0.5 * value_loss
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
    optimizer.step()
    golden["updates"].append({
        "clip_vloss": clips, "loss": loss.item(), "policy_loss": policy_loss.item(), "value_loss": value_loss.item(),
        "entropy": entropy.item(), "clipfrac": (-a * ratio.clamp(0.8, 1.2) > -a * ratio).float().mean().item(), "grad_norm": norm.item()})
    after |= {f"after.{int(clips)}.{k}": v.clone() for k, v in agent.state_dict().items()}
save_file({k: v.detach().contiguous() for k, v in (before | batch | after).items()}, "update.safetensors")

# Discounted sums' deviation as baselines' VecNormalize computes it, in NumPy's way.
import numpy as np

random = np.random.default_rng(3)
rewards = (random.random((40, 4)) < 0.2) * random.integers(-4, 11, (40, 4)).astype(float)
ends = random.random((40, 4)) < 0.1
mean, var, n, sums, out = 0.0, 1.0, 1e-4, np.zeros(4), []
for r, e in zip(rewards, ends):
    sums = sums * 0.99 + r
    delta, total = sums.mean() - mean, n + 4
    var = (var * n + sums.var() * 4 + delta ** 2 * n * 4 / total) / total
    mean, n = mean + delta * 4 / total, total
    out.append(np.clip(r / np.sqrt(var + 1e-8), -10, 10).tolist())
    sums[e] = 0
golden["rewards"] = {"in": rewards.tolist(), "ends": ends.tolist(), "out": out}
json.dump(golden, open("golden.json", "w"))
