package io.tidemill.docs;

import io.tidemill.task.Task;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** The async task of the guide. */
public class WebhookTasks {

    private final HttpClient http = HttpClient.newHttpClient();

    // region: async-task
    @Task(queue = "webhooks", timeout = "30s")
    public CompletableFuture<Integer> deliver(URI to, String body) {
        HttpRequest request =
                HttpRequest.newBuilder(to).POST(BodyPublishers.ofString(body)).build();
        return http.sendAsync(request, BodyHandlers.discarding()).thenApply(HttpResponse::statusCode);
    }
    // endregion
}
