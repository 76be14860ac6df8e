package io.tidemill.examples.fashiondeck.search;

import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A search as it was understood.
 *
 * @param words what is looked for
 * @param mostCents the highest price; {@link #ANY_PRICE} if none was named
 */
record Prompt(List<String> words, long mostCents) {

    static final long ANY_PRICE = Long.MAX_VALUE;

    private static final Pattern PRICE = Pattern.compile("\\b(?:under|below|up to)\\s+[$€£]?\\s*([0-9]{1,7})\\b");

    /** Reads {@code "cottagecore dress under 50"}; in place of a style are the words that it stands for. */
    static Prompt parse(String text, Aesthetics aesthetics) {
        Matcher price = PRICE.matcher(text);
        long most = price.find() ? 100 * Long.parseLong(price.group(1)) : ANY_PRICE;
        List<String> words = new ArrayList<>();
        for (String word : Embedder.words(PRICE.matcher(text).replaceAll(" "))) {
            words.addAll(aesthetics.words(word));
        }
        return new Prompt(List.copyOf(words), most);
    }
}
