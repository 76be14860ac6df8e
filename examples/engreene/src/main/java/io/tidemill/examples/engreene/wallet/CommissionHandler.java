package io.tidemill.examples.engreene.wallet;

import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.jobs.JobHandler;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.task.TaskSignal;
import java.math.BigDecimal;

/** Splits bookings and pays vendors: the handler of {@code calculate_commission}. */
public final class CommissionHandler implements JobHandler.WithResult<Booking, Commission> {

    private final BigDecimal rate;
    private final Wallets wallets;
    private final TagCache cache;

    /** Keeps this share. */
    public CommissionHandler(BigDecimal rate, Wallets wallets, TagCache cache) {
        this.rate = rate;
        this.wallets = wallets;
        this.cache = cache;
    }

    /** A booking is paid out once. What pages have cached of the vendor is invalid then. */
    @Override
    public Commission handle(QueuedJob<Booking> job) {
        Booking booking = job.data();
        Commission commission;
        try {
            commission = Commission.of(booking, rate);
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new TaskSignal.GiveUp(e);
        }
        wallets.payOut(booking.vendorId(), commission);
        // Also if it was paid out before: the run that did it may have ended here
        cache.invalidateByTags(tag(booking.vendorId()));
        return commission;
    }

    /** What is cached of a vendor has this tag. */
    public static String tag(String vendor) {
        return "vendor:" + vendor;
    }
}
