/** The APIs on the real pipeline, the real recogniser and the embedded stores. */
@NullMarked
package org.linescribe.api.pipeline;

import org.jspecify.annotations.NullMarked;
