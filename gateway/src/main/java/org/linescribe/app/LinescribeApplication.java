package org.linescribe.app;

import org.linescribe.api.ApiConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** All rooms, wired. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({ApiConfiguration.class, PipelineConfiguration.class, LineConfiguration.class})
class LinescribeApplication {}
