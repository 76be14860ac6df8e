package io.tidemill.broker;

import java.util.List;

/**
 * A lease as it was at one moment.
 *
 * @param token its name, which begins with the id of its worker and a colon
 * @param endsMillis when it ends unless it is extended, ms since 1970 by the broker's clock
 * @param jobs the jobs that are held under it
 */
public record LeaseSnapshot(String token, long endsMillis, List<String> jobs) {}
