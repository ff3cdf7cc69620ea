/**
 * The assembly: the command line, the settings, and the application that wires all modules.
 *
 * <p>Nobody calls in; this module alone may import all others.
 */
@NullMarked
package org.linescribe.app;

import org.jspecify.annotations.NullMarked;
