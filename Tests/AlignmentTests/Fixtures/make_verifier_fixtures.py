"""The joint objective of a verifier (Cobbe 2021, section 4.2) in PyTorch, in float64, over the checkpoint policy/.

usage: python make_verifier_fixtures.py        reads policy/ and writes verifier.json beside this file
seed 20261128; the versions are in verifier.json
"""
import json, pathlib
import torch, transformers

here = pathlib.Path(__file__).parent
torch.manual_seed(20261128)
VOCABULARY, END = 40, 0
policy = transformers.LlamaForCausalLM.from_pretrained(here / "policy").double().eval()


def tokens(low, high):
    return torch.randint(1, VOCABULARY, (int(torch.randint(low, high, ())),)).tolist()


# Several solutions of one question, of which some are right; the next question stands by itself.
judged = []
for labels in ([1, 0, 0], [1], [0, 1]):
    prompt = tokens(2, 7)
    judged += [{"prompt": prompt, "completion": tokens(2, 9) + [END], "label": label} for label in labels]
worked = [{"prompt": tokens(2, 6), "completion": tokens(2, 8)} for _ in judged]
head = (torch.randn(16, dtype=torch.float64) * 0.3).requires_grad_()
bias = sum(item["label"] for item in judged) / len(judged)
cases = []
for level, weight in (("token", 1.0), ("solution", 1.0), ("token", 0.0), ("token", 0.25)):
    errors, ends = [], []
    for item in judged:
        hidden = policy.model(torch.tensor([item["prompt"] + item["completion"]])).last_hidden_state[0]
        values = hidden[len(item["prompt"]):] @ head + bias
        ends.append(values[-1].item())
        errors.append((values - item["label"]) ** 2 if level == "token" else (values[-1:] - item["label"]) ** 2)
    spoken = []
    for item in worked:
        ids = item["prompt"] + item["completion"] + [END]
        logits = policy(torch.tensor([ids])).logits[0, len(item["prompt"]) - 1 : -1]
        target = torch.tensor(item["completion"] + [END])
        spoken.append(-torch.log_softmax(logits, -1).gather(1, target[:, None])[:, 0])
    value, language = torch.cat(errors).mean(), weight * torch.cat(spoken).mean()
    parameters = list(policy.parameters()) + [head]
    gradients = torch.autograd.grad(value + language, parameters, allow_unused=True)
    norm = torch.stack([g.norm() for g in gradients if g is not None]).norm().item()
    cases.append({"level": level, "language_weight": weight, "value_loss": value.item(), "language_loss": language.item(),
                  "grad_norm": norm})
result = {
    "versions": {"torch": torch.__version__, "transformers": transformers.__version__}, "seed": 20261128,
    "head": head.tolist(), "bias": bias, "judged": judged, "worked": worked, "ends": ends, "cases": cases}
(here / "verifier.json").write_text(json.dumps(result) + "\n")
