package io.tidemill.examples.ecoeaze.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.test.TestContext;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a queue in memory that nobody works on: what the task asks for stays there to be looked at. */
class StockTasksTest {

    private final TaskQueue queue = TaskQueue.builder().start();
    private final StockTasks tasks = new StockTasks(queue);

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void tellsTheFarmerByMailAndNotification() throws Exception {
        assertThat(alert("job-1", "f-102", 3, 10)).isTrue();

        assertThat(waiting("mail")).hasSize(1);
        JobInfo mail = waiting("mail").get(0);
        assertThat(mail.id()).isEqualTo("job-1:mail");
        assertThat(mail.task()).isEqualTo("send_email");
        assertThat(mail.payload())
                .startsWith("[\"tomas@colmenar.example\",\"Low stock: Honey\",")
                .contains("Colmenar Rivera has only 3 of \\\"Honey\\\" left; you asked to be told below 10.");
        assertThat(waiting("notifications")).hasSize(1);
        JobInfo push = waiting("notifications").get(0);
        assertThat(push.id()).isEqualTo("job-1:push");
        assertThat(push.payload()).isEqualTo("[\"f-102\",\"Low stock: Honey\",\"Only 3 left\"]");
    }

    @Test
    void keepsQuietAsLongAsThereIsEnough() throws Exception {
        assertThat(alert("job-1", "f-102", 10, 10)).isFalse();

        assertThat(waiting("mail")).isEmpty();
        assertThat(waiting("notifications")).isEmpty();
    }

    @Test
    void tellsNobodyTwiceWhenTheJobRunsTwice() throws Exception {
        alert("job-1", "f-102", 3, 10);
        alert("job-1", "f-102", 3, 10);

        assertThat(waiting("mail")).hasSize(1);
        assertThat(waiting("notifications")).hasSize(1);
    }

    @Test
    void refusesAFarmerWhomNobodyKnows() {
        assertThatThrownBy(() -> alert("job-1", "f-999", 3, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no farmer has the id 'f-999'");
    }

    private boolean alert(String job, String farmer, int stock, int threshold) throws Exception {
        return TaskContext.callWith(TestContext.of(job), () -> tasks.lowStockAlert(farmer, "Honey", stock, threshold));
    }

    private List<JobInfo> waiting(String name) {
        return queue.admin().list(name, JobState.READY, 0, 10);
    }
}
