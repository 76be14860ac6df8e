package io.tidemill.test.assertj;

import io.tidemill.client.TaskRef;
import io.tidemill.test.TestQueue;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;

/**
 * What a test expects of the jobs that were enqueued.
 *
 * <pre>{@code
 * assertThat(queue).enqueued(task(Mails::send)).withArguments("ada@example.com").withDelay(Duration.ofHours(1)).once();
 * assertThat(queue).enqueuedNone(task(Mails::send));
 * }</pre>
 *
 * <p>All jobs count that were stored since the queue was started, also those that have run. Not thread-safe.
 */
public final class TestQueueAssert extends AbstractAssert<TestQueueAssert, TestQueue> {

    private TestQueueAssert(TestQueue actual) {
        super(actual, TestQueueAssert.class);
    }

    /** Begins. Import it beside the {@code assertThat} of AssertJ. */
    public static TestQueueAssert assertThat(TestQueue actual) {
        return new TestQueueAssert(actual);
    }

    /** At least one job of this task was enqueued. What follows says more about it, or how many there are. */
    public EnqueuedAssert enqueued(TaskRef<?> task) {
        isNotNull();
        return new EnqueuedAssert(
                actual, Objects.requireNonNull(task, "task must not be null").name());
    }

    /** No job of this task was enqueued. */
    public TestQueueAssert enqueuedNone(TaskRef<?> task) {
        isNotNull();
        if (!actual.enqueued(task).isEmpty()) {
            failWithMessage(
                    "expected no job of %s, but enqueued were:%n%s",
                    task.name(), EnqueuedAssert.described(actual.enqueued(task)));
        }
        return this;
    }

    /** No job at all was enqueued. */
    public TestQueueAssert enqueuedNone() {
        isNotNull();
        if (!actual.enqueued().isEmpty()) {
            failWithMessage("expected no job, but enqueued were:%n%s", EnqueuedAssert.described(actual.enqueued()));
        }
        return this;
    }
}
