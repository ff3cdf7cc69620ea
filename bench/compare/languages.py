#!/usr/bin/env python3
"""Word errors of a bare multilingual Whisper on espeak-ng's voices, at 16 kHz and through 8 kHz mu-law.

  languages.py WHISPER_FOLDER   needs espeak-ng, sox, and pip install numpy sherpa-onnx==1.13.8

Says whether a synthetic voice or LineScribe is to blame for wrong words: no part of LineScribe runs here.
"""
import re
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
import sherpa_onnx

sys.path.append(str(Path(__file__).resolve().parents[1]))
from word_errors import word_errors

SAID = {
    "fr": "Bonjour, je vous appelle au sujet de ma facture du mois de mars. Le montant me semble trop élevé et je "
          "voudrais parler à un conseiller. Pouvez-vous me rappeler demain matin ?",
    "es": "Buenos días, llamo por la factura del mes de marzo. El importe me parece demasiado alto y quisiera hablar con "
          "un asesor. ¿Puede llamarme mañana por la mañana?",
    "de": "Guten Tag, ich rufe wegen meiner Rechnung vom Monat März an. Der Betrag scheint mir zu hoch und ich möchte "
          "mit einem Berater sprechen. Können Sie mich morgen früh zurückrufen?",
    "it": "Buongiorno, chiamo per la fattura del mese di marzo. L'importo mi sembra troppo alto e vorrei parlare con un "
          "consulente. Può richiamarmi domani mattina?",
    "en": "Good morning, I am calling about my bill for the month of March. The amount seems too high to me and I would "
          "like to talk to an adviser. Can you call me back tomorrow morning?",
}
VOICES = ["fr", "fr+f3", "fr+m3", "es", "es-419", "de", "it", "en-us"]


def words(text):
    return re.sub(r"[^\w']+", " ", text.lower()).split()


def samples(path):
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def main():
    model = Path(sys.argv[1])
    recogniser = sherpa_onnx.OfflineRecognizer.from_whisper(
        encoder=str(next(model.glob("*encoder*.onnx"))), decoder=str(next(model.glob("*decoder*.onnx"))),
        tokens=str(next(model.glob("*tokens.txt"))), language="", num_threads=1)
    with tempfile.TemporaryDirectory() as folder:
        for voice in VOICES:
            said = SAID[voice[:2]]
            spoken, line, wide = (f"{folder}/{name}.wav" for name in ("spoken", "line", "wide"))
            subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", spoken, said], check=True)
            subprocess.run(["sox", "-D", spoken, "-r", "8000", "-c", "1", "-e", "u-law", line], check=True)
            for of, name in ((spoken, "16 kHz"), (line, "8 kHz mu-law")):
                subprocess.run(["sox", "-D", of, "-r", "16000", "-c", "1", "-b", "16", "-e", "signed", wide], check=True)
                stream = recogniser.create_stream()
                stream.accept_waveform(16000, samples(wide))
                recogniser.decode_stream(stream)
                wrong = word_errors(words(said), words(stream.result.text))
                print(f"{voice:7} {name:13} found {stream.result.lang}  {wrong:2} of {len(words(said))} words wrong", flush=True)


if __name__ == "__main__":
    main()
