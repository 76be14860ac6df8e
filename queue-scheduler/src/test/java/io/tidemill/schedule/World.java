package io.tidemill.schedule;

import io.tidemill.TaskQueue;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.test.FakeClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Processes with schedulers over one store in memory, on one clock, all moved by hand: a round of a ticker is a call.
 * Jobs are taken out and completed as soon as they are looked at, so that nothing of them is left that could keep a
 * second one from being stored.
 */
final class World implements AutoCloseable {

    final FakeClock clock = new FakeClock();
    final MemoryStore store = new MemoryStore(clock);
    final MemoryBroker eye = new MemoryBroker(store);
    private final List<TaskQueue> open = new ArrayList<>();
    private int claims;

    /** A request on its way to the broker. */
    interface Hop {
        /** Does what is to happen at it; calls the request, or not. */
        Object at(String method, Request request) throws Throwable;
    }

    /** The request itself. Its arguments may be replaced. */
    record Request(Object target, Method method, Object[] arguments) {

        Object send() throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    /** One process. */
    final class Process {

        final TaskQueue queue;
        final Schedules schedules;
        final Ticker ticker;
        final CodeSchedules code;
        final List<Tick> fired = new ArrayList<>();
        final List<Duration> lates = new ArrayList<>();

        Process(Hop hop, @Nullable String owner, long version, Duration keep, Schedule... defined) {
            Broker broker = World.through(hop, Broker.class, new MemoryBroker(store));
            queue = TaskQueue.builder()
                    .broker(broker)
                    .clock(clock)
                    .client(ClientOptions.defaults())
                    .start();
            open.add(queue);
            StopSignal stop = new StopSignal();
            ScheduleAccess access = new ScheduleAccess(broker);
            SchedulePutter putter = new SchedulePutter(access, queue, broker);
            List<PreparedSchedule> definitions = new ArrayList<>();
            for (Schedule schedule : defined) {
                definitions.add(putter.prepare(schedule));
            }
            code = new CodeSchedules(
                    access,
                    putter,
                    clock,
                    owner,
                    version,
                    new CodeSchedules.Keep(keep, Duration.ofDays(7)),
                    definitions);
            Ticker.Asking asking = new Ticker.Asking() {
                @Override
                public <V> CompletableFuture<V> ask(
                        String name, String of, int size, Supplier<? extends CompletableFuture<V>> request) {
                    return Safely.ask(request);
                }
            };
            ScheduleStore schedulesOfBroker = broker.schedules();
            ticker = new Ticker(
                    schedulesOfBroker,
                    asking,
                    clock,
                    new QueueTicker(
                            broker,
                            queue,
                            (name, tick, job, late) -> {
                                fired.add(tick);
                                lates.add(late);
                            },
                            stop),
                    code,
                    () -> {},
                    stop);
            schedules = new StoredSchedules(access, putter, queue, ticker::lookAtAll);
        }

        /** Starts as a process does, and does its first round. */
        Process started() {
            code.putAll();
            ticker.round();
            return this;
        }

        ScheduleInfo get(String name) {
            return schedules.get(name).orElseThrow();
        }

        /** Ends its threads, which wait for the clock. */
        void close() {
            queue.close();
            open.remove(queue);
        }
    }

    Process process(Schedule... defined) {
        return new Process((method, request) -> request.send(), null, 0, Duration.ofHours(1), defined);
    }

    Process process(Hop hop) {
        return new Process(hop, null, 0, Duration.ofHours(1));
    }

    Process owned(String owner, long version, Schedule... defined) {
        return new Process((method, request) -> request.send(), owner, version, Duration.ofHours(1), defined);
    }

    Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    void advance(Duration time, Process... processes) {
        clock.advance(time);
        for (Process process : processes) {
            process.ticker.round();
        }
    }

    /** Lets time pass second by second, with a round of each process after each. */
    void run(Duration time, Process... processes) {
        for (long second = 0; second < time.toSeconds(); second++) {
            advance(Duration.ofSeconds(1), processes);
        }
    }

    /** Takes all jobs out of the queue, as if they had run. Gives their ids in the order in which they run. */
    List<String> drain(String queue) {
        List<String> ids = new ArrayList<>();
        List<Claim> jobs = claim(queue);
        while (!jobs.isEmpty()) {
            jobs.forEach(job -> ids.add(job.id()));
            complete(queue, jobs);
            jobs = claim(queue);
        }
        return ids;
    }

    List<Claim> claim(String queue) {
        claims++;
        ClaimReply reply = eye.claim(queue, request("world-" + claims)).join();
        return reply.claims();
    }

    private static ClaimRequest request(String token) {
        return new ClaimRequest("world", token, 500, Duration.ofHours(1).toMillis());
    }

    void complete(String queue, List<Claim> jobs) {
        List<Completion.Succeeded> done = new ArrayList<>();
        for (Claim job : jobs) {
            done.add(new Completion.Succeeded(job.id(), "world-" + claims, null, 0));
        }
        eye.complete(queue, done, null).join();
    }

    /** The same object, with this at each call of a method that gives a future, also of its schedules. */
    @SuppressWarnings("unchecked")
    static <T> T through(Hop hop, Class<T> type, T target) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            Request request = new Request(target, method, arguments);
            Object answer = method.getReturnType() == CompletableFuture.class
                    ? hop.at(method.getName(), request)
                    : request.send();
            return answer instanceof ScheduleStore schedules && type != ScheduleStore.class
                    ? through(hop, ScheduleStore.class, schedules)
                    : answer;
        });
    }

    /** How many schedules a request writes. */
    static int writes(String method, Request request) {
        if (!method.equals("write")) {
            return 0;
        }
        return request.arguments()[1] instanceof List<?> several ? several.size() : 1;
    }

    static Schedule every(String name, Duration interval) {
        return Schedule.of(name, Timing.every(interval), Call.named("report"));
    }

    @Override
    public void close() {
        open.forEach(TaskQueue::close);
        eye.close();
    }
}
