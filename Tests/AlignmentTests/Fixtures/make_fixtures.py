"""Losses, gradient norms and advantages computed in PyTorch, in float64, from the papers' formulas.

usage: python make_fixtures.py        writes policy/, reference/ (tiny checkpoints) and losses.json beside this file
seed 20261121; the versions are in losses.json
"""
import json, pathlib
import torch, transformers
import torch.nn.functional as F

here = pathlib.Path(__file__).parent
torch.manual_seed(20261121)
VOCABULARY, END = 40, 0
config = transformers.LlamaConfig(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
    num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True, initializer_range=0.3,
    bos_token_id=None, eos_token_id=END)
policy = transformers.LlamaForCausalLM(config)
reference = transformers.LlamaForCausalLM(config)
reference.load_state_dict(policy.state_dict())
with torch.no_grad():
    for p in reference.parameters(): p.add_(0.1 * torch.randn_like(p))
policy.save_pretrained(here / "policy")
reference.save_pretrained(here / "reference")
policy, reference = policy.double(), reference.double()


def tokens(low, high):
    return torch.randint(1, VOCABULARY, (int(torch.randint(low, high, ())),)).tolist()


def gradient_norm(loss, parameters):
    return torch.stack([g.norm() for g in torch.autograd.grad(loss, parameters)]).norm().item()


def logprobs(model, prompt, completion):
    """ln p of each completion token."""
    ids = torch.tensor([prompt + completion])
    logits = model(ids).logits[0, len(prompt) - 1 : -1]
    return torch.log_softmax(logits, -1).gather(1, torch.tensor(completion)[:, None])[:, 0]


result = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__}, "seed": 20261121}

# ---- supervised fine-tuning: mean over the completions' tokens, the end of text among them
demonstrations = [{"prompt": tokens(1, 6), "completion": tokens(1, 8)} for _ in range(5)]
losses = torch.cat([-logprobs(policy, d["prompt"], d["completion"] + [END]) for d in demonstrations])
result["sft"] = {
    "demonstrations": demonstrations, "loss": losses.mean().item(),
    "grad_norm": gradient_norm(losses.mean(), list(policy.parameters()))}

# ---- reward: mean over prompts of the mean over pairs; ties have the soft label one half (InstructGPT, equation 1)
head = torch.randn(16, dtype=torch.float64, requires_grad=True)
rankings = []
total = 0
for ranks in ([1, 2], [2, 1, 2], [1, 1], [1, 1, 2, 3]):
    prompt = tokens(2, 6)
    completions = [tokens(1, 7) + [END] for _ in ranks]
    scores = [policy.model(torch.tensor([prompt + c])).last_hidden_state[0, -1] @ head for c in completions]
    pairs = []
    for i in range(len(ranks)):
        for j in range(i + 1, len(ranks)):
            label = 0.5 if ranks[i] == ranks[j] else float(ranks[i] < ranks[j])
            pairs.append(F.binary_cross_entropy_with_logits(scores[i] - scores[j], torch.tensor(label, dtype=torch.float64)))
    total = total + torch.stack(pairs).mean()
    rankings.append({"prompt": prompt, "completions": completions, "ranks": ranks})
loss = total / len(rankings)
result["reward"] = {
    "head": head.tolist(), "rankings": rankings, "loss": loss.item(),
    "grad_norm": gradient_norm(loss, list(policy.model.parameters()) + [head])}

# ---- DPO and its relatives
pairs = [{"prompt": tokens(1, 6), "chosen": tokens(1, 7) + [END], "rejected": tokens(1, 7) + [END]} for _ in range(6)]
cases = []
for kind, beta, smoothing, normalised in (
    ("sigmoid", 0.1, 0.0, False), ("sigmoid", 0.5, 0.2, False), ("sigmoid", 2.0, 0.0, True), ("ipo", 0.1, 0.0, False),
    ("ipo", 0.4, 0.0, True),
):
    losses = []
    for pair in pairs:
        def ratio(completion):
            difference = logprobs(policy, pair["prompt"], completion) - logprobs(reference, pair["prompt"], completion).detach()
            return difference.mean() if normalised else difference.sum()
        margin = ratio(pair["chosen"]) - ratio(pair["rejected"])
        if kind == "sigmoid":
            losses.append(-(1 - smoothing) * F.logsigmoid(beta * margin) - smoothing * F.logsigmoid(-beta * margin))
        else:
            losses.append((margin - 1 / (2 * beta)) ** 2)
    loss = torch.stack(losses).mean()
    cases.append({
        "loss_type": kind, "beta": beta, "label_smoothing": smoothing, "length_normalized": normalised,
        "loss": loss.item(), "grad_norm": gradient_norm(loss, list(policy.parameters()))})
