package io.tidemill.message;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.File;
import java.io.InputStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The kinds of values that {@link FidelityTest} sends: ordinary ones, the ends of each range, and odd ones. Long,
 * because it is one list.
 */
final class Values {

    /**
     * A value of a declared type.
     *
     * @param group the chapter of the table
     * @param declared the type, as a reader writes it
     * @param type the type
     * @param value what is special about it
     * @param make makes it
     */
    record Kind(String group, String declared, Type type, String value, Supplier<Object> make) {

        String title() {
            return declared + " " + value;
        }
    }

    /** What has no equals that says anything: compared by its text. */
    static final Set<Class<?>> HAVE_NO_EQUALS =
            Set.of(AtomicInteger.class, AtomicLong.class, AtomicBoolean.class, StringBuilder.class, Pattern.class);

    /** A class without equals that tells the test what it holds. */
    interface Twin {
        List<Object> parts();
    }

    // Classes of users

    public record Line(String article, int count, BigDecimal price) {}

    public record Order(long id, List<Line> lines, Map<String, Instant> stamps, TimeUnit unit, Duration limit) {}

    public record Nothing() {}

    public record Single(String value) {}

    public record Pair<A, B>(A first, B second) {}

    public record Node(int value, Node next) {}

    public record Trimmed(String text) {
        public Trimmed {
            text = text.trim();
        }
    }

    public record WithOptional(Optional<String> nick, OptionalInt age) {}

