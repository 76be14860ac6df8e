package io.tidemill.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks a server before it is given jobs. It reads INFO, since managed servers forbid CONFIG. A value that INFO does
 * not have is not checked.
 */
final class Preflight {

    private static final Pattern VERSION = Pattern.compile("(?m)^redis_version:(\\d+)\\.(\\d+)");

    private Preflight() {}

    /**
     * Something that is wrong with a server.
     *
     * @param isFatal whether it cannot work, or is sure to lose jobs
     * @param text what, and the remedy
     */
    record Problem(boolean isFatal, String text) {}

    /**
     * What is wrong with a server, the worst first.
     *
     * @param info what INFO says; Valkey says there which Redis it is compatible with
     * @param save what the setting of that name says; null if the server does not say
     */
    static List<Problem> look(String info, @Nullable String save) {
        List<Problem> problems = new ArrayList<>();
        lookAtVersion(info, problems);
        lookAtEviction(info, problems);
        lookAtPersistence(info, save, problems);
        return problems;
    }

    private static void lookAtVersion(String info, List<Problem> problems) {
        Matcher version = VERSION.matcher(info);
        if (version.find()) {
            int major = Integer.parseInt(version.group(1));
            int minor = Integer.parseInt(version.group(2));
            if (major < 6 || (major == 6 && minor < 2)) {
                problems.add(new Problem(
                        true,
                        "it has version " + major + "." + minor
                                + ", and Tidemill needs 6.2 or newer; use a newer Redis, or Valkey"));
            }
        }
    }

    /**
     * A policy for all keys is sure to lose jobs once memory is full. One for volatile keys takes results and the
     * numbers of calls, which expire anyhow: jobs stay, and may run twice or lose their result.
     */
    private static void lookAtEviction(String info, List<Problem> problems) {
        String policy = field(info, "maxmemory_policy");
        if (policy.startsWith("allkeys")) {
            problems.add(new Problem(
                    true,
                    "it has maxmemory-policy " + policy
                            + ": when memory is short it throws jobs away; set maxmemory-policy to noeviction"));
        } else if (policy.startsWith("volatile")) {
            problems.add(new Problem(
                    false,
                    "it has maxmemory-policy " + policy
                            + ": when memory is short it throws results away, and the numbers of calls, so that a call"
                            + " that is repeated may store its jobs twice; set maxmemory-policy to noeviction"));
        }
    }

    /** INFO does not say whether snapshots are configured; only a server that lets us ask can be found without them. */
    private static void lookAtPersistence(String info, @Nullable String save, List<Problem> problems) {
        boolean isReplicated = !Set.of("", "0").contains(field(info, "connected_slaves"));
        if (field(info, "aof_enabled").equals("0") && "".equals(save) && !isReplicated) {
            problems.add(new Problem(
                    false,
                    "it keeps nothing on disk, neither an append-only file nor snapshots, and has no replica: a restart"
                            + " loses every job; set appendonly to yes"));
        }
    }

    /** Whether a server is a node of a cluster. */
    static boolean isCluster(String info) {
        return field(info, "cluster_enabled").equals("1");
    }

    /** The value of a field; empty if it is not there. */
    private static String field(String info, String name) {
        Matcher field = Pattern.compile("(?m)^" + name + ":([^\\r\\n]*)").matcher(info);
        return field.find() ? field.group(1) : "";
    }
}
