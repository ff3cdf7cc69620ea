package org.linescribe.bench;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Runs the measurements: {@code mvn -q -pl bench -am -P bench -DskipTests package}, or those whose
 * name matches: {@code -Dbench=HalfBand}. Further JMH options follow the name.
 */
public final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    new Runner(new CommandLineOptions(args)).run();
  }
}
