package org.linescribe.app;

import org.linescribe.api.http.ApiConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The configurations of all modules. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({ApiConfiguration.class, PipelineConfiguration.class, LineConfiguration.class})
class LinescribeApplication {}
