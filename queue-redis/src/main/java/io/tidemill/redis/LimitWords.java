package io.tidemill.redis;

import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import io.tidemill.redis.keys.WireText;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes limits as {@code limit.lua} takes them, and reads what {@code limits.lua} says. */
final class LimitWords {

    static final String GROUP = "group:";
    private static final String REMOVED = "";
    private static final String NONE = "-";
    private static final Pattern RATE = Pattern.compile("r(\\d{1,7})/(\\d{1,8})/(\\d{1,7})");
    private static final Pattern CONCURRENCY = Pattern.compile("c(\\d{1,6})( o)?");

    private LimitWords() {}

    static String scope(LimitScope scope) {
        return scope.match(() -> "queue", () -> "groups", name -> GROUP + WireText.of("group", name));
    }

    /** "No limit" is written only for a single group: there it replaces the limits of each group. */
    static String value(LimitScope scope, @Nullable Limits limits) {
        if (limits == null) {
            return REMOVED;
        }
        if (limits.isNone()) {
            return scope.match(() -> REMOVED, () -> REMOVED, name -> NONE);
        }
        StringBuilder words = new StringBuilder();
        Limit.Rate rate = limits.rate();
        if (rate != null) {
            words.append('r').append(rate.starts());
            words.append('/').append(rate.interval().toMillis());
            words.append('/').append(rate.burst()).append(' ');
        }
        if (limits.concurrency() != null) {
            words.append('c').append(limits.concurrency().jobs());
            words.append(limits.isInOrder() ? " o" : "");
        }
        return words.toString().strip();
    }

    static QueueLimits parse(Reply reply) {
        QueueLimits all = QueueLimits.NONE;
        for (int i = reply.first("limits"); i + 1 < reply.size(); i += 2) {
            all = all.with(scope(reply.text(i)), limits(reply.text(i + 1)));
        }
        return all;
    }

    private static LimitScope scope(String word) {
        if (word.startsWith(GROUP)) {
            return LimitScope.group(WireText.show(word.substring(GROUP.length())));
        }
        return word.equals("queue") ? LimitScope.QUEUE : LimitScope.GROUPS;
    }

    private static Limits limits(String words) {
        Matcher rate = RATE.matcher(words);
        Matcher concurrency = CONCURRENCY.matcher(words);
        return new Limits(
                rate.find()
                        ? new Limit.Rate(number(rate, 1), Duration.ofMillis(number(rate, 2)), number(rate, 3))
                        : null,
                concurrency.find()
                        ? new Limit.Concurrency(number(concurrency, 1), concurrency.group(2) != null)
                        : null);
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }
}
