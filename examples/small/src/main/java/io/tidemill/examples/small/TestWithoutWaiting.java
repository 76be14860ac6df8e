package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import java.time.Duration;

/** How a test runs jobs: on its own thread, in a time that it moves. */
public class TestWithoutWaiting {

    private int failures = 2;

    @Task(retry = @Retry(delay = "1h", jitter = false))
    public String remind(String customer) {
        if (failures-- > 0) {
            throw new IllegalStateException("no connection");
        }
        return "reminded " + customer;
    }

    public static void main(String[] args) {
        try (TestQueue queue = TestQueue.of(new TestWithoutWaiting())) {
            TestRun<String> run =
                    queue.run(call(TestWithoutWaiting::remind, "Ada").delay(Duration.ofDays(365)));

            System.out.println(run.result() + " on " + queue.now());
            System.out.println("waits between runs: " + run.waits());
            // prints: reminded Ada on 2027-01-01T02:00:00Z
            // prints: waits between runs: [PT1H, PT1H]
        }
    }
}
