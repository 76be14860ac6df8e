package io.tidemill.benchmarks.jmh;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the JMH benchmarks of this package: all of them, or those that the arguments name. Takes JMH's own options, as
 * {@code -f 3 -prof gc CodecBenchmark}.
 */
public final class JmhMain {

    private JmhMain() {}

    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        new Runner(options(args)).run();
    }

    /** What the arguments do not say: one JVM each, five rounds of one second after three. */
    static Options options(String... args) throws CommandLineOptionException {
        CommandLineOptions given = new CommandLineOptions(args);
        OptionsBuilder options = new OptionsBuilder();
        options.parent(given);
        if (given.getIncludes().isEmpty()) {
            options.include(JmhMain.class.getPackageName().replace(".", "\\."));
        }
        options.forks(given.getForkCount().orElse(1))
                .warmupIterations(given.getWarmupIterations().orElse(3))
                .warmupTime(given.getWarmupTime().orElse(TimeValue.seconds(1)))
                .measurementIterations(given.getMeasurementIterations().orElse(5))
                .measurementTime(given.getMeasurementTime().orElse(TimeValue.seconds(1)));
        return options.build();
    }
}
