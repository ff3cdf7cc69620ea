/**
 * Streams on a recogniser that knows whole utterances only (Whisper, offline transducers): audio is
 * gathered, decoded every second, and joined where it had to be cut.
 *
 * <p>Callers: the assembly.
 */
@NullMarked
package org.linescribe.asr.offline;

import org.jspecify.annotations.NullMarked;
