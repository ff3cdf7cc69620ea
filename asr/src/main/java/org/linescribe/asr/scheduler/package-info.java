/**
 * Many streams on one loaded model: batches, fairness, bounded queues, utterances without losses.
 *
 * <p>Callers: {@code asr.sherpa}, which brings the engine; other modules see {@code Recogniser}
 * only.
 */
@NullMarked
package org.linescribe.asr.scheduler;

import org.jspecify.annotations.NullMarked;
