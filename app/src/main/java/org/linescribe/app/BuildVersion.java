package org.linescribe.app;

import java.io.IOException;
import picocli.CommandLine.IVersionProvider;

/** The version as every command's {@code --version} tells it. */
final class BuildVersion implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    return new String[] {ProgramVersion.text(), "Java " + Runtime.version()};
  }
}
