/**
 * The segment store: sessions and their numbered segments in SQL, the same migrations on H2, MySQL
 * and MariaDB.
 *
 * <p>Callers: {@code session.outbox} writes through it, {@code session.pipeline} opens it.
 */
@NullMarked
package org.linescribe.session.store;

import org.jspecify.annotations.NullMarked;
