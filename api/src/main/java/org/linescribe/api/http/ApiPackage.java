package org.linescribe.api.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Configuration;

/**
 * Marks the one configuration class of an API. {@link ApiConfiguration} registers those that the
 * resource {@code api-packages} beside it lists; a test fails where one is missing there.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Configuration(proxyBeanMethods = false)
public @interface ApiPackage {}
