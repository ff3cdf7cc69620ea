package org.linescribe.api.http;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;

/**
 * Serves every API of this module: the packages below {@code org.linescribe.api}, each by its one
 * class that is annotated {@link ApiPackage}. The assembly imports this class and brings two beans:
 * the {@link org.linescribe.session.Sessions} and a {@link
 * io.micrometer.core.instrument.MeterRegistry}.
 */
@Configuration(proxyBeanMethods = false)
@ComponentScan(
    basePackages = "org.linescribe.api",
    useDefaultFilters = false,
    includeFilters = @Filter(type = FilterType.ANNOTATION, classes = ApiPackage.class))
public class ApiConfiguration {}
