"""The peers of Benchmarks/inference: llama.cpp through llama-cpp-python, and PyTorch.

usage: peer.py model FOLDER      writes a random Llama (134M parameters) as a folder and as f32, bf16 and q8_0 GGUF files
       peer.py decode GGUF STREAMS PROMPT_TOKENS NEW_TOKENS REPEATS     llama.cpp, one batch of STREAMS sequences a step
       peer.py prefill GGUF TOKENS REPEATS
       peer.py torch FOLDER DTYPE TOKENS REPEATS                       transformers' forward pass
       peer.py vocabulary FOLDER COUNT TEXT …      a tokenizer of so many tokens: the commonest pieces of words in the texts
       peer.py perplexity GGUF TEXT LENGTH COUNT ROWS exact|file
                       COUNT rows of LENGTH tokens of a text, written to ROWS; prints exp of the mean of -ln p of all but each first.
                       exact: the weights restored to float32 (a second GGUF beside ROWS), cache and activations in float32
       peer.py logits GGUF TOKENS FILE                                 compares with the float32 rows in FILE
Speeds are printed one a line. Two threads everywhere.
"""
import ctypes, os, sys, time

THREADS = 2


def ids(count, stream=0):
    return [(i * 31 + stream * 7) % 30000 + 3 for i in range(count)]


def model(folder):
    import gguf, numpy as np, torch, transformers
    from gguf import GGMLQuantizationType as Q
    torch.manual_seed(0)
    c = transformers.LlamaConfig(
        vocab_size=32000, hidden_size=768, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=12,
        num_key_value_heads=12, max_position_embeddings=4096, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
    net = transformers.LlamaForCausalLM(c)
    net.save_pretrained(f"{folder}/model")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 12)
    for kind, file in ((Q.F32, "f32"), (Q.BF16, "bf16"), (Q.Q8_0, "q8_0")):
        w = gguf.GGUFWriter(f"{folder}/{file}.gguf", "llama")
        w.add_context_length(4096); w.add_embedding_length(768); w.add_block_count(12); w.add_feed_forward_length(2048)
        w.add_head_count(12); w.add_head_count_kv(12); w.add_layer_norm_rms_eps(c.rms_norm_eps)
        w.add_rope_dimension_count(64); w.add_rope_freq_base(10000.0); w.add_vocab_size(32000)
        w.add_tokenizer_model("llama")
        w.add_token_list(["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)] + [f"t{i}" for i in range(32000 - 259)])
        w.add_token_scores([0.0] * 32000)
        w.add_token_types([2, 3, 3] + [6] * 256 + [1] * (32000 - 259))
        w.add_bos_token_id(1); w.add_eos_token_id(2); w.add_unk_token_id(0)
        for key, value in net.state_dict().items():
            x = value.numpy()
            # llama.cpp turns neighbouring features: each head's halves are interleaved.
            if ".q_proj." in key or ".k_proj." in key:
                x = x.reshape(12, 2, 32, 768).swapaxes(1, 2).reshape(768, 768)
            own = kind if x.ndim == 2 else Q.F32
            w.add_tensor(names.get_name(key, try_suffixes=(".weight",)), gguf.quants.quantize(np.ascontiguousarray(x), own), raw_dtype=own)
        w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()


class Llama:
    """A context of llama.cpp, driven through its C interface so that Python costs next to nothing."""

    def __init__(self, path, context, streams=1, exact=False):
        import llama_cpp as L
        self.L = L
        self.silence = L.llama_log_callback(lambda *_: None)
        L.llama_log_set(self.silence, None)
        L.llama_backend_init()
        m = L.llama_model_default_params()
        self.model = L.llama_model_load_from_file(path.encode(), m)
        p = L.llama_context_default_params()
        p.n_ctx, p.n_batch, p.n_ubatch, p.n_seq_max = context * streams, 2048, 512, streams
        p.n_threads = p.n_threads_batch = THREADS
        # Its cache is float16 unless told otherwise.
        if exact: p.type_k = p.type_v = p.flash_attn_type = 0
        self.context = L.llama_init_from_model(self.model, p)
        self.words = L.llama_vocab_n_tokens(L.llama_model_get_vocab(self.model))
        self.greedy = L.llama_sampler_init_greedy()

    def run(self, rows):
        """rows: (token, position, sequence, wants logits)"""
        batch = self.L.llama_batch_init(len(rows), 0, 1)
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, 1, wanted
            batch.seq_id[i][0] = sequence
        if self.L.llama_decode(self.context, batch): sys.exit("llama_decode failed")
        self.L.llama_batch_free(batch)

    def token(self, row): return self.L.llama_sampler_sample(self.greedy, self.context, row)
    def clear(self): self.L.llama_memory_clear(self.L.llama_get_memory(self.context), True)


def decode(path, streams, prompt, new, repeats):
    llama = Llama(path, prompt + new + 16, streams)
    for _ in range(repeats):
        llama.clear()
        rows = [(t, i, s, i == prompt - 1) for s in range(streams) for i, t in enumerate(ids(prompt, s))]
        llama.run(rows)
        next_ = [llama.token((s + 1) * prompt - 1) for s in range(streams)]
        began = time.perf_counter()
        for step in range(new - 1):
            llama.run([(next_[s], prompt + step, s, True) for s in range(streams)])
            next_ = [llama.token(s) for s in range(streams)]
        print(streams * (new - 1) / (time.perf_counter() - began), flush=True)


def prefill(path, tokens, repeats):
    llama = Llama(path, tokens + 16)
    for _ in range(repeats):
        llama.clear()
        began = time.perf_counter()
        llama.run([(t, i, 0, i == tokens - 1) for i, t in enumerate(ids(tokens))])
        llama.token(tokens - 1)
        print(tokens / (time.perf_counter() - began), flush=True)


def torch_prefill(folder, dtype, tokens, repeats):
    import torch, transformers
    torch.set_num_threads(THREADS)
    net = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), attn_implementation="sdpa").eval()
    row = torch.tensor([ids(tokens)])
    for _ in range(repeats):
        began = time.perf_counter()
        with torch.no_grad(): net(row, use_cache=True, logits_to_keep=1).logits.argmax()
        print(tokens / (time.perf_counter() - began), flush=True)


