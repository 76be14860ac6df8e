package io.tidemill.examples.ecoeaze.fraud;

import java.util.List;

/**
 * How suspicious an order is.
 *
 * @param order its id
 * @param score 0 for not at all, up to 100
 * @param reasons what made it so, one sentence each
 */
public record FraudVerdict(String order, int score, List<String> reasons) {

    /** From which score on somebody looks at the order. */
    public static final int SUSPICIOUS = 60;

    /** Whether somebody should look at it. */
    public boolean isSuspicious() {
        return score >= SUSPICIOUS;
    }
}
