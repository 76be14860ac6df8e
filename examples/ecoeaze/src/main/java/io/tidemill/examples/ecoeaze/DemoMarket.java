package io.tidemill.examples.ecoeaze;

import io.tidemill.client.JobHandle;
import io.tidemill.examples.ecoeaze.behavior.EngagementReport;
import io.tidemill.examples.ecoeaze.campaigns.Campaign;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Customer;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder.Payment;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.images.Cleanup;
import io.tidemill.examples.ecoeaze.images.ImageQuality;
import io.tidemill.examples.ecoeaze.images.Upload;
import io.tidemill.examples.ecoeaze.orders.OrderResult;
import io.tidemill.examples.ecoeaze.reports.ProfitLossReport;
import io.tidemill.examples.ecoeaze.stock.Demand;
import io.tidemill.examples.ecoeaze.stock.InventoryReport;
import io.tidemill.examples.ecoeaze.stock.Reorder;
import io.tidemill.schedule.Schedules;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Market day: customers look around and order more eggs than there are, one order is suspicious, a campaign goes out.
 * In the evening the day is looked at. Everything has an id of this run, so that a Redis with the data of earlier runs
 * will do.
 */
final class DemoMarket {

    static final int EGGS = 12;
    static final int EGGS_PER_ORDER = 2;
    static final int EGG_ORDERS = 10;

    /** Who buys what, so that something can be recommended to the last one. */
    static final Map<String, List<String>> BASKETS = baskets();

    static final String HONEY_LOVER = "u-5";
    static final String SUSPICIOUS = "u-9";

    private static final Duration CAMPAIGN_DELAY = Duration.ofMillis(800);

    final String run;
    final Map<CustomerOrder, JobHandle<OrderResult>> eggs = new LinkedHashMap<>();
    final Map<CustomerOrder, JobHandle<OrderResult>> baskets = new LinkedHashMap<>();
    final List<JobHandle<Void>> actions = new ArrayList<>();
    final Map<String, JobHandle<String>> messages = new LinkedHashMap<>();
    final CustomerOrder suspicious;
    final Campaign campaign;
    /** The one that the clock sends. */
    final Campaign scheduled;

    private Instant scheduledFor = Instant.EPOCH;
    final JobHandle<Integer> campaignSent;
    final JobHandle<ProfitLossReport> profit;
    final JobHandle<List<String>> watermarks;
    final JobHandle<ImageQuality> goodPhoto;
    final JobHandle<ImageQuality> smallPhoto;
    final JobHandle<Cleanup> cleanup;

    /** Customers and farmers request all this at once. */
    DemoMarket(EcoEazeProducer producer, String run) {
        this.run = run;
        for (int i = 0; i < EGG_ORDERS; i++) {
            CustomerOrder order = order("eggs-" + i, "u-egg-" + i, "eggs", EGGS_PER_ORDER);
            eggs.put(order, producer.placeOrder(order));
        }
        BASKETS.forEach((customer, products) -> products.forEach(product -> {
            CustomerOrder order = order(customer + "-" + product, customer, product, 1);
            baskets.put(order, producer.placeOrder(order));
        }));
        suspicious = suspicious();
        baskets.put(suspicious, producer.placeOrder(suspicious));
        campaign = campaign("honey", "Honey week", "All honey is here.");
        scheduled = campaign("autumn", "Autumn market", "Apples and cider are here.");
        campaignSent = producer.sendCampaign(campaign, CAMPAIGN_DELAY);
        for (String user : List.of("u-1", "u-2", "u-3")) {
            actions.add(producer.trackUserBehavior(user, "product_view", Map.of("productId", "honey")));
        }
        for (String user : List.of("u-1", "u-2")) {
            actions.add(producer.trackUserBehavior(user, "campaign_visit", Map.of("campaign", campaign.id())));
        }
        messages.put("+4930111111", producer.sendSms("+4930111111", "Your order is on its way."));
        messages.put("+4930222222", producer.sendSms("+4930222222", "Your order is at the door."));
        profit = producer.generateProfitLossReport("f-101", "quarterly");
        watermarks = producer.watermark("f-101", List.of(new Upload("cider", "cider.jpg")));
        goodPhoto = producer.analyzeQuality("eggs", "eggs.jpg");
        smallPhoto = producer.analyzeQuality("cider", "cider.jpg");
        cleanup = producer.cleanUpImages(Duration.ofDays(1));
    }

