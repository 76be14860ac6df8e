package io.tidemill.examples.fashiondeck.catalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Vectors as texts, and how near two of them are. */
public final class Vectors {

    private Vectors() {}

    /** The vector as text: four bytes per number, little endian, in Base64. */
    public static String text(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static float[] parse(String text) {
        byte[] bytes = Base64.getDecoder().decode(text);
        if (bytes.length % Float.BYTES != 0) {
            throw new IllegalArgumentException("a vector has four bytes per number, got " + bytes.length + " bytes");
        }
        float[] vector = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }

    /** The cosine of the angle between two vectors: 1 for the same direction, 0 if one of them is zero. */
    public static double cosine(float[] a, float[] b) {
        double dot = 0;
        double lengthOfA = 0;
        double lengthOfB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            lengthOfA += (double) a[i] * a[i];
            lengthOfB += (double) b[i] * b[i];
        }
        return lengthOfA == 0 || lengthOfB == 0 ? 0 : dot / Math.sqrt(lengthOfA * lengthOfB);
    }
}
