package io.tidemill.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanCodecTest {

    private static final byte[] BYTES = "[42]".getBytes(StandardCharsets.UTF_8);

    private static PlanStep step(int number, String queue, List<PlanStep> makes, List<Target> fills) {
        return new PlanStep(
                number,
                "step " + number,
                StepKind.CALL,
                queue,
                BYTES,
                new PlanStep.Start(number % 10, number * 1_000L, number % 2 == 0 ? null : "group"),
                3,
                List.of(
                        new Argument.Constant(BYTES),
                        new Argument.Place(2),
                        new Argument.Places(0, 2),
                        new Argument.FirstOf(1, 2)),
                List.of(new Guard(0, true), new Guard(1, false)),
                makes,
                fills,
                number == 9 ? 3_600_000 : 0);
    }

    private static Plan plan() {
        PlanStep inner = step(2, "orders", List.of(step(9, "orders", List.of(), List.of())), List.of());
        return new Plan(
                "checkout",
                FailurePolicy.FAIL,
                "orders",
                "order 7:x",
                3_600_000,
                9,
                List.of(step(0, "orders", List.of(inner), List.of(new Target("stock", 5, 1, true)))),
                List.of(step(5, "stock", List.of(), List.of(new Target("orders", 7, 0)))),
                new PlanEnds(
                        List.of(new PlanEnds.Compensation(
                                3, step(Plan.FIRST_COMPENSATION + 5, "stock", List.of(), List.of()))),
                        List.of(new PlanEnds.Callback(
                                PlanEnds.End.FAILURE, step(Plan.FIRST_CALLBACK, "mail", List.of(), List.of())))));
    }

    @Test
    void a_plan_reads_back_as_it_was_written() {
        byte[] written = PlanCodec.encode(plan());
        Plan read = PlanCodec.decodePlan(written);
        assertThat(read).usingRecursiveComparison().isEqualTo(plan());
        assertThat(PlanCodec.encode(read)).isEqualTo(written);
        assertThat(read.steps()).extracting(PlanStep::number).containsExactly(0, 2, 5, 9);
        assertThat(read.queues()).containsExactly("orders", "stock");
    }

    @Test
    void a_section_reads_back_with_and_without_a_value() {
        StepValue value = new StepValue.Items(List.of(
                new StepValue.Written(BYTES),
                StepValue.Empty.NOTHING,
                StepValue.Empty.SKIPPED,
                new StepValue.Items(List.of())));
        for (StepValue each : Arrays.asList(value, StepValue.Empty.SKIPPED, null)) {
            StepSection section =
                    new StepSection(plan().of("order 7"), plan().first().get(0), each);
            StepSection read = PlanCodec.decodeSection(PlanCodec.encode(section));
            assertThat(read).usingRecursiveComparison().isEqualTo(section);
            assertThat(read.jobId()).isEqualTo("order 7:x:0");
            assertThat(read.step().job()).isEmpty();
        }
    }

    @Test
    void every_shortened_or_longer_plan_is_refused() {
        byte[] written = PlanCodec.encode(plan());
        for (int length = 0; length < written.length; length++) {
            byte[] some = Arrays.copyOf(written, length);
            assertThatThrownBy(() -> PlanCodec.decodePlan(some))
                    .as("%d bytes", length)
                    .isInstanceOf(PayloadException.class);
        }
        assertThatThrownBy(() -> PlanCodec.decodePlan(Arrays.copyOf(written, written.length + 1)))
                .isInstanceOf(PayloadException.class)
                .hasMessageContaining("1 bytes are left over");
    }

    @Test
    void changed_bytes_are_refused_or_read_and_never_anything_else() {
        Random random = new Random(7);
        byte[] written = PlanCodec.encode(plan());
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = written.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            try {
                PlanCodec.decodePlan(changed).steps();
            } catch (PayloadException refused) {
                assertThat(refused).hasMessageContaining("cannot be read at byte");
            }
        }
    }

    @Test
    void a_length_that_is_larger_than_the_bytes_costs_no_memory() {
        // A layout, and a name of 2^40 bytes.
        byte[] huge = new PlanWriter().number(1).number(1L << 40).written();
        assertThatThrownBy(() -> PlanCodec.decodePlan(huge))
                .isInstanceOf(PayloadException.class)
                .hasMessageContaining("length of name of the workflow must be 0 to 7");
    }

    @Test
    void values_that_are_nested_too_deep_are_refused() {
        byte[] deep = new byte[4_001];
        for (int i = 0; i < 4_000; i += 2) {
            deep[i] = 3;
            deep[i + 1] = 1;
        }
        assertThatThrownBy(() -> PlanCodec.decodeValue(deep))
                .isInstanceOf(PayloadException.class)
                .hasMessageContaining("nested deeper than 500");
    }

    @Test
    void a_newer_layout_is_refused() {
        byte[] newer = PlanCodec.encode(plan());
        newer[0] = 2;
        assertThatThrownBy(() -> PlanCodec.decodePlan(newer))
                .isInstanceOf(PayloadException.class)
                .hasMessageContaining("it has layout 2, and this version reads layout 1");
    }

    @Test
    void a_record_reads_back_with_and_without_a_failed_step() {
        WorkflowRecord running = new WorkflowRecord(
                WorkflowRecord.State.RUNNING, FailurePolicy.FAIL, "x", true, null, null, PlanCodec.encode(plan()));
        WorkflowRecord failed =
                running.with(WorkflowRecord.State.FAILED, new WorkflowRecord.Failed(5, "stock", "order 7:5", "DEAD"));
        WorkflowRecord undone = failed.with(new WorkflowRecord.Undo(List.of(5, 2), false, failed.failed()));
        WorkflowRecord added = running.withAdded(Set.of("stock", "orders"));
        for (WorkflowRecord each : List.of(running, failed, undone, added, added.with(undone.undo()))) {
            assertThat(WorkflowRecord.decode(each.encode()))
                    .usingRecursiveComparison()
                    .isEqualTo(each);
        }
    }

    @Test
    void ids_of_added_jobs_say_which_step_of_the_plan_has_added_them() {
        for (String jobs : List.of("x", "order 7:3+0:12345678", "a+1:0b0b0b0b", "5+5")) {
            WorkflowRef workflow = new WorkflowRef("order", "orders", jobs, true);
            WorkflowRef first = workflow.added(3, 0);
            WorkflowRef second = first.added(12, 7);
            assertThat(workflow.planNumber(3)).isEqualTo(3);
            assertThat(first.planNumber(12)).isEqualTo(3);
            assertThat(second.planNumber(0)).isEqualTo(3);
            assertThat(first.jobId(12)).isEqualTo(jobs + ":3+0:12");
            assertThat(second.jobId(Plan.ADDED)).isEqualTo(first.addedId(12)).isEqualTo(jobs + ":3+0:12+");
            assertThat(List.of(workflow.addedId(3), workflow.storesId(3), first.jobId(1), second.elementId(0, 5)))
                    .allMatch(job -> WorkflowRef.isAdded(jobs, job));
            assertThat(WorkflowRef.isAdded(jobs, workflow.elementId(3, 5))).isFalse();
        }
    }
}