result["dpo"] = {"pairs": pairs, "cases": cases}

# ---- PPO: clipped policy and value losses, means over actions (Schulman 2017, equation 7; TRL's value clipping)
old = -torch.rand(24, dtype=torch.float64) * 3
now = (old + 0.4 * torch.randn(24, dtype=torch.float64)).requires_grad_()
advantages = torch.randn(24, dtype=torch.float64)
r = (now - old).exp()
loss = -torch.minimum(r * advantages, r.clamp(0.8, 1.2) * advantages).mean()
result["ppo_policy"] = {
    "now": now.tolist(), "old": old.tolist(), "advantages": advantages.tolist(), "clip": 0.2, "loss": loss.item(),
    "gradient": torch.autograd.grad(loss, now)[0].tolist(), "approxkl": (0.5 * (now - old) ** 2).mean().item(),
    "ratio": r.mean().item(), "ratio_var": r.var().item()}
before = torch.randn(24, dtype=torch.float64)
values = (before + 0.5 * torch.randn(24, dtype=torch.float64)).requires_grad_()
returns = torch.randn(24, dtype=torch.float64)
clipped = before + (values - before).clamp(-0.2, 0.2)
loss = 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
result["ppo_value"] = {
    "values": values.tolist(), "old": before.tolist(), "returns": returns.tolist(), "clip": 0.2, "loss": loss.item(),
    "gradient": torch.autograd.grad(loss, values)[0].tolist()}

# ---- generalised advantage estimation by its definition: a discounted sum of the residuals (Schulman 2016, equation 16)
cases = []
for length, gamma, lam, following in ((1, 1.0, 0.95, 0.0), (7, 1.0, 0.95, 0.0), (12, 0.99, 0.9, 0.4), (5, 0.9, 0.0, -1.0), (6, 0.97, 1.0, 0.2)):
    rewards, v = torch.randn(length, dtype=torch.float64), torch.randn(length, dtype=torch.float64)
    extended = torch.cat([v, torch.tensor([following], dtype=torch.float64)])
    deltas = rewards + gamma * extended[1:] - v
    weights = torch.tensor([[(gamma * lam) ** (s - t) if s >= t else 0.0 for s in range(length)] for t in range(length)], dtype=torch.float64)
    a = weights @ deltas
    cases.append({"rewards": rewards.tolist(), "values": v.tolist(), "next": following, "gamma": gamma, "lambda": lam,
                  "advantages": a.tolist(), "returns": (a + v).tolist()})
result["gae"] = cases
flat = torch.randn(30, dtype=torch.float64) * 3 + 1
result["whitening"] = {
    "values": flat.tolist(), "white": ((flat - flat.mean()) / (flat.var() + 1e-8).sqrt()).tolist()}

# ---- advantages within a group of samples: GRPO, Dr. GRPO, RLOO
groups = [torch.randn(5, dtype=torch.float64), torch.tensor([1.0, 0, 0, 1, 1], dtype=torch.float64), torch.ones(4, dtype=torch.float64)]
result["groups"] = [{
    "rewards": g.tolist(), "grpo": ((g - g.mean()) / (g.std() + 1e-4)).tolist(), "centred": (g - g.mean()).tolist(),
    "rloo": [(g[i] - torch.cat([g[:i], g[i + 1 :]]).mean()).item() for i in range(len(g))]} for g in groups]

# ---- reward with the completion's log-probability: w·h at the end + beta · sum of ln p, beta trained along
beta = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
scored, total = [], 0
for item in result["reward"]["rankings"]:
    scores = [policy.model(torch.tensor([item["prompt"] + c])).last_hidden_state[0, -1] @ head
              + beta * logprobs(policy, item["prompt"], c).sum() for c in item["completions"]]
    scored.append([s.item() for s in scores])
    ranks, pairs = item["ranks"], []
    for i in range(len(ranks)):
        for j in range(i + 1, len(ranks)):
            label = 0.5 if ranks[i] == ranks[j] else float(ranks[i] < ranks[j])
            pairs.append(F.binary_cross_entropy_with_logits(scores[i] - scores[j], torch.tensor(label, dtype=torch.float64)))
    total = total + torch.stack(pairs).mean()
loss = total / len(scored)
result["reward_with_likelihood"] = {
    "beta": beta.item(), "scores": scored, "loss": loss.item(),
    "grad_norm": gradient_norm(loss, list(policy.model.parameters()) + [head, beta])}

(here / "losses.json").write_text(json.dumps(result) + "\n")
