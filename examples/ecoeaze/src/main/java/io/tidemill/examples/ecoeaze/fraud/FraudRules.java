package io.tidemill.examples.ecoeaze.fraud;

import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.fraud.OrderHistory.Past;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What makes an order suspicious, and how much. Pure: the same order and history give the same verdict. */
final class FraudRules {

    private static final int MOST_IN_A_WHILE = 4;
    private static final Duration A_WHILE = Duration.ofMinutes(10);
    private static final BigDecimal MUCH = new BigDecimal("200");
    private static final double FAR_ABOVE = 5;
    private static final int ENOUGH_ORDERS = 3;
    private static final Duration NEW_ACCOUNT = Duration.ofDays(1);
    private static final int MOST_CUSTOMERS_OF_CARD = 2;
    private static final int MOST_UNITS = 50;

    private final CustomerOrder order;
    private final List<String> reasons = new ArrayList<>();
    private int score;

    private FraudRules(CustomerOrder order) {
        this.order = order;
    }

    /**
     * Judges an order.
     *
     * @param past the customer's orders before it
     * @param customersOfCard how many customers have paid with its card
     */
    static FraudVerdict judge(CustomerOrder order, List<Past> past, long customersOfCard) {
        FraudRules rules = new FraudRules(order);
        rules.pace(past);
        rules.amount(past);
        rules.account();
        rules.card(customersOfCard);
        rules.quantity();
        return new FraudVerdict(order.id(), Math.min(100, rules.score), rules.reasons);
    }

    private void pace(List<Past> past) {
        long recent = past.stream()
                .filter(each -> each.at().plus(A_WHILE).isAfter(order.placedAt()))
                .count();
        if (recent >= MOST_IN_A_WHILE) {
            add(35, "order %d of this customer within %d minutes", recent + 1, A_WHILE.toMinutes());
        }
    }

    private void amount(List<Past> past) {
        double usual = past.stream().mapToDouble(Past::amount).average().orElse(0);
        double amount = order.amount().doubleValue();
        if (past.size() >= ENOUGH_ORDERS && amount > FAR_ABOVE * usual) {
            add(35, "%.2f euros, %.0f times what this customer usually spends", amount, amount / usual);
        }
    }

    private void account() {
        boolean isNew = order.customer().since().plus(NEW_ACCOUNT).isAfter(order.placedAt());
        if (isNew && order.amount().compareTo(MUCH) > 0) {
            add(30, "%.2f euros from an account that is less than a day old", order.amount());
        }
    }

    private void card(long customersOfCard) {
        if (!order.payment().country().equals(order.shipTo())) {
            add(25, "paid with a card from %s, sent to %s", order.payment().country(), order.shipTo());
        }
        if (customersOfCard > MOST_CUSTOMERS_OF_CARD) {
            add(40, "%d customers have paid with this card", customersOfCard);
        }
    }

    private void quantity() {
        if (order.quantity() > MOST_UNITS) {
            add(15, "%d units at once", order.quantity());
        }
    }

    private void add(int points, String reason, Object... values) {
        score += points;
        reasons.add(String.format(Locale.ROOT, reason, values));
    }
}
