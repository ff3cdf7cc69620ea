package org.linescribe.asr.sherpa;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.linescribe.asr.RecogniserException;

/**
 * The functions of sherpa-onnx's C API, loaded once per process and never unloaded.
 *
 * <p>Thread: any; what a handle allows is the C API's own rule. Source: {@code c-api.h}, 1.13.8.
 */
final class SherpaLibrary {
  static final String VERSION = "1.13.8";

  private static final ValueLayout.OfInt INT = JAVA_INT;
  private static final MemoryLayout PTR = ADDRESS;

  final MethodHandle createOnline;
  final MethodHandle destroyOnline;
  final MethodHandle createStream;
  final MethodHandle createStreamWithHotwords;
  final MethodHandle destroyStream;
  final MethodHandle accept;
  final MethodHandle finished;
  final MethodHandle isReady;
  final MethodHandle decodeMany;
  final MethodHandle result;
  final MethodHandle destroyResult;
  final MethodHandle isEndpoint;

  final MethodHandle createOffline;
  final MethodHandle destroyOffline;
  final MethodHandle createOfflineStream;
  final MethodHandle destroyOfflineStream;
  final MethodHandle acceptOffline;
  final MethodHandle decodeOffline;
  final MethodHandle offlineResult;
  final MethodHandle destroyOfflineResult;

  final MethodHandle createVoiceActivity;
  final MethodHandle destroyVoiceActivity;
  final MethodHandle voiceAccept;
  final MethodHandle voiceDetected;
  final MethodHandle voiceClear;
  final MethodHandle voiceReset;

  private final SymbolLookup symbols;

  private SherpaLibrary() {
    SherpaLayouts.assertSizes();
    NativeLibraries files = NativeLibraries.locate();
    files.check();
    try {
      System.load(files.onnxRuntime().toAbsolutePath().toString());
      symbols = SymbolLookup.libraryLookup(files.sherpa(), Arena.global());
    } catch (UnsatisfiedLinkError | IllegalArgumentException e) {
      throw new RecogniserException(files.sherpa() + ": cannot be loaded: " + e.getMessage(), e);
    }
    checkVersion();
    createOnline = bind("SherpaOnnxCreateOnlineRecognizer", FunctionDescriptor.of(PTR, PTR));
    destroyOnline = bind("SherpaOnnxDestroyOnlineRecognizer", FunctionDescriptor.ofVoid(PTR));
    createStream = bind("SherpaOnnxCreateOnlineStream", FunctionDescriptor.of(PTR, PTR));
    createStreamWithHotwords =
        bind("SherpaOnnxCreateOnlineStreamWithHotwords", FunctionDescriptor.of(PTR, PTR, PTR));
    destroyStream = bind("SherpaOnnxDestroyOnlineStream", FunctionDescriptor.ofVoid(PTR));
    // Borrows the caller's array for as long as the features of a chunk take, at most 0.1 ms: a
    // native buffer for each stream takes memory, and its release a handshake of all threads.
    accept =
        bind(
            "SherpaOnnxOnlineStreamAcceptWaveform",
            FunctionDescriptor.ofVoid(PTR, INT, PTR, INT),
            Linker.Option.critical(true));
    finished = bind("SherpaOnnxOnlineStreamInputFinished", FunctionDescriptor.ofVoid(PTR));
    isReady = bind("SherpaOnnxIsOnlineStreamReady", FunctionDescriptor.of(INT, PTR, PTR));
    decodeMany =
        bind("SherpaOnnxDecodeMultipleOnlineStreams", FunctionDescriptor.ofVoid(PTR, PTR, INT));
    result = bind("SherpaOnnxGetOnlineStreamResult", FunctionDescriptor.of(PTR, PTR, PTR));
    destroyResult = bind("SherpaOnnxDestroyOnlineRecognizerResult", FunctionDescriptor.ofVoid(PTR));
    isEndpoint = bind("SherpaOnnxOnlineStreamIsEndpoint", FunctionDescriptor.of(INT, PTR, PTR));

    createOffline = bind("SherpaOnnxCreateOfflineRecognizer", FunctionDescriptor.of(PTR, PTR));
    destroyOffline = bind("SherpaOnnxDestroyOfflineRecognizer", FunctionDescriptor.ofVoid(PTR));
    createOfflineStream = bind("SherpaOnnxCreateOfflineStream", FunctionDescriptor.of(PTR, PTR));
    destroyOfflineStream = bind("SherpaOnnxDestroyOfflineStream", FunctionDescriptor.ofVoid(PTR));
    acceptOffline =
        bind("SherpaOnnxAcceptWaveformOffline", FunctionDescriptor.ofVoid(PTR, INT, PTR, INT));
    decodeOffline = bind("SherpaOnnxDecodeOfflineStream", FunctionDescriptor.ofVoid(PTR, PTR));
    offlineResult = bind("SherpaOnnxGetOfflineStreamResult", FunctionDescriptor.of(PTR, PTR));
    destroyOfflineResult =
        bind("SherpaOnnxDestroyOfflineRecognizerResult", FunctionDescriptor.ofVoid(PTR));

    createVoiceActivity =
        bind(
            "SherpaOnnxCreateVoiceActivityDetector",
            FunctionDescriptor.of(PTR, PTR, ValueLayout.JAVA_FLOAT));
    destroyVoiceActivity =
        bind("SherpaOnnxDestroyVoiceActivityDetector", FunctionDescriptor.ofVoid(PTR));
    voiceAccept =
        bind(
            "SherpaOnnxVoiceActivityDetectorAcceptWaveform",
            FunctionDescriptor.ofVoid(PTR, PTR, INT));
    voiceDetected =
        bind("SherpaOnnxVoiceActivityDetectorDetected", FunctionDescriptor.of(INT, PTR));
    voiceClear = bind("SherpaOnnxVoiceActivityDetectorClear", FunctionDescriptor.ofVoid(PTR));
    voiceReset = bind("SherpaOnnxVoiceActivityDetectorReset", FunctionDescriptor.ofVoid(PTR));
  }

  static SherpaLibrary load() {
    return Holder.INSTANCE;
  }

  /**
   * What was thrown around a downcall: a failure that has its words, or, as a downcall throws
   * nothing, our bug or the linker's.
   */
  static RecogniserException failed(String function, Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RecogniserException known
        ? known
        : new RecogniserException(function + ": " + cause, cause);
  }

  static long offset(StructLayout layout, String... path) {
    PathElement[] elements = new PathElement[path.length];
    for (int i = 0; i < path.length; i++) {
      elements[i] = PathElement.groupElement(path[i]);
    }
    return layout.byteOffset(elements);
  }

  /** The C string at a pointer field, empty for NULL. */
  static String string(MemorySegment struct, long offset) {
    return string(struct.get(ValueLayout.ADDRESS, offset));
  }

  static String string(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private void checkVersion() {
    MethodHandle version = bind("SherpaOnnxGetVersionStr", FunctionDescriptor.of(PTR));
    try {
      String actual = string((MemorySegment) version.invokeExact());
      if (!actual.equals(VERSION)) {
        throw new RecogniserException(
            "sherpa-onnx: "
                + actual
                + " (expected: "
                + VERSION
                + "; its structs differ by version)");
      }
    } catch (Throwable t) {
      throw failed("SherpaOnnxGetVersionStr", t);
    }
  }

  private MethodHandle bind(String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols
                .find(name)
                .orElseThrow(() -> new RecogniserException("sherpa-onnx has no function " + name)),
            descriptor,
            options);
  }

  private static final class Holder {
    static final SherpaLibrary INSTANCE = new SherpaLibrary();
  }
}
