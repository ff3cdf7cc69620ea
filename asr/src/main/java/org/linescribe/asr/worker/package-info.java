/**
 * Native recognition in processes of its own: a worker serves a model on a Unix domain socket, the
 * gateway drives it through the same interfaces as a model in its own process.
 *
 * <p>Callers: {@code asr.sherpa}, which brings the model that a worker serves; nobody else.
 */
@NullMarked
package org.linescribe.asr.worker;

import org.jspecify.annotations.NullMarked;
