#!/usr/bin/env python3
"""Fake models: Whisper, SenseVoice, NeMo CTC, NeMo transducer and NeMo TDT in the shapes and with the metadata of the real ones, and with random
weights. What they write means nothing. They show that such a folder is recognised, tried, loaded, decoded with and closed.

  make.py FOLDER      needs pip install numpy onnx

Sources of the shapes: sherpa-onnx's offline-sense-voice-model.cc, offline-nemo-enc-dec-ctc-model.cc, offline-transducer-nemo-model.cc,
offline-whisper-model.cc.
"""
import base64
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

WORDS = ["▁one", "▁two", "▁three", "▁four", "▁five", "▁six", "▁seven", "▁eight", "▁nine", "▁ten"]
SUBSAMPLING = 8
HIDDEN = 16
DURATIONS = 5
random = np.random.default_rng(7)


def value(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def weights(name, *shape):
    return constant(name, random.normal(size=shape).astype(np.float32))


def save(path, nodes, inputs, outputs, constants, metadata):
    model = h.make_model(h.make_graph(nodes, "fake", inputs, outputs, constants), opset_imports=[h.make_opsetid("", 13)])
    model.ir_version = 8
    for key, text in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(text)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))


def tokens(folder, symbols):
    (folder / "tokens.txt").write_text("".join(f"{symbol} {number}\n" for number, symbol in enumerate(symbols)), encoding="utf-8")


def sense_voice(folder):
    """Four frames in front tell the language, the mood, the kind of sound and the form of numbers, as the real one does."""
    marks = ["<|zh|>", "<|en|>", "<|yue|>", "<|ja|>", "<|ko|>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>"]
    symbols = ["<blank>", *marks, *WORDS]
    languages = {"auto": 0, "zh": 3, "en": 4, "yue": 7, "ja": 11, "ko": 12}
    told = np.zeros((13, len(symbols)), np.float32)
    for code, number in languages.items():
        told[number, symbols.index(f"<|{'en' if code == 'auto' else code}|>")] = 9
    front = np.zeros((1, 3, len(symbols)), np.float32)
    for i, mark in enumerate(marks[5:]):
        front[0, i, symbols.index(mark)] = 9
    frames = np.zeros((560, len(symbols)), np.float32)
    frames[:, 0] = 0.01
    frames[:, len(marks) + 1:] = random.normal(scale=0.1, size=(560, len(WORDS)))
    nodes = [
        h.make_node("Gather", ["told", "language"], ["language_row"]),
        h.make_node("Unsqueeze", ["language_row", "one"], ["language_frame"]),
        h.make_node("MatMul", ["x", "frames"], ["said"]),
        h.make_node("Concat", ["language_frame", "front", "said"], ["logits"], axis=1),
    ]
    save(folder / "model.onnx", nodes,
         [value("x", T.FLOAT, ["N", "T", 560]), value("x_length", T.INT32, ["N"]), value("language", T.INT32, ["N"]),
          value("text_norm", T.INT32, ["N"])],
         [value("logits", T.FLOAT, ["N", "L", len(symbols)])],
         [constant("told", told), constant("front", front), constant("frames", frames), constant("one", np.array([1], np.int64))],
         {"model_type": "sense_voice_ctc", "comment": "fake", "vocab_size": len(symbols), "lfr_window_size": 7, "lfr_window_shift": 6,
          "normalize_samples": 0, "with_itn": 14, "without_itn": 15, **{f"lang_{code}": n for code, n in languages.items()},
          "neg_mean": ",".join(["0"] * 560), "inv_stddev": ",".join(["1"] * 560)})
    tokens(folder, symbols)


def whisper(folder):
    """Finds English, always, and writes one word: in which language it was to write."""
    words = [" english", " french", " german", " spanish"]
    eot, sot, first, codes = 10, 11, 12, ["en", "fr", "de", "es"]
    translate, transcribe, no_speech, no_timestamps, count = 16, 17, 18, 19, 20
    rows = np.zeros((count, count), np.float32)
    rows[sot, first] = 5
    for i in range(len(codes)):
        rows[first + i, i] = 50
        rows[i, eot] = 100
    cache = [1, "N", "C", HIDDEN]
    cross = [1, "N", 80, "T"]
    save(folder / "encoder.onnx", [
        h.make_node("Unsqueeze", ["mel", "zero"], ["n_layer_cross_k"]),
        h.make_node("Identity", ["n_layer_cross_k"], ["n_layer_cross_v"]),
    ], [value("mel", T.FLOAT, ["N", 80, "T"])],
         [value("n_layer_cross_k", T.FLOAT, cross), value("n_layer_cross_v", T.FLOAT, cross)],
         [constant("zero", np.array([0], np.int64))],
         {"model_type": "whisper-fake", "version": 1, "n_mels": 80, "n_audio_ctx": 1500, "n_text_layer": 1, "n_text_ctx": 32,
          "n_text_state": HIDDEN, "n_text_head": 1, "n_vocab": count, "sot": sot, "eot": eot, "blank_id": 9, "translate": translate,
          "transcribe": transcribe, "no_speech": no_speech, "no_timestamps": no_timestamps, "is_multilingual": 1,
          "sot_sequence": f"{sot},{first},{transcribe}", "all_language_tokens": ",".join(str(first + i) for i in range(len(codes))),
          "all_language_codes": ",".join(codes)})
    save(folder / "decoder.onnx", [
        h.make_node("Gather", ["rows", "tokens"], ["each"]),
        h.make_node("ReduceSum", ["each", "one"], ["sum"], keepdims=1),
        h.make_node("Mul", ["each", "none"], ["nothing"]),
        h.make_node("Add", ["nothing", "sum"], ["logits"]),
        h.make_node("Identity", ["in_n_layer_self_k_cache"], ["out_n_layer_self_k_cache"]),
        h.make_node("Identity", ["in_n_layer_self_v_cache"], ["out_n_layer_self_v_cache"]),
    ], [value("tokens", T.INT64, ["N", "L"]), value("in_n_layer_self_k_cache", T.FLOAT, cache),
        value("in_n_layer_self_v_cache", T.FLOAT, cache), value("n_layer_cross_k", T.FLOAT, cross), value("n_layer_cross_v", T.FLOAT, cross),
        value("offset", T.INT64, [1])],
         [value("logits", T.FLOAT, ["N", "L", count]), value("out_n_layer_self_k_cache", T.FLOAT, cache),
          value("out_n_layer_self_v_cache", T.FLOAT, cache)],
         [constant("rows", rows), constant("one", np.array([1], np.int64)), constant("none", np.array([0], np.float32))], {})
    symbols = words + [f"[{i}]" for i in range(len(words), eot)]
    tokens(folder, [base64.b64encode(symbol.encode()).decode() for symbol in symbols])


