package io.tidemill.task;

import io.tidemill.text.PrintableText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a task names the groups of its jobs: text in which <code>{0}</code>, <code>{1}</code> and so on stand for the
 * arguments of the call.
 *
 * <p>Immutable.
 */
public final class GroupTemplate {

    private static final Pattern PLACE = Pattern.compile("\\{(\\d{1,3})}");
    private static final int HASH_CHARACTERS = 32;

    private final String template;

    private GroupTemplate(String template) {
        this.template = template;
    }

    /**
     * Checks a template.
     *
     * @param parameters how many arguments the task takes
     * @throws IllegalArgumentException if it names an argument that the task does not take, or what is left without the
     *     places is no printable text
     */
    public static GroupTemplate of(String template, int parameters) {
        Matcher places = PLACE.matcher(template);
        while (places.find()) {
            int place = Integer.parseInt(places.group(1));
            if (place >= parameters) {
                throw new IllegalArgumentException("group \"" + template + "\" names argument " + place
                        + ", but the task takes " + parameters + ", counted from 0");
            }
        }
        // An argument of one digit in each place: whatever else is wrong is wrong with the text around them.
        String around = PrintableText.check("group", PLACE.matcher(template).replaceAll("0"));
        if (around.indexOf('{') >= 0 || around.indexOf('}') >= 0) {
            throw new IllegalArgumentException("group \"" + template
                    + "\" has a brace that belongs to no argument; arguments are counted: {0}, {1} and so on");
        }
        return new GroupTemplate(template);
    }

    /**
     * The group of a call. A text that is no group, as it is too long, empty or not printable, is replaced by the first
     * {@value #HASH_CHARACTERS} hexadecimal digits of its SHA-256.
     *
     * @param arguments the arguments; the text of each is {@link String#valueOf}
     */
    public String resolve(@Nullable Object[] arguments) {
        String name = PLACE.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement(text(arguments, Integer.parseInt(place.group(1)))));
        return PrintableText.isPrintable(name) ? name : hash(name);
    }

    /** Whether it has the text of this argument, counted from 0. */
    public boolean names(int argument) {
        return PLACE.matcher(template).results().anyMatch(place -> Integer.parseInt(place.group(1)) == argument);
    }

    /** As it was written. */
    @Override
    public String toString() {
        return template;
    }

    /** A call by name may pass too few; what is wrong with it is said elsewhere. */
    private static String text(@Nullable Object[] arguments, int index) {
        return String.valueOf(index < arguments.length ? arguments[index] : null);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_CHARACTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
