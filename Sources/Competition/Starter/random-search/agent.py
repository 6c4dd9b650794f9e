"""Searches among policies that see nothing: each environment tries a distribution over actions for an episode, and the best on
average, tried again as long as there are steps, plays the scored episodes."""
import random

from competition_client import Client

client = Client()
draw = random.Random(client.terms["seed"])
count = client.terms["actions"]


def invent():
    """Few actions most of the time, and how long one is held."""
    chosen = draw.sample(range(count), draw.choice((1, 1, 2, 2, 3, 5)))
    return {"actions": chosen, "weights": [draw.random() + 0.1 for _ in chosen], "hold": draw.choice((1, 1, 2, 4)), "returns": []}


def bound(policy):
    """The mean return, less for those that were hardly tried."""
    n = len(policy["returns"])
    return sum(policy["returns"]) / n - 2 / n ** 0.5 if n else float("-inf")


tried = [invent() for _ in range(client.environments)]
known = list(tried)
sums = [0.0] * client.environments
current = [0] * client.environments
clock = 0


def actions():
    global clock
    clock += 1
    for i, policy in enumerate(tried):
        if clock % policy["hold"] == 0 or current[i] not in policy["actions"]:
            current[i] = draw.choices(policy["actions"], policy["weights"])[0]
    return current


while not client.over:
    client.step(actions())
    for i in range(client.environments):
        sums[i] += client.rewards[i]
        if client.ends[i]:
            tried[i]["returns"].append(sums[i])
            sums[i] = 0.0
            if draw.random() < 0.5:
                tried[i] = invent()
                known.append(tried[i])
            else:
                tried[i] = max(known, key=bound)

best = max(known, key=bound)
print("the best of", len(known), "policies:", best["actions"], "mean", bound(best))
tried = [best] * client.environments
client.rollout()
while not client.over:
    client.step(actions())
