package io.tidemill.examples.fashiondeck.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.examples.fashiondeck.catalog.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbedderTest {

    private final Embedder embedder = new Embedder();

    @Test
    void vectorsHaveLengthOneAndAreTheSameForTheSameText() {
        float[] vector = embed("Floral linen midi dress");

        assertThat(vector).hasSize(Embedder.DIMENSIONS).isEqualTo(embed("  floral LINEN-midi dress!"));
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        assertThat(squares).isEqualTo(1, within(1e-6));
    }

    @Test
    void isTheSameOnEveryMachine() {
        // Worked out once: stored vectors of all products would be worthless if the function changed
        float[] vector = embed("dress");

        int places = 0;
        for (float number : vector) {
            places += number == 0 ? 0 : 1;
        }
        assertThat(places).as("one word and its five parts").isEqualTo(6);
        assertThat(Vectors.cosine(vector, embed("dresses"))).isEqualTo(0.182006, within(1e-6));
    }

    @Test
    void textsThatShareWordsAreNearer() {
        float[] dress = embed("Floral linen midi dress");

        double shared = Vectors.cosine(dress, embed("linen dress"));
        double parts = Vectors.cosine(dress, embed("dresses"));
        double nothing = Vectors.cosine(dress, embed("hiking backpack"));

        assertThat(shared).isGreaterThan(parts);
        assertThat(parts).isGreaterThan(nothing);
        assertThat(nothing).isLessThan(0.2);
    }

    @Test
    void theOrderOfWordsCountsALittle() {
        double cosine = Vectors.cosine(embed("leather bag"), embed("bag leather"));

        assertThat(cosine).isBetween(0.8, 0.99);
    }

    @Test
    void aTextWithoutWordsHasTheZeroVector() {
        assertThat(embed(" - !")).containsOnly(0f);
        assertThat(Vectors.cosine(embed(""), embed("dress"))).isZero();
    }

    private float[] embed(String text) {
        return embedder.embed(List.of(text)).get(0);
    }
}