    /** What is requested when the day is over. */
    record Evening(
            JobHandle<Demand> demand,
            JobHandle<Reorder> reorder,
            JobHandle<List<String>> recommendations,
            JobHandle<EngagementReport> engagement,
            JobHandle<InventoryReport> inventory) {

        static Evening request(EcoEazeProducer producer) {
            return new Evening(
                    producer.predictDemand("honey", 14),
                    producer.reorderStock("honey"),
                    producer.recommend(HONEY_LOVER),
                    producer.generateEngagementReport(7),
                    producer.generateInventoryReport("f-103"));
        }

        List<String> ids() {
            return List.of(demand.id(), reorder.id(), recommendations.id(), engagement.id(), inventory.id());
        }
    }

    /** The ids of everything that was requested during the day. */
    List<String> ids() {
        List<JobHandle<?>> handles =
                new ArrayList<>(List.of(campaignSent, profit, watermarks, goodPhoto, smallPhoto, cleanup));
        handles.addAll(eggs.values());
        handles.addAll(baskets.values());
        handles.addAll(actions);
        handles.addAll(messages.values());
        return handles.stream().map(JobHandle::id).toList();
    }

    /** The mails that all this leads to, as address and subject. */
    List<String> mails() {
        List<String> mails = new ArrayList<>();
        for (int left = EGGS - EGGS_PER_ORDER; left >= 0; left -= EGGS_PER_ORDER) {
            if (left < 10) {
                mails.add("aiko@mori-garden.example: Low stock: Eggs, 10");
            }
        }
        for (Campaign each : List.of(campaign, scheduled)) {
            each.audience().values().forEach(email -> mails.add(email + ": " + each.subject()));
        }
        mails.add("orders@ecoeaze.example: Suspicious order " + suspicious.id());
        mails.add("tomas@colmenar.example: Ordered: Rosemary honey, 500 g");
        return mails;
    }

    private CustomerOrder order(String id, String customer, String product, int quantity) {
        return new CustomerOrder(
                run + "-" + id,
                new Customer(
                        customer, customer + "@customers.example", Instant.now().minus(Duration.ofDays(100))),
                product,
                quantity,
                Farmers.product(product).price().multiply(BigDecimal.valueOf(quantity)),
                new Payment("card-of-" + customer, "DE"),
                "DE",
                Instant.now());
    }

    /** A new account, much money, and a card from another country. */
    private CustomerOrder suspicious() {
        CustomerOrder usual = order("pollen", SUSPICIOUS, "pollen", 60);
        return new CustomerOrder(
                usual.id(),
                new Customer(SUSPICIOUS, "u-9@customers.example", Instant.now()),
                usual.product(),
                usual.quantity(),
                usual.amount(),
                new Payment("card-of-u-9", "FR"),
                "NO",
                usual.placedAt());
    }

    private Campaign campaign(String name, String subject, String text) {
        Map<String, String> audience = new LinkedHashMap<>();
        BASKETS.keySet().forEach(user -> audience.put(user, user + "@customers.example"));
        return new Campaign(run + "-" + name, subject, text + "\n\nEcoEaze\n", audience);
    }

    /** Has the second campaign sent by the clock. */
    void schedule(Schedules schedules) {
        scheduledFor = Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.SECONDS);
        EcoEazeProducer.scheduleCampaign(schedules, scheduled, scheduledFor);
    }

    /** The job that the clock requests for it. */
    String scheduledJob() {
        return "campaign:" + scheduled.id() + "@" + scheduledFor;
    }

    private static Map<String, List<String>> baskets() {
        Map<String, List<String>> baskets = new LinkedHashMap<>();
        baskets.put("u-1", List.of("honey", "candles"));
        baskets.put("u-2", List.of("honey", "candles", "pollen"));
        baskets.put("u-3", List.of("honey", "pollen"));
        baskets.put(HONEY_LOVER, List.of("honey"));
        return baskets;
    }
}
