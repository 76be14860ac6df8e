package io.tidemill.examples.fashiondeck.refresh;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Asks marketplaces for products: {@code GET /products?category=...&limit=...} answers with JSON. Thread-safe. */
public final class MarketplaceClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<String, URI> addresses;

    /** At these addresses, by the marketplaces' names. */
    public MarketplaceClient(Map<String, URI> addresses) {
        this.addresses = Map.copyOf(addresses);
    }

    /**
     * The products of a category.
     *
     * @throws IOException if it may work later
     * @throws TaskSignal.GiveUp if it will never work
     */
    List<Product> products(RefreshRequest wanted) throws IOException, InterruptedException {
        URI address = addresses.get(wanted.marketplace());
        if (address == null) {
            throw new TaskSignal.GiveUp("no address is set for marketplace '" + wanted.marketplace() + "'");
        }
        String query = "/products?category=" + URLEncoder.encode(wanted.category(), StandardCharsets.UTF_8) + "&limit="
                + wanted.limit();
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve(query)).timeout(PATIENCE).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 200) {
            return JSON.readValue(response.body(), new TypeReference<>() {});
        }
        String answer = wanted.marketplace() + " answered " + response.statusCode() + " " + response.body();
        if (response.statusCode() >= 500 || response.statusCode() == 429) {
            throw new IOException(answer);
        }
        throw new TaskSignal.GiveUp(answer);
    }
}
