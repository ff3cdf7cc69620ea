package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What can be known of an ONNX file without running it: its metadata and its first output's width.
 * Reads a few kilobytes, whatever the file's size: weights are stepped over. Thread: one.
 *
 * <p>Source: onnx.proto3: ModelProto (ir_version 1, graph 7, opset_import 8, metadata_props 14),
 * GraphProto (output 12), ValueInfoProto (type 2), TypeProto (tensor_type 1), Tensor (shape 2),
 * TensorShapeProto (dim 1), Dimension (dim_value 1).
 *
 * @param metadata the properties that the exporter wrote
 * @param lastOutputDimension the width of the first output, where it is fixed
 */
record OnnxFile(Map<String, String> metadata, OptionalLong lastOutputDimension) {
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final int MAX_FIELDS = 1 << 20;

  OnnxFile {
    metadata = Map.copyOf(metadata);
  }

  /**
   * @throws ModelException when the file is not ONNX or is cut off
   */
  static OnnxFile read(Path file) throws ModelException {
    try (FileChannel channel = FileChannel.open(file)) {
      return new Reader(channel, file).model();
    } catch (ModelException e) {
      throw e;
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
    private final FileChannel channel;
    private final Path file;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(8192);
    private long windowAt = -1;
    private long at;
    private int fields;

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private OptionalLong lastDimension = OptionalLong.empty();
    private boolean sawOutput;

    Reader(FileChannel channel, Path file) throws IOException {
      this.channel = channel;
      this.file = file;
      this.size = channel.size();
    }

    OnnxFile model() throws IOException {
      boolean graph = false;
      boolean opset = false;
      while (at < size) {
        long tag = tag();
        int field = (int) (tag >>> 3);
        if (field == 7 && wire(tag) == 2) {
          graph(length());
          graph = true;
        } else if (field == 14 && wire(tag) == 2) {
          property(length());
        } else {
          opset |= field == 8;
          skip(tag);
        }
      }
      if (!graph || !opset) {
        throw broken("no ONNX model: it has no " + (graph ? "opset" : "graph"));
      }
      return new OnnxFile(metadata, lastDimension);
    }

    private void graph(long end) throws IOException {
      while (at < end) {
        long tag = tag();
        if (tag >>> 3 == 12 && wire(tag) == 2 && !sawOutput) {
          sawOutput = true;
          long outputEnd = length();
          // value_info.type.tensor_type.shape
          descend(outputEnd, 2, 1, 2);
          at = outputEnd;
        } else {
          skip(tag);
        }
      }
      require(at == end, "a graph that ends beyond its length");
    }

    private void descend(long end, int... path) throws IOException {
      if (path.length == 0) {
        dimensions(end);
        return;
      }
      while (at < end) {
        long tag = tag();
        if (tag >>> 3 == path[0] && wire(tag) == 2) {
          long inner = length();
          descend(inner, java.util.Arrays.copyOfRange(path, 1, path.length));
          at = inner;
        } else {
          skip(tag);
        }
      }
    }

    private void dimensions(long end) throws IOException {
      while (at < end) {
        long tag = tag();
        if (tag >>> 3 == 1 && wire(tag) == 2) {
          long inner = length();
          lastDimension = OptionalLong.empty();
          while (at < inner) {
            long dimension = tag();
            if (dimension >>> 3 == 1 && wire(dimension) == 0) {
              lastDimension = OptionalLong.of(varint());
            } else {
              skip(dimension);
            }
          }
        } else {
          skip(tag);
        }
      }
    }

    private void property(long end) throws IOException {
      String key = "";
      String value = "";
      while (at < end) {
        long tag = tag();
        if (wire(tag) == 2 && tag >>> 3 == 1) {
          key = text(length());
        } else if (wire(tag) == 2 && tag >>> 3 == 2) {
          value = text(length());
        } else {
          skip(tag);
        }
      }
      metadata.put(key, value);
    }

    private String text(long end) throws IOException {
      long bytes = end - at;
      require(bytes <= MAX_TEXT_BYTES, "a text of " + bytes + " bytes");
      byte[] content = new byte[(int) bytes];
      for (int i = 0; i < content.length; i++) {
        content[i] = next();
      }
      return new String(content, StandardCharsets.UTF_8);
    }

    private void skip(long tag) throws IOException {
      switch (wire(tag)) {
        case 0 -> varint();
        case 1 -> advance(8);
        case 2 -> at = length();
        case 5 -> advance(4);
        default -> throw broken("no ONNX model: no protobuf at byte " + at);
      }
    }

    private void advance(long bytes) throws ModelException {
      require(size - at >= bytes, "cut off at byte " + size);
      at += bytes;
    }

    private long tag() throws IOException {
      require(++fields <= MAX_FIELDS, "no ONNX model: too many fields");
      long tag = varint();
      require(tag >>> 3 > 0 && tag >>> 3 < 1 << 29, "no ONNX model: no protobuf at byte " + at);
      return tag;
    }

    private static int wire(long tag) {
      return (int) (tag & 7);
    }

    /** Reads a length; returns the position of its content's end, which is within the file. */
    private long length() throws IOException {
      long length = varint();
      require(length >= 0 && length <= size - at, "cut off: " + size + " bytes are too few");
      return at + length;
    }

    private long varint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte b = next();
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw broken("no ONNX model: no protobuf at byte " + at);
    }

    private byte next() throws IOException {
      require(at < size, "cut off at byte " + size);
      if (windowAt < 0 || at < windowAt || at >= windowAt + window.limit()) {
        window.clear();
        windowAt = at;
        while (window.hasRemaining() && channel.read(window, windowAt + window.position()) > 0) {
          // A read may return less than there is.
        }
        window.flip();
        require(window.hasRemaining(), "cut off at byte " + at);
      }
      return window.get((int) (at++ - windowAt));
    }

    private void require(boolean condition, String fault) throws ModelException {
      if (!condition) {
        throw broken(fault);
      }
    }

    private ModelException broken(String fault) {
      return new ModelException(file + ": " + fault);
    }
  }
}
