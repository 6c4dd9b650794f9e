"""Plain PyTorch's half of Scripts/device-check, and the table of both.

usage: peer.py training eager|compiled     tokens per second of training steps
       peer.py decoding                    tokens per second at one stream and at many, eager and as a CUDA graph
       peer.py reinforcement               seconds of a PPO iteration
       peer.py table FILE...               the lines of both halves side by side, as Markdown

Sizes come from the environment as DeviceCheck's do, DEVICE says where (cuda or cpu).
"""
import os, statistics, sys, time

def number(name, usual): return int(os.environ.get(name, usual))
LAYERS, WIDTH, HEADS = number("LAYERS", 24), number("WIDTH", 1024), number("HEADS", 16)
VOCABULARY, CONTEXT, ROWS, STEPS = number("VOCABULARY", 50304), number("CONTEXT", 1024), number("ROWS", 32), number("STEPS", 12)
PROMPT, NEW, STREAMS = number("PROMPT", 128), number("NEW", 256), number("STREAMS", 64)
device = os.environ.get("DEVICE", "cuda")


def line(name, *values): print("speed", name, *(f"{v:.4g}" for v in values), flush=True)


def main():
    global torch, nn, F
    import torch, torch.nn as nn, torch.nn.functional as F
    if sys.argv[1] == "training": training(sys.argv[2])
    elif sys.argv[1] == "decoding": decoding()
    elif sys.argv[1] == "reinforcement": reinforcement()
    else: sys.exit(__doc__)


def synchronize():
    if device == "cuda": torch.cuda.synchronize()


def make():
    """The decoder: GPT-2's shape, with a cache of fixed size where it writes."""
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln1, self.ln2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x, cache=None, at=None, mask=None):
            b, t, d = x.shape
            q, k, v = (y.view(b, t, HEADS, d // HEADS).transpose(1, 2) for y in self.qkv(self.ln1(x)).split(d, 2))
            if cache is not None:
                cache[0].index_copy_(2, at, k)
                cache[1].index_copy_(2, at, v)
                if mask is not None: k, v = cache[0], cache[1]
                elif t == 1: k, v = cache[0][:, :, :self.length], cache[1][:, :, :self.length]
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=t > 1 and mask is None)
            x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
            return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
            self.ln = nn.LayerNorm(WIDTH)
            for p in self.parameters():
                if p.dim() == 2: nn.init.normal_(p, std=0.02)

        def hidden(self, ids, caches=None, at=None, mask=None):
            x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device) if at is None else at)
            for i, block in enumerate(self.blocks): x = block(x, None if caches is None else caches[i], at, mask)
            return self.ln(x)

        def forward(self, ids, targets):
            logits = self.hidden(ids) @ self.wte.weight.T
            return F.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1))

    torch.manual_seed(1)
    with torch.device(device): return GPT()


def adamw(model, lr=3e-4):
    return torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.95), weight_decay=0.1, fused=True)


def training(way):
    rows = ROWS
    while True:
        try: return train(way, rows)
        except torch.OutOfMemoryError:
            print(f"peer.py: {rows} rows don't fit, {rows // 2} are tried", file=sys.stderr)
            rows //= 2
            torch.cuda.empty_cache()


def train(way, rows):
    model = make()
    optimizer = adamw(model)
    loss_of = torch.compile(model) if way == "compiled" else model
    data = torch.randint(1, VOCABULARY, (64, CONTEXT + 1))
    times, losses = [], []
    for step in range(STEPS):
        synchronize()
        began = time.perf_counter()
        batch = data[torch.randint(0, 64, (rows,))].to(device)
        with torch.autocast(device, dtype=torch.bfloat16): loss = loss_of(batch[:, :-1], batch[:, 1:])
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        synchronize()
        times.append(time.perf_counter() - began)
    line("training-" + way, rows * CONTEXT / statistics.median(times[2:]), 0, losses[0], losses[-1])


