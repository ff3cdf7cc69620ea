package org.linescribe.testsupport;

import java.util.List;

/**
 * A test, or a class of tests, that did not run.
 *
 * @param name {@code Class} or {@code Class.method}
 * @param missing what it needs and the machine has not
 */
record SkippedTest(String name, List<Tool> missing) {}
