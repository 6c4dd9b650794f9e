"""Tiny random encoders, made by transformers, with their hidden vectors and what sentence-transformers' files make of them; and the
vectors of the real MiniLM where it lies in models/.

usage: python make_encoder_fixtures.py [MODELS]     writes encoders/ beside this file; seed 6, versions in versions.json

MODELS is the folder that Scripts/fetch-models fills, ../../../models unless given. Pooling is written out here as
sentence-transformers 5 has it: it isn't installed.
"""
import json, pathlib, sys, torch, transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, DistilBertConfig, MPNetConfig, RobertaConfig

here = pathlib.Path(__file__).parent / "encoders"
common = dict(vocab_size=80, initializer_range=0.3)
sizes = dict(hidden_size=32, intermediate_size=48, num_attention_heads=4, num_hidden_layers=2)
configs = {
    "bert": BertConfig(**common, **sizes, max_position_embeddings=64, pad_token_id=0),
    "roberta": RobertaConfig(**common, **sizes, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5),
    "distilbert": DistilBertConfig(**common, dim=32, hidden_dim=48, n_heads=4, n_layers=2, max_position_embeddings=64),
    "mpnet": MPNetConfig(**common, **sizes, max_position_embeddings=322, pad_token_id=1, layer_norm_eps=1e-5),
}
LENGTHS = {"bert": [3, 17, 17, 40, 1], "roberta": [3, 17, 40], "distilbert": [3, 17, 17], "mpnet": [3, 40, 300]}
MODES = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]


def pooled(x, mode):
    n = len(x)
    if mode == "cls_token": return x[0]
    if mode == "lasttoken": return x[-1]
    if mode == "max_tokens": return x.max(0).values
    if mode == "mean_tokens": return x.sum(0) / n
    if mode == "mean_sqrt_len_tokens": return x.sum(0) / n ** 0.5
    w = torch.arange(1, n + 1).float()
    return (x * w[:, None]).sum(0) / w.sum()


def shake(model):
    with torch.no_grad():
        for n, p in model.named_parameters():
            if p.dim() == 1: p.add_(torch.randn_like(p) * 0.2)
    return model.eval()


for name, config in configs.items():
    torch.manual_seed(6)
    config._attn_implementation = "eager"
    model = shake(transformers.AutoModel.from_config(config))
    folder = here / name
    model.save_pretrained(folder)
    expected = {}
    for i, n in enumerate(LENGTHS[name]):
        ids = torch.randint(5, 80, (1, n))
        with torch.no_grad(): x = model(input_ids=ids, output_hidden_states=True)
        expected[f"ids.{i}"], expected[f"hidden.{i}"] = ids[0], x.last_hidden_state[0].contiguous()
        expected[f"first.{i}"] = x.hidden_states[1][0].contiguous()
        if name == "bert":
            for mode in MODES: expected[f"{mode}.{i}"] = pooled(x.last_hidden_state[0], mode).clone()
    save_file(expected, folder / "expected.safetensors")

