"""Holds many streams open against a running server and prints what came of it.

usage: load.py BASE_URL MODEL [--streams 64] [--seconds 120] [--tokens 64] [--pid PID]

Each stream asks for a completion, reads it to its end and asks again, until the time is over; then all are let go in the middle.
Any error but a 429 ends the run. With --pid the server's resident memory is read before, at a quarter of the time and at the
end. Works with any server of OpenAI's interface; a piece of a stream is counted as a token.
"""
import argparse
import asyncio
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

first, waiting, refused, tokens, finished = [], {}, 0, 0, 0


def memory():
    if not options.pid:
        return 0
    pages = open(f"/proc/{options.pid}/statm").read().split()[1]
    return int(pages) * 4096 / 1e6


async def stream(number, client):
    global refused, tokens, finished
    turn = 0
    while True:
        turn += 1
        waiting[number] = time.time()
        try:
            parts = await client.completions.create(
                model=options.model, prompt=f"Stream {number}, turn {turn}: once upon a time " * 4, max_tokens=options.tokens,
                seed=number * 1000 + turn, stream=True)
            async for part in parts:
                if part.choices and part.choices[0].text:
                    if number in waiting:
                        first.append(time.time() - waiting.pop(number))
                    tokens += 1
            finished += 1
        except openai.RateLimitError as error:
            refused += 1
            await asyncio.sleep(float(error.response.headers.get("retry-after", 1)))


async def main():
    client = openai.AsyncOpenAI(base_url=options.base + "/v1", api_key="none", max_retries=0, timeout=600)
    sizes = [memory()]
    tasks = [asyncio.create_task(stream(i, client)) for i in range(options.streams)]
    for seconds in (options.seconds / 4, options.seconds * 3 / 4):
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        sizes.append(memory())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    first.sort()
    print(f"{finished} completions, {refused} answered with 429, {tokens} tokens in {options.seconds:.0f} s: {tokens / options.seconds:.0f} tokens/s")
    if first:
        print(f"time to first token: median {first[len(first) // 2]:.2f} s, 95% {first[int(len(first) * 0.95)]:.2f} s; {len(waiting)} still waited at the end")
    print("resident memory: {:.0f} MB before, {:.0f} MB after a quarter of the time, {:.0f} MB at the end".format(*sizes))


asyncio.run(main())
