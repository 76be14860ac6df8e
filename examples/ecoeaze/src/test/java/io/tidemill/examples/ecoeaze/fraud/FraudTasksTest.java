package io.tidemill.examples.ecoeaze.fraud;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Customer;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Payment;
import io.tidemill.task.JobState;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mails stay in a queue in memory that nobody works on. */
class FraudTasksTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final Instant LONG_AGO = NOON.minus(Duration.ofDays(200));

    private final TaskQueue queue = TaskQueue.builder().start();
    private final FraudTasks tasks = new FraudTasks(queue, new OrderHistory(TestRedis.empty()));

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void anOrdinaryOrderIsNotSuspicious() {
        assertThat(tasks.detectFraud(order("o-1", "ada", 2, "17.50", NOON)))
                .isEqualTo(new FraudVerdict("o-1", 0, List.of()));
        assertThat(mails()).isEmpty();
    }

    @Test
    void manyOrdersInAFewMinutes() {
        for (int i = 1; i <= 4; i++) {
            assertThat(tasks.detectFraud(order("o-" + i, "ada", 1, "10", NOON.plusSeconds(60 * i)))
                            .score())
                    .isZero();
        }

        FraudVerdict verdict = tasks.detectFraud(order("o-5", "ada", 1, "10", NOON.plusSeconds(300)));

        assertThat(verdict)
                .isEqualTo(new FraudVerdict("o-5", 35, List.of("order 5 of this customer within 10 minutes")));
        assertThat(tasks.detectFraud(order("o-6", "ada", 1, "10", NOON.plusSeconds(3600)))
                        .score())
                .isZero();
    }

    @Test
    void farMoreMoneyThanUsual() {
        for (int i = 1; i <= 3; i++) {
            tasks.detectFraud(order("o-" + i, "ada", 1, "10", NOON.minus(Duration.ofDays(i))));
        }

        assertThat(tasks.detectFraud(order("o-4", "ada", 1, "50", NOON)).score())
                .isZero();
        assertThat(tasks.detectFraud(order("o-5", "ada", 1, "180", NOON)).reasons())
                .containsExactly("180.00 euros, 9 times what this customer usually spends");
    }

    @Test
    void muchMoneyFromANewAccount() {
        Customer fresh = new Customer("eve", "eve@customers.example", NOON.minus(Duration.ofHours(2)));
        Payment card = new Payment("card-eve", "DE");

        FraudVerdict verdict = tasks.detectFraud(
                new CustomerOrder("o-1", fresh, "honey", 30, new BigDecimal("262.50"), card, "DE", NOON));

        assertThat(verdict)
                .isEqualTo(new FraudVerdict(
                        "o-1", 30, List.of("262.50 euros from an account that is less than a day old")));
    }

    @Test
    void aCardThatManyCustomersUse() {
        for (String customer : List.of("ada", "bob")) {
            assertThat(tasks.detectFraud(paid("o-" + customer, customer, new Payment("card-1", "DE"), "DE"))
                            .score())
                    .isZero();
        }

        FraudVerdict verdict = tasks.detectFraud(paid("o-eve", "eve", new Payment("card-1", "FR"), "NO"));

        assertThat(verdict)
                .isEqualTo(new FraudVerdict(
                        "o-eve",
                        65,
                        List.of("paid with a card from FR, sent to NO", "3 customers have paid with this card")));
        assertThat(verdict.isSuspicious()).isTrue();
        assertThat(mails()).hasSize(1);
        JobInfo mail = mails().get(0);
        assertThat(mail.id()).isEqualTo("fraud:o-eve");
        assertThat(mail.payload())
                .startsWith("[\"orders@ecoeaze.example\",\"Suspicious order o-eve\",\"Score 65")
                .contains("3 customers have paid with this card");
    }

    @Test
    void manyUnitsAtOnce() {
        assertThat(tasks.detectFraud(order("o-1", "ada", 51, "150", NOON)))
                .isEqualTo(new FraudVerdict("o-1", 15, List.of("51 units at once")));
        assertThat(tasks.detectFraud(order("o-2", "bob", 50, "150", NOON)).score())
                .isZero();
    }

    @Test
    void judgesTheSameWhenTheJobRunsTwice() {
        CustomerOrder order = paid("o-1", "ada", new Payment("card-1", "FR"), "NO");

        FraudVerdict first = tasks.detectFraud(order);

        assertThat(tasks.detectFraud(order)).isEqualTo(first);
    }

    @Test
    void aScoreEndsAtAHundred() {
        tasks.detectFraud(paid("o-1", "ada", new Payment("card-1", "DE"), "DE"));
        tasks.detectFraud(paid("o-2", "bob", new Payment("card-1", "DE"), "DE"));
        Customer fresh = new Customer("eve", "eve@customers.example", NOON);

        FraudVerdict verdict = tasks.detectFraud(new CustomerOrder(
                "o-3", fresh, "honey", 60, new BigDecimal("525"), new Payment("card-1", "FR"), "NO", NOON));

        assertThat(verdict.score()).isEqualTo(100);
        assertThat(verdict.reasons()).hasSize(4);
    }

    private List<JobInfo> mails() {
        return queue.admin().list("mail", JobState.READY, 0, 10);
    }

    private static CustomerOrder order(String id, String customer, int quantity, String amount, Instant at) {
        Customer who = new Customer(customer, customer + "@customers.example", LONG_AGO);
        return new CustomerOrder(
                id, who, "honey", quantity, new BigDecimal(amount), new Payment("card-" + customer, "DE"), "DE", at);
    }

    private static CustomerOrder paid(String id, String customer, Payment payment, String shipTo) {
        Customer who = new Customer(customer, customer + "@customers.example", LONG_AGO);
        return new CustomerOrder(id, who, "honey", 1, new BigDecimal("8.75"), payment, shipTo, NOON);
    }
}
