"""Ten recordings by espeak-ng's voices (FLAC, 16 kHz) and what faster-whisper (beam_size 1, float32) hears in them, for TranscriptTests.

Needs espeak-ng, sox, ffmpeg, `pip install faster-whisper` and models/whisper-base (Scripts/fetch-models). Run by hand, not by
Scripts/make-fixtures, whose environment has no faster-whisper: python make_recordings.py
"""
import importlib.metadata, json, pathlib, subprocess

here = pathlib.Path(__file__).parent
folder = here / "recordings"
TEXTS = [
    ("en-us", 150, "The quick brown fox jumps over the lazy dog while the old farmer watches from his window."),
    ("en-gb", 140, "Good morning. I would like to book a table for two people at seven o'clock this evening, please."),
    ("en-us+f3", 150, "There are three red circles and two blue squares in the picture."),
    ("en-gb-scotland", 140, "Yesterday the weather was cold and wet, but tomorrow it will be sunny and warm."),
    ("en-us+m4", 165, "Our meeting begins at half past nine. Do not forget to bring the report about last year's sales."),
    ("en-029", 140, "Please turn left at the next corner and then walk straight ahead for about ten minutes."),
    ("en-gb+f4", 130, "Water boils at one hundred degrees and freezes at zero degrees."),
    ("en-us", 120, "She sells sea shells by the sea shore, and he reads the newspaper every day."),
    ("en-gb-x-rp", 150, "The train to London leaves from platform four. Passengers should take their seats now."),
    ("de", 140, "Guten Tag, ich möchte bitte zwei Fahrkarten nach Berlin kaufen."),
]


def main():
    from faster_whisper import WhisperModel
    folder.mkdir(exist_ok=True)
    model = WhisperModel(str(here.parents[2] / "models/whisper-base"), device="cpu", compute_type="float32")
    heard = []
    for i, (voice, speed, text) in enumerate(TEXTS, 1):
        wav, small, flac = folder / "a.wav", folder / "b.wav", folder / f"{i}.flac"
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", wav, text], check=True)
        subprocess.run(["sox", wav, "-r", "16000", "-c", "1", "-b", "16", small], check=True)
        subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", small, "-compression_level", "12", flac], check=True)
        segments, info = model.transcribe(str(small), beam_size=1)
        heard.append({"file": flac.name, "said": text, "language": info.language, "text": "".join(s.text for s in segments).strip()})
        wav.unlink(), small.unlink()
    versions = {name: importlib.metadata.version(name) for name in ["faster-whisper", "ctranslate2"]}
    (folder / "transcripts.json").write_text(json.dumps({"versions": versions, "heard": heard}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__": main()
