package io.tidemill.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.protocol.RedisProtocolException;
import io.tidemill.async.Answers;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.text.Texts;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What errors mean and how they are put into words. Only an error that the server itself sent says that nothing was
 * done; a broken connection or a missing answer says nothing. Messages never hold payloads or credentials: of what the
 * server says only the first word, its code, is passed on.
 */
final class Failures {

    /** The server answers, but cannot execute commands at the moment. A later attempt may succeed. */
    private static final Set<String> PASSING = Set.of(
            "LOADING",
            "BUSY",
            "TRYAGAIN",
            "CLUSTERDOWN",
            "MASTERDOWN",
            "READONLY",
            "NOREPLICAS",
            "MISCONF",
            "MAXCLIENTS",
            "NOSCRIPT",
            "UNBLOCKED");

    /** Another node of the cluster has the key now. Seen only when more redirections were needed than allowed. */
    private static final Set<String> REDIRECTS = Set.of("MOVED", "ASK");

    /**
     * What a node of a cluster says, behind the code ERR, to a script that comes upon a key that is on its way to
     * another node.
     */
    private static final String ON_ITS_WAY = "attempted to access a non local key in a cluster node";

    /** The text of servers before 7.2 in place of NOPERM, for a command in a script. */
    private static final String NO_RIGHT_WITHIN_SCRIPT = "The user executing the script can't";

    /** What servers say, behind the code ERR, to a connection too many, before they close it. */
    private static final String TOO_MANY_CLIENTS = "max number of clients reached";

    /** What Lettuce says when the other side closes a connection before it has answered. */
    private static final String HUNG_UP = "Connection closed prematurely";

    /** What servers say, behind the code ERR, about a database that they do not have. */
    private static final String NO_SUCH_DATABASE = "DB index is out of range";

    /**
     * What servers before 7.0 put before an error that a command in a script met: where it stands, once or twice, and
     * sometimes a sign.
     */
    private static final Pattern WITHIN_SCRIPT = Pattern.compile(
            "^ERR Error running script \\(call to \\S+\\): @user_script:\\d+: (@user_script: ?\\d+: )?-?");

    private static final Pattern CODE = Pattern.compile("^[A-Z]+\\b");

    private Failures() {}

