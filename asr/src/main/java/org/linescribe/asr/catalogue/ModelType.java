package org.linescribe.asr.catalogue;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The families of models, with the files and the metadata that the library reads and without which
 * it ends the process. A streaming model decodes audio while it comes; any other decodes whole
 * utterances.
 *
 * <p>Source: {@code SHERPA_ONNX_READ_META_DATA} in sherpa-onnx's {@code online-*-model.cc} and
 * {@code offline-*-model.cc}.
 */
public enum ModelType {
  ZIPFORMER("zipformer", Files.TRANSDUCER, Keys.ZIPFORMER),
  ZIPFORMER2("zipformer2", Files.TRANSDUCER, Keys.ZIPFORMER2),
  LSTM("lstm", Files.TRANSDUCER, Keys.LSTM),
  CONFORMER("conformer", Files.TRANSDUCER, Keys.CONFORMER),
  PARAFORMER("", Files.ENCODER_DECODER, Keys.PARAFORMER),
  ZIPFORMER2_CTC("", Files.CTC, Keys.ZIPFORMER2),
  NEMO_CTC("", Files.CTC, Keys.NEMO_CTC),
  T_ONE_CTC("", Files.CTC, Keys.T_ONE),

  MOONSHINE("moonshine", Files.ENCODER_DECODER, List.of()),
  MOONSHINE_SPLIT("moonshine", Files.MOONSHINE_SPLIT, List.of()),
  WHISPER("whisper", Files.ENCODER_DECODER, Keys.WHISPER),
  SENSE_VOICE("sense_voice", Files.CTC, Keys.SENSE_VOICE),
  OFFLINE_TRANSDUCER("transducer", Files.TRANSDUCER, List.of()),
  OFFLINE_NEMO_TRANSDUCER("nemo_transducer", Files.NEMO_TRANSDUCER, Keys.OFFLINE_NEMO_TRANSDUCER),
  OFFLINE_NEMO_CTC("nemo_ctc", Files.CTC, Keys.OFFLINE_NEMO_CTC);

  private final String modelType;
  private final Map<String, List<String>> otherKeys;
  private final List<String> roles;
  private final List<String> mainKeys;

  /**
   * @param files by role the metadata that each file but the main one must carry
   * @param mainKeys metadata of the main file, the one that is heard first
   */
  ModelType(String modelType, Files files, List<String> mainKeys) {
    this.modelType = modelType;
    this.otherKeys = files.otherKeys;
    this.roles = files.roles;
    this.mainKeys = mainKeys;
  }

  /** Whether it decodes audio while it comes; else it decodes whole utterances. */
  public boolean isStreaming() {
    return compareTo(MOONSHINE) < 0;
  }

  /** As written in the catalogue: {@code zipformer2-ctc}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static ModelType of(String key) {
    for (ModelType type : values()) {
      if (type.key().equals(key)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "type: "
            + key
            + " (expected: one of "
            + List.of(values()).stream().map(ModelType::key).toList()
            + ")");
  }

  /** The library's {@code model_type}, empty where the family of files says it all. */
  public String modelType() {
    return modelType;
  }

  /** One graph and no joiner: the role of its file is {@code model}. */
  public boolean isCtc() {
    return roles.equals(List.of("model"));
  }

  /** The roles of its ONNX files, the one that is heard first in front. */
  List<String> roles() {
    return roles;
  }

  /** Metadata that the file of this role must carry. */
  List<String> requiredMetadata(String role) {
    return role.equals(roles.getFirst()) ? mainKeys : otherKeys.getOrDefault(role, List.of());
  }

  public boolean allowsBeamSearch() {
    return isStreaming() && roles.contains("joiner");
  }

  /** Which files make up a model. */
  private enum Files {
    TRANSDUCER(
        List.of("encoder", "decoder", "joiner"),
        Map.of("decoder", List.of("context_size", "vocab_size"), "joiner", List.of("joiner_dim"))),
    NEMO_TRANSDUCER(List.of("encoder", "decoder", "joiner"), Map.of()),
    ENCODER_DECODER(List.of("encoder", "decoder"), Map.of()),
    MOONSHINE_SPLIT(
        List.of("preprocessor", "encoder", "uncached-decoder", "cached-decoder"), Map.of()),
    CTC(List.of("model"), Map.of());

    private final List<String> roles;
    private final Map<String, List<String>> otherKeys;

    Files(List<String> roles, Map<String, List<String>> otherKeys) {
      this.roles = roles;
      this.otherKeys = otherKeys;
    }
  }

  private static final class Keys {
    static final List<String> ZIPFORMER =
        keys(
            "encoder_dims attention_dims num_encoder_layers cnn_module_kernels"
                + " left_context_len T decode_chunk_len");
    static final List<String> ZIPFORMER2 =
        keys(
            "encoder_dims query_head_dims value_head_dims num_heads num_encoder_layers"
                + " cnn_module_kernels left_context_len T decode_chunk_len");
    static final List<String> LSTM =
        List.of("num_encoder_layers", "T", "decode_chunk_len", "rnn_hidden_size", "d_model");
    static final List<String> CONFORMER =
        keys(
            "num_encoder_layers T decode_chunk_len left_context encoder_dim pad_length"
                + " cnn_module_kernel");
    static final List<String> PARAFORMER =
        keys(
            "vocab_size lfr_window_size lfr_window_shift encoder_output_size"
                + " decoder_num_blocks decoder_kernel_size neg_mean inv_stddev");
    static final List<String> NEMO_CTC =
        keys(
            "window_size chunk_shift subsampling_factor vocab_size cache_last_channel_dim1"
                + " cache_last_channel_dim2 cache_last_channel_dim3 cache_last_time_dim1"
                + " cache_last_time_dim2 cache_last_time_dim3");
    static final List<String> T_ONE = List.of("frame_length_ms", "state_dim", "sample_rate");
    static final List<String> WHISPER =
        keys(
            "n_text_layer n_text_ctx n_text_state n_vocab n_mels sot eot blank_id"
                + " is_multilingual sot_sequence no_timestamps");
    static final List<String> SENSE_VOICE =
        keys(
            "vocab_size lfr_window_size lfr_window_shift normalize_samples with_itn"
                + " without_itn lang_auto lang_zh lang_en lang_ja lang_ko lang_yue neg_mean"
                + " inv_stddev");
    static final List<String> OFFLINE_NEMO_TRANSDUCER =
        List.of("vocab_size", "subsampling_factor", "pred_rnn_layers", "pred_hidden");
    static final List<String> OFFLINE_NEMO_CTC = List.of("vocab_size", "subsampling_factor");

    private Keys() {}

    private static List<String> keys(String names) {
      return List.of(names.split(" "));
    }
  }
}
