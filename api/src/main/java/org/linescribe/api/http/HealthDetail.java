package org.linescribe.api.http;

import java.util.function.Supplier;

/**
 * What an API adds to {@code GET /health}, by a bean.
 *
 * @param name member of the body, snake_case
 * @param state what is written there; asked on a virtual thread at each request, must be quick
 */
public record HealthDetail(String name, Supplier<Object> state) {}
