"""Tiny random checkpoints with stretched rotary positions, made by transformers, with the logits that it computes.

usage: python make_rotary_fixtures.py     writes llama3/ and yarn/ beside this file; seed 2, versions in versions.json
"""
import json, pathlib, torch, transformers
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
torch.manual_seed(2)
ropes = {
    "llama3": {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 16},
    "yarn": {"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 12},
}
for name, rope in ropes.items():
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=96, hidden_size=32, intermediate_size=40, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=48, rope_parameters=rope, tie_word_embeddings=True,
        bos_token_id=0, eos_token_id=0, initializer_range=0.3))
    model.eval()
    folder = here / name
    model.save_pretrained(folder)
    ids = torch.randint(1, 96, (2, 40))
    with torch.no_grad(): logits = model(ids).logits
    save_file({"ids": ids, "logits": logits.contiguous()}, folder / "expected.safetensors")
    (folder / "versions.json").write_text(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}))