def nemo_ctc(folder):
    symbols = [*WORDS, "<blk>"]
    nodes = [
        h.make_node("Transpose", ["audio_signal"], ["frames"], perm=[0, 2, 1]),
        h.make_node("Slice", ["frames", "zero", "end", "one", "step"], ["fewer"]),
        h.make_node("MatMul", ["fewer", "weights"], ["said"]),
        h.make_node("LogSoftmax", ["said"], ["logprobs"], axis=-1),
    ]
    save(folder / "model.onnx", nodes,
         [value("audio_signal", T.FLOAT, ["B", 80, "T"]), value("length", T.INT64, ["B"])],
         [value("logprobs", T.FLOAT, ["B", "L", len(symbols)])],
         [weights("weights", 80, len(symbols)), *bounds(1)],
         {"model_type": "EncDecCTCModelBPE", "comment": "fake", "vocab_size": len(WORDS), "subsampling_factor": SUBSAMPLING,
          "normalize_type": "per_feature"})
    tokens(folder, symbols)


def bounds(axis):
    numbers = {"zero": 0, "end": 2**31 - 1, "one": axis, "step": SUBSAMPLING}
    return [constant(name, np.array([number], np.int64)) for name, number in numbers.items()]


def nemo_transducer(folder, durations):
    symbols = [*WORDS, "<blk>"]
    outputs = len(symbols) + durations
    save(folder / "encoder.onnx", [
        h.make_node("Slice", ["audio_signal", "zero", "end", "one", "step"], ["fewer"]),
        h.make_node("MatMul", ["weights", "fewer"], ["outputs"]),
        h.make_node("Add", ["length", "most"], ["rounded"]),
        h.make_node("Div", ["rounded", "step"], ["encoded_lengths"]),
    ], [value("audio_signal", T.FLOAT, ["B", 80, "T"]), value("length", T.INT64, ["B"])],
         [value("outputs", T.FLOAT, ["B", HIDDEN, "L"]), value("encoded_lengths", T.INT64, ["B"])],
         [weights("weights", HIDDEN, 80), constant("most", np.array([SUBSAMPLING - 1], np.int64)), *bounds(2)],
         {"model_type": "EncDecHybridRNNTCTCBPEModel" if durations == 0 else "EncDecRNNTBPEModel",
          "url": "fake-tdt" if durations else "fake-rnnt", "comment": "fake", "vocab_size": len(WORDS),
          "subsampling_factor": SUBSAMPLING, "normalize_type": "per_feature", "pred_rnn_layers": 1, "pred_hidden": HIDDEN})
    state = [1, "B", HIDDEN]
    save(folder / "decoder.onnx", [
        h.make_node("Gather", ["words", "targets"], ["word"]),
        h.make_node("Add", ["word", "states.1"], ["sum"]),
        h.make_node("Tanh", ["sum"], ["states"]),
        h.make_node("Transpose", ["states"], ["outputs"], perm=[1, 2, 0]),
        h.make_node("Identity", ["target_length"], ["prednet_lengths"]),
        h.make_node("Identity", ["onnx::Slice_3"], ["162"]),
    ], [value("targets", T.INT32, ["B", 1]), value("target_length", T.INT32, ["B"]), value("states.1", T.FLOAT, state),
        value("onnx::Slice_3", T.FLOAT, state)],
         [value("outputs", T.FLOAT, ["B", HIDDEN, 1]), value("prednet_lengths", T.INT32, ["B"]), value("states", T.FLOAT, state),
          value("162", T.FLOAT, state)],
         [weights("words", len(symbols), HIDDEN)], {})
    save(folder / "joiner.onnx", [
        h.make_node("Add", ["encoder_outputs", "decoder_outputs"], ["sum"]),
        h.make_node("Tanh", ["sum"], ["squashed"]),
        h.make_node("Transpose", ["squashed"], ["turned"], perm=[0, 2, 1]),
        h.make_node("MatMul", ["turned", "weights"], ["said"]),
        h.make_node("Unsqueeze", ["said", "one"], ["outputs"]),
    ], [value("encoder_outputs", T.FLOAT, ["B", HIDDEN, 1]), value("decoder_outputs", T.FLOAT, ["B", HIDDEN, 1])],
         [value("outputs", T.FLOAT, ["B", 1, 1, outputs])],
         [weights("weights", HIDDEN, outputs), constant("one", np.array([1], np.int64))], {})
    tokens(folder, symbols)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    whisper(root / "fake-whisper")
    sense_voice(root / "fake-sense-voice")
    nemo_ctc(root / "fake-nemo-ctc")
    nemo_transducer(root / "fake-nemo-transducer", 0)
    nemo_transducer(root / "fake-nemo-tdt", DURATIONS)
