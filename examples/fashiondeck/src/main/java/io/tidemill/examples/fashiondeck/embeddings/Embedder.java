package io.tidemill.examples.fashiondeck.embeddings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.Stream;

/**
 * Turns texts into vectors of length 1 by feature hashing: each word, each pair of neighbours and each three letters of
 * a word counts at the place that its hash names, with the sign that its hash names. Texts that share words, or parts
 * of words, point in similar directions. The same text always has the same vector, on every machine; a text without
 * letters and digits has the zero vector. Thread-safe.
 */
public final class Embedder {

    /** How many numbers a vector has. */
    public static final int DIMENSIONS = 512;

    private static final double WORD = 2;
    private static final double PAIR = 1;
    private static final double PART = 0.5;
    private static final int PART_LENGTH = 3;

    /** The vectors of several texts, in their order. */
    public List<float[]> embed(List<String> texts) {
        return texts.stream().map(Embedder::embed).toList();
    }

    private static float[] embed(String text) {
        double[] sums = new double[DIMENSIONS];
        features(text, (feature, weight) -> {
            int hash = hash(feature);
            sums[Math.floorMod(hash >>> 1, DIMENSIONS)] += (hash & 1) == 0 ? weight : -weight;
        });
        double length = Math.sqrt(Arrays.stream(sums).map(sum -> sum * sum).sum());
        float[] vector = new float[DIMENSIONS];
        for (int i = 0; length > 0 && i < DIMENSIONS; i++) {
            vector[i] = (float) (sums[i] / length);
        }
        return vector;
    }

    private static void features(String text, ObjDoubleConsumer<String> to) {
        String previous = "";
        for (String word : words(text)) {
            to.accept("word " + word, WORD);
            if (!previous.isEmpty()) {
                to.accept("pair " + previous + " " + word, PAIR);
            }
            String marked = "<" + word + ">";
            for (int i = 0; i + PART_LENGTH <= marked.length(); i++) {
                to.accept("part " + marked.substring(i, i + PART_LENGTH), PART);
            }
            previous = word;
        }
    }

    /** The words of a text, in lower case: runs of letters and digits of any script. */
    public static List<String> words(String text) {
        return Stream.of(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** FNV-1a over the characters, and a last mixing so that all bits depend on all characters. */
    private static int hash(String feature) {
        int hash = 0x811c9dc5;
        for (int i = 0; i < feature.length(); i++) {
            hash = (hash ^ feature.charAt(i)) * 0x01000193;
        }
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        return hash ^ (hash >>> 13);
    }
}
