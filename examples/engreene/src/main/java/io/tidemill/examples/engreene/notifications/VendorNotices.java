package io.tidemill.examples.engreene.notifications;

import io.tidemill.examples.engreene.cache.CacheOptions;
import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.jobs.JobHandler;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.outside.VendorGateway;
import io.tidemill.task.TaskSignal;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;

/** Notifies vendors: the handler of {@code vendor_cart_add} and of {@code vendor_wishlist_add}. */
public final class VendorNotices implements JobHandler<VendorNotice> {

    /** How long texts of notices are cached; who changes one makes the tag {@code templates} invalid. */
    public static final CacheOptions TEMPLATES =
            CacheOptions.ttl(Duration.ofHours(1)).tags("templates");

    private final VendorGateway gateway;
    private final Marketplace market;
    private final TagCache cache;

    /** Notifies through this gateway. */
    public VendorNotices(VendorGateway gateway, Marketplace market, TagCache cache) {
        this.gateway = gateway;
        this.market = market;
        this.cache = cache;
    }

    /** One that the endpoint takes once, however often the job runs. */
    @Override
    public void handle(QueuedJob<VendorNotice> job) throws Exception {
        VendorNotice notice = job.data();
        String event = job.type().substring("vendor_".length());
        String text = text(event, notice);
        gateway.notify(
                job.id(),
                notice.vendorId(),
                Map.of("event", event, "client", notice.clientId(), "service", notice.serviceId(), "text", text));
    }

    private String text(String event, VendorNotice notice) throws Exception {
        String template = cache.getOrSet("template:" + event, String.class, () -> market.template(event), TEMPLATES);
        try {
            market.vendor(notice.vendorId());
            return template.formatted(market.client(notice.clientId()).name(), notice.serviceId());
        } catch (NoSuchElementException e) {
            throw new TaskSignal.GiveUp(e);
        }
    }
}
