package org.linescribe.asr.sherpa;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.linescribe.asr.RecogniserException;

/**
 * A model of one float tensor in and one out, on the ONNX Runtime that sherpa-onnx brings.
 *
 * <p>Its C API is a table of functions whose order never changes: those of version 1 are used. All
 * but the releasing ones return a status, NULL for success.
 *
 * <p>Thread: any, several at once; blocks on the caller's platform thread. Source: {@code
 * onnxruntime_c_api.h}.
 */
final class OnnxSession implements AutoCloseable {
  private static final int API_VERSION = 1;
  private static final int ERROR_LEVEL = 3;
  private static final int FLOAT = 1;
  private static final int ARENA_ALLOCATOR = 1;
  private static final int DEFAULT_MEMORY = 0;

  /** Indices in the table. */
  private static final int ERROR_MESSAGE = 2;

  private static final int CREATE_ENV = 3;
  private static final int CREATE_SESSION_FROM_ARRAY = 8;
  private static final int RUN = 9;
  private static final int CREATE_OPTIONS = 10;
  private static final int INTRA_OP_THREADS = 24;
  private static final int CREATE_TENSOR_WITH_DATA = 49;
  private static final int TENSOR_DATA = 51;
  private static final int CREATE_CPU_MEMORY_INFO = 69;
  private static final int RELEASE_ENV = 92;
  private static final int RELEASE_STATUS = 93;
  private static final int RELEASE_MEMORY_INFO = 94;
  private static final int RELEASE_SESSION = 95;
  private static final int RELEASE_VALUE = 96;
  private static final int RELEASE_OPTIONS = 100;
  private static final int TABLE_LENGTH = 102;

  private static final MemoryLayout PTR = ADDRESS;
  private static final ValueLayout.OfInt INT = JAVA_INT;
  private static final ValueLayout.OfLong SIZE = JAVA_LONG;

  private final MemorySegment api = api();
  private final MethodHandle errorMessage = function(ERROR_MESSAGE, PTR, PTR);
  private final MethodHandle run = function(RUN, PTR, PTR, PTR, PTR, PTR, SIZE, PTR, SIZE, PTR);
  private final MethodHandle createTensor =
      function(CREATE_TENSOR_WITH_DATA, PTR, PTR, PTR, SIZE, PTR, SIZE, INT, PTR);
  private final MethodHandle tensorData = function(TENSOR_DATA, PTR, PTR, PTR);
  private final MethodHandle releaseStatus = release(RELEASE_STATUS);
  private final MethodHandle releaseValue = release(RELEASE_VALUE);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment env;
  private final MemorySegment memoryInfo;
  private final MemorySegment session;
  private final MemorySegment inputName;
  private final MemorySegment outputName;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * @param model a file that is known to be sound
   * @throws RecogniserException when it cannot be read or the runtime refuses it
   */
  OnnxSession(Path model, String input, String output) {
    inputName = arena.allocateFrom(ADDRESS, arena.allocateFrom(input));
    outputName = arena.allocateFrom(ADDRESS, arena.allocateFrom(output));
    try (Arena call = Arena.ofConfined()) {
      MemorySegment out = call.allocate(ADDRESS);
      check(
          (MemorySegment)
              function(CREATE_ENV, PTR, INT, PTR, PTR)
                  .invokeExact(ERROR_LEVEL, arena.allocateFrom("linescribe"), out));
      env = out.get(ADDRESS, 0);
      check(
          (MemorySegment)
              function(CREATE_CPU_MEMORY_INFO, PTR, INT, INT, PTR)
                  .invokeExact(ARENA_ALLOCATOR, DEFAULT_MEMORY, out));
      memoryInfo = out.get(ADDRESS, 0);
      check((MemorySegment) function(CREATE_OPTIONS, PTR, PTR).invokeExact(out));
      MemorySegment options = out.get(ADDRESS, 0);
      check((MemorySegment) function(INTRA_OP_THREADS, PTR, PTR, INT).invokeExact(options, 1));
      byte[] bytes = Files.readAllBytes(model);
      MemorySegment content = call.allocateFrom(JAVA_BYTE, bytes);
      check(
          (MemorySegment)
              function(CREATE_SESSION_FROM_ARRAY, PTR, PTR, PTR, SIZE, PTR, PTR)
                  .invokeExact(env, content, (long) bytes.length, options, out));
      session = out.get(ADDRESS, 0);
      release(RELEASE_OPTIONS).invokeExact(options);
    } catch (RecogniserException e) {
      throw e;
    } catch (IOException e) {
      throw new RecogniserException(model + ": cannot be read: " + e.getMessage(), e);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("OrtApi.CreateSession", t);
    }
  }

