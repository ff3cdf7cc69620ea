package org.linescribe.asr.catalogue;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The families of streaming models, with the files and the metadata that the library reads and
 * without which it ends the process.
 *
 * <p>Source: {@code SHERPA_ONNX_READ_META_DATA} in sherpa-onnx's {@code online-*-model.cc}.
 */
public enum ModelType {
  ZIPFORMER("zipformer", Keys.ZIPFORMER, Keys.TRANSDUCER),
  ZIPFORMER2("zipformer2", Keys.ZIPFORMER2, Keys.TRANSDUCER),
  LSTM("lstm", Keys.LSTM, Keys.TRANSDUCER),
  CONFORMER("conformer", Keys.CONFORMER, Keys.TRANSDUCER),
  PARAFORMER("", Keys.PARAFORMER, Map.of("decoder", List.of())),
  ZIPFORMER2_CTC("", Keys.ZIPFORMER2, Map.of()),
  NEMO_CTC("", Keys.NEMO_CTC, Map.of()),
  T_ONE_CTC("", Keys.T_ONE, Map.of());

  private final String modelType;
  private final List<String> mainKeys;
  private final Map<String, List<String>> otherKeys;

  ModelType(String modelType, List<String> mainKeys, Map<String, List<String>> otherKeys) {
    this.modelType = modelType;
    this.mainKeys = mainKeys;
    this.otherKeys = otherKeys;
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
    return otherKeys.isEmpty();
  }

  /** The roles of its ONNX files, the one that is heard first in front. */
  List<String> roles() {
    if (isCtc()) {
      return List.of("model");
    }
    return this == PARAFORMER
        ? List.of("encoder", "decoder")
        : List.of("encoder", "decoder", "joiner");
  }

  /** Metadata that the file of this role must carry. */
  List<String> requiredMetadata(String role) {
    return role.equals("encoder") || role.equals("model")
        ? mainKeys
        : otherKeys.getOrDefault(role, List.of());
  }

  boolean allowsBeamSearch() {
    return otherKeys == Keys.TRANSDUCER;
  }

  private static final class Keys {
    static final Map<String, List<String>> TRANSDUCER =
        Map.of("decoder", List.of("context_size", "vocab_size"), "joiner", List.of("joiner_dim"));
    static final List<String> ZIPFORMER =
        List.of(
            "encoder_dims",
            "attention_dims",
            "num_encoder_layers",
            "cnn_module_kernels",
            "left_context_len",
            "T",
            "decode_chunk_len");
    static final List<String> ZIPFORMER2 =
        List.of(
            "encoder_dims",
            "query_head_dims",
            "value_head_dims",
            "num_heads",
            "num_encoder_layers",
            "cnn_module_kernels",
            "left_context_len",
            "T",
            "decode_chunk_len");
    static final List<String> LSTM =
        List.of("num_encoder_layers", "T", "decode_chunk_len", "rnn_hidden_size", "d_model");
    static final List<String> CONFORMER =
        List.of(
            "num_encoder_layers",
            "T",
            "decode_chunk_len",
            "left_context",
            "encoder_dim",
            "pad_length",
            "cnn_module_kernel");
    static final List<String> PARAFORMER =
        List.of(
            "vocab_size",
            "lfr_window_size",
            "lfr_window_shift",
            "encoder_output_size",
            "decoder_num_blocks",
            "decoder_kernel_size",
            "neg_mean",
            "inv_stddev");
    static final List<String> NEMO_CTC =
        List.of(
            "window_size",
            "chunk_shift",
            "subsampling_factor",
            "vocab_size",
            "cache_last_channel_dim1",
            "cache_last_channel_dim2",
            "cache_last_channel_dim3",
            "cache_last_time_dim1",
            "cache_last_time_dim2",
            "cache_last_time_dim3");
    static final List<String> T_ONE = List.of("frame_length_ms", "state_dim", "sample_rate");

    private Keys() {}
  }
}
