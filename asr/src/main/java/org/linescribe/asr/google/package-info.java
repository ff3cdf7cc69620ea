/**
 * Recognition by Google Cloud Speech-to-Text, version 1 of its API, through Google's own client.
 *
 * <p>Callers: the assembly.
 */
@NullMarked
package org.linescribe.asr.google;

import org.jspecify.annotations.NullMarked;