  private static MemorySegment api() {
    SherpaLibrary.load();
    try {
      SymbolLookup runtime =
          SymbolLookup.libraryLookup(NativeLibraries.locate().onnxRuntime(), Arena.global());
      MemorySegment base =
          (MemorySegment)
              Linker.nativeLinker()
                  .downcallHandle(runtime.findOrThrow("OrtGetApiBase"), FunctionDescriptor.of(PTR))
                  .invokeExact();
      MemorySegment getApi = base.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
      MemorySegment table =
          (MemorySegment)
              Linker.nativeLinker()
                  .downcallHandle(getApi, FunctionDescriptor.of(PTR, INT))
                  .invokeExact(API_VERSION);
      return table.reinterpret(TABLE_LENGTH * ADDRESS.byteSize());
    } catch (Throwable t) {
      throw SherpaLibrary.failed("OrtGetApiBase", t);
    }
  }

  private MethodHandle function(int index, MemoryLayout returned, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(api.getAtIndex(ADDRESS, index), FunctionDescriptor.of(returned, arguments));
  }

  private MethodHandle release(int index) {
    return Linker.nativeLinker()
        .downcallHandle(api.getAtIndex(ADDRESS, index), FunctionDescriptor.ofVoid(PTR));
  }

  private void check(MemorySegment status) throws Throwable {
    if (status.address() != 0) {
      String message = SherpaLibrary.string((MemorySegment) errorMessage.invokeExact(status));
      releaseStatus.invokeExact(status);
      throw new RecogniserException("ONNX Runtime: " + message);
    }
  }

  /**
   * @param input as the model's shape wants it
   * @param outputs how many floats the output holds
   */
  float[] run(float[] input, long[] shape, int outputs) {
    inUse.readLock().lock();
    try (Arena call = Arena.ofConfined()) {
      if (closed) {
        throw new RecogniserException("the model is closed");
      }
      MemorySegment out = call.allocate(ADDRESS);
      MemorySegment data = call.allocateFrom(JAVA_FLOAT, input);
      check(
          (MemorySegment)
              createTensor.invokeExact(
                  memoryInfo,
                  data,
                  data.byteSize(),
                  call.allocateFrom(JAVA_LONG, shape),
                  (long) shape.length,
                  FLOAT,
                  out));
      MemorySegment tensor = out.get(ADDRESS, 0);
      MemorySegment results = call.allocate(ADDRESS);
      try {
        check(
            (MemorySegment)
                run.invokeExact(
                    session,
                    MemorySegment.NULL,
                    inputName,
                    call.allocateFrom(ADDRESS, tensor),
                    1L,
                    outputName,
                    1L,
                    results));
        MemorySegment result = results.get(ADDRESS, 0);
        try {
          check((MemorySegment) tensorData.invokeExact(result, out));
          return out.get(ADDRESS, 0).reinterpret((long) outputs * Float.BYTES).toArray(JAVA_FLOAT);
        } finally {
          releaseValue.invokeExact(result);
        }
      } finally {
        releaseValue.invokeExact(tensor);
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("OrtApi.Run", t);
    } finally {
      inUse.readLock().unlock();
    }
  }

  /** Waits for what runs. Idempotent. */
  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release(RELEASE_SESSION).invokeExact(session);
        release(RELEASE_MEMORY_INFO).invokeExact(memoryInfo);
        release(RELEASE_ENV).invokeExact(env);
        arena.close();
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("OrtApi.ReleaseSession", t);
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
