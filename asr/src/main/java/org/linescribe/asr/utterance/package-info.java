/**
 * Streams on a model that decodes whole utterances: voice activity finds them in the audio, free
 * decoders show them while they are spoken, and each is decoded once more, or not even that, at its
 * end.
 *
 * <p>Callers: {@code asr.sherpa}, which brings decoder and voice activity; other modules see {@code
 * Recogniser} only.
 */
@NullMarked
package org.linescribe.asr.utterance;

import org.jspecify.annotations.NullMarked;
