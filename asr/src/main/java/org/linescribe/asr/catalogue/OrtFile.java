package org.linescribe.asr.catalogue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * What can be known of a model in ONNX Runtime's own format without running it: that it is one, and
 * that its outermost tables lie within the file. Reads a few bytes. Thread: one.
 *
 * <p>Source: ONNX Runtime's {@code ort.fbs} (file identifier {@code ORTM}; table InferenceSession:
 * ort_version 0, model 1) and FlatBuffers' binary format.
 */
final class OrtFile {
  static final String SUFFIX = ".ort";

  private static final String IDENTIFIER = "ORTM";
  private static final int MAX_VERSION_CHARACTERS = 16;

  private OrtFile() {}

  /**
   * @throws ModelException when the file is no ORT model or is cut off
   */
  static void check(Path file) throws ModelException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long root = unsigned(in, 0);
      byte[] identifier = new byte[4];
      in.readFully(identifier);
      if (!new String(identifier, US_ASCII).equals(IDENTIFIER)) {
        throw new ModelException(file + ": no ORT model: no " + IDENTIFIER + " at byte 4");
      }
      long table = root - (int) unsigned(in, root);
      String version = text(in, field(in, root, table, 0));
      if (!version.matches("[0-9.]+")) {
        throw new ModelException(file + ": no ORT model: its version is no number");
      }
      long model = field(in, root, table, 1);
      unsigned(in, model + unsigned(in, model));
    } catch (EOFException cut) {
      throw new ModelException(file + ": cut off", cut);
    } catch (ModelException e) {
      String words = String.valueOf(e.getMessage());
      throw words.startsWith(file + ":")
          ? e
          : new ModelException(file + ": no ORT model: " + words, e);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Position of a table's field, which must be there. */
  private static long field(RandomAccessFile in, long root, long table, int index)
      throws IOException {
    seek(in, table);
    int length = Short.toUnsignedInt(Short.reverseBytes(in.readShort()));
    int entry = 4 + 2 * index;
    if (entry + 2 > length) {
      throw new ModelException("a field is missing");
    }
    seek(in, table + entry);
    int offset = Short.toUnsignedInt(Short.reverseBytes(in.readShort()));
    if (offset == 0) {
      throw new ModelException("a field is missing");
    }
    return root + offset;
  }

  private static String text(RandomAccessFile in, long field) throws IOException {
    long at = field + unsigned(in, field);
    long length = unsigned(in, at);
    if (length > MAX_VERSION_CHARACTERS) {
      throw new ModelException("a version of " + length + " characters");
    }
    byte[] text = new byte[(int) length];
    in.readFully(text);
    return new String(text, US_ASCII);
  }

  private static long unsigned(RandomAccessFile in, long at) throws IOException {
    seek(in, at);
    return Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
  }

  private static void seek(RandomAccessFile in, long at) throws IOException {
    if (at < 0 || at > in.length()) {
      throw new EOFException("position " + at + " of " + in.length());
    }
    in.seek(at);
  }
}
