package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into this program. */
final class BuildVersion implements IVersionProvider {
  private static final String RESOURCE = "/META-INF/build-info.properties";

  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        build.load(in);
      }
    }
    return new String[] {
      "linescribe " + build.getProperty("build.version", "(not packaged)"),
      "Java " + Runtime.version()
    };
  }
}
