package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version that the build wrote into this program. */
final class ProgramVersion {
  private static final String RESOURCE = "/META-INF/build-info.properties";

  private ProgramVersion() {}

  /** "linescribe VERSION". */
  static String text() throws IOException {
    Properties build = new Properties();
    try (InputStream in = ProgramVersion.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        build.load(in);
      }
    }
    return "linescribe " + build.getProperty("build.version", "(not packaged)");
  }
}
