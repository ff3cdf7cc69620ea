package org.linescribe.asr.sherpa;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The C structs of sherpa-onnx 1.13.8 that the binding fills and reads, field by field.
 *
 * <p>Source: {@code sherpa-onnx/c-api/c-api.h}. C's padding is computed here from the fields'
 * alignment; the resulting sizes are compared with those measured on the library's own platform.
 */
final class SherpaLayouts {
  static final StructLayout FEATURES = struct("feat", List.of(i("sample_rate"), i("dim")));

  static final StructLayout ONLINE_MODEL =
      struct(
          "model",
          strings("transducer.encoder", "transducer.decoder", "transducer.joiner"),
          strings("paraformer.encoder", "paraformer.decoder"),
          strings("zipformer2_ctc.model", "tokens"),
          List.of(i("num_threads"), p("provider"), i("debug")),
          strings("model_type", "modeling_unit", "bpe_vocab", "tokens_buf"),
          List.of(i("tokens_buf_size"), p("nemo_ctc.model"), p("t_one_ctc.model")));

  static final StructLayout ONLINE_CONFIG =
      struct(
          "online",
          List.of(FEATURES.withName("feat"), ONLINE_MODEL.withName("model")),
          List.of(p("decoding_method"), i("max_active_paths"), i("enable_endpoint")),
          List.of(f("rule1"), f("rule2"), f("rule3")),
          List.of(p("hotwords_file"), f("hotwords_score"), p("ctc_fst.graph")),
          List.of(i("ctc_fst.max_active"), p("rule_fsts"), p("rule_fars"), f("blank_penalty")),
          List.of(p("hotwords_buf"), i("hotwords_buf_size")),
          strings("hr.dict_dir", "hr.lexicon", "hr.rule_fsts"));

  static final StructLayout ONLINE_RESULT =
      struct(
          "onlineResult",
          strings("text", "tokens", "tokens_arr", "timestamps"),
          List.of(i("count"), p("json")));

  private static final StructLayout FUNASR_NANO =
      struct(
          "funasr_nano",
          strings("encoder_adaptor", "llm", "embedding", "tokenizer", "system", "user"),
          List.of(i("max_new_tokens"), f("temperature"), f("top_p"), i("seed")),
          List.of(p("language"), i("itn"), p("hotwords")));

  private static final StructLayout WHISPER =
      struct(
          "whisper",
          strings("encoder", "decoder", "language", "task"),
          List.of(i("tail_paddings"), i("token_timestamps"), i("segment_timestamps")));

  private static final StructLayout QWEN3 =
      struct(
          "qwen3",
          strings("conv_frontend", "encoder", "decoder", "tokenizer"),
          List.of(i("max_total_len"), i("max_new_tokens"), f("temperature"), f("top_p")),
          List.of(i("seed"), p("hotwords")));

  static final StructLayout OFFLINE_MODEL =
      struct(
          "model",
          strings("transducer.encoder", "transducer.decoder", "transducer.joiner"),
          strings("paraformer.model", "nemo_ctc.model"),
          List.of(WHISPER.withName("whisper"), p("tdnn.model"), p("tokens")),
          List.of(i("num_threads"), i("debug"), p("provider")),
          strings("model_type", "modeling_unit", "bpe_vocab", "telespeech_ctc"),
          List.of(p("sense_voice.model"), p("sense_voice.language"), i("sense_voice.use_itn")),
          strings("moonshine.preprocessor", "moonshine.encoder", "moonshine.uncached"),
          strings("moonshine.cached", "moonshine.merged"),
          strings("fire_red.encoder", "fire_red.decoder", "dolphin.model", "zipformer_ctc.model"),
          strings("canary.encoder", "canary.decoder", "canary.src_lang", "canary.tgt_lang"),
          List.of(i("canary.use_pnc")),
          strings("wenet_ctc.model", "omnilingual.model", "medasr.model"),
          List.of(FUNASR_NANO.withName("funasr_nano"), p("fire_red_ctc.model")),
          List.of(QWEN3.withName("qwen3")),
          strings("cohere.encoder", "cohere.decoder", "cohere.language"),
          List.of(i("cohere.use_punct"), i("cohere.use_itn")));

