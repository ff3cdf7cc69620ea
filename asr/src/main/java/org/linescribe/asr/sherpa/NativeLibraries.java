package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.linescribe.asr.RecogniserException;
import org.linescribe.media.resources.ResourceFiles;

/**
 * This platform's two C libraries, as files that the system's loader can open.
 *
 * @param onnxRuntime loaded first: sherpa-onnx has no run path and finds it among what is loaded
 * @param sherpa the C API
 */
record NativeLibraries(Path onnxRuntime, Path sherpa) {
  /** Straight from the classes folder, or unpacked once from the jar into the cache. */
  static NativeLibraries locate() {
    String platform = platform();
    String folder = "native/" + platform;
    ClassLoader loader = NativeLibraries.class.getClassLoader();
    URL listing = loader.getResource(folder + "/SHA256SUMS");
    if (listing == null) {
      throw new RecogniserException(
          "sherpa-onnx's libraries for "
              + platform
              + " are not in this build; build with -Dlinescribe.native.platform="
              + platform);
    }
    List<String> names = names(platform);
    try {
      if (listing.getProtocol().equals("file")) {
        Path here = Path.of(listing.toURI()).resolveSibling("");
        return new NativeLibraries(here.resolve(names.get(0)), here.resolve(names.get(1)));
      }
      Path unpacked = ResourceFiles.unpack(loader, folder, ResourceFiles.cacheDirectory());
      return new NativeLibraries(unpacked.resolve(names.get(0)), unpacked.resolve(names.get(1)));
    } catch (IOException e) {
      throw new UncheckedIOException("sherpa-onnx's libraries cannot be unpacked", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("unusable location: " + listing, e);
    }
  }

  void check() {
    for (Path library : List.of(onnxRuntime, sherpa)) {
      if (!Files.isReadable(library)) {
        throw new RecogniserException(library + ": missing or unreadable");
      }
    }
  }

  static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.startsWith("mac") ? "darwin" : os.startsWith("windows") ? "win" : "linux";
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    if (!arm && !arch.equals("amd64") && !arch.equals("x86_64")) {
      throw new RecogniserException(
          "os.arch: " + arch + " (expected: amd64 or aarch64; sherpa-onnx has no other build)");
    }
    return system + (arm ? "-arm64" : "-x64");
  }

  private static List<String> names(String platform) {
    if (platform.startsWith("win-")) {
      return List.of("onnxruntime.dll", "sherpa-onnx-c-api.dll");
    }
    String suffix = platform.startsWith("darwin-") ? ".dylib" : ".so";
    return List.of("libonnxruntime" + suffix, "libsherpa-onnx-c-api" + suffix);
  }
}
