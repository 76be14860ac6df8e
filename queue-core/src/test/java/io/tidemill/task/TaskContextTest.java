package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskContextTest {

    private record Given(String jobId) implements TaskContext {

        @Override
        public String task() {
            return "task";
        }

        @Override
        public String queue() {
            return "queue";
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public Map<String, String> headers() {
            return Map.of();
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean isLeaseValid() {
            return true;
        }
    }

    @Test
    void outside_of_a_job_it_explains_itself() {
        assertThatIllegalStateException()
                .isThrownBy(TaskContext::current)
                .withMessageContaining(
                        "no job runs on thread " + Thread.currentThread().getName())
                .withMessageContaining("only inside a task method, on the thread that runs it");
    }

    @Test
    void it_is_there_while_the_code_runs_and_gone_after_it() throws Exception {
        assertThat(TaskContext.callWith(
                        new Given("outer"), () -> TaskContext.current().jobId()))
                .isEqualTo("outer");
        assertThatIllegalStateException().isThrownBy(TaskContext::current);
    }

    @Test
    void code_that_is_also_called_outside_of_a_job_may_ask_whether_there_is_one() throws Exception {
        assertThat(TaskContext.find()).isEmpty();
        assertThat(TaskContext.callWith(
                        new Given("job"), () -> TaskContext.find().map(TaskContext::jobId)))
                .contains("job");
        assertThat(TaskContext.find()).isEmpty();
    }

    @Test
    void a_context_within_a_context_gives_way_to_the_outer_one_again() throws Exception {
        TaskContext.callWith(new Given("outer"), () -> {
            TaskContext.callWith(
                    new Given("inner"),
                    () -> assertThat(TaskContext.current().jobId()).isEqualTo("inner"));
            return assertThat(TaskContext.current().jobId()).isEqualTo("outer");
        });
    }

    @Test
    void it_is_gone_after_code_that_throws() {
        assertThatThrownBy(() -> TaskContext.callWith(new Given("job"), () -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThatIllegalStateException().isThrownBy(TaskContext::current);
    }
}
