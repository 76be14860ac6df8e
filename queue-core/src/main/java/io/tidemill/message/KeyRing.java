package io.tidemill.message;

import io.tidemill.text.PrintableText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The keys of a seal: one seals, all open. Immutable. */
final class KeyRing {

    private final SealKey sealing;
    private final Map<String, SealKey> all;

    private KeyRing(SealKey sealing, Map<String, SealKey> all) {
        this.sealing = sealing;
        this.all = Collections.unmodifiableMap(all);
    }

    static KeyRing of(SealKey sealing) {
        return new KeyRing(sealing, Map.of(sealing.name(), sealing));
    }

    /** The same with one more that opens. */
    KeyRing with(SealKey key) {
        if (all.containsKey(key.name())) {
            throw new IllegalArgumentException(
                    "there is a key named " + key.name() + " already; name each key differently");
        }
        Map<String, SealKey> more = new LinkedHashMap<>(all);
        more.put(key.name(), key);
        return new KeyRing(sealing, more);
    }

    SealKey sealing() {
        return sealing;
    }

    /**
     * The key of this name.
     *
     * @param name from the sealed bytes: whoever can write to the broker chooses it, and it goes to logs
     * @param seal the class that has the keys
     * @throws MissingKeyException if it is not here
     */
    SealKey opening(String name, String seal) {
        SealKey key = all.get(name);
        if (key == null) {
            throw new MissingKeyException("it is sealed with a key that is not here: "
                    + (PrintableText.isPrintable(name) ? '"' + name + '"' : "its name is not printable text")
                    + "; add it with " + seal + ".alsoOpening(...)");
        }
        return key;
    }

    /** The names, the one that seals first. */
    @Override
    public String toString() {
        return all.keySet().toString();
    }
}
