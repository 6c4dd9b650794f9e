"""The peer of the tuning benchmark: PEFT's LoRA over the same weights in bfloat16, with plain PyTorch's AdamW.

usage: peer.py FOLDER DATA STEPS BATCH     prints tokens, seconds and processor seconds of each step

The adapters are bfloat16 too, the faster of PEFT's two ways here. Records are {"prompt", "completion"} of plain text; tokens are those
of the texts, without padding, which the peer adds and computes.
"""
import json, os, sys, time, torch, transformers


def train(folder, data, steps, batch):
    import peft
    torch.manual_seed(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="sdpa")
    names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = peft.get_peft_model(model, peft.LoraConfig(r=8, lora_alpha=16, target_modules=names, task_type="CAUSAL_LM"),
                                autocast_adapter_dtype=False)
    for name, parameter in model.named_parameters():
        if "lora_" in name: parameter.data = parameter.data.to(torch.bfloat16)
    model.train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, fused=True)
    rows = []
    for line in open(data, encoding="utf-8"):
        record = json.loads(line)
        prompt, completion = (tokenizer(record[k], add_special_tokens=False).input_ids for k in ("prompt", "completion"))
        rows.append((prompt + completion + [tokenizer.eos_token_id], len(prompt)))
    for step in range(steps):
        began, cpu = time.perf_counter(), time.process_time()
        some = [rows[(step * batch + i) % len(rows)] for i in range(batch)]
        longest = max(len(ids) for ids, _ in some)
        ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in some])
        mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in some])
        labels = torch.tensor([[-100] * start + ids[start:] + [-100] * (longest - len(ids)) for ids, start in some])
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        print(sum(len(ids) - 1 for ids, _ in some), time.perf_counter() - began, time.process_time() - cpu, flush=True)


folder, data, steps, batch = sys.argv[1:]
train(folder, data, int(steps), int(batch))
