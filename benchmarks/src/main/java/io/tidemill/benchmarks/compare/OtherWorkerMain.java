package io.tidemill.benchmarks.compare;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Mail;
import io.tidemill.event.QueueEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The other process: takes requests as lines on stdin and answers each with {@code done}. While a worker runs, it
 * writes for each job of the task {@code mail} whose end is recorded when its handler began.
 *
 * <pre>
 * warm 1000            stores and runs so many jobs
 * start 10             starts a worker with this concurrency
 * stop                 stops it
 * </pre>
 */
final class OtherWorkerMain {

    private final String uri;
    private final PrintStream answers;
    private @Nullable TaskQueue worker;

    private OtherWorkerMain(String uri, PrintStream answers) {
        this.uri = uri;
        this.answers = answers;
    }

    /** Answers until stdin ends. */
    public static void main(String[] args) throws IOException {
        OtherWorkerMain main = new OtherWorkerMain(args[0], System.out);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "warm" -> main.warm(Integer.parseInt(words[1]));
                case "start" -> main.start(Integer.parseInt(words[1]));
                default -> main.stop();
            }
            main.answer("done");
        }
        main.stop();
    }

    /** In one write, so that nothing else comes between. */
    private void answer(String text) {
        byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
        answers.write(line, 0, line.length);
        answers.flush();
    }

    private void warm(int jobs) {
        try (TaskQueue queue = TaskQueue.builder().broker(Brokers.connect(uri)).start()) {
            queue.enqueueAll(IntStream.range(0, jobs)
                    .mapToObj(i -> i % 2 == 0
                            ? call(FeatureTasks::send, Mail.WELCOME)
                            : call(FeatureTasks::echo, Mail.WELCOME)));
        }
        Ends ends = new Ends(jobs);
        TaskQueue queue = TaskQueue.builder()
                .broker(Brokers.connect(uri))
                .tasks(new FeatureTasks(ends::started))
                .listener(ends)
                .start();
        try (queue) {
            ends.await();
        }
    }

    private void start(int concurrency) {
        AtomicLong started = new AtomicLong();
        worker = TaskQueue.builder()
                .broker(Brokers.connect(uri))
                .concurrency(concurrency)
                .tasks(new FeatureTasks(() -> started.set(System.nanoTime())))
                .listener(event -> {
                    if (event instanceof QueueEvent.Succeeded ended
                            && ended.job().task().equals("mail")) {
                        answer(Long.toString(started.get()));
                    }
                })
                .start();
    }

    private void stop() {
        TaskQueue running = worker;
        worker = null;
        if (running != null) {
            running.close();
        }
    }
}
