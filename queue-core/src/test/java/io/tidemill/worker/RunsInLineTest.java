package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.task.WorkerOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunsInLineTest {

    @Test
    void runs_hold_all_slots_of_as_many_as_an_operator_has_left() {
        AtomicInteger slots = new AtomicInteger(10);
        RunsInLine inLine = new RunsInLine(WorkerOptions.defaults(), slots::get);
        inLine.entered("mail");
        inLine.entered("mail");
        assertThat(inLine.holdAllSlots("mail")).isFalse();

        slots.set(2);

        assertThat(inLine.holdAllSlots("mail")).isTrue();
        inLine.left("mail");
        assertThat(inLine.holdAllSlots("mail")).isFalse();
    }
}
