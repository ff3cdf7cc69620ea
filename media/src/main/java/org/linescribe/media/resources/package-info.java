/**
 * Resources of the class path that the operating system must open as files: programs, shared
 * libraries, models. Callers: {@code media.format}, and the modules that ship such resources.
 */
@NullMarked
package org.linescribe.media.resources;

import org.jspecify.annotations.NullMarked;
