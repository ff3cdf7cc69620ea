package org.linescribe.api;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

/**
 * Opens every door of this module. The assembly imports this class and brings two beans: the {@link
 * org.linescribe.session.Sessions} and a {@link io.micrometer.core.instrument.MeterRegistry}.
 */
@Configuration(proxyBeanMethods = false)
@Import(WebConfiguration.class)
@ComponentScan(
    basePackageClasses = ApiConfiguration.class,
    useDefaultFilters = false,
    includeFilters = @Filter(type = FilterType.ANNOTATION, classes = Door.class))
public class ApiConfiguration {}
