package org.linescribe.asr.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What can be known of an ONNX file without running it: its metadata, how many outputs it has, and
 * the width of the first one. Reads a few kilobytes, whatever the file's size: weights are stepped
 * over. Thread: one.
 *
 * <p>Source: onnx.proto3: ModelProto (ir_version 1, graph 7, opset_import 8, metadata_props 14),
 * GraphProto (output 12), ValueInfoProto (type 2), TypeProto (tensor_type 1), Tensor (shape 2),
 * TensorShapeProto (dim 1), Dimension (dim_value 1).
 *
 * @param metadata the properties that the exporter wrote
 * @param outputs how many the graph has; zero where that is not known
 * @param lastOutputDimension the width of the first output, where it is fixed
 */
record OnnxFile(Map<String, String> metadata, int outputs, OptionalLong lastOutputDimension) {
  private static final int MAX_TEXT_BYTES = 1 << 20;

  OnnxFile {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads a graph; of one in ONNX Runtime's own format nothing is known but that it is one.
   *
   * @throws ModelException when the file is not ONNX or is cut off
   */
  static OnnxFile read(Path file) throws ModelException {
    if (file.toString().endsWith(OrtFile.SUFFIX)) {
      OrtFile.check(file);
      return new OnnxFile(Map.of(), 0, OptionalLong.empty());
    }
    // A stream of a channel: its skip stops at the file's end, which shows that the file is cut
    // off.
    try (InputStream bytes = Files.newInputStream(file)) {
      return new Reader(CodedInputStream.newInstance(bytes)).model();
    } catch (InvalidProtocolBufferException e) {
      // The library tells a short file from a broken one by its words alone.
      boolean cut = String.valueOf(e.getMessage()).contains("ended unexpectedly");
      throw new ModelException(file + ": " + (cut ? "cut off" : "no ONNX model: no protobuf"), e);
    } catch (ModelException e) {
      throw new ModelException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  static void requireFile(Path file) throws ModelException {
    if (!Files.isRegularFile(file)) {
      throw new ModelException(file + ": missing");
    }
    try {
      if (Files.size(file) == 0) {
        throw new ModelException(file + ": empty");
      }
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static final class Reader {
    /** Takes a field of a message, or leaves it to be stepped over. */
    private interface Field {
      boolean read(int number) throws IOException;
    }

    private final CodedInputStream in;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private OptionalLong lastDimension = OptionalLong.empty();
    private boolean graph;
    private boolean opset;
    private int outputs;

    Reader(CodedInputStream in) {
      this.in = in;
      in.setSizeLimit(Integer.MAX_VALUE);
    }

    OnnxFile model() throws IOException {
      fields(
          number -> {
            opset |= number == 8;
            graph |= number == 7;
            return switch (number) {
              case 7 -> message(this::outputOf);
              case 14 -> property();
              default -> false;
            };
          });
      if (!graph || !opset) {
        throw new ModelException("no ONNX model: it has no " + (graph ? "opset" : "graph"));
      }
      return new OnnxFile(metadata, outputs, lastDimension);
    }

    private boolean outputOf(int number) throws IOException {
      if (number != 12 || outputs++ > 0) {
        return false;
      }
      // value_info.type.tensor_type.shape.dim
      return message(
          type ->
              type == 2
                  && message(
                      tensor ->
                          tensor == 1
                              && message(
                                  shape -> shape == 2 && message(dim -> dim == 1 && dimension()))));
    }

    private boolean dimension() throws IOException {
      lastDimension = OptionalLong.empty();
      return message(
          number -> {
            if (number == 1) {
              lastDimension = OptionalLong.of(in.readInt64());
            }
            return number == 1;
          });
    }

    private boolean property() throws IOException {
      String[] pair = {"", ""};
      message(
          number -> {
            if (number != 1 && number != 2) {
              return false;
            }
            int length = in.readRawVarint32();
            if (length < 0 || length > MAX_TEXT_BYTES) {
              throw new ModelException("a text of " + length + " bytes");
            }
            pair[number - 1] = new String(in.readRawBytes(length), UTF_8);
            return true;
          });
      metadata.put(pair[0], pair[1]);
      return true;
    }

    private boolean message(Field field) throws IOException {
      int outer = in.pushLimit(in.readRawVarint32());
      fields(field);
      if (in.getBytesUntilLimit() > 0) {
        throw new ModelException("cut off");
      }
      in.popLimit(outer);
      return true;
    }

    private void fields(Field field) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (!field.read(WireFormat.getTagFieldNumber(tag))) {
          in.skipField(tag);
        }
      }
    }
  }
}
