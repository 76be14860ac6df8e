package io.tidemill.examples.ecoeaze.sms;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Hands text messages to a gateway as JSON over HTTP. Thread-safe. */
public final class SmsGateway {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TOO_MANY = 429;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI address;

    /** At this address. */
    public SmsGateway(URI address) {
        this.address = address;
    }

    /**
     * Sends a message.
     *
     * @param id the gateway sends what has the same id once
     * @return the gateway's number of the message
     * @throws IOException if it may work later
     * @throws TaskSignal.RetryAfter if it may work after that time
     * @throws TaskSignal.GiveUp if it will never work
     */
    String send(String id, String phone, String text) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("to", phone, "text", text))))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        String answer = "the gateway answered " + response.statusCode() + " " + response.body();
        if (response.statusCode() == TOO_MANY) {
            long seconds = response.headers().firstValueAsLong("Retry-After").orElse(1);
            throw new TaskSignal.RetryAfter(Duration.ofSeconds(seconds), new IOException(answer));
        } else if (response.statusCode() >= 500) {
            throw new IOException(answer);
        } else if (response.statusCode() >= 300) {
            throw new TaskSignal.GiveUp(answer);
        }
        return JSON.readTree(response.body()).get("id").asText();
    }
}
