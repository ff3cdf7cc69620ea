/**
 * The binding to sherpa-onnx's C API: the only package that touches native memory.
 *
 * <p>Callers: the assembly, by {@code SherpaRecognisers}; providers of whole-utterance recognition.
 */
@NullMarked
package org.linescribe.asr.sherpa;

import org.jspecify.annotations.NullMarked;
