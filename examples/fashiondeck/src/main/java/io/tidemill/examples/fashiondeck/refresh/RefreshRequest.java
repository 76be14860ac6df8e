package io.tidemill.examples.fashiondeck.refresh;

/**
 * What is to be fetched.
 *
 * @param marketplace its name
 * @param category such as {@code dresses}; {@code top} for what sells best
 * @param limit most products, 1 to 1,000
 */
public record RefreshRequest(String marketplace, String category, int limit) {

    static final int MOST = 1_000;

    /** Checks the limit, so that a wrong request is refused where it is made. */
    public RefreshRequest {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit must be 1 to " + MOST + ", got " + limit);
        }
    }
}
