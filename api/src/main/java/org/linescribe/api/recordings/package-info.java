/** {@code /recordings}: recordings of calls, listed, downloaded in ranges, deleted. */
@NullMarked
package org.linescribe.api.recordings;

import org.jspecify.annotations.NullMarked;
