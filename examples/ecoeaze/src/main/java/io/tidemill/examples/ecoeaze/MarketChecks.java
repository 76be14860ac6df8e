package io.tidemill.examples.ecoeaze;

import io.tidemill.client.JobHandle;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.ecoeaze.DemoMarket.Evening;
import io.tidemill.examples.ecoeaze.behavior.EngagementReport;
import io.tidemill.examples.ecoeaze.campaigns.CampaignEffect;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.fraud.FraudVerdict;
import io.tidemill.examples.ecoeaze.images.ImageQuality;
import io.tidemill.examples.ecoeaze.orders.OrderResult;
import io.tidemill.examples.ecoeaze.reports.ProfitLossReport;
import io.tidemill.examples.ecoeaze.stock.Demand;
import io.tidemill.examples.ecoeaze.stock.Reorder;
import io.tidemill.examples.ecoeaze.stock.StockView;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;

/** Looks at what market day left behind. */
final class MarketChecks {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final DemoMarket market;
    private final Evening evening;
    private final EcoEazeData data;
    private final Checks checks;

    MarketChecks(DemoMarket market, Evening evening, EcoEazeData data, Checks checks) {
        this.market = market;
        this.evening = evening;
        this.data = data;
        this.checks = checks;
    }

    /**
     * Makes every check.
     *
     * @param messages text messages that were sent; empty if it cannot be known
     * @param leftOver a file that should be gone
     */
    void all(EcoEazeProducer producer, Optional<Map<String, String>> messages, Path leftOver) {
        checks.section("orders", () -> orders(producer));
        checks.section("fraud", () -> fraud(producer));
        checks.section("stock", this::stock);
        checks.section("behaviour", this::behavior);
        checks.section("recommendations", this::recommendations);
        checks.section("campaign", this::campaign);
        checks.section("text messages", () -> messages(messages));
        checks.section("profit and loss", this::profit);
        checks.section("gallery", () -> gallery(leftOver));
    }

    /** As many orders were accepted as there were eggs, and not one more. */
    private void orders(EcoEazeProducer producer) throws InterruptedException {
        int accepted = 0;
        for (JobHandle<OrderResult> order : market.eggs.values()) {
            accepted += order.await(SOON).accepted() ? 1 : 0;
        }
        checks.equal("accepted orders of eggs", DemoMarket.EGGS / DemoMarket.EGGS_PER_ORDER, accepted);
        checks.equal("eggs left", 0, data.inventory().stock("eggs"));
        checks.equal(
                "eggs left, as pages show it",
                Optional.of(0),
                producer.getCachedInventory("eggs").map(StockView::stock));
        for (JobHandle<OrderResult> order : market.baskets.values()) {
            checks.that(
                    "order " + order.id() + " is accepted", order.await(SOON).accepted(), "it was refused");
        }
    }

    /** One order is suspicious, and for these reasons; a customer of earlier runs may have ordered often lately. */
    private void fraud(EcoEazeProducer producer) throws InterruptedException {
        for (CustomerOrder order : market.baskets.keySet()) {
            FraudVerdict verdict = producer.fraudVerdict(order.id()).await(SOON);
            checks.equal("suspicion of " + order.id(), order.equals(market.suspicious), verdict.isSuspicious());
        }
        FraudVerdict verdict = producer.fraudVerdict(market.suspicious.id()).await(SOON);
        List<String> reasons = List.of(
                "594.00 euros from an account that is less than a day old",
                "paid with a card from FR, sent to NO",
                "60 units at once");
        checks.that("reasons", verdict.reasons().containsAll(reasons), verdict.toString());
    }

    /** Honey was ordered again, as much as the forecast of two weeks says. */
    private void stock() throws InterruptedException, IOException {
        Demand demand = evening.demand().await(SOON);
        Reorder reorder = evening.reorder().await(SOON);
        checks.equal("method of the forecast", "holt-winters", demand.method());
        checks.equal("honey after ordering", demand.over(14), reorder.stock());
        checks.that("honey was ordered", reorder.quantity() > 0, reorder.toString());
        List<Row> rows = read(evening.inventory().await(SOON).path(), 0);
        Row eggs = rows.stream()
                .filter(row -> row.getCellText(0).equals("Eggs, 10"))
                .findFirst()
                .orElseThrow();
        checks.equal("eggs in the inventory report", "0", eggs.getCellText(1));
    }