def caches_of(streams, length, dtype):
    return [torch.zeros(2, streams, HEADS, length, WIDTH // HEADS, dtype=dtype, device=device) for _ in range(LAYERS)]




def decoding():
    model = make().to(torch.bfloat16).eval()
    with torch.no_grad():
        for streams in (1, STREAMS):
            prompt = torch.tensor([[(i * 31 + s * 7) % (VOCABULARY - 3) + 3 for i in range(PROMPT)] for s in range(streams)], device=device)
            caches = caches_of(streams, PROMPT + NEW, torch.bfloat16)

            def read():
                h = model.hidden(prompt, caches, torch.arange(PROMPT, device=device))[:, -1:]
                return (h @ model.wte.weight.T).argmax(-1)

            def eager():
                token = read()
                synchronize()
                began = time.perf_counter()
                for i in range(NEW - 1):
                    for block in model.blocks: block.length = PROMPT + i + 1
                    h = model.hidden(token, caches, torch.full((1,), PROMPT + i, device=device))
                    token = (h @ model.wte.weight.T).argmax(-1)
                synchronize()
                return streams * (NEW - 1) / (time.perf_counter() - began)

            line(f"decoding-eager-{streams}", statistics.median(eager() for _ in range(3)), 0, streams)
            if device != "cuda": continue
            token, at = read(), torch.full((1,), PROMPT, device=device)
            places = torch.arange(PROMPT + NEW, device=device)

            def step():
                mask = (places <= at).view(1, 1, 1, -1)
                h = model.hidden(token, caches, at, mask)
                token.copy_((h @ model.wte.weight.T).argmax(-1))
                at.add_(1)

            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3): step()
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            at.fill_(PROMPT)
            with torch.cuda.graph(graph): step()

            def replay():
                token.copy_(read())
                at.fill_(PROMPT)
                synchronize()
                began = time.perf_counter()
                for _ in range(NEW - 1): graph.replay()
                synchronize()
                return streams * (NEW - 1) / (time.perf_counter() - began)

            line(f"decoding-graph-{streams}", statistics.median(replay() for _ in range(3)), 0, streams)
            del graph, caches


def reinforcement(prompt_length=64, new=48, minibatches=4):
    """PPO as DeviceCheck's: a completion for each prompt, reference and values, one pass of four updates of two networks."""
    import copy
    policy = make()
    reference, value = copy.deepcopy(policy), copy.deepcopy(policy)
    head = nn.Linear(WIDTH, 1, bias=False, device=device)
    optimizers = [adamw(policy, 1e-6), torch.optim.AdamW([*value.parameters(), *head.parameters()], lr=1e-6, betas=(0.9, 0.95), fused=True)]
    prompts = torch.tensor([[(i * 31 + p * 7) % (VOCABULARY - 3) + 3 for i in range(prompt_length)] for p in range(STREAMS)], device=device)
    cast = lambda: torch.autocast(device, dtype=torch.bfloat16)

    def chosen(model, ids):
        logits = model.hidden(ids)[:, prompt_length - 1:-1] @ model.wte.weight.T
        return torch.log_softmax(logits.float(), -1).gather(2, ids[:, prompt_length:, None]).squeeze(2)

    def values(ids): return head(value.hidden(ids)).float().squeeze(2)[:, prompt_length - 1:-1]

    times = []
    for _ in range(5):
        synchronize()
        marks = [time.perf_counter()]
        with torch.no_grad(), cast():
            # The weights are rounded once a rollout and not at each token.
            writer = copy.deepcopy(policy).to(torch.bfloat16)
            caches = caches_of(STREAMS, prompt_length + new, torch.bfloat16)
            h = writer.hidden(prompts, caches, torch.arange(prompt_length, device=device))[:, -1:]
            ids = prompts
            for i in range(new):
                logits = (h @ writer.wte.weight.T).float().squeeze(1)
                token = torch.multinomial(torch.softmax(logits, -1), 1)
                ids = torch.cat([ids, token], 1)
                for block in writer.blocks: block.length = prompt_length + i + 1
                h = writer.hidden(token, caches, torch.full((1,), prompt_length + i, device=device))
        synchronize()
        marks.append(time.perf_counter())
        with torch.no_grad(), cast():
            old, base, before = chosen(policy, ids), chosen(reference, ids), values(ids)
        rewards = -0.05 * (old - base)
        rewards[:, -1] += (ids[:, prompt_length:] % 2 == 0).float().mean(1)
        advantages, running = torch.zeros_like(rewards), 0
        for t in reversed(range(new)):
            following = before[:, t + 1] if t + 1 < new else 0
            running = rewards[:, t] + following - before[:, t] + 0.95 * running
            advantages[:, t] = running
        returns = advantages + before
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        synchronize()
        marks.append(time.perf_counter())
        for rows in torch.randperm(STREAMS, device=device).chunk(minibatches):
            with cast(): now, v = chosen(policy, ids[rows]), values(ids[rows])
            ratio = (now - old[rows]).exp()
            a = advantages[rows]
            torch.maximum(-a * ratio, -a * ratio.clamp(0.8, 1.2)).mean().backward()
            limited = before[rows] + (v - before[rows]).clamp(-0.2, 0.2)
            (0.5 * torch.maximum((v - returns[rows]) ** 2, (limited - returns[rows]) ** 2).mean()).backward()
            for network, optimizer in zip((policy, value), optimizers):
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0).item()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
        synchronize()
        marks.append(time.perf_counter())
        times.append([marks[3] - marks[0], *(b - a for a, b in zip(marks, marks[1:]))])
    line("ppo", *(statistics.median(t[i] for t in times[2:]) for i in range(4)))


