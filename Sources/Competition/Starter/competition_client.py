"""A submission's side of a competition's conversation (protocol 1). Needs Python alone; arrays need numpy.

    from competition_client import Client

    client = Client()                                  # greets; client.terms has the budget
    while not client.over:                             # training
        client.step([7] * client.environments)         # one action (0 to 14) for each environment
        client.rewards, client.ends                    # what the step brought; ends: 1 by the rules, 2 by the time limit
        client.observations                            # bytes, 64 * 64 * 3 for each environment; client.array() with numpy
    client.rollout()                                   # the scored episodes; rewards are 0 from here on
    while not client.over:
        client.step([7] * client.environments)

A message is eight bytes, its kind and the length of what follows (both unsigned, 32 bits, the lowest byte first), and that many bytes.
Read from descriptor 4, write to descriptor 3, wait for the answer to each message. Kinds, from the evaluator: 1 the terms (JSON),
2 a result, 3 the end (JSON); to it: 16 ready (JSON), 17 step (a byte for each environment), 18 rollout (empty).

A result: flags (32 bits; 1: the phase is over), training steps that are left (32 bits), rewards (32-bit floats), ends (bytes), and the
observations where they aren't in shared memory (descriptor 5, to be mapped for reading).
"""
import json
import mmap
import os
import struct

PROTOCOL = 1
HELLO, RESULT, BYE, READY, STEP, ROLLOUT = 1, 2, 3, 16, 17, 18


class Ended(Exception):
    """The evaluator ended the conversation, or is none."""


class Client:
    def __init__(self, reads=4, writes=3, memory=5):
        self._reads, self._writes = reads, writes
        kind, body = self._receive()
        if kind != HELLO:
            raise Ended(f"the evaluator's first message has the kind {kind}")
        self.terms = json.loads(body)
        if self.terms["protocol"] != PROTOCOL:
            raise Ended(f"the evaluator speaks version {self.terms['protocol']}, and this client version {PROTOCOL}")
        self.environments = self.terms["environments"]
        self.shape = tuple(self.terms["observation"])
        self.size = self.environments * self.shape[0] * self.shape[1] * self.shape[2]
        self._memory = None
        if self.terms["observations"] == "shared":
            self._memory = mmap.mmap(memory, self.size, prot=mmap.PROT_READ)
        self.over, self.steps_left = False, 0
        self._ask(READY, json.dumps({"protocol": PROTOCOL}).encode())

    def step(self, actions):
        """Plays one step in every environment: an action, 0 to 14, for each."""
        self._ask(STEP, bytes(actions))

    def rollout(self):
        """Ends the training and begins the scored episodes."""
        self._ask(ROLLOUT, b"")

    def array(self):
        """The observations as numpy's array [environments, 64, 64, 3]; with shared memory the next step changes it."""
        import numpy
        return numpy.frombuffer(self.observations, numpy.uint8).reshape((self.environments,) + self.shape)

    def _ask(self, kind, body):
        self._send(struct.pack("<II", kind, len(body)) + body)
        kind, body = self._receive()
        if kind == BYE:
            raise Ended(json.loads(body).get("reason", ""))
        if kind != RESULT:
            raise Ended(f"the evaluator's answer has the kind {kind}")
        n = self.environments
        flags, self.steps_left = struct.unpack_from("<II", body)
        self.over = bool(flags & 1)
        self.rewards = struct.unpack_from(f"<{n}f", body, 8)
        self.ends = body[8 + 4 * n:8 + 5 * n]
        self.observations = memoryview(self._memory) if self._memory else memoryview(body)[8 + 5 * n:]

    def _send(self, data):
        try:
            while data:
                data = data[os.write(self._writes, data):]
        except OSError as error:
            raise Ended(f"the evaluator is gone ({error})") from error

    def _receive(self):
        kind, length = struct.unpack("<II", self._read(8))
        return kind, self._read(length)

    def _read(self, count):
        parts = []
        while count:
            try:
                part = os.read(self._reads, count)
            except OSError as error:
                raise Ended(f"nobody is there ({error}); 'apprentice competition evaluate' starts this program") from error
            if not part:
                raise Ended("the evaluator is gone")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)