def logits(path, tokens, file):
    import numpy as np
    llama = Llama(path, tokens + 16, exact=True)
    llama.run([(t, i, 0, True) for i, t in enumerate(ids(tokens))])
    theirs = np.stack([np.ctypeslib.as_array(llama.L.llama_get_logits_ith(llama.context, i), (llama.words,)).copy() for i in range(tokens)])
    ours = np.fromfile(file, np.float32).reshape(theirs.shape)
    print(f"{os.path.basename(path)}: largest difference {np.abs(ours - theirs).max():.2e} of logits with deviation "
          f"{theirs.std():.3f}; same most probable token in {(ours.argmax(1) == theirs.argmax(1)).mean():.1%} of {tokens} places")


def restored(source, target):
    """The GGUF file with every tensor in float32."""
    import gguf, numpy as np
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"): continue
        kind = field.types[0]
        writer.add_key_value(field.name, field.contents(), kind, sub_type=field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
    for tensor in reader.tensors:
        shape = [int(n) for n in reversed(tensor.shape)]
        writer.add_tensor(tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(shape).astype(np.float32),
                          raw_dtype=gguf.GGMLQuantizationType.F32)
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()


def perplexity(path, text, length, count, file, kind):
    import json, numpy as np
    if kind == "exact":
        target = f"{os.path.dirname(os.path.abspath(file))}/{os.path.basename(path)}-f32.gguf"
        if not os.path.exists(target): restored(path, target)
        path = target
    llama = Llama(path, length + 16, exact=True)
    vocabulary = llama.L.llama_model_get_vocab(llama.model)
    data = open(text, "rb").read()
    buffer = (llama.L.llama_token * (len(data) + 16))()
    found = llama.L.llama_tokenize(vocabulary, data, len(data), buffer, len(buffer), True, False)
    tokens = list(buffer[:found])
    if not os.path.exists(file): json.dump([tokens[i * length:(i + 1) * length] for i in range(count)], open(file, "w"))
    total, places = 0.0, 0
    for row in json.load(open(file)):
        llama.clear()
        llama.run([(t, i, 0, True) for i, t in enumerate(row)])
        for i, token in enumerate(row[1:]):
            x = np.ctypeslib.as_array(llama.L.llama_get_logits_ith(llama.context, i), (llama.words,)).astype(np.float64)
            total -= x[token] - x.max() - np.log(np.exp(x - x.max()).sum())
            places += 1
    print(np.exp(total / places), places)


def vocabulary(folder, count, texts):
    import collections, json, re
    pieces = collections.Counter()
    for text in texts:
        for word in re.findall(r" ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+", open(text, encoding="utf-8").read()):
            for i in range(len(word)):
                for j in range(i + 2, min(len(word), i + 16) + 1): pieces[word[i:j]] += 1
    keep = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {b: chr(b) for b in keep}
    letters.update({b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in keep)})
    words = ["<|endoftext|>"] + [letters[b] for b in range(256)]
    words += ["".join(letters[b] for b in p.encode()) for p, _ in pieces.most_common(count - len(words))]
    os.makedirs(folder, exist_ok=True)
    json.dump({"version": "1.0", "added_tokens": [{"id": 0, "content": words[0], "single_word": False, "lstrip": False,
               "rstrip": False, "normalized": False, "special": True}],
               "normalizer": None, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
               "use_regex": True}, "post_processor": None, "decoder": {"type": "ByteLevel", "add_prefix_space": True,
               "trim_offsets": True, "use_regex": True}, "model": {"type": "BPE", "vocab": {w: i for i, w in enumerate(words)},
               "merges": []}}, open(f"{folder}/tokenizer.json", "w"))
    print(len(words), "tokens")


if __name__ == "__main__":
    a = sys.argv[1:]
    if a[0] == "model": model(a[1])
    elif a[0] == "decode": decode(a[1], *map(int, a[2:6]))
    elif a[0] == "prefill": prefill(a[1], *map(int, a[2:4]))
    elif a[0] == "torch": torch_prefill(a[1], a[2], *map(int, a[3:5]))
    elif a[0] == "vocabulary": vocabulary(a[1], int(a[2]), a[3:])
    elif a[0] == "perplexity": perplexity(a[1], a[2], int(a[3]), int(a[4]), a[5], a[6])
    elif a[0] == "logits": logits(a[1], int(a[2]), a[3])
