package io.tidemill.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRunner;
import io.tidemill.task.JobIds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * For each script that changes something: a queue in a state where it has something to do, and a call of it with
 * arguments spelled by hand, so that the same call can be sent again and again.
 */
enum Scenario {
    ENQUEUE(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.jobs("old");
            // A plain one, one of another priority, a delayed one and one that is there already.
            return play.call(
                    List.of("new1", "new2", "new3", "old"),
                    "0",
                    "1",
                    "",
                    "2",
                    "A-4000000000000nbody1",
                    "",
                    "A-7000000000000nbody2",
                    "",
                    "A-4000000000000nbody3",
                    "60000 0",
                    "A-4000000000000nbody4",
                    "");
        }
    },
    CLAIM(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.everyKindReady();
            return play.call(List.of(), "0", "w1", "token", "10", "60000");
        }
    },
    COMPLETE(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.running("done1", "done2");
            play.everyKindReady();
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "w1",
                    "token",
                    "10",
                    "60000",
                    "",
                    "1",
                    "held",
                    "2",
                    "1",
                    "60000",
                    "result");
        }
    },
    COMPLETE_ONLY(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.running("done1", "done2", "kept");
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "",
                    "",
                    "0",
                    "0",
                    "",
                    "1",
                    "held",
                    "2",
                    "2",
                    "60000",
                    "result");
        }
    },
    FAIL(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.running("retry", "dead", "cancelled", "kept");
            return play.call(
                    List.of("retry", "dead", "cancelled"),
                    "0",
                    "1",
                    "held",
                    "r",
                    "60000",
                    "why",
                    "held",
                    "d",
                    "0",
                    "why",
                    "held",
                    "c",
                    "0",
                    "");
        }
    },
    RELEASE(Script.RELEASE) {
        @Override
        Call prepare(Play play) {
            play.running("front", "later");
            return play.call(List.of("front", "later"), "0", "1", "held", "0", "held", "60000");
        }
    },
    EXTEND(Script.EXTEND) {
        @Override
        Call prepare(Play play) {
            play.running("one");
            play.get(play.broker.cancel(play.queue, "one"));
            return play.call(List.of(), "0", "600000", "held", "unknown");
        }
    },
    PROMOTE(Script.PROMOTE) {
        @Override
        Call prepare(Play play) {
            play.due("due1", 4);
            play.due("due2", 8);
            return play.call(List.of(), "0", "100");
        }
    },
    RECOVER(Script.RECOVER) {
        @Override
        Call prepare(Play play) {
            play.jobs("again", "worn");
            play.runningFor(1, "held");
            play.probe.redis().setrange(RedisProbe.key(play.queue, "job:worn"), 7, "003");
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100", "3", "why");
        }
    },
    CANCEL_READY(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.jobs("one", "two");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    CANCEL_SCHEDULED(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue, List.of(NewJob.now("one", Play.BODY, 4).after(60_000))));
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    CANCEL_ACTIVE(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.running("one");
            return play.call(List.of("one"), "0", "1", "one");
        }
    };

    private final Script script;

    Scenario(Script script) {
        this.script = script;
    }

    abstract Call prepare(Play play);

    Script script() {
        return script;
    }

    boolean isNumbered() {
        return script.arguments().contains("number");
    }

    /** One call, with every key by its name in the enum. */
    record Call(Script script, List<String> keys, List<String> arguments) {

        Call with(int index, String argument) {
            List<String> changed = new ArrayList<>(arguments);
            changed.set(index, argument);
            return new Call(script, keys, changed);
        }
    }

    /** One queue and the means to set it up. */
    static final class Play {

        static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);
        private static final JobIds IDS = new JobIds(System::currentTimeMillis);

        final String queue = "script-" + IDS.next();
        final Broker broker;
        final RedisProbe probe;
        private final Script script;
        private final StatefulRedisConnection<byte[], byte[]> connection;

        Play(Script script, Broker broker, RedisProbe probe, StatefulRedisConnection<byte[], byte[]> connection) {
            this.script = script;
            this.broker = broker;
            this.probe = probe;
            this.connection = connection;
        }

        <V> V get(java.util.concurrent.CompletableFuture<V> future) {
            return future.orTimeout(30, TimeUnit.SECONDS).join();
        }

        void jobs(String... ids) {
            for (String id : ids) {
                get(broker.enqueue(queue, List.of(NewJob.now(id, BODY, 4))));
            }
        }

        /** Claims what is ready under the token "held". */
        List<Claim> runningFor(long leaseMillis, String token) {
            return get(broker.claim(queue, new ClaimRequest("w0", token, 100, leaseMillis)))
                    .claims();
        }

        void running(String... ids) {
            jobs(ids);
            runningFor(600_000, "held");
        }

        /** A job whose time has come, without waiting for it. */
        void due(String id, int priority) {
            get(broker.enqueue(queue, List.of(NewJob.now(id, BODY, priority).after(60_000))));
            probe.redis().zadd(RedisProbe.key(queue, "delayed"), 1.0, id);
        }

        /** Plain, prioritised, due, cancelled, and one whose record is missing. */
        void everyKindReady() {
            jobs("plain", "gone", "missing");
            get(broker.enqueue(queue, List.of(NewJob.now("high", BODY, 9), NewJob.now("low", BODY, 0))));
            due("due", 6);
            get(broker.cancel(queue, "gone"));
            probe.redis().del(RedisProbe.key(queue, "job:missing"));
        }

        Call call(List<String> ids, String... arguments) {
            List<String> keys = new ArrayList<>();
            for (String name : script.keys()) {
                switch (name) {
                    case "job.." -> ids.forEach(id -> keys.add(RedisProbe.key(queue, "job:" + id)));
                    case "job" -> keys.add(RedisProbe.key(queue, "job:" + ids.get(0)));
                    case "result" -> keys.add(RedisProbe.key(queue, "result:" + ids.get(0)));
                    case "lease" -> keys.add(RedisProbe.key(queue, "lease:token"));
                    case "call" -> keys.add(text(new Keyspace("tm", queue).call("test", script.hop())));
                    default -> keys.add(RedisProbe.key(queue, name));
                }
            }
            return new Call(script, keys, List.of(arguments));
        }

        /** Sends it; the reply without the server's time. */
        List<Object> send(Call call) {
            List<Object> reply =
                    get(ScriptRunner.run(connection, call.script(), bytes(call.keys()), bytes(call.arguments()))
                            .toCompletableFuture());
            List<Object> parts = new ArrayList<>();
            for (int i = 0; i < reply.size(); i++) {
                if (i != 1) {
                    parts.add(readable(reply.get(i)));
                }
            }
            return parts;
        }

        private static Object readable(Object part) {
            if (part instanceof List<?> list) {
                List<Object> parts = new ArrayList<>();
                list.forEach(one -> parts.add(readable(one)));
                return parts;
            }
            return part instanceof byte[] bytes ? text(bytes) : part;
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        private static byte[][] bytes(List<String> texts) {
            return texts.stream()
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toArray(byte[][]::new);
        }
    }
}
