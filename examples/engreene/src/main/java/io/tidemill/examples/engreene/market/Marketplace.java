package io.tidemill.examples.engreene.market;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.LongAdder;

/** Vendors, clients and templates, as a database would give them; counts how often it was asked. Thread-safe. */
public final class Marketplace {

    private static final List<Vendor> VENDORS = List.of(
            new Vendor("lumen", "Lumen Photography", "studio@lumen.example", "photography", 46),
            new Vendor("aperture", "Aperture & Co", "hello@aperture.example", "photography", 49),
            new Vendor("stillframe", "Stillframe", "office@stillframe.example", "photography", 41),
            new Vendor("goldenhour", "Golden Hour", "team@goldenhour.example", "photography", 46),
            new Vendor("polaroid-bar", "The Polaroid Bar", "bar@polaroid.example", "photography", 33),
            new Vendor("saffron", "Saffron Catering", "kitchen@saffron.example", "catering", 47),
            new Vendor("hearth", "Hearth & Table", "hello@hearth.example", "catering", 44),
            new Vendor("brassline", "Brassline Band", "gigs@brassline.example", "music", 45));

    private static final List<Client> CLIENTS = List.of(
            new Client("ada", "Ada", "ada@clients.example"),
            new Client("bo", "Bo", "bo@clients.example"),
            new Client("chi", "Chi", "chi@clients.example"));

    /** What vendors read, by what happened. */
    private static final Map<String, String> TEMPLATES = Map.of(
            "cart_add", "%s has put %s into the cart.",
            "wishlist_add", "%s has put %s on the wishlist.");

    private final LongAdder reads = new LongAdder();

    /**
     * Gives a vendor.
     *
     * @throws NoSuchElementException if there is none with this id
     */
    public Vendor vendor(String id) {
        reads.increment();
        return VENDORS.stream()
                .filter(vendor -> vendor.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no vendor '" + id + "'"));
    }

    /**
     * Gives a client.
     *
     * @throws NoSuchElementException if there is none with this id
     */
    public Client client(String id) {
        reads.increment();
        return CLIENTS.stream()
                .filter(client -> client.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no client '" + id + "'"));
    }

    /** The best of a category but one, best first, at most three. */
    public List<Vendor> alternatives(Vendor to) {
        reads.increment();
        return VENDORS.stream()
                .filter(vendor ->
                        vendor.category().equals(to.category()) && !vendor.id().equals(to.id()))
                .sorted(Comparator.comparing(Vendor::rating).reversed().thenComparing(Vendor::id))
                .limit(3)
                .toList();
    }

    /** Ids of the vendors whose pages are looked at most. */
    public List<String> popularVendors() {
        reads.increment();
        return VENDORS.stream()
                .sorted(Comparator.comparing(Vendor::rating).reversed().thenComparing(Vendor::id))
                .limit(4)
                .map(Vendor::id)
                .toList();
    }

    /**
     * The text of a notice, with places for the client's name and the service; {@code cart_add} or
     * {@code wishlist_add}.
     */
    public String template(String name) {
        reads.increment();
        String template = TEMPLATES.get(name);
        if (template == null) {
            throw new NoSuchElementException("no template '" + name + "'; there are " + TEMPLATES.keySet());
        }
        return template;
    }

    /** The names of all templates. */
    public static List<String> templates() {
        return TEMPLATES.keySet().stream().sorted().toList();
    }

    /** How often it was asked. */
    public long reads() {
        return reads.sum();
    }
}
