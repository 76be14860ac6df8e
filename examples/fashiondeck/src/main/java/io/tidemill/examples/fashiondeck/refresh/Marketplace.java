package io.tidemill.examples.fashiondeck.refresh;

import java.time.ZoneId;
import java.util.List;

/**
 * A marketplace.
 *
 * @param name as in job arguments and variables
 * @param zone where it is night when its products are refreshed
 */
public record Marketplace(String name, ZoneId zone) {

    /** Those that are known. */
    public static final List<Marketplace> ALL = List.of(
            new Marketplace("amazon", ZoneId.of("America/New_York")),
            new Marketplace("asos", ZoneId.of("Europe/London")),
            new Marketplace("flipkart", ZoneId.of("Asia/Kolkata")));

    /** What each of them is asked for. */
    public static final List<String> CATEGORIES = List.of("dresses", "jackets", "shoes", "bags");

    /**
     * The one with this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Marketplace of(String name) {
        return ALL.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no marketplace '" + name + "', only "
                        + ALL.stream().map(Marketplace::name).toList()));
    }
}
