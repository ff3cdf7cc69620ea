package org.linescribe.api.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Configuration;

/**
 * Marks the one configuration class of an API. {@link ApiConfiguration} finds every such class in
 * the packages below {@code org.linescribe.api} and nothing else, so that a new API is registered
 * by being there.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Configuration(proxyBeanMethods = false)
public @interface ApiPackage {}
