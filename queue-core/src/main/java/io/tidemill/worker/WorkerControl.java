package io.tidemill.worker;

import io.tidemill.record.Answer;
import io.tidemill.record.Command;
import io.tidemill.task.WorkerOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a worker does with each {@link Command} that was left for it in one of its queues. */
record WorkerControl(Worker worker, String queue) implements Command.Cases<Answer> {

    @Override
    public Answer ping() {
        return Answer.done();
    }

    @Override
    public Answer quiet() {
        return worker.quiet(true);
    }

    @Override
    public Answer resume() {
        return worker.quiet(false);
    }

    @Override
    public Answer resize(int jobs) {
        return jobs < 1 || jobs > WorkerOptions.MAX_CONCURRENCY
                ? Answer.refused("it can run 1 to " + WorkerOptions.MAX_CONCURRENCY + " jobs at once, not " + jobs)
                : worker.resize(jobs);
    }

    @Override
    public Answer stop(Duration grace) {
        return worker.stopAsked(queue, grace);
    }

    @Override
    public Answer stack(String job) {
        return worker.stack(queue, job);
    }

    @Override
    public Answer timeout(String task, @Nullable Duration limit) {
        return worker.timeout(task, limit);
    }

    @Override
    public Answer unknown(String name) {
        return new Answer(Answer.Outcome.NOT_UNDERSTOOD, "");
    }
}
