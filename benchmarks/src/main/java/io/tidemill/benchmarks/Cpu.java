package io.tidemill.benchmarks;

import io.tidemill.benchmarks.compare.Wire;
import java.lang.management.ManagementFactory;

/**
 * Processor time of this JVM and of a Redis, in seconds since they started.
 *
 * @param jvm of this process, all threads
 * @param redis of the server, user and system
 */
public record Cpu(double jvm, double redis) {

    /** Now. */
    public static Cpu now(Wire redis) {
        return new Cpu(jvmSeconds(), redisSeconds(redis));
    }

    /** What was spent since. */
    public Cpu since(Cpu before) {
        return new Cpu(jvm - before.jvm, redis - before.redis);
    }

    private static double jvmSeconds() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            return system.getProcessCpuTime() / 1e9;
        }
        throw new IllegalStateException("this JVM does not tell its processor time");
    }

    private static double redisSeconds(Wire redis) {
        double seconds = 0;
        for (String line : Wire.text(redis.call("INFO", "cpu")).split("\r\n", -1)) {
            if (line.startsWith("used_cpu_sys:") || line.startsWith("used_cpu_user:")) {
                seconds += Double.parseDouble(line.substring(line.indexOf(':') + 1));
            }
        }
        return seconds;
    }
}
