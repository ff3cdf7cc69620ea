package org.linescribe.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code linescribe serve}: the gateway, until SIGTERM. */
@Command(
    name = "serve",
    description = "Runs the gateway until it is stopped (Ctrl-C or SIGTERM).",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {
      "",
      "Prints one line 'ready http=… sip=…' when it takes calls. Settings also come from the"
          + " environment",
      "(LINESCRIBE_SIP_BIND=…); 'linescribe settings' lists all of them.",
      "Exit status: 143 stopped by SIGTERM, 130 by Ctrl-C, 2 no start."
    })
final class ServeCommand implements Callable<Integer> {
  /** Not an exit status: the program lives on in the gateway's threads. */
  static final int KEEPS_RUNNING = -1;

  @Mixin ServeOptions options = new ServeOptions();

  @Override
  public Integer call() {
    return RunningGateway.start(options.arguments()).isPresent() ? KEEPS_RUNNING : Linescribe.USAGE;
  }
}
