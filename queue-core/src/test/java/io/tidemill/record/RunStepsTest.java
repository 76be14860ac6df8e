package io.tidemill.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.task.BrokerException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskSignal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What steps ask of the place where they are recorded, and what they make of what stands there. */
class RunStepsTest {

    /** Keeps notes as a broker does. */
    private static final class Kept implements RunSteps.Journal {

        private final List<String> requests = new ArrayList<>();
        private String bytes = "";
        private long number;
        private boolean isBehind;
        private boolean isAway;

        @Override
        public int maxBytes() {
            return 200;
        }

        @Override
        public void check() {}

        @Override
        public boolean write(long newNumber, int stays, byte[] more) {
            String text = new String(more, StandardCharsets.UTF_8);
            requests.add(newNumber + ":" + stays + ":" + text);
            if (isAway) {
                throw new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null);
            }
            if (isBehind && stays > 0) {
                return false;
            }
            number = newNumber;
            bytes = bytes.substring(0, stays) + text;
            return true;
        }
    }

    private final Kept kept = new Kept();
    private final List<String> done = new ArrayList<>();

    private RunSteps run() {
        return new RunSteps(
                new Payloads(new JsonPayloadCodec(), null),
                new RunSteps.Owner("mail", "send", "job-1"),
                kept.number,
                kept.bytes.getBytes(StandardCharsets.UTF_8),
                kept);
    }

    private String step(RunSteps run, String name, String result) {
        return run.step(name, String.class, () -> {
            done.add(name);
            return result;
        });
    }

    @Test
    void each_step_sends_only_what_is_new() {
        RunSteps run = run();

        step(run, "a", "one");
        step(run, "b", "two");
        run.checkpoint(7);
        step(run, "c", "three");

        assertThat(kept.requests)
                .containsExactly(
                        "1:0:As 5 a\n\"one\"",
                        "2:12:s 5 b\n\"two\"",
                        "3:23:c 1 checkpoint\n7",
                        "4:23:s 7 c\n\"three\"c 1 checkpoint\n7");
    }

    @Test
    void a_later_run_gets_what_was_recorded_and_goes_on_behind_it() {
        RunSteps first = run();
        step(first, "a", "one");
        first.checkpoint(7);

        RunSteps second = run();

        assertThat(step(second, "a", "else")).isEqualTo("one");
        assertThat(second.lastCheckpoint(Integer.class)).contains(7);
        assertThat(step(second, "b", "two")).isEqualTo("two");
        assertThat(run().lastCheckpoint(Integer.class)).contains(7);
        assertThat(done).containsExactly("a", "b");
    }

    @Test
    void what_the_broker_has_lost_is_sent_as_a_whole() {
        RunSteps run = run();
        step(run, "a", "one");
        kept.isBehind = true;

        step(run, "b", "two");

        assertThat(kept.requests).endsWith("2:12:s 5 b\n\"two\"", "2:0:As 5 a\n\"one\"s 5 b\n\"two\"");
        assertThat(kept.bytes).isEqualTo("As 5 a\n\"one\"s 5 b\n\"two\"");
    }

    @Test
    void a_run_that_does_not_know_whether_a_step_was_recorded_begins_no_other() {
        RunSteps run = run();
        kept.isAway = true;
        assertThatExceptionOfType(BrokerException.class).isThrownBy(() -> step(run, "a", "one"));
        kept.isAway = false;

        assertThatIllegalStateException()
                .isThrownBy(() -> step(run, "b", "two"))
                .withMessageContaining("step \"b\" of job job-1 is not begun");
        assertThat(done).containsExactly("a");
    }

    @Test
    void a_step_that_throws_is_not_recorded_and_another_may_follow() {
        RunSteps run = run();
        assertThatIllegalStateException()
                .isThrownBy(() -> run.step("a", () -> {
                    throw new IllegalStateException("in the step");
                }));

        step(run, "b", "two");

        assertThat(kept.bytes).isEqualTo("As 5 b\n\"two\"");
    }

    @Test
    void more_than_there_is_room_for_gives_up_after_the_work() {
        RunSteps run = run();

        assertThatExceptionOfType(TaskSignal.GiveUp.class)
                .isThrownBy(() -> step(run, "a", "x".repeat(200)))
                .havingCause()
                .isInstanceOf(PayloadException.class)
                .withMessageContaining("step \"a\" is 202 bytes")
                .withMessageContaining("the limit is 200");
        assertThat(kept.requests).isEmpty();
    }

    @Test
    void what_a_newer_version_recorded_is_for_others() {
        kept.bytes = "B anything";

        assertThatExceptionOfType(NotForHereException.class)
                .isThrownBy(this::run)
                .matches(thrown -> thrown.type().equals("NewerLayout"))
                .withMessageContaining("layout 'B'");
    }

    @Test
    void what_is_damaged_gives_up() {
        for (String damaged : List.of("?", "As", "As 5 a\n\"on", "As x a\n", "As 99999999 a\nx")) {
            kept.bytes = damaged;

            assertThatExceptionOfType(TaskSignal.GiveUp.class)
                    .as(damaged)
                    .isThrownBy(this::run)
                    .havingCause()
                    .withMessageContaining("what job job-1 has recorded cannot be read");
        }
    }

    @Test
    void a_result_of_another_type_than_before_gives_up() {
        step(run(), "a", "one");
        RunSteps second = run();

        assertThatExceptionOfType(TaskSignal.GiveUp.class)
                .isThrownBy(() -> second.step("a", Integer.class, () -> 1))
                .havingCause()
                .withMessageContaining("the result of step \"a\" of job job-1 cannot be read");
    }

    /** Where a job has got. */
    public sealed interface Place permits Page, End {}

    /** At a page. */
    public record Page(int number) implements Place {}

    /** At the end. */
    public record End() implements Place {}

    @Test
    void a_checkpoint_of_a_sealed_type_is_read_as_that_type_and_as_its_own() {
        run().checkpoint(new Page(7));

        assertThat(run().lastCheckpoint(Place.class)).contains(new Page(7));
        assertThat(run().lastCheckpoint(Page.class)).contains(new Page(7));
    }
}