    public record WithArray(int[] numbers, byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof WithArray that
                    && Arrays.equals(numbers, that.numbers)
                    && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers) + Arrays.hashCode(bytes);
        }
    }

    public record Hidden(String name, @JsonIgnore String secret) {}

    public record Derived(int count) {
        public boolean isEmpty() {
            return count == 0;
        }

        public String getLabel() {
            return "n" + count;
        }
    }

    public record Renamed(String name) {
        public String getName() {
            return "not " + name;
        }
    }

    @JacksonAnnotationsInside
    @JsonIgnore
    @Retention(RetentionPolicy.RUNTIME)
    public @interface Secret {}

    public record Login(String user, @Secret String password) {}

    public interface Named {
        @JsonIgnore
        String name();
    }

    public interface Person extends Named {}

    public record Masked(String name, int age) implements Person {}

    public record Email(@JsonValue String address) {}

    public record Untyped(Object anything) {}

    public enum Color {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "grass";
            }
        }
    }

    /** A bean with setters and without equals. */
    public static class Bean implements Twin {
        private String name;
        private int size;
        private transient int cache = 7;

        public String getName() {
            return name;
        }

        public void setName(String value) {
            name = value;
        }

        public int getSize() {
            return size;
        }

        public void setSize(int value) {
            size = value;
        }

        @Override
        public List<Object> parts() {
            return Arrays.asList(name, size);
        }

        static Bean of(String name) {
            Bean bean = new Bean();
            bean.setName(name);
            bean.setSize(3);
            bean.cache++;
            return bean;
        }
    }

    /** Loses its field when it is read as a {@link Bean}. */
    public static class RicherBean extends Bean {
        public String extra = "more";

        @Override
        public List<Object> parts() {
            return Arrays.asList(getName(), getSize(), extra);
        }
    }

    /** Made by its constructor, found by the names of its parameters. */
    public static final class Immutable implements Twin {
        private final String name;
        private final long size;

        public Immutable(String name, long size) {
            this.name = name;
            this.size = size;
        }

        public String getName() {
            return name;
        }

        public long getSize() {
            return size;
        }

        @Override
        public List<Object> parts() {
            return Arrays.asList(name, size);
        }
    }

    /** Has a field that nothing can set. */
    public static final class Lossy implements Twin {
        public String kept = "a";
        private int lost;

        @Override
        public List<Object> parts() {
            return List.of(kept, lost);
        }

        static Lossy of(int lost) {
            Lossy lossy = new Lossy();
            lossy.lost = lost;
            return lossy;
        }
    }

    /** No constructor that a reader could use. */
    public static final class Closed {
        public final String a;

        private Closed(Thread thread) {
            a = thread.getName();
        }
    }

    /** A list with a field of its own. */
    public static final class Titled extends ArrayList<String> {
        private static final long serialVersionUID = 1L;
        public final String title = "t";

        static Titled of(String element) {
            Titled titled = new Titled();
            titled.add(element);
            return titled;
        }
    }

    public sealed interface Shape permits Circle, Polygon, Unit {}

    public record Circle(double radius) implements Shape {}

    public sealed interface Polygon extends Shape permits Square, Path2 {}

    public record Square(int side) implements Polygon {}

    public record Path2(List<Shape> parts) implements Polygon {}

    public enum Unit implements Shape {
        POINT
    }

    public sealed interface Outcome<T> permits Ok, Failed {}

    public record Ok<T>(T value) implements Outcome<T> {}

    public record Failed<T>(String why) implements Outcome<T> {}

    public sealed interface Command permits Stop, Go {}

    public record Stop() implements Command {}

    public static final class Go implements Command, Twin {
        public int steps;

        @Override
        public List<Object> parts() {
            return List.of(steps);
        }

        static Go of(int steps) {
            Go go = new Go();
            go.steps = steps;
            return go;
        }
    }

    public sealed interface Clash permits Clash.Same, Values.Other.Same {
        record Same() implements Clash {}
    }

    public interface Other {
        record Same() implements Clash {}
    }

    public sealed interface Half permits Whole, Open {}

    public record Whole(int a) implements Half {}

    public static non-sealed class Open implements Half, Twin {
        public int b;

        @Override
        public List<Object> parts() {
            return List.of(b);
        }
    }

    public static class Stranger extends Open {
        public int c = 1;

        @Override
        public List<Object> parts() {
            return List.of(b, c);
        }
    }

    public sealed interface Way permits Road, Wild {}

    public record Road(int width) implements Way {}

    public non-sealed interface Wild extends Way {}

    public record Trail(int steps) implements Wild {}

    public sealed interface Mixed permits Word, Size {}

    public record Word(String text) implements Mixed {}

    public enum Size implements Mixed {
        SMALL,
        LARGE {
            @Override
            public String toString() {
                return "XL";
            }
        }
    }

    public interface Animal {}

    public record Dog(String name) implements Animal {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes(@JsonSubTypes.Type(value = Sparrow.class, name = "sparrow"))
    public interface Bird {}

    public record Sparrow(int age) implements Bird {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
    public interface Gadget {}

    public record Tool(int size) implements Gadget {}

    private final List<Kind> kinds = new ArrayList<>();
    private String group = "";

    private Values() {}

    static List<Kind> all() {
        return ALL;
    }

    private static final List<Kind> ALL = make();

    private static List<Kind> make() {
        Values values = new Values();
        values.scalars();
        values.times();
        values.texts();
        values.collections();
        values.records();
        values.classes();
        values.sealedTypes();
        values.untyped();
        values.others();
        values.limits();
        values.never();
        return List.copyOf(values.kinds);
    }

    private void add(Type type, String value, Supplier<Object> make) {
        kinds.add(new Kind(group, name(type), type, value, make));
    }

    private void add(TypeReference<?> type, String value, Supplier<Object> make) {
        add(type.getType(), value, make);
    }

    private static String name(Type type) {
        return type.getTypeName().replaceAll("[a-z]+\\.|Values\\$|[A-Z]\\w*\\$", "");
    }

    private void scalars() {
        group = "Numbers and truth";
        add(boolean.class, "true", () -> true);
        add(Boolean.class, "false", () -> false);
        add(Boolean.class, "null", () -> null);
        add(byte.class, "MIN", () -> Byte.MIN_VALUE);
        add(Byte.class, "MAX", () -> Byte.MAX_VALUE);
        add(short.class, "MIN", () -> Short.MIN_VALUE);
        add(Short.class, "MAX", () -> Short.MAX_VALUE);
        add(int.class, "MIN", () -> Integer.MIN_VALUE);
        add(Integer.class, "MAX", () -> Integer.MAX_VALUE);
        add(Integer.class, "null", () -> null);
        add(long.class, "MIN", () -> Long.MIN_VALUE);
        add(Long.class, "MAX", () -> Long.MAX_VALUE);
        add(long.class, "2^53 + 1", () -> 9_007_199_254_740_993L);
        add(float.class, "MIN", () -> Float.MIN_VALUE);
        add(Float.class, "MAX", () -> Float.MAX_VALUE);
        add(float.class, "0.1", () -> 0.1f);
        add(Float.class, "NaN", () -> Float.NaN);
        add(double.class, "MIN", () -> Double.MIN_VALUE);
        add(Double.class, "MAX", () -> Double.MAX_VALUE);
        add(double.class, "0.1 + 0.2", () -> 0.1 + 0.2);
        add(double.class, "-0.0", () -> -0.0);
        add(Double.class, "NaN", () -> Double.NaN);
        add(Double.class, "-infinite", () -> Double.NEGATIVE_INFINITY);
        add(Double.class, "null", () -> null);
        add(BigInteger.class, "0", () -> BigInteger.ZERO);
        add(BigInteger.class, "2^64", () -> BigInteger.TWO.pow(64));
        add(BigInteger.class, "-10^2000", () -> BigInteger.TEN.pow(2000).negate());
        add(BigDecimal.class, "0.10", () -> new BigDecimal("0.10"));
        add(BigDecimal.class, "0E-10", () -> new BigDecimal("0E-10"));
        add(BigDecimal.class, "1E+1000", () -> new BigDecimal("1E+1000"));
        add(BigDecimal.class, "-1E-1000", () -> new BigDecimal("-1E-1000"));
        add(BigDecimal.class, "2,000 digits", () -> new BigDecimal("1." + "123456789".repeat(223)));
        add(BigDecimal.class, "the largest scale", () -> BigDecimal.valueOf(1, Integer.MAX_VALUE));
        add(BigDecimal.class, "the largest exponent", () -> BigDecimal.valueOf(1, -Integer.MAX_VALUE));
        add(BigDecimal.class, "a larger exponent", () -> BigDecimal.valueOf(1, Integer.MIN_VALUE));
        add(Number.class, "7", () -> 7);
        add(AtomicInteger.class, "MIN", () -> new AtomicInteger(Integer.MIN_VALUE));
        add(AtomicLong.class, "MAX", () -> new AtomicLong(Long.MAX_VALUE));
        add(AtomicBoolean.class, "true", () -> new AtomicBoolean(true));
    }

    private void times() {
        group = "Dates and times";
        add(Instant.class, "MIN", () -> Instant.MIN);
        add(Instant.class, "MAX", () -> Instant.MAX);
        add(Instant.class, "9 digits", () -> Instant.parse("2026-01-01T00:00:00.123456789Z"));
        add(Instant.class, "null", () -> null);
        add(LocalDate.class, "MIN", () -> LocalDate.MIN);
        add(LocalDate.class, "MAX", () -> LocalDate.MAX);
        add(LocalTime.class, "MIN", () -> LocalTime.MIN);
        add(LocalTime.class, "MAX", () -> LocalTime.MAX);
        add(LocalDateTime.class, "MIN", () -> LocalDateTime.MIN);
        add(LocalDateTime.class, "MAX", () -> LocalDateTime.MAX);
        add(OffsetDateTime.class, "MIN", () -> OffsetDateTime.MIN);
        add(OffsetDateTime.class, "MAX", () -> OffsetDateTime.MAX);
        add(OffsetDateTime.class, "+02:00", () -> OffsetDateTime.parse("2026-01-01T00:00:00.000000001+02:00"));
        add(OffsetTime.class, "MIN", () -> OffsetTime.MIN);
        add(OffsetTime.class, "MAX", () -> OffsetTime.MAX);
        add(
                ZonedDateTime.class,
                "in the overlap, first",
                () -> ZonedDateTime.parse("2026-10-25T02:30:00+02:00[Europe/Berlin]"));
        add(
                ZonedDateTime.class,
                "in the overlap, second",
                () -> ZonedDateTime.parse("2026-10-25T02:30:00+01:00[Europe/Berlin]"));
        add(ZonedDateTime.class, "UTC", () -> ZonedDateTime.of(LocalDateTime.MIN.withYear(2026), ZoneId.of("UTC")));
        add(ZonedDateTime.class, "Z", () -> ZonedDateTime.of(LocalDateTime.MIN.withYear(2026), ZoneOffset.UTC));
        add(Duration.class, "0", () -> Duration.ZERO);
        add(Duration.class, "MIN", () -> Duration.ofSeconds(Long.MIN_VALUE));
        add(Duration.class, "MAX", () -> Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
        add(Duration.class, "-1 ns", () -> Duration.ofNanos(-1));
        add(Period.class, "MIN", () -> Period.of(Integer.MIN_VALUE, 0, 0));
        add(Period.class, "mixed", () -> Period.of(1, -2, 400));
        add(Year.class, "MIN", () -> Year.of(Year.MIN_VALUE));
        add(Year.class, "MAX", () -> Year.of(Year.MAX_VALUE));
        add(Year.class, "5", () -> Year.of(5));
        add(YearMonth.class, "MIN", () -> YearMonth.of(Year.MIN_VALUE, 1));
        add(YearMonth.class, "MAX", () -> YearMonth.of(Year.MAX_VALUE, 12));
        add(MonthDay.class, "29 February", () -> MonthDay.of(2, 29));
        add(ZoneId.class, "Europe/Berlin", () -> ZoneId.of("Europe/Berlin"));
        add(ZoneOffset.class, "MIN", () -> ZoneOffset.MIN);
        add(DayOfWeek.class, "SUNDAY", () -> DayOfWeek.SUNDAY);
        add(Month.class, "DECEMBER", () -> Month.DECEMBER);
        add(Date.class, "now", () -> new Date(1_795_212_339_801L));
        add(
                java.sql.Timestamp.class,
                "with nanoseconds",
                () -> java.sql.Timestamp.valueOf("2026-01-01 00:00:00.123456789"));
        add(Calendar.class, "in another zone", () -> new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo")));
        add(TimeZone.class, "Asia/Tokyo", () -> TimeZone.getTimeZone("Asia/Tokyo"));
    }

    private void texts() {
        group = "Texts and names";
        add(char.class, "'ä'", () -> 'ä');
        add(Character.class, "U+0000", () -> '\0');
        add(Character.class, "U+FFFF", () -> '\uffff');
        add(Character.class, "half a character", () -> '\ud83d');
        add(String.class, "empty", () -> "");
        add(String.class, "null", () -> null);
        add(String.class, "\"null\"", () -> "null");
        add(String.class, "every script, 🚀", () -> "漢字 🚀 e\u0301 \u202e \u2028");
        add(String.class, "control characters", () -> "\0\b\t\n\f\r\"\\\u001f\u007f");
        add(String.class, "half a character", () -> "a\ud83db");
        add(String.class, "100,000 characters", () -> "x".repeat(100_000));
        add(StringBuilder.class, "text", () -> new StringBuilder("text"));
        add(CharSequence.class, "a text", () -> "text");
        add(CharSequence.class, "a StringBuilder", () -> new StringBuilder("text"));
        add(UUID.class, "random", () -> new UUID(1, -1));
        add(Color.class, "plain", () -> Color.RED);
        add(Color.class, "with a body and a toString", () -> Color.GREEN);
        add(TimeUnit.class, "of the JDK", () -> TimeUnit.DAYS);
        add(URI.class, "with a fragment", () -> URI.create("https://example.com/a%20b?c=d#e"));
        add(URL.class, "plain", Values::url);
        add(Locale.class, "de-DE", () -> Locale.GERMANY);
        add(Locale.class, "the root", () -> Locale.ROOT);
        add(Currency.class, "EUR", () -> Currency.getInstance("EUR"));
        add(Charset.class, "UTF-8", () -> StandardCharsets.UTF_8);
        add(Pattern.class, "without flags", () -> Pattern.compile("a.*"));
        add(Pattern.class, "with a flag", () -> Pattern.compile("a.*", Pattern.DOTALL));
        add(File.class, "absolute", () -> new File("/a/b"));
        add(File.class, "relative", () -> new File("a"));
        add(Path.class, "absolute", () -> Path.of("/a/b"));
        add(Path.class, "relative", () -> Path.of("a"));
        add(byte[].class, "every byte", Values::everyByte);
        add(byte[].class, "empty", () -> new byte[0]);
        add(char[].class, "text", () -> "ab".toCharArray());
    }

    private static URL url() {
        try {
            return URI.create("https://example.invalid/a").toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] everyByte() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private void collections() {
        group = "Collections, maps, arrays, Optional";
        add(new TypeReference<List<String>>() {}, "empty", List::of);
        add(new TypeReference<List<String>>() {}, "null", () -> null);
        add(new TypeReference<List<String>>() {}, "with null", () -> Arrays.asList("a", null));
        add(new TypeReference<List<List<Long>>>() {}, "nested", () -> List.of(List.of(), List.of(1L)));
        add(new TypeReference<List<? extends Line>>() {}, "of a wildcard", () -> List.of(line()));
        add(new TypeReference<LinkedList<Integer>>() {}, "two", () -> new LinkedList<>(List.of(1, 2)));
        add(new TypeReference<Collection<String>>() {}, "a list", () -> List.of("a"));
        add(new TypeReference<Collection<String>>() {}, "a set", () -> Set.of("a"));
        add(new TypeReference<Iterable<String>>() {}, "a list", () -> List.of("a"));
        add(new TypeReference<ArrayDeque<String>>() {}, "two", () -> new ArrayDeque<>(List.of("a", "b")));
        add(new TypeReference<Set<Instant>>() {}, "two", () -> Set.of(Instant.EPOCH, Instant.MAX));
        add(new TypeReference<LinkedHashSet<String>>() {}, "in order", () -> new LinkedHashSet<>(List.of("b", "a")));
        add(new TypeReference<SortedSet<String>>() {}, "two", () -> new TreeSet<>(List.of("b", "a")));
        add(new TypeReference<SortedSet<String>>() {}, "backwards", () -> backwards());
        add(new TypeReference<EnumSet<Color>>() {}, "all", () -> EnumSet.allOf(Color.class));
        add(new TypeReference<Set<Bean>>() {}, "without equals", () -> Set.of(Bean.of("a")));
        add(new TypeReference<Map<String, Integer>>() {}, "empty", Map::of);
        add(new TypeReference<Map<String, Integer>>() {}, "with null", () -> mapWith("a", null));
        add(new TypeReference<Map<String, Integer>>() {}, "with a null key", () -> mapWith(null, 1));
        add(new TypeReference<Map<String, Integer>>() {}, "with an empty key", () -> mapWith("", 1));
        add(new TypeReference<TreeMap<String, Integer>>() {}, "two", () -> new TreeMap<>(Map.of("b", 1, "a", 2)));
        add(new TypeReference<EnumMap<Color, Integer>>() {}, "one", () -> new EnumMap<>(Map.of(Color.GREEN, 1)));
        add(
                new TypeReference<Map<Color, List<Map<Long, String>>>>() {},
                "nested",
                () -> Map.of(Color.GREEN, List.of(Map.of(Long.MIN_VALUE, "a"))));
        add(new TypeReference<Map.Entry<String, Integer>>() {}, "one", () -> Map.entry("a", 1));
        add(BitSet.class, "two bits", () -> BitSet.valueOf(new long[] {5}));
        add(Titled.class, "a list with a field", () -> Titled.of("a"));
        add(new TypeReference<List<String>>() {}, "a class with a field", () -> Titled.of("a"));
        add(int[].class, "MIN, MAX", () -> new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE});
        add(double[].class, "NaN, -0.0", () -> new double[] {Double.NaN, -0.0});
        add(boolean[].class, "empty", () -> new boolean[0]);
        add(String[].class, "with null", () -> new String[] {"a", null});
        add(int[][].class, "nested", () -> new int[][] {{}, {1}});
        add(Line[].class, "of records", () -> new Line[] {line()});
        add(new TypeReference<Optional<String>>() {}, "present", () -> Optional.of("a"));
        add(new TypeReference<Optional<String>>() {}, "empty", Optional::empty);
        add(new TypeReference<Optional<String>>() {}, "null", () -> null);
        add(new TypeReference<Optional<Instant>>() {}, "a time", () -> Optional.of(Instant.MAX));
        add(new TypeReference<Optional<Optional<String>>>() {}, "of an empty one", () -> Optional.of(Optional.empty()));
        add(OptionalInt.class, "MIN", () -> OptionalInt.of(Integer.MIN_VALUE));
        add(OptionalInt.class, "empty", OptionalInt::empty);
        add(OptionalLong.class, "MAX", () -> OptionalLong.of(Long.MAX_VALUE));
        add(OptionalDouble.class, "NaN", () -> OptionalDouble.of(Double.NaN));
    }

    private static SortedSet<String> backwards() {
        SortedSet<String> set = new TreeSet<>(Collections.reverseOrder());
        set.addAll(List.of("a", "b"));
        return set;
    }

    private static <K, V> Map<K, V> mapWith(K key, V value) {
        Map<K, V> map = new HashMap<>();
        map.put(key, value);
        return map;
    }

    private static Line line() {
        return new Line("漢", -1, new BigDecimal("0.10"));
    }

    private void records() {
        group = "Records";
        add(Line.class, "plain", Values::line);
        add(Line.class, "of nulls", () -> new Line(null, 0, null));
        add(Line.class, "null", () -> null);
        add(
                Order.class,
                "nested",
                () -> new Order(
                        Long.MAX_VALUE,
                        List.of(line()),
                        new TreeMap<>(Map.of("a", Instant.MIN)),
                        TimeUnit.DAYS,
                        Duration.ofNanos(-1)));
        add(Nothing.class, "empty", Nothing::new);
        add(Single.class, "one text", () -> new Single("a"));
        add(
                new TypeReference<Pair<Line, List<Instant>>>() {},
                "generic",
                () -> new Pair<>(line(), List.of(Instant.MAX)));
        add(Node.class, "of itself", () -> new Node(1, new Node(2, null)));
        add(Trimmed.class, "that changes its argument", () -> new Trimmed(" a "));
        add(Derived.class, "with more getters", () -> new Derived(0));
        add(WithOptional.class, "present", () -> new WithOptional(Optional.of("a"), OptionalInt.of(1)));
        add(WithOptional.class, "empty", () -> new WithOptional(Optional.empty(), OptionalInt.empty()));
        add(WithOptional.class, "null", () -> new WithOptional(null, OptionalInt.empty()));
        add(WithArray.class, "arrays", () -> new WithArray(new int[] {1}, new byte[] {-1}));
        add(Hidden.class, "an ignored field", () -> new Hidden("a", "b"));
        add(Renamed.class, "a getter beside the accessor", () -> new Renamed("a"));
        add(Login.class, "an ignored field, by an annotation that holds others", () -> new Login("a", "b"));
        add(Masked.class, "an ignored field, by an interface above an interface", () -> new Masked("a", 1));
        add(Email.class, "@JsonValue", () -> new Email("a@example.com"));
        add(Untyped.class, "a text", () -> new Untyped("a"));
        add(Untyped.class, "a time", () -> new Untyped(Instant.MAX));
        add(Untyped.class, "a record", () -> new Untyped(line()));
    }

    private void classes() {
        group = "Classes and interfaces";
        add(Bean.class, "without equals", () -> Bean.of("a"));
        add(Bean.class, "of a richer class", RicherBean::new);
        add(RicherBean.class, "inherited fields", RicherBean::new);
        add(Immutable.class, "by its constructor", () -> new Immutable("a", Long.MIN_VALUE));
        add(Lossy.class, "a field that nothing sets, empty", () -> Lossy.of(0));
        add(Lossy.class, "a field that nothing sets", () -> Lossy.of(1));
        add(Closed.class, "no constructor", () -> new Closed(Thread.currentThread()));
        add(Animal.class, "an open interface", () -> new Dog("a"));
        add(Bird.class, "@JsonSubTypes", () -> new Sparrow(1));
        add(Gadget.class, "@JsonTypeInfo by class", () -> new Tool(1));
    }

    private void sealedTypes() {
        group = "Sealed types";
        add(Shape.class, "a record", () -> new Circle(1.5));
        add(Shape.class, "sealed in sealed", () -> new Square(1));
        add(Shape.class, "an enum", () -> Unit.POINT);
        add(Shape.class, "nested", () -> new Path2(List.of(new Circle(1), Unit.POINT, new Path2(List.of()))));
        add(Shape.class, "null", () -> null);
        add(Polygon.class, "the inner one", () -> new Square(2));
        add(Circle.class, "one of its records", () -> new Circle(2));
        add(new TypeReference<List<Shape>>() {}, "mixed", () -> List.of(new Circle(1), Unit.POINT, new Square(2)));
        add(
                new TypeReference<Map<String, Shape>>() {},
                "mixed",
                () -> new TreeMap<>(Map.of("a", new Circle(1), "b", Unit.POINT)));
        add(new TypeReference<Optional<Shape>>() {}, "present", () -> Optional.of(new Circle(1)));
        add(new TypeReference<Outcome<Line>>() {}, "generic", () -> new Ok<>(line()));
        add(new TypeReference<Outcome<Line>>() {}, "generic, the other", () -> new Failed<Line>("a"));
        add(new TypeReference<Outcome<Shape>>() {}, "generic, of a sealed type", () -> new Ok<>(new Circle(1)));
        add(
                new TypeReference<Outcome<List<Shape>>>() {},
                "generic, of a list of a sealed type",
                () -> new Ok<>(List.of(new Circle(1), Unit.POINT)));
        add(
                new TypeReference<Outcome<Outcome<Shape>>>() {},
                "generic of generic",
                () -> new Ok<>(new Ok<>(new Circle(1))));
        add(new TypeReference<Outcome<Shape>[]>() {}, "an array of a generic one", () ->
                new Outcome<?>[] {new Ok<>(new Circle(1))});
        add(Mixed.class, "an enum constant with a body", () -> Size.LARGE);
        add(Mixed.class, "an enum constant without one", () -> Size.SMALL);
        add(Way.class, "with an open interface, a record", () -> new Road(1));
        add(Way.class, "with an open interface, a stranger", () -> new Trail(1));
        add(Command.class, "an empty record", Stop::new);
        add(Command.class, "a class", () -> Go.of(3));
        add(Half.class, "with an open class, a record", () -> new Whole(1));
        add(Half.class, "with an open class", Open::new);
        add(Half.class, "with an open class, a stranger", Stranger::new);
        add(Clash.class, "two classes of one name", Clash.Same::new);
    }

    private void untyped() {
        group = "No declared type";
        add(Object.class, "7", () -> 7);
        add(Object.class, "Long.MAX", () -> Long.MAX_VALUE);
        add(Object.class, "2^64", () -> BigInteger.TWO.pow(64));
        add(Object.class, "1.5", () -> 1.5);
        add(Object.class, "0.1f", () -> 0.1f);
        add(Object.class, "BigDecimal 0.10", () -> new BigDecimal("0.10"));
        add(Object.class, "BigDecimal of 40 digits", () -> new BigDecimal("0." + "1234567890".repeat(4)));
        add(Object.class, "NaN", () -> Double.NaN);
        add(Object.class, "-0.0", () -> -0.0);
        add(Object.class, "text", () -> "a");
        add(Object.class, "true", () -> true);
        add(Object.class, "null", () -> null);
        add(Object.class, "a char", () -> 'a');
        add(Object.class, "a list", () -> List.of(1, "a", List.of(2.5)));
        add(Object.class, "a set", () -> Set.of(1));
        add(Object.class, "an array", () -> new int[] {1});
        add(Object.class, "a time", () -> Instant.EPOCH);
        add(Object.class, "an enum", () -> Color.RED);
        add(Object.class, "a record", Values::line);
        add(Object.class, "an object of no class", Object::new);
        add(new TypeReference<Map<String, Object>>() {}, "plain", Values::plain);
        add(new TypeReference<Map<String, Object>>() {}, "with a time", () -> Map.of("a", Instant.EPOCH));
        add(new TypeReference<Map<String, Object>>() {}, "with a record", () -> Map.of("a", line()));
        add(new TypeReference<Map<String, Object>>() {}, "with a map of numbers", () -> Map.of("a", Map.of(1, 2)));
        add(new TypeReference<Map<Object, Object>>() {}, "a key that is a number", () -> Map.of(1, 2));
        add(List.class, "raw", () -> List.of(1L, "a"));
        add(
                JsonNode.class,
                "a tree",
                () -> JsonNodeFactory.instance.objectNode().put("a", 1.50).put("b", 1L << 60));
        add(java.io.Serializable.class, "a text", () -> "a");
        add(Comparable.class, "a text", () -> "a");
    }

    private static Map<String, Object> plain() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("n", 1);
        map.put("l", Long.MIN_VALUE);
        map.put("d", new BigDecimal("1.10"));
        map.put("null", null);
        map.put("list", List.of(Map.of("a", true)));
        return map;
    }

    private void others() {
        group = "With annotations or generics of several levels";
        add(new TypeReference<Map<Email, Integer>>() {}, "keys with @JsonValue", () -> Map.of(new Email("a"), 1));
        add(new TypeReference<Map<Line, Integer>>() {}, "keys that are records", () -> Map.of(line(), 1));
        add(new TypeReference<Map<Instant, Shape>>() {}, "keys that are times", () -> Map.of(Instant.MAX, Unit.POINT));
        add(
                new TypeReference<Map<LocalDate, Map<Year, MonthDay>>>() {},
                "times in times",
                () -> Map.of(LocalDate.MIN, Map.of(Year.of(12_345), MonthDay.of(1, 2))));
        add(
                new TypeReference<Pair<Shape, Pair<Optional<Line>, Map<UUID, Color>>>>() {},
                "deep",
                () -> new Pair<>(new Circle(0), new Pair<>(Optional.of(line()), Map.of(new UUID(0, 0), Color.GREEN))));
    }

    private void limits() {
        group = "At the limits";
        add(Node.class, "190 deep", () -> nodes(190));
        add(Node.class, "201 deep", () -> nodes(201));
        add(
                new TypeReference<Map<String, Integer>>() {},
                "a key of 60,000 characters",
                () -> Map.of("k".repeat(60_000), 1));
        add(BigInteger.class, "5,000 digits", () -> BigInteger.TEN.pow(5_000));
        add(Object.class, "5,000 digits", () -> BigInteger.TEN.pow(5_000));
    }

    private static Node nodes(int depth) {
        Node node = null;
        for (int i = 0; i < depth; i++) {
            node = new Node(i, node);
        }
        return node;
    }

    private void never() {
        group = "What belongs to one process";
        add(Class.class, "String", () -> String.class);
        add(Thread.class, "this", Thread::currentThread);
        add(IllegalStateException.class, "thrown", IllegalStateException::new);
        add(InputStream.class, "empty", InputStream::nullInputStream);
        add(new TypeReference<Stream<String>>() {}, "empty", Stream::empty);
        add(new TypeReference<Iterator<String>>() {}, "empty", Collections::emptyIterator);
        add(new TypeReference<CompletableFuture<String>>() {}, "done", () -> CompletableFuture.completedFuture("a"));
        add(new TypeReference<Callable<String>>() {}, "a lambda", () -> (Callable<String>) () -> "a");
        add(Random.class, "seeded", () -> new Random(1));
    }
}
