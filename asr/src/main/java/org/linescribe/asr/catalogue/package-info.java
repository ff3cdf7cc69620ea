/**
 * Models: which there are, where they lie, how they are fetched, and whether their files are sound.
 *
 * <p>Callers: {@code asr.sherpa}, which loads them, and the commands {@code linescribe models …}.
 */
@NullMarked
package org.linescribe.asr.catalogue;

import org.jspecify.annotations.NullMarked;
