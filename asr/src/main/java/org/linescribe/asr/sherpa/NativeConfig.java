package org.linescribe.asr.sherpa;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A zeroed configuration struct that is filled by field names. The C side copies it, strings and
 * all, so its arena need not outlive the call. Thread: one.
 */
final class NativeConfig {
  private final Arena arena;
  private final StructLayout layout;
  private final MemorySegment memory;

  NativeConfig(Arena arena, StructLayout layout) {
    this.arena = arena;
    this.layout = layout;
    this.memory = arena.allocate(layout);
  }

  NativeConfig set(int value, String... path) {
    memory.set(ValueLayout.JAVA_INT, SherpaLibrary.offset(layout, path), value);
    return this;
  }

  NativeConfig set(float value, String... path) {
    memory.set(ValueLayout.JAVA_FLOAT, SherpaLibrary.offset(layout, path), value);
    return this;
  }

  NativeConfig set(String value, String... path) {
    memory.set(ValueLayout.ADDRESS, SherpaLibrary.offset(layout, path), arena.allocateFrom(value));
    return this;
  }

  NativeConfig set(Path value, String... path) {
    return set(value.toAbsolutePath().toString(), path);
  }

  MemorySegment memory() {
    return memory;
  }
}
