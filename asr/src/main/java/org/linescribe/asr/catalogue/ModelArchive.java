package org.linescribe.asr.catalogue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/**
 * Unpacks a model's {@code .tar.bz2}: one folder of plain files. Whatever else the archive holds
 * (links, devices, paths that lead out) is refused as a whole. Thread: one.
 */
final class ModelArchive {
  private static final int MAX_ENTRIES = 10_000;

  private ModelArchive() {}

  /**
   * Unpacks into an empty folder, without the archive's own top folder.
   *
   * @param maxBytes bound of what is unpacked in all
   * @throws ModelException when the archive is broken, too large, or tries to escape
   * @throws IOException when a file cannot be written: the disk is full
   */
  static void unpack(Path archive, Path into, long maxBytes) throws IOException {
    long left = maxBytes;
    int entries = 0;
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new BZip2CompressorInputStream(file, true))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (++entries > MAX_ENTRIES) {
          throw new ModelException(archive + ": more than " + MAX_ENTRIES + " entries");
        }
        if (!isFolderOrFile(entry)) {
          throw new ModelException(
              archive + ": entry '" + entry.getName() + "' is neither a file nor a folder");
        }
        Path target = target(archive, into, entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        left -= entry.getSize();
        if (left < 0) {
          throw new ModelException(archive + ": unpacks to more than " + maxBytes + " bytes");
        }
        Files.createDirectories(target.getParent());
        if (save(tar, target) != entry.getSize()) {
          throw new ModelException(archive + ": entry '" + entry.getName() + "' is cut off");
        }
      }
    } catch (ModelException e) {
      throw e;
    } catch (UncheckedIOException notWritten) {
      throw new IOException(notWritten.getMessage(), notWritten.getCause());
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelException(archive + ": broken archive: " + e.getMessage(), e);
    }
    if (entries == 0) {
      throw new ModelException(archive + ": empty archive");
    }
  }

  /** A sparse file may be of any length, whatever its size in the archive says. */
  private static boolean isFolderOrFile(TarArchiveEntry entry) {
    byte kind = entry.getLinkFlag();
    return entry.isDirectory() && kind != TarConstants.LF_LINK && kind != TarConstants.LF_SYMLINK
        || (kind == TarConstants.LF_NORMAL || kind == TarConstants.LF_OLDNORM) && !entry.isSparse();
  }

  /**
   * @throws IOException when the archive cannot be read
   * @throws UncheckedIOException when the file cannot be written
   */
  private static long save(InputStream in, Path target) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(target)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        try {
          out.write(buffer, 0, n);
        } catch (IOException e) {
          throw new UncheckedIOException(target + ": " + e.getMessage(), e);
        }
        bytes += n;
      }
    }
    return bytes;
  }

  private static Path target(Path archive, Path into, String name) throws ModelException {
    String plain = name.replace('\\', '/');
    if (plain.startsWith("./")) {
      plain = plain.substring(2);
    }
    boolean escapes = plain.startsWith("/") || plain.contains(":") || plain.indexOf('\0') >= 0;
    for (String part : plain.split("/")) {
      escapes |= part.equals("..");
    }
    int top = plain.indexOf('/');
    Path target = into.resolve(top < 0 ? plain : plain.substring(top + 1)).normalize();
    if (escapes || !target.startsWith(into)) {
      throw new ModelException(archive + ": entry '" + name + "' leads out of its folder");
    }
    return target;
  }
}