    /** What users did is counted; a Redis with earlier runs has more. */
    private void behavior() throws InterruptedException, IOException {
        EngagementReport report = evening.engagement().await(SOON);
        int orders = DemoMarket.EGGS / DemoMarket.EGGS_PER_ORDER + market.baskets.size();
        Map<String, Integer> expected = Map.of("purchase", orders, "product_view", 3, "campaign_visit", 2);
        expected.forEach((action, count) -> checks.that(
                "actions " + action,
                report.byAction().getOrDefault(action, 0) >= count,
                "expected " + count + " or more, got " + report.byAction()));
        List<Row> days = read(report.path(), 0);
        checks.equal(
                "actions in the engagement report",
                String.valueOf(report.actions()),
                days.get(days.size() - 1).getCellText(2));
    }

    private void recommendations() throws InterruptedException {
        List<String> expected = List.of("candles", "pollen");
        checks.equal("recommendations", expected, evening.recommendations().await(SOON));
        checks.equal(
                "recommendations that are kept",
                expected,
                data.purchases().recommendations(DemoMarket.HONEY_LOVER, 10));
    }

    private void campaign() throws InterruptedException {
        int audience = market.campaign.audience().size();
        checks.equal("mails of the campaign", audience, market.campaignSent.await(SOON));
        checks.equal(
                "effect of the campaign",
                new CampaignEffect(market.campaign.id(), audience, 2),
                data.campaigns().effect(market.campaign.id()));
        checks.equal(
                "effect of the campaign that the clock sent",
                new CampaignEffect(market.scheduled.id(), audience, 0),
                data.campaigns().effect(market.scheduled.id()));
    }

    /** Each message was sent once, although the gateway was busy at first. */
    private void messages(Optional<Map<String, String>> sent) throws InterruptedException {
        for (JobHandle<String> message : market.messages.values()) {
            String number = message.await(SOON);
            checks.that("number of " + message.id(), !number.isEmpty(), "there is none");
        }
        if (sent.isPresent()) {
            Map<String, String> numbers = sent.get().entrySet().stream()
                    .collect(Collectors.toMap(
                            each -> each.getValue().substring(0, each.getValue().indexOf(':')), Map.Entry::getKey));
            Map<String, String> expected = new TreeMap<>();
            market.messages.forEach((number, job) -> expected.put(number, job.id()));
            checks.equal("text messages", expected, new TreeMap<>(numbers));
        }
    }

    private void profit() throws InterruptedException, IOException {
        ProfitLossReport report = market.profit.await(SOON);
        checks.equal("profit", report.revenue().subtract(report.costs()), report.profit());
        List<Row> rows = read(report.path(), 0);
        Row total = rows.get(rows.size() - 1);
        checks.equal(
                "profit in the file",
                report.profit().doubleValue(),
                total.getCellAsNumber(4).map(BigDecimal::doubleValue).orElse(Double.NaN));
    }

    private void gallery(Path leftOver) throws InterruptedException, IOException {
        for (String path : market.watermarks.await(SOON)) {
            BufferedImage image = ImageIO.read(new File(path));
            checks.equal("size of " + path, "480 x 360", image.getWidth() + " x " + image.getHeight());
        }
        ImageQuality small = market.smallPhoto.await(SOON);
        checks.that(
                "the small photo's suggestion",
                small.suggestions().toString().contains("Take a larger photo"),
                small.suggestions().toString());
        checks.that(
                "the good photo is better",
                market.goodPhoto.await(SOON).score() > small.score(),
                market.goodPhoto.await(SOON).toString());
        checks.equal(
                "score that is kept",
                String.valueOf(small.score()),
                data.images().findQuality("cider").get("score"));
        checks.that("files were cleaned up", market.cleanup.await(SOON).files() >= 1, "none was");
        checks.that("half a file is gone", !Files.exists(leftOver), leftOver + " is still there");
    }

    private static List<Row> read(String path, int sheet) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new File(path))) {
            return workbook.getSheet(sheet).orElseThrow().read();
        }
    }
}
