package io.tidemill.examples.ecoeaze.recommendations;

import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import io.tidemill.task.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Recommends products that were bought by the customers who bought what this one bought. Two products are as similar as
 * the cosine of the angle between their buyers: buyers of both, divided by the root of the product of buyers of each
 * (Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering recommendation algorithms", 2001, section
 * 3.1.1).
 */
public final class RecommendationTasks {

    private static final int MOST = 10;

    private final Purchases purchases;

    /** Knows what was bought from here, and keeps there what it recommends. */
    public RecommendationTasks(Purchases purchases) {
        this.purchases = purchases;
    }

    /**
     * Finds and keeps what a user may like: at most ten products that the user has not bought yet.
     *
     * @return their ids, best first; empty for a user who has bought nothing
     */
    @Task(name = "generate_recommendations", queue = "insight", timeout = "30s")
    public List<String> generateRecommendations(String user) {
        Set<String> bought = purchases.of(user);
        Map<String, Double> scores = new HashMap<>();
        for (Product candidate : Farmers.products()) {
            if (!bought.contains(candidate.id())) {
                double score = bought.stream()
                        .mapToDouble(each -> similarity(each, candidate.id()))
                        .sum();
                if (score > 0) {
                    scores.put(candidate.id(), score);
                }
            }
        }
        purchases.recommend(user, scores);
        return purchases.recommendations(user, MOST);
    }

    private double similarity(String one, String other) {
        int both = purchases.buyersOfBoth(one, other);
        return both == 0 ? 0 : both / Math.sqrt((double) purchases.buyers(one) * purchases.buyers(other));
    }
}