  static final StructLayout OFFLINE_CONFIG =
      struct(
          "offline",
          List.of(FEATURES.withName("feat"), OFFLINE_MODEL.withName("model")),
          List.of(p("lm.model"), f("lm.scale"), p("decoding_method"), i("max_active_paths")),
          List.of(p("hotwords_file"), f("hotwords_score"), p("rule_fsts"), p("rule_fars")),
          List.of(f("blank_penalty"), p("hr.dict_dir"), p("hr.lexicon"), p("hr.rule_fsts")));

  static final StructLayout OFFLINE_RESULT =
      struct(
          "offlineResult",
          List.of(p("text"), p("timestamps"), i("count"), p("tokens"), p("tokens_arr"), p("json")),
          strings("lang", "emotion", "event", "durations", "ys_log_probs"));

  private static final StructLayout VAD_MODEL =
      struct(
          "vadModel",
          List.of(p("model"), f("threshold"), f("min_silence"), f("min_speech")),
          List.of(i("window_size"), f("max_speech")));

  static final StructLayout VAD_CONFIG =
      struct(
          "vad",
          List.of(VAD_MODEL.withName("silero"), i("sample_rate"), i("num_threads")),
          List.of(p("provider"), i("debug"), VAD_MODEL.withName("ten")));

  private SherpaLayouts() {}

  /** Sizes as the C compiler of the released library made them (x86-64 and AArch64 agree). */
  static void assertSizes() {
    assertSize("SherpaOnnxOnlineModelConfig", ONLINE_MODEL, 136);
    assertSize("SherpaOnnxOnlineRecognizerConfig", ONLINE_CONFIG, 272);
    assertSize("SherpaOnnxOfflineModelConfig", OFFLINE_MODEL, 504);
    assertSize("SherpaOnnxOfflineRecognizerConfig", OFFLINE_CONFIG, 608);
    assertSize("SherpaOnnxVadModelConfig", VAD_CONFIG, 88);
  }

  private static void assertSize(String name, StructLayout layout, long expected) {
    if (layout.byteSize() != expected) {
      throw new IllegalStateException(
          "sizeof(" + name + "): " + layout.byteSize() + " (expected: " + expected + ")");
    }
  }

  private static MemoryLayout i(String name) {
    return JAVA_INT.withName(name);
  }

  private static MemoryLayout f(String name) {
    return JAVA_FLOAT.withName(name);
  }

  private static MemoryLayout p(String name) {
    return ADDRESS.withName(name);
  }

  private static List<MemoryLayout> strings(String... names) {
    List<MemoryLayout> fields = new ArrayList<>();
    for (String name : names) {
      fields.add(p(name));
    }
    return fields;
  }

  @SafeVarargs
  private static StructLayout struct(String name, List<MemoryLayout>... groups) {
    List<MemoryLayout> padded = new ArrayList<>();
    long offset = 0;
    long alignment = 1;
    for (List<MemoryLayout> group : groups) {
      for (MemoryLayout field : group) {
        long gap = Math.floorMod(-offset, field.byteAlignment());
        if (gap > 0) {
          padded.add(MemoryLayout.paddingLayout(gap));
        }
        padded.add(field);
        offset += gap + field.byteSize();
        alignment = Math.max(alignment, field.byteAlignment());
      }
    }
    long tail = Math.floorMod(-offset, alignment);
    if (tail > 0) {
      padded.add(MemoryLayout.paddingLayout(tail));
    }
    return MemoryLayout.structLayout(padded.toArray(MemoryLayout[]::new)).withName(name);
  }
}
