package io.tidemill.examples.engreene;

import io.tidemill.examples.engreene.cache.CacheOptions;
import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.cache.Warmup;
import io.tidemill.examples.engreene.cache.WarmupHandler;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.mail.Email;
import io.tidemill.examples.engreene.mail.MailHandler;
import io.tidemill.examples.engreene.mail.Mailer;
import io.tidemill.examples.engreene.mail.Receipt;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.notifications.VendorNotice;
import io.tidemill.examples.engreene.notifications.VendorNotices;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.examples.engreene.outside.VendorGateway;
import io.tidemill.examples.engreene.reminders.Conversation;
import io.tidemill.examples.engreene.reminders.Reminder;
import io.tidemill.examples.engreene.reminders.ReminderTasks;
import io.tidemill.examples.engreene.sessions.Cleanup;
import io.tidemill.examples.engreene.sessions.Sessions;
import io.tidemill.examples.engreene.wallet.Booking;
import io.tidemill.examples.engreene.wallet.Commission;
import io.tidemill.examples.engreene.wallet.CommissionHandler;
import io.tidemill.examples.engreene.wallet.Wallets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The types of jobs that are there from the start, and what runs them. */
final class EngreeneHandlers {

    private static final CacheOptions VENDORS =
            CacheOptions.ttl(Duration.ofMinutes(5)).tags("vendors");

    private EngreeneHandlers() {}

    /** What a process needs to know that only adds jobs. */
    static void declareOn(JobQueueService jobs) {
        jobs.declare(Email.TYPE, Email.class);
        jobs.declare(VendorNotice.CART_ADD, VendorNotice.class);
        jobs.declare(VendorNotice.WISHLIST_ADD, VendorNotice.class);
        jobs.declare(Booking.TYPE, Booking.class);
        jobs.declare(Cleanup.TYPE, Cleanup.class);
        jobs.declare(Warmup.TYPE, Warmup.class);
        declareTasks(jobs);
    }

    /** What a worker runs. */
    static void registerOn(
            JobQueueService jobs, Settings settings, Outside outside, RedisParts redis, Marketplace market) {
        VendorNotices notices =
                new VendorNotices(new VendorGateway(settings.vendorUrl(), outside.vendors()), market, redis.cache());
        jobs.registerHandler(
                Email.TYPE,
                Email.class,
                Receipt.class,
                new MailHandler(new Mailer(settings.smtpHost(), settings.smtpPort()), outside.mail()));
        jobs.registerHandler(VendorNotice.CART_ADD, VendorNotice.class, notices);
        jobs.registerHandler(VendorNotice.WISHLIST_ADD, VendorNotice.class, notices);
        jobs.registerHandler(
                Booking.TYPE,
                Booking.class,
                Commission.class,
                new CommissionHandler(settings.commissionRate(), redis.wallets(), redis.cache()));
        jobs.registerHandler(
                Cleanup.TYPE,
                Cleanup.class,
                Integer.class,
                job -> redis.sessions().cleanUp(job.data().most()));
        jobs.registerHandler(Warmup.TYPE, Warmup.class, Integer.class, warmup(redis.cache(), market));
        declareTasks(jobs);
    }

    /** These are methods with {@code @Task}, since steps of a workflow name them. */
    private static void declareTasks(JobQueueService jobs) {
        jobs.declare(ReminderTasks.REMINDER, Reminder.class);
        jobs.declare(ReminderTasks.ALTERNATIVES, Conversation.class);
    }

    private static WarmupHandler warmup(TagCache cache, Marketplace market) {
        return new WarmupHandler(
                cache,
                Map.of(
                        "templates",
                        new WarmupHandler.Area(
                                VendorNotices.TEMPLATES,
                                () -> byKey(Marketplace.templates(), "template:", market::template)),
                        "vendors",
                        new WarmupHandler.Area(
                                VENDORS, () -> byKey(market.popularVendors(), "profile:", market::vendor))));
    }

    private static Map<String, Object> byKey(Collection<String> names, String prefix, Function<String, Object> value) {
        return names.stream().collect(Collectors.toMap(name -> prefix + name, value));
    }

    /**
     * The circuit breakers of this process.
     *
     * @param mail around the mail server
     * @param vendors around the vendors' endpoint
     */
    record Outside(Breaker mail, Breaker vendors) {}

    /**
     * What the application keeps in Redis.
     *
     * @param sessions who is logged in
     * @param cache what was read or computed before
     * @param wallets what vendors have earned
     */
    record RedisParts(Sessions sessions, TagCache cache, Wallets wallets) {}
}
