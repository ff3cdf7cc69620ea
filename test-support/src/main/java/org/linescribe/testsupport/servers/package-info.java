/**
 * Real servers on loopback, each on a port of its own: MariaDB, Redis, and a proxy that cuts the
 * way to them. Every module's tests may call in.
 */
@NullMarked
package org.linescribe.testsupport.servers;

import org.jspecify.annotations.NullMarked;
