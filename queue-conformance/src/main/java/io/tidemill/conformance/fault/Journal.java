package io.tidemill.conformance.fault;

import io.tidemill.conformance.fault.HistoryEvent.Kind;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What one process saw, in order. On file it is append-only, a line per event, and written through to the operating
 * system before {@link #write} returns: it outlives a SIGKILL of the process, though not the machine.
 *
 * <p>Processes of one machine share its clock, so their journals can be read as one history.
 *
 * <p>Thread-safe.
 */
public final class Journal implements AutoCloseable {

    private final String process;
    private final LongSupplier micros;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<HistoryEvent> kept = new ArrayList<>();
    private final OutputStream out;
    private final boolean isKept;

    private Journal(String process, LongSupplier micros, OutputStream out, boolean isKept) {
        this.process = process;
        this.micros = micros;
        this.out = out;
        this.isKept = isKept;
    }

    /**
     * A journal on file; goes on at its end if there is one.
     *
     * @param process the writer's name, without spaces, unique among all that write to one history
     */
    public static Journal onFile(Path file, String process) {
        try {
            // Not a channel: threads that write may be interrupted, and a channel would close for all.
            OutputStream out = new FileOutputStream(file.toFile(), true);
            return new Journal(process, Journal::machineMicros, out, false);
        } catch (IOException e) {
            throw new UncheckedIOException("the journal " + file + " cannot be written", e);
        }
    }

    /**
     * A journal in memory.
     *
     * @param micros the time, in µs since 1970; that of the broker's clock
     */
    public static Journal inMemory(String process, LongSupplier micros) {
        return new Journal(process, micros, OutputStream.nullOutputStream(), true);
    }

    /**
     * All that these files hold, in the order of time. The last line of a killed process may be torn; it is left out.
     */
    public static List<HistoryEvent> read(Collection<Path> files) {
        List<HistoryEvent> events = new ArrayList<>();
        Map<String, String> known = new HashMap<>();
        for (Path file : files) {
            try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                for (String line = reader.readLine(); line != null; ) {
                    String next = reader.readLine();
                    if (next != null || isWhole(line)) {
                        events.add(shared(HistoryEvent.parse(line), known));
                    }
                    line = next;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the journal " + file + " cannot be read", e);
            }
        }
        events.sort(Comparator.comparingLong(HistoryEvent::at));
        return events;
    }

    private static boolean isWhole(String line) {
        try {
            HistoryEvent.parse(line);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A history names each job many times; one text for all of them is enough. */
    private static HistoryEvent shared(HistoryEvent event, Map<String, String> known) {
        return new HistoryEvent(
                event.at(),
                event.asked(),
                known.computeIfAbsent(event.process(), text -> text),
                event.kind(),
                known.computeIfAbsent(event.job(), text -> text),
                known.computeIfAbsent(event.token(), text -> text),
                event.attempt(),
                event.millis(),
                known.computeIfAbsent(event.note(), text -> text));
    }

    /** The time by this journal's clock, in µs since 1970. */
    public long now() {
        return micros.getAsLong();
    }

    /** Who writes here. */
    public String process() {
        return process;
    }

    /** Writes events down. */
    public void write(Collection<HistoryEvent> events) {
        StringBuilder lines = new StringBuilder();
        if (!isKept) {
            events.forEach(event -> lines.append(event.line()).append('\n'));
        }
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        lock.lock();
        try {
            if (isKept) {
                kept.addAll(events);
            } else {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the journal of " + process + " cannot be written", e);
        } finally {
            lock.unlock();
        }
    }

    /** Writes down that a task began or ended. */
    public void run(Kind kind, String job, int attempt, String note) {
        long now = now();
        write(List.of(new HistoryEvent(now, now, process, kind, job, "", attempt, 0, note)));
    }

    /** Writes down what was done to a process or to Redis. */
    public void disturbed(String what) {
        run(Kind.DISTURBED, "", 0, what);
    }

    /** Writes down that a job is still there when all is over. */
    public void remains(String job, String state) {
        run(Kind.REMAINS, job, 0, state);
    }

    /** What a journal in memory holds so far. */
    public List<HistoryEvent> events() {
        lock.lock();
        try {
            return List.copyOf(kept);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the journal of " + process + " cannot be closed", e);
        }
    }

    private static long machineMicros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }
}
