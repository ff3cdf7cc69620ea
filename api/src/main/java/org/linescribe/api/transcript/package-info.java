/** The JSON of transcript events and segments. Callers: the APIs that show a transcript. */
@NullMarked
package org.linescribe.api.transcript;

import org.jspecify.annotations.NullMarked;
