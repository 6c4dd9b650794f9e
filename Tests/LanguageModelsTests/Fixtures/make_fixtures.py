"""Tiny random checkpoints made by transformers, with the logits that it computes for them.

usage: python make_fixtures.py          writes gpt2/ and llama/ beside this file
made with torch 2.13.0, transformers as recorded in each folder's versions.json, seed 0
"""
import json, pathlib, torch, transformers
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
torch.manual_seed(0)
common = dict(vocab_size=96, bos_token_id=0, eos_token_id=0, initializer_range=0.3)
models = {
    "gpt2": transformers.GPT2LMHeadModel(transformers.GPT2Config(
        n_embd=32, n_layer=2, n_head=4, n_positions=48, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, **common)),
    "llama": transformers.LlamaForCausalLM(transformers.LlamaConfig(
        hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=48, rope_theta=5000.0, tie_word_embeddings=False, **common)),
}
for name, model in models.items():
    # Norm weights start at 1 and biases at 0: shake them, so that a mix-up shows.
    with torch.no_grad():
        for n, p in model.named_parameters():
            if p.dim() == 1: p.add_(torch.randn_like(p) * 0.2)
    model.eval()
    folder = here / name
    model.save_pretrained(folder)
    ids = torch.randint(1, 96, (2, 40))
    with torch.no_grad(): logits = model(ids).logits
    save_file({"ids": ids, "logits": logits.contiguous()}, folder / "expected.safetensors")
    (folder / "versions.json").write_text(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}))
