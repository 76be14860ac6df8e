package io.tidemill.examples.ecoeaze.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Customer;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Payment;
import io.tidemill.examples.ecoeaze.recommendations.Purchases;
import io.tidemill.examples.ecoeaze.stock.Inventory;
import io.tidemill.task.JobState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What follows an order stays in a queue in memory that nobody works on. */
class OrderTasksTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Inventory inventory = new Inventory(redis);
    private final TaskQueue queue = TaskQueue.builder().start();
    private final OrderTasks tasks = new OrderTasks(queue, inventory, new Purchases(redis));

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void takesTheUnitsAndRequestsWhatFollows() throws Exception {
        inventory.change("honey", 30, "delivery", NOON);

        assertThat(tasks.processOrder(order("o-1", 3))).isEqualTo(new OrderResult("o-1", true, 27));

        assertThat(ids("insight", JobState.READY)).containsExactly("o-1:fraud", "o-1:behavior");
        assertThat(queue.admin().list("insight", JobState.SCHEDULED, 0, 10))
                .extracting(JobInfo::task)
                .containsExactly("update_dashboard");
        assertThat(queue.admin().list("stock", JobState.READY, 0, 10))
                .extracting(JobInfo::task)
                .containsExactly("update_inventory_cache");
        assertThat(redis.sync().smembers("purchases:user:u-ada")).containsExactly("honey");
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        inventory.change("honey", 2, "delivery", NOON);

        assertThat(tasks.processOrder(order("o-1", 3))).isEqualTo(new OrderResult("o-1", false, 2));

        assertThat(queue.admin().queues()).isEmpty();
        assertThat(redis.sync().exists("purchases:user:u-ada")).isZero();
    }

    @Test
    void takesOnceWhenTheJobRunsTwice() throws Exception {
        inventory.change("honey", 30, "delivery", NOON);
        tasks.processOrder(order("o-1", 3));

        assertThat(tasks.processOrder(order("o-1", 3))).isEqualTo(new OrderResult("o-1", true, 27));

        assertThat(ids("insight", JobState.READY)).containsExactly("o-1:fraud", "o-1:behavior");
    }

    @Test
    void tellsTheFarmerOfTheLastUnits() throws Exception {
        inventory.change("honey", 12, "delivery", NOON);

        tasks.processOrder(order("o-1", 3));

        JobInfo alert = queue.admin().find("stock", "o-1:low").orElseThrow();
        assertThat(alert.task()).isEqualTo("low_stock_alert");
        assertThat(alert.payload()).isEqualTo("[\"f-102\",\"Rosemary honey, 500 g\",9,10]");
    }

    @Test
    void refusesWhatIsNoOrder() {
        assertThatThrownBy(() -> tasks.processOrder(order("o-1", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("order o-1 is for 0 units");
        assertThat(inventory.stock("honey")).isZero();
    }

    private List<String> ids(String name, JobState state) {
        return queue.admin().list(name, state, 0, 10).stream().map(JobInfo::id).toList();
    }

    private static CustomerOrder order(String id, int quantity) {
        return new CustomerOrder(
                id,
                new Customer("u-ada", "ada@customers.example", NOON.minusSeconds(1_000_000)),
                "honey",
                quantity,
                new BigDecimal("26.25"),
                new Payment("card-1", "DE"),
                "DE",
                NOON);
    }
}
