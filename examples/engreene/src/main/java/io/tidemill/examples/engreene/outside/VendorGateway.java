package io.tidemill.examples.engreene.outside;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Notifies vendors over HTTP: {@code POST <address>/vendors/<id>/notices}. Thread-safe. */
public final class VendorGateway {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TOO_MANY = 429;
    private static final int BROKEN = 500;
    private static final int REFUSED = 300;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI address;
    private final Breaker breaker;

    /** At this address, behind this circuit breaker. */
    public VendorGateway(URI address, Breaker breaker) {
        this.address = address;
        this.breaker = breaker;
    }

    /**
     * Notifies a vendor.
     *
     * @param id the endpoint takes what has the same id once
     * @throws IOException if it may work later
     * @throws TaskSignal.Snooze if the endpoint is known to be down
     * @throws TaskSignal.RetryAfter if it may work after that time
     * @throws TaskSignal.GiveUp if it will never work
     */
    public void notify(String id, String vendor, Object notice) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/vendors/" + vendor + "/notices"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(notice)))
                .build();
        breaker.call(() -> check(client.send(request, HttpResponse.BodyHandlers.ofString())));
    }

    private static HttpResponse<String> check(HttpResponse<String> response) throws IOException {
        String answer = "the vendors' endpoint answered " + response.statusCode() + " " + response.body();
        if (response.statusCode() == TOO_MANY) {
            long seconds = response.headers().firstValueAsLong("Retry-After").orElse(1);
            throw new TaskSignal.RetryAfter(Duration.ofSeconds(seconds), new IllegalStateException(answer));
        } else if (response.statusCode() >= BROKEN) {
            throw new IOException(answer);
        } else if (response.statusCode() >= REFUSED) {
            throw new TaskSignal.GiveUp(answer);
        }
        return response;
    }
}
