/**
 * API keys that administrators made while the program ran, without the keys themselves. {@code api}
 * calls in; the store keeps them for all nodes that share its database.
 */
@NullMarked
package org.linescribe.session.keys;

import org.jspecify.annotations.NullMarked;
