"""Holds many streams open against a running server and prints what came of it.

usage: load.py BASE_URL MODEL [--streams 64] [--seconds 120] [--tokens 64] [--pid PID]

Each stream asks for a completion, reads it to its end and asks again. Any error but a 429 ends the run. With --pid the
server's resident memory is read at a quarter of the time and at the end. Works with any server of OpenAI's interface.
"""
import argparse
import asyncio
import statistics
import time

import openai

parser = argparse.ArgumentParser()
parser.add_argument("base")
parser.add_argument("model")
parser.add_argument("--streams", type=int, default=64)
parser.add_argument("--seconds", type=float, default=120)
parser.add_argument("--tokens", type=int, default=64)
parser.add_argument("--pid", type=int)
options = parser.parse_args()

first, refused, tokens, finished = [], 0, 0, 0
end = time.time() + options.seconds


def memory():
    if not options.pid:
        return 0
    pages = open(f"/proc/{options.pid}/statm").read().split()[1]
    return int(pages) * 4096 / 1e6


async def stream(number, client):
    global refused, tokens, finished
    turn = 0
    while time.time() < end:
        turn += 1
        start = time.time()
        try:
            parts = await client.completions.create(
                model=options.model, prompt=f"Stream {number}, turn {turn}: once upon a time " * 4, max_tokens=options.tokens,
                seed=number * 1000 + turn, stream=True, stream_options={"include_usage": True})
            pieces, usage = 0, None
            async for part in parts:
                if part.choices and part.choices[0].text:
                    if pieces == 0:
                        first.append(time.time() - start)
                    pieces += 1
                usage = part.usage or usage
            # Servers that don't say what a stream took send a token in each piece.
            tokens += usage.completion_tokens if usage else pieces
            finished += 1
        except openai.RateLimitError as error:
            refused += 1
            await asyncio.sleep(float(error.response.headers.get("retry-after", 1)))


async def main():
    client = openai.AsyncOpenAI(base_url=options.base + "/v1", api_key="none", max_retries=0, timeout=300)
    early = asyncio.create_task(asyncio.sleep(options.seconds / 4, None))
    early.add_done_callback(lambda _: sizes.append(memory()))
    start = time.time()
    await asyncio.gather(*(stream(i, client) for i in range(options.streams)))
    took = time.time() - start
    sizes.append(memory())
    first.sort()
    print(f"{finished} completions, {refused} answered with 429, {tokens} tokens in {took:.0f} s: {tokens / took:.0f} tokens/s")
    print(f"time to first token: median {statistics.median(first):.2f} s, 95% {first[int(len(first) * 0.95)]:.2f} s")
    print(f"resident memory: {sizes[0]:.0f} MB after a quarter of the time, {sizes[-1]:.0f} MB at the end")


sizes = []
asyncio.run(main())
