package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.BulkCounts;
import io.tidemill.task.Task;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Any number of jobs, from a stream, in bounded memory. */
public class ManyJobs {

    private static final int JOBS = 10_000;

    private final CountDownLatch left = new CountDownLatch(JOBS);

    @Task
    public void index(int document) {
        left.countDown();
    }

    public static void main(String[] args) throws Exception {
        ManyJobs jobs = new ManyJobs();
        try (TaskQueue queue = TaskQueue.builder().tasks(jobs).start()) {
            BulkCounts counts = queue.enqueueAll(IntStream.range(0, JOBS).mapToObj(i -> call(ManyJobs::index, i)));

            System.out.println(counts.stored()); // prints: 10000
            System.out.println(jobs.left.await(30, TimeUnit.SECONDS)); // prints: true
        }
    }
}
