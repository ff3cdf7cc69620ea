import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipFile;

/**
 * Takes the FFmpeg program and its own libraries out of Bytedeco's jar, in such a form that they
 * start on a machine with nothing but the C and C++ runtime.
 *
 * <p>Run by Maven in {@code generate-resources}: {@code PrepareFfmpeg SOURCE JAR PLATFORM CLASSES
 * STAMP}, where SOURCE is this file: another version of it prepares anew.
 *
 * <p>Bytedeco's Linux build lists libpulse, libasound, libxcb, libva and libdrm as needed, for
 * FFmpeg's capture devices and video acceleration. A slim machine lacks them, and then nothing
 * starts. LineScribe uses neither: the devices' and accelerators' functions are bound only when
 * they are called. So their entries are taken out of the ELF dynamic sections. Not one instruction
 * changes. A release of FFmpeg that needs a library which is not in the lists below stops the
 * build.
 */
final class PrepareFfmpeg {
  private static final Set<String> RUNTIME =
      Set.of(
          "libc.so.6",
          "libm.so.6",
          "libdl.so.2",
          "libpthread.so.0",
          "librt.so.1",
          "libstdc++.so.6",
          "libgcc_s.so.1",
          "ld-linux-x86-64.so.2",
          "ld-linux-aarch64.so.1");
  private static final Set<String> DEVICES =
      Set.of(
          "libpulse.so.0",
          "libasound.so.2",
          "libxcb.so.1",
          "libxcb-shm.so.0",
          "libva.so.2",
          "libva-drm.so.2",
          "libdrm.so.2");

