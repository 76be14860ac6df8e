package io.tidemill.examples.fashiondeck.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.examples.fashiondeck.TestRedis;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogTest {

    private static final Product DRESS = new Product("p-1", "asos", "dresses", "Linen dress", "white", 4_900);
    private static final Product BAG = new Product("p-2", "asos", "bags", "Tote bag", "black", 1_900);

    private final Catalog catalog = new Catalog(TestRedis.empty());

    @Test
    void keepsProductsAndReplacesThem() {
        Product cheaper = new Product("p-1", "asos", "dresses", "Linen dress", "white", 3_900);
        catalog.put(List.of(DRESS, BAG));
        catalog.put(List.of(cheaper));

        assertThat(catalog.products()).containsExactlyInAnyOrder(cheaper, BAG);
        assertThat(catalog.find("p-1")).contains(cheaper);
        assertThat(catalog.find("p-3")).isEmpty();
    }

    @Test
    void knowsWhichProductsNeedAVector() {
        assertThat(catalog.withoutVector(List.of(DRESS, BAG))).containsExactly(DRESS, BAG);

        catalog.putVectors(Map.of(DRESS, new float[] {1, 0}));

        Product cheaper = new Product("p-1", "asos", "dresses", "Linen dress", "white", 3_900);
        Product renamed = new Product("p-1", "asos", "dresses", "Silk dress", "white", 4_900);
        assertThat(catalog.withoutVector(List.of(DRESS, BAG))).containsExactly(BAG);
        assertThat(catalog.withoutVector(List.of(cheaper)))
                .as("its text is the same")
                .isEmpty();
        assertThat(catalog.withoutVector(List.of(renamed))).containsExactly(renamed);
        assertThat(catalog.withoutVector(List.of())).isEmpty();
    }

    @Test
    void givesVectorsBackBitForBit() {
        float[] vector = {1f, -0.25f, Float.MIN_VALUE, 0f};
        catalog.putVectors(Map.of(DRESS, vector));

        assertThat(catalog.vectors()).containsOnlyKeys("p-1");
        assertThat(catalog.vectors().get("p-1")).isEqualTo(vector);
    }

    @Test
    void refusesATextThatIsNoVector() {
        assertThatThrownBy(() -> Vectors.parse("AAA="))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a vector has four bytes per number, got 2 bytes");
    }
}