# The first of them as a folder of sentence-transformers: a tokenizer, two kinds of pooling, a projection, scaling.
folder = here / "bert"
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [c for c in "abcdefghijklmnopqrstuvwxyz"]
words += ["##" + c for c in "abcdefghijklmnopqrstuvwxyz"] + [".", ",", "?", "the", "cat", "##s", "dog", "fish", "eat", "rain"]
words = list(dict.fromkeys(words))
words += [f"[unused{i}]" for i in range(80 - len(words))]
tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
tokenizer.add_special_tokens(words[:5])
tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
tokenizer.decoder = decoders.WordPiece()
tokenizer.save(str(folder / "tokenizer.json"))
torch.manual_seed(7)
model = transformers.AutoModel.from_pretrained(folder).eval()
dense = torch.nn.Linear(64, 12)
steps = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"), ("Normalize", "3_Normalize")]
(folder / "modules.json").write_text(json.dumps(
    [{"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + kind} for i, (kind, path) in enumerate(steps)]))
for path in ("1_Pooling", "2_Dense"): (folder / path).mkdir(exist_ok=True)
(folder / "1_Pooling" / "config.json").write_text(json.dumps(
    {"word_embedding_dimension": 32, **{f"pooling_mode_{mode}": mode in ("cls_token", "mean_tokens") for mode in MODES}}))
(folder / "2_Dense" / "config.json").write_text(json.dumps(
    {"in_features": 64, "out_features": 12, "bias": True, "activation_function": "torch.nn.modules.activation.Tanh"}))
save_file({"linear." + n: p.detach() for n, p in dense.named_parameters()}, folder / "2_Dense" / "model.safetensors")
(folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16, "do_lower_case": False}))
(folder / "config_sentence_transformers.json").write_text(json.dumps(
    {"prompts": {"query": "dog: ", "document": ""}, "default_prompt_name": None}))
texts = ["The cats eat fish.", "rain", "", "A dog? Cat, dog, fish, rain, the cats and the dogs of the rain eat fish.", "caf\u00e9 \u732b!"]
rows = []
for prompt, text in [("", t) for t in texts] + [("dog: ", "the cat")]:
    whole = tokenizer.encode(prompt + text).ids
    ids = whole if len(whole) <= 16 else whole[:15] + [3]
    with torch.no_grad():
        x = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        y = torch.tanh(dense(torch.cat([pooled(x, "cls_token"), pooled(x, "mean_tokens")])))
        y = torch.nn.functional.normalize(y, dim=0)
    rows.append({"text": text, "prompt": "query" if prompt else None, "ids": ids, "vector": y.tolist()})
(folder / "texts.json").write_text(json.dumps(rows) + "\n")

# The same encoder as a GGUF file with the mean for its pooling; where llama-cpp-python can be imported, its vectors are compared.
import gguf, numpy as np
writer = gguf.GGUFWriter(here / "bert.gguf", "bert")
config, table = model.config, gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, 2)
writer.add_context_length(config.max_position_embeddings)
writer.add_embedding_length(config.hidden_size)
writer.add_feed_forward_length(config.intermediate_size)
writer.add_block_count(config.num_hidden_layers)
writer.add_head_count(config.num_attention_heads)
writer.add_layer_norm_eps(config.layer_norm_eps)
writer.add_causal_attention(False)
writer.add_pooling_type(gguf.PoolingType.MEAN)
writer.add_tokenizer_model("bert")
writer.add_tokenizer_pre("default")
writer.add_token_list([w if i < 5 else w[2:] if w.startswith("##") else "\u2581" + w for i, w in enumerate(words)])
writer.add_token_types([3 if i < 5 else 1 for i in range(80)])
writer.add_token_type_count(2)
for key, token in dict(bos=2, eos=3, unknown=1, seperator=3, padding=0, cls=2, mask=4).items():
    writer.add_uint32(f"tokenizer.ggml.{key}_token_id", token)
for name, x in model.state_dict().items():
    place = table.get_name(name, try_suffixes=(".weight", ".bias"))
    if place and "pooler" not in name: writer.add_tensor(place, x.float().numpy())
for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close): step()
rows = []
for text in texts:
    ids = tokenizer.encode(text).ids
    with torch.no_grad(): x = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    rows.append({"text": text, "prompt": None, "ids": ids, "vector": torch.nn.functional.normalize(x.mean(0), dim=0).tolist()})
(here / "bert-gguf.json").write_text(json.dumps(rows) + "\n")
try:
    from llama_cpp import Llama
    llama = Llama(str(here / "bert.gguf"), embedding=True, n_ctx=64, n_threads=1, verbose=False)
    for row in rows:
        made = np.array(llama.embed(row["text"], normalize=True))
        print("llama.cpp", repr(row["text"]), llama.tokenize(row["text"].encode()) == row["ids"], np.abs(made - row["vector"]).max())
except (ImportError, ValueError) as error: print("llama.cpp:", error)
(here / "versions.json").write_text(
    json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}) + "\n")

place = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here.parents[3] / "models") / "all-MiniLM-L6-v2"
if place.exists():
    tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    model = transformers.AutoModel.from_pretrained(place).eval()
    texts = [
        "A man is eating food.", "A man is eating a piece of bread.", "The girl is carrying a baby.", "It rains.", "",
        "Ein M\u00e4dchen tr\u00e4gt ein Kind \u2014 caf\u00e9, na\u00efve, \u00c5ngstr\u00f6m.", "\u732b\u304c\u9b5a\u3092\u98df\u3079\u308b\u3002",
        "\U0001f408 eats \U0001f41f!!!", "def f(x):\n\treturn x ** 2  # squares", "supercalifragilisticexpialidocious " * 3,
        "word " * 400, "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0928\u092e\u0938\u094d\u0924\u0947", "x" * 150, "Control\u0000 and\u200b zero width",
    ]
    rows = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        with torch.no_grad(): x = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        y = torch.nn.functional.normalize(x.mean(0), dim=0)
        rows.append({"text": text, "ids": ids, "vector": [round(v, 7) for v in y.tolist()]})
    (here / "minilm.json").write_text(json.dumps(rows) + "\n")
    print("minilm", len(rows))
