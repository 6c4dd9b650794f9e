"""Sees nothing and learns nothing: every action is as likely as any other."""
import random

from competition_client import Client

client = Client()
draw = random.Random(client.terms["seed"])


def actions():
    return [draw.randrange(client.terms["actions"]) for _ in range(client.environments)]


client.rollout()
while not client.over:
    client.step(actions())
