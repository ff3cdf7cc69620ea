/** The steps of an analysis as JSON. Callers: the APIs of files and of the insights of calls. */
@NullMarked
package org.linescribe.api.analysis;

import org.jspecify.annotations.NullMarked;
