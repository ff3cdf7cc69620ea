package org.linescribe.app;

import org.linescribe.api.http.ApiConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/**
 * The configurations of all modules.
 *
 * <p>The package that Spring Boot is told is an empty one: in this class's own it would read every
 * class at each start, for annotations of Jackson's and of repositories that nothing here has.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@AutoConfigurationPackage(basePackages = "org.linescribe.app.none")
@Import({ApiConfiguration.class, PipelineConfiguration.class, LineConfiguration.class})
class LinescribeApplication {}