# Dense bfloat16 products per second and bytes of memory per second, as the makers state them.
CARDS = {"H100 80GB HBM3": (989.4e12, 3.35e12), "H200": (989.4e12, 4.8e12), "A100": (312e12, 2.04e12), "L4": (121e12, 0.3e12)}


def table(ours, theirs, card):
    def read(path):
        with open(path) as f: rows = [l.split() for l in f if l.startswith("speed ")]
        return {r[1]: [float(x) for x in r[2:]] for r in rows}
    a, b = read(ours), read(theirs)
    machine = a.get("machine", [float("nan")] * 2)
    stated = next((v for k, v in CARDS.items() if k in card), (float("nan"), float("nan")))
    print(f"Measured products in bfloat16: {machine[0] / 1e12:.0f} TFLOP/s (stated {stated[0] / 1e12:.0f}); memory {machine[1] / 1e12:.2f} TB/s "
          f"(stated {stated[1] / 1e12:.2f}).\n\n| | Apprentice | share of the stated peak, of the measured | plain PyTorch | share of the stated peak | ratio |\n|---|---|---|---|---|---|")
    def row(name, value, share, measured, peer, peer_share, ratio): print(f"| {name} | {value} | {share:.1%}, {measured:.1%} | {peer} | {peer_share:.1%} | {ratio:.2f} |")
    if "training" in a:
        rate, work = a["training"][:2]
        for way in ("eager", "compiled"):
            peer = b.get("training-" + way, [float("nan")])[0]
            row(f"training, tokens/s (PyTorch {way})", f"{rate:,.0f}", rate * work / stated[0], rate * work / machine[0], f"{peer:,.0f}",
                peer * work / stated[0], rate / peer)
    for kind in ("packed", "bfloat16"):
        for streams in (1, STREAMS):
            own = a.get(f"decoding-{kind}-{streams}")
            for way in ("eager", "graph"):
                peer = b.get(f"decoding-{way}-{streams}", [float("nan")])[0]
                if own: row(f"decoding, {kind}, {streams} streams, tokens/s (PyTorch {way})", f"{own[0]:,.0f}", own[0] / streams * own[1] / stated[1],
                            own[0] / streams * own[1] / machine[1], f"{peer:,.0f}", peer / streams * own[1] / stated[1], own[0] / peer)
    if "ppo" in a:
        peer = b.get("ppo", [float("nan")] * 4)
        for i, name in enumerate(("all", "drawing", "scoring", "updates")):
            print(f"| PPO iteration, {name}, s | {a['ppo'][i]:.3f} | | {peer[i]:.3f} | | {peer[i] / a['ppo'][i]:.2f} |")


if sys.argv[1:2] == ["table"]: table(*sys.argv[2:5])
elif len(sys.argv) < 2: sys.exit(__doc__)
else: main()