  private PrepareFfmpeg() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 5) {
      throw fail("usage: PrepareFfmpeg SOURCE JAR PLATFORM CLASSES_DIR STAMP_FILE");
    }
    Path jar = Path.of(args[1]);
    String platform = args[2];
    Path target = Path.of(args[3]).resolve("ffmpeg").resolve(platform);
    Path stamp = Path.of(args[4]);
    String identity =
        sha256(Files.readAllBytes(Path.of(args[0]))) + " " + sha256(Files.readAllBytes(jar));
    Path sums = target.resolve("SHA256SUMS");
    if (Files.isRegularFile(sums)
        && Files.isRegularFile(stamp)
        && Files.readString(stamp).equals(identity)) {
      return;
    }
    Files.createDirectories(target);
    TreeMap<String, byte[]> files = new TreeMap<>();
    String folder = "org/bytedeco/ffmpeg/" + platform + "/";
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (var entry : zip.stream().filter(e -> e.getName().startsWith(folder)).toList()) {
        String name = entry.getName().substring(folder.length());
        if (isWanted(platform, name)) {
          files.put(name, zip.getInputStream(entry).readAllBytes());
        }
      }
    }
    if (!files.containsKey("ffmpeg") && !files.containsKey("ffmpeg.exe")) {
      throw fail(jar + " holds no FFmpeg for " + platform);
    }
    StringBuilder list = new StringBuilder();
    for (var file : files.entrySet()) {
      byte[] content = file.getValue();
      if (platform.startsWith("linux-")) {
        new Elf(file.getKey(), content).needOnly(files.keySet());
      }
      Files.write(target.resolve(file.getKey()), content);
      list.append(sha256(content)).append("  ").append(file.getKey()).append('\n');
    }
    Files.writeString(sums, list);
    Files.writeString(stamp, identity);
    System.out.println("FFmpeg for " + platform + " prepared: " + files.keySet());
  }

  private static boolean isWanted(String platform, String name) {
    if (platform.startsWith("linux-")) {
      return name.equals("ffmpeg") || name.startsWith("libav") || name.startsWith("libsw");
    }
    return !name.isEmpty() && !name.contains("jni") && !name.startsWith("ffprobe");
  }

  /** A 64-bit little-endian ELF file; changes its bytes in place. Source: System V ABI, ch. 5. */
  private static final class Elf {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final long DT_NULL = 0;
    private static final long DT_NEEDED = 1;
    private static final long DT_STRTAB = 5;
    private static final long DT_BIND_NOW = 24;
    private static final long DT_RPATH = 15;
    private static final long DT_RUNPATH = 29;
    private static final long DT_FLAGS = 30;
    private static final long DT_FLAGS_1 = 0x6ffffffbL;
    private static final long DT_VERNEED = 0x6ffffffeL;
    private static final long DT_VERNEEDNUM = 0x6fffffffL;

    private final String name;
    private final ByteBuffer bytes;

    /** One entry of the dynamic section. */
    private record Dynamic(long tag, long value) {}

    Elf(String name, byte[] content) {
      this.name = name;
      this.bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.getInt(0) != 0x464c457f || bytes.get(4) != 2 || bytes.get(5) != 1) {
        throw fail(name + " is no 64-bit little-endian ELF file");
      }
    }

    void needOnly(Set<String> bundled) {
      List<Dynamic> entries = dynamic();
      long strings = value(entries, DT_STRTAB);
      List<Dynamic> kept = new ArrayList<>();
      List<String> dropped = new ArrayList<>();
      for (Dynamic entry : entries) {
        String library = entry.tag() == DT_NEEDED ? string(strings + entry.value()) : "";
        if (entry.tag() == DT_RUNPATH) {
          // A run path serves the program's own needs only, an rpath also its libraries' needs.
          kept.add(new Dynamic(DT_RPATH, entry.value()));
        } else if (library.isEmpty() || RUNTIME.contains(library) || bundled.contains(library)) {
          kept.add(entry);
        } else if (DEVICES.contains(library)) {
          dropped.add(library);
        } else {
          throw fail(name + " needs " + library + ", which a bare machine may lack");
        }
      }
      boolean boundAtStart =
          value(entries, DT_BIND_NOW) != 0
              || (value(entries, DT_FLAGS) & 8) != 0
              || (value(entries, DT_FLAGS_1) & 1) != 0;
      if (!dropped.isEmpty() && boundAtStart) {
        throw fail(name + " binds the functions of " + dropped + " when it is loaded");
      }
      List<Dynamic> written = withoutVersionsOf(dropped, kept, strings);
      int at = segment(PT_DYNAMIC);
      for (int i = 0; i <= entries.size(); i++) {
        Dynamic entry = i < written.size() ? written.get(i) : new Dynamic(DT_NULL, 0);
        bytes.putLong(at + 16 * i, entry.tag()).putLong(at + 16 * i + 8, entry.value());
      }
    }

    /** The loader looks for the versions of each file in the list of versions: unlink those too. */
    private List<Dynamic> withoutVersionsOf(
        List<String> dropped, List<Dynamic> entries, long strings) {
      long first = value(entries, DT_VERNEED);
      long count = value(entries, DT_VERNEEDNUM);
      long previous = 0;
      long address = first;
      for (long left = count; left > 0; left--) {
        int at = offset(address);
        long next = Integer.toUnsignedLong(bytes.getInt(at + 12));
        if (dropped.contains(string(strings + Integer.toUnsignedLong(bytes.getInt(at + 4))))) {
          count--;
          if (previous == 0) {
            first = address + next;
          } else {
            bytes.putInt(
                offset(previous) + 12, next == 0 ? 0 : Math.toIntExact(address + next - previous));
          }
        } else {
          previous = address;
        }
        address += next;
      }
      long start = first;
      long number = count;
      return entries.stream()
          .map(
              entry ->
                  entry.tag() == DT_VERNEED
                      ? new Dynamic(DT_VERNEED, start)
                      : entry.tag() == DT_VERNEEDNUM ? new Dynamic(DT_VERNEEDNUM, number) : entry)
          .toList();
    }

    private List<Dynamic> dynamic() {
      List<Dynamic> entries = new ArrayList<>();
      for (int at = segment(PT_DYNAMIC); bytes.getLong(at) != DT_NULL; at += 16) {
        entries.add(new Dynamic(bytes.getLong(at), bytes.getLong(at + 8)));
      }
      return entries;
    }

    private static long value(List<Dynamic> entries, long tag) {
      return entries.stream()
          .filter(e -> e.tag() == tag)
          .mapToLong(Dynamic::value)
          .findFirst()
          .orElse(0);
    }

    private int programHeader(int i) {
      return Math.toIntExact(bytes.getLong(32)) + i * bytes.getShort(54);
    }

    private int segment(int type) {
      for (int i = 0; i < bytes.getShort(56); i++) {
        if (bytes.getInt(programHeader(i)) == type) {
          return Math.toIntExact(bytes.getLong(programHeader(i) + 8));
        }
      }
      throw fail(name + " has no dynamic section");
    }

    private int offset(long address) {
      for (int i = 0; i < bytes.getShort(56); i++) {
        int header = programHeader(i);
        long from = bytes.getLong(header + 16);
        if (bytes.getInt(header) == PT_LOAD
            && address >= from
            && address < from + bytes.getLong(header + 32)) {
          return Math.toIntExact(address - from + bytes.getLong(header + 8));
        }
      }
      throw fail(name + ": no segment holds the address " + Long.toHexString(address));
    }

    private String string(long address) {
      int at = offset(address);
      int end = at;
      while (bytes.get(end) != 0) {
        end++;
      }
      return new String(bytes.array(), at, end - at, StandardCharsets.US_ASCII);
    }
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static IllegalStateException fail(String message) {
    System.err.println("PrepareFfmpeg: " + message);
    System.exit(1);
    return new IllegalStateException(message);
  }
}
