"""The peers of the speed comparisons: plain PyTorch and Hugging Face generate.

usage: peer.py train STEPS float32|bfloat16
       peer.py sample MODEL PROMPT_TOKENS NEW_TOKENS SAMPLES REPEATS
       peer.py grpo MODEL STEPS      TRL's GRPO trainer
       peer.py model FOLDER          writes the random GPT-2 that both sides load
"""
import sys, time, torch, torch.nn as nn, torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (y.view(b, t, self.heads, d // self.heads).transpose(1, 2) for y in self.qkv(self.ln1(x)).split(d, 2))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, vocab=4096, d=384, layers=6, heads=6, context=256):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, d), nn.Embedding(context, d)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.ln = nn.LayerNorm(d)
        for p in self.parameters():
            if p.dim() == 2: nn.init.normal_(p, std=0.02)

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.blocks: x = block(x)
        return self.ln(x) @ self.wte.weight.T


def train(steps, dtype):
    torch.manual_seed(1)
    model = GPT()
    # foreach/fused choices: fused is the fastest that PyTorch offers on the CPU.
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    data = torch.randint(1, 4096, (64, 257))
    for step in range(steps):
        rows = data[torch.randint(0, 64, (16,))]
        began = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bfloat16"):
            logits = model(rows[:, :-1])
            loss = F.cross_entropy(logits.reshape(-1, 4096), rows[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        print(16 * 256 / (time.perf_counter() - began), flush=True)


def model(folder):
    import transformers
    torch.manual_seed(0)
    transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=4096, n_positions=256, n_embd=384, n_layer=6, n_head=6, bos_token_id=0, eos_token_id=0)).save_pretrained(folder)


def sample(folder, prompt, new, samples, repeats):
    import transformers
    net = transformers.GPT2LMHeadModel.from_pretrained(folder).eval()
    ids = torch.tensor([[i * 31 % 4000 + 1 for i in range(prompt)]])
    for _ in range(repeats):
        began = time.perf_counter()
        with torch.no_grad():
            net.generate(ids, attention_mask=torch.ones_like(ids), do_sample=True, max_new_tokens=new, min_new_tokens=new,
                         num_return_sequences=samples, use_cache=True, top_k=0, pad_token_id=0)
        print(samples * new / (time.perf_counter() - began), flush=True)


def grpo(folder, steps):
    """GRPO iterations of 16 prompts, 4 samples each, 48 new tokens; tokens per second of each."""
    import datasets, tempfile, tokenizers, transformers, trl
    from tokenizers import models, pre_tokenizers
    words = tokenizers.Tokenizer(models.WordLevel({str(i): i for i in range(4096)}, unk_token="1"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, eos_token="0", pad_token="0")
    prompts = [" ".join(str((i * 31 + p * 7) % 4000 + 1) for i in range(64)) for p in range(64)]

    def even(completion_ids, **_):
        return [sum(i % 2 == 0 for i in ids) / max(1, len(ids)) for ids in completion_ids]

    class Clock(transformers.TrainerCallback):
        last = None
        def on_step_end(self, *_, **__):
            now = time.perf_counter()
            if self.last: print(64 * 48 / (now - self.last), flush=True)
            self.last = now

    with tempfile.TemporaryDirectory() as out:
        trainer = trl.GRPOTrainer(
            model=transformers.GPT2LMHeadModel.from_pretrained(folder), reward_funcs=even, processing_class=tokenizer,
            train_dataset=datasets.Dataset.from_list([{"prompt": p} for p in prompts]), callbacks=[Clock()],
            args=trl.GRPOConfig(output_dir=out, max_steps=steps + 1, per_device_train_batch_size=64, num_generations=4,
                                max_completion_length=48, beta=0.0, num_iterations=1, learning_rate=1e-5, use_cpu=True,
                                bf16=False, gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True))
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()


a = sys.argv[1:]
if a[0] == "train": train(int(a[1]), a[2])
elif a[0] == "model": model(a[1])
elif a[0] == "grpo": grpo(a[1], int(a[2]))
elif a[0] == "sample": sample(a[1], *map(int, a[2:6]))
