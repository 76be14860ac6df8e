package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.tidemill.async.Answers;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Commands;
import io.tidemill.task.BrokerException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;

/**
 * Looks whether a queue's structures agree with each other. Reads only, in pages, while the queue is at work; whatever
 * looks wrong is looked at again in one script before it is reported, since jobs move while the pages are read. Keeps
 * the ids of one queue in memory, about 100 bytes each.
 *
 * <pre>java -cp ... io.tidemill.redis.QueueDoctor redis://localhost:6379 [--json] [--prefix=tm] [queue...]</pre>
 *
 * ends with 0 if all is well, 1 if something was found, 2 if it could not look.
 *
 * <p>Not thread-safe.
 */
public final class QueueDoctor implements AutoCloseable {

    private static final RedisOptions OPTIONS =
            RedisOptions.defaults().withConnectTimeout(Duration.ofMinutes(1)).withCommandTimeout(Duration.ofMinutes(1));

    private final String prefix;
    private final RedisLink link;
    private final RedisClusterCommands<String, String> redis;
    private final StatefulConnection<byte[], byte[]> scripts;

    private QueueDoctor(String uri, String prefix) {
        this.prefix = prefix;
        link = new RedisLink(RedisAddress.parse(uri), OPTIONS);
        try {
            // One byte, one character: what the keys hold need not be text.
            redis = Commands.sync(connect(new StringCodec(StandardCharsets.ISO_8859_1)));
            scripts = connect(ByteArrayCodec.INSTANCE);
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private <T> StatefulConnection<T, T> connect(RedisCodec<T, T> codec) {
        try {
            return link.connect(codec).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw Answers.unwrapped(e) instanceof BrokerException refused ? refused : link.unreachable(e);
        }
    }

    /** Connects, for queues whose keys begin with this prefix. */
    public static QueueDoctor connect(String uri, String prefix) {
        return new QueueDoctor(uri, prefix);
    }

    /** The queues that there are. */
    public Set<String> queues() {
        return new TreeSet<>(redis.smembers(ExaminedQueue.text(Keyspace.queues(prefix))));
    }

    /** Everything that is wrong with a queue; empty if all is well. */
    public List<Finding> examine(String name) {
        ExaminedQueue queue = new ExaminedQueue(redis, scripts, new Keyspace(prefix, name), new ArrayList<>());
        KeyScan scan = new KeyScan(queue);
        // With keys of wrong types nothing else can be read.
        if (scan.isReadable()) {
            JobPlaces places = new JobPlaces(queue, scan);
            places.check();
            new QueueStructures(queue, scan).check(places.held());
            new SchedulePlaces(queue, prefix).check();
            new WorkflowPlaces(queue, scan, prefix).check();
        }
        return List.copyOf(queue.findings());
    }

    @Override
    public void close() {
        link.close();
    }

    /** See the class. */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    static int run(PrintStream out, PrintStream err, String... arguments) {
        boolean json = false;
        String prefix = "tm";
        List<String> names = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("--prefix=")) {
                prefix = argument.substring(9);
            } else {
                names.add(argument);
            }
        }
        if (names.isEmpty()) {
            err.println("usage: QueueDoctor redis://host:6379 [--json] [--prefix=tm] [queue...]");
            err.println("ends with 0 if all is well, 1 if something was found, 2 if it could not look");
            return 2;
        }
        List<Finding> all = new ArrayList<>();
        try (QueueDoctor doctor = connect(names.remove(0), prefix)) {
            for (String queue : names.isEmpty() ? doctor.queues() : names) {
                all.addAll(doctor.examine(queue));
            }
        } catch (RuntimeException e) {
            err.println("could not look: " + e.getMessage());
            return 2;
        }
        for (Finding finding : all) {
            out.println(json ? FindingText.json(finding) : FindingText.text(finding));
        }
        return all.isEmpty() ? 0 : 1;
    }
}
