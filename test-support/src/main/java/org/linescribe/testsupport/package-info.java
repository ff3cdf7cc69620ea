/**
 * What the tests of several modules need: the tools of the machine, the project's recordings and
 * fixtures, clients from public registries, and how long to wait. Every module's tests may call in;
 * nothing that ships does.
 */
@NullMarked
package org.linescribe.testsupport;

import org.jspecify.annotations.NullMarked;