    /** The first cause. The message has what matters of the others. */
    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Whether an error or what led to it has this text. */
    static boolean says(Throwable failure, String text) {
        for (Throwable it = failure; it != null; it = it.getCause()) {
            if (it.getMessage() != null && it.getMessage().contains(text)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The server's error code: the first word, because BUSYGROUP is not BUSY. Errors that have none of their own get
     * one here: MAXCLIENTS, NODATABASE, and NOPERM and TRYAGAIN where they stand in a script. Null if the server said
     * nothing.
     */
    static @Nullable String code(Throwable failure) {
        if (!(failure instanceof RedisCommandExecutionException) || failure.getMessage() == null) {
            return null;
        }
        String message = WITHIN_SCRIPT.matcher(failure.getMessage()).replaceFirst("");
        if (message.contains(NO_RIGHT_WITHIN_SCRIPT)) {
            return "NOPERM";
        }
        if (message.contains(ON_ITS_WAY)) {
            return "TRYAGAIN";
        }
        if (message.contains(TOO_MANY_CLIENTS)) {
            return "MAXCLIENTS";
        }
        if (message.contains(NO_SUCH_DATABASE)) {
            return "NODATABASE";
        }
        Matcher code = CODE.matcher(message);
        return code.find() ? code.group() : "ERR";
    }

    /** Whether the answer is missing, so that it may or may not have been done. */
    static boolean isUnknown(Throwable failure) {
        return code(failure) == null;
    }

    /** Whether asking again may help. */
    static boolean isPassing(Throwable failure) {
        String code = code(failure);
        return code == null || PASSING.contains(code);
    }

    /** Whether the server said, in an error or in its cause, that it cannot execute commands at the moment. */
    static boolean saysItPasses(Throwable failure) {
        String code = said(failure);
        return code != null && PASSING.contains(code);
    }

    /** The first code that the server gave, in an error or what led to it; null if it gave none. */
    private static @Nullable String said(Throwable failure) {
        String code = code(failure);
        for (Throwable inner = failure.getCause(); inner != null && code == null; inner = inner.getCause()) {
            code = code(inner);
        }
        return code;
    }

    /** Whether another node of a cluster has to be asked. */
    static boolean isRedirect(Throwable failure) {
        String code = code(failure);
        return code != null && REDIRECTS.contains(code);
    }

    static boolean isTimeout(Throwable failure) {
        return failure instanceof RedisCommandTimeoutException;
    }

    /** The server refused; nothing was changed. */
    static BrokerException refused(String what, String queue, String address, Throwable failure) {
        String code = code(failure);
        return new BrokerException(
                Outcome.REFUSED,
                "Redis at " + address + " refused " + what + " on queue " + queue + ": " + code + "; " + remedy(code),
                null);
    }

    /** No answer within the time for the whole request. */
    static BrokerException unanswered(
            String what, String queue, String address, int attempts, Deadline deadline, Throwable failure) {
        String code = code(failure);
        String last = code != null ? "error " + code : brief(failure);
        return new BrokerException(
                Outcome.UNKNOWN,
                "Redis at " + address + " gave no answer to " + what + " on queue " + queue + " within "
                        + deadline + " in " + Texts.count(attempts, "attempt")
                        + "; last: " + last
                        + "; it may or may not have been done, and asking again with the same ids is safe",
                code != null ? null : root(failure));
    }

    /** Its time was up before it was its turn. */
    static BrokerException notSent(String what, String queue, String address, Deadline deadline) {
        return new BrokerException(
                Outcome.REFUSED,
                what + " on queue " + queue + " was not sent to Redis at " + address + " within " + deadline
                        + ": what it waited for took that long, such as the calls of its kind before it; nothing was"
                        + " done, and it can be tried again",
                null);
    }

    /** Too many wait for their turn. */
    static BrokerException tooMany(String what, String queue, int most) {
        return new BrokerException(
                Outcome.REFUSED,
                what + " on queue " + queue + " was not sent: " + most
                        + " such calls wait for their turn already, which"
                        + " is the most; nothing was done: wait for answers before more is asked",
                null);
    }

    /** An error of this process, such as a stack overflow, ended the request. */
    static BrokerException brokenOff(String what, String queue, String address, Throwable thrown) {
        return new BrokerException(
                Outcome.UNKNOWN,
                what + " on queue " + queue + " at Redis " + address + " was broken off in this process by "
                        + thrown.getClass().getName()
                        + "; it may or may not have been done, and asking again with the same ids is safe",
                thrown);
    }

    static BrokerException closed(String what, String queue) {
        return new BrokerException(
                Outcome.REFUSED, "the broker is closed; " + what + " on queue " + queue + " was not sent", null);
    }

    /** Closed while it was in flight. */
    static BrokerException closedMeanwhile(String what, String queue, String address) {
        return new BrokerException(
                Outcome.UNKNOWN,
                "the broker was closed before Redis at " + address + " answered " + what + " on queue " + queue
                        + "; it may or may not have been done, and asking again with the same ids is safe",
                null);
    }

    /** An answer that none of our scripts gives: the server is not Redis, or a proxy changed it. */
    static BrokerException unreadable(String what, String queue, String address, RuntimeException failure) {
        return new BrokerException(
                Outcome.UNKNOWN,
                "what Redis at " + address + " answered to " + what + " on queue " + queue + " cannot be read ("
                        + failure.getClass().getSimpleName()
                        + "): check that it is a Redis and that no proxy changes its answers; it may or may not have"
                        + " been done, and asking again with the same ids is safe",
                failure);
    }

    /**
     * No connection.
     *
     * @param isTls whether the address asks for TLS
     */
    static BrokerException unreachable(String address, boolean isTls, RedisOptions options, Throwable failure) {
        Throwable cause = Answers.unwrapped(failure);
        String code = said(cause);
        String why = code != null ? "it answered " + code : brief(root(cause));
        if (cause instanceof TimeoutException) {
            why = "no answer";
        }
        String remedy = code != null ? remedy(code) : remedy(isTls, cause);
        return new BrokerException(
                Outcome.REFUSED,
                "no connection to Redis at " + address + " within " + Texts.duration(options.connectTimeout())
                        + " (connectTimeout): " + why + "; " + remedy
                        + ", or set lazyConnect to start without it",
                root(cause));
    }

    /**
     * Perhaps one side speaks TLS and the other does not. A Redis without TLS waits for the end of the line when TLS
     * begins. One with TLS answers a command with an alert, which is no reply of Redis, or hangs up.
     */
    private static String remedy(boolean isTls, Throwable failure) {
        String reach = "check that Redis runs there and can be reached from this machine";
        if (isTls && (failure instanceof TimeoutException || hasCause(failure, SSLException.class))) {
            return reach + "; the address says rediss://, which is TLS: check that the server speaks TLS on this port"
                    + " (without it write redis://) and that its certificate is trusted here";
        }
        if (!isTls && (hasCause(failure, RedisProtocolException.class) || says(failure, HUNG_UP))) {
            return "check that it is a Redis; if it speaks TLS on this port, write rediss:// in place of redis://";
        }
        return reach;
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable it = failure; it != null; it = it.getCause()) {
            if (type.isInstance(it)) {
                return true;
            }
        }
        return false;
    }

    /** A cluster has one database. */
    static BrokerException noDatabase(String address) {
        return new BrokerException(
                Outcome.REFUSED,
                "Redis at " + address + " is a cluster, which has database 0 and no other: take the number off the"
                        + " address, and keep applications apart by a key prefix each",
                null);
    }

    /** Several addresses are for a cluster. */
    static BrokerException noCluster(String address) {
        return new BrokerException(
                Outcome.REFUSED,
                "Redis at " + address + " is a single server, and an address that names several hosts is for the nodes"
                        + " of a cluster: name one host, or redis-sentinel:// and the sentinels",
                null);
    }

    private static String brief(Throwable failure) {
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static String remedy(@Nullable String code) {
        return switch (code == null ? "" : code) {
            case "OOM" -> "its memory is full: let workers drain the queues, raise maxmemory, or shorten result ttls";
            case "WRONGTYPE" -> "a key of the queue holds something else: give Tidemill a key prefix of its own";
            case "NOPERM" -> "its ACL user lacks a right: see the list of commands in docs/redis-protocol.md";
            case "MOVED", "ASK" -> "it is a node of a cluster and did not say so: allow its ACL user the command INFO";
            case "MAXCLIENTS" -> "it serves as many connections as it may: raise maxclients, or close some";
            case "NODATABASE" ->
                "it has no database of that number: correct the address, or raise its setting databases";
            case "NOAUTH", "WRONGPASS" -> "check user and password in the Redis address";
            case "ERR" -> "the server's log or MONITOR shows more; it may be too old or run without scripting";
            default -> "the server's log may show more";
        };
    }
}
