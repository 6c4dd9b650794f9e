"""Golden values of tiny random Whisper models (transformers) and of Whisper's features, for WhisperTests."""
import json, pathlib, shutil
import numpy, torch, transformers
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
torch.manual_seed(7)


def rounded(model):
    # In steps of 1/512, so that every weight is exact in a file of 16 bits.
    for p in model.parameters(): p.data = (p.data * 512).round() / 512


config = transformers.WhisperConfig(
    vocab_size=1600, num_mel_bins=8, d_model=16, encoder_layers=2, decoder_layers=3, encoder_attention_heads=2, decoder_attention_heads=4,
    encoder_ffn_dim=24, decoder_ffn_dim=40, max_source_positions=20, max_target_positions=24, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    decoder_start_token_id=3, suppress_tokens=None, begin_suppress_tokens=None)
model = transformers.WhisperForConditionalGeneration(config).eval()
for p in model.parameters():
    if p.requires_grad: p.data = torch.randn_like(p) * 0.3
rounded(model)
folder = here / "whisper-tiny"
if folder.exists(): shutil.rmtree(folder)
model.half().save_pretrained(folder)
(folder / "generation_config.json").unlink(missing_ok=True)
model = model.float()
features = torch.randn(1, 8, 40)
tokens = torch.tensor([[3, 7, 11, 1500, 9, 4]])
with torch.no_grad():
    encoded = model.model.encoder(features).last_hidden_state
    logits = model(input_features=features, decoder_input_ids=tokens).logits

rng = numpy.random.default_rng(3)
t = numpy.arange(16000 * 2) / 16000
sound = (0.4 * numpy.sin(2 * numpy.pi * (200 + 900 * t) * t) + 0.02 * rng.standard_normal(t.size)).astype(numpy.float32)
sound[9000:14000] = 0
extractor = transformers.WhisperFeatureExtractor(feature_size=80)
# The first two seconds of the thirty; the last of them reach into the silence that fills the window.
mel = extractor(sound, sampling_rate=16000, return_tensors="np").input_features[0][:, :200]
save_file({
    "features": features, "tokens": tokens, "encoded": encoded, "logits": logits.contiguous(), "sound": torch.tensor(sound),
    "mel": torch.tensor(numpy.ascontiguousarray(mel)), "filters": torch.tensor(extractor.mel_filters.T.astype(numpy.float32).copy()),
    "filters128": torch.tensor(transformers.WhisperFeatureExtractor(feature_size=128).mel_filters.T.astype(numpy.float32).copy()),
}, here / "whisper.safetensors")
(here / "whisper-versions.json").write_text(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
