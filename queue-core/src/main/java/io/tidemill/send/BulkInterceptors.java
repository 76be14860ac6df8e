package io.tidemill.send;

import io.tidemill.async.Safely;
import io.tidemill.client.SendInterceptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the interceptors see of one bulk. Used by one thread. */
final class BulkInterceptors implements Consumer<SendInterceptor.Sending> {

    private final List<SendInterceptor.Bulk> bulks = new ArrayList<>();

    private BulkInterceptors() {}

    /** A bulk that begins now. If one of the interceptors throws, the bulk has ended for those before it. */
    static BulkInterceptors begin(List<SendInterceptor> interceptors) {
        BulkInterceptors begun = new BulkInterceptors();
        try {
            interceptors.forEach(interceptor -> begun.bulks.add(interceptor.bulk()));
            return begun;
        } catch (RuntimeException | Error e) {
            begun.ended(e);
            throw e;
        }
    }

    @Override
    public void accept(SendInterceptor.Sending sending) {
        bulks.forEach(bulk -> bulk.before(sending));
    }

    /** The bulk is over; see {@link SendInterceptor.Bulk#ended}. */
    void ended(@Nullable Throwable failure) {
        bulks.forEach(bulk -> Safely.run("the end of a bulk", () -> bulk.ended(failure)));
    }
}
