package io.tidemill.docs;

// region: first-job-on-redis
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.redis.RedisBroker;
import io.tidemill.task.Task;
import java.time.Duration;

public class FirstJob {
    @Task
    public String greet(String name) {
        return "Hello, " + name;
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(Docs.REDIS))
                .tasks(new FirstJob())
                .start()) {
            JobHandle<String> job = queue.enqueue(FirstJob::greet, "Ada");
            System.out.println(job.await(Duration.ofSeconds(10)));
        }
    }
}
// endregion
