/**
 * Erasure of one session in every place of a node, recorded without what was erased. For the API of
 * administrators.
 */
@NullMarked
package org.linescribe.session.erasure;

import org.jspecify.annotations.NullMarked;
