package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.tidemill.json.Json;
import io.tidemill.task.PayloadException;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of value in every place: it comes back as it went, or it is refused before it is stored. Keeps
 * {@code docs/payloads.md} true, which shows the table.
 */
class FidelityTest {

    private static final Path PAGE = Path.of("..", "docs", "payloads.md");

    /** A record with a field of any type. */
    public record Box<T>(T value) {}

    /** Where a value stands. */
    enum Place {
        ARGUMENT("argument") {
            @Override
            JavaType type(JavaType of) {
                return of;
            }

            @Override
            Object put(Object value) {
                return value;
            }

            @Override
            Object take(Object from) {
                return from;
            }
        },
        FIELD("record field") {
            @Override
            JavaType type(JavaType of) {
                return TYPES.constructParametricType(Box.class, of);
            }

            @Override
            Object put(Object value) {
                return new Box<>(value);
            }

            @Override
            Object take(Object from) {
                return ((Box<?>) from).value();
            }
        },
        ELEMENT("list element") {
            @Override
            JavaType type(JavaType of) {
                return TYPES.constructCollectionType(List.class, of);
            }

            @Override
            Object put(Object value) {
                return Collections.singletonList(value);
            }

            @Override
            Object take(Object from) {
                return ((List<?>) from).get(0);
            }
        },
        VALUE("map value") {
            @Override
            JavaType type(JavaType of) {
                return TYPES.constructMapType(Map.class, TYPES.constructType(String.class), of);
            }

            @Override
            Object put(Object value) {
                return Collections.singletonMap("k", value);
            }

            @Override
            Object take(Object from) {
                return ((Map<?, ?>) from).get("k");
            }
        },
        KEY("map key") {
            @Override
            JavaType type(JavaType of) {
                return TYPES.constructMapType(Map.class, of, TYPES.constructType(Integer.class));
            }

            @Override
            Object put(Object value) {
                return Collections.singletonMap(value, 1);
            }

            @Override
            Object take(Object from) {
                return ((Map<?, ?>) from).keySet().iterator().next();
            }
        },
        NESTED("in a list in a field") {
            @Override
            JavaType type(JavaType of) {
                return FIELD.type(ELEMENT.type(of));
            }

            @Override
            Object put(Object value) {
                return FIELD.put(ELEMENT.put(value));
            }

            @Override
            Object take(Object from) {
                return ELEMENT.take(FIELD.take(from));
            }
        },
        RESULT("result") {
            @Override
            JavaType type(JavaType of) {
                return of;
            }

            @Override
            Object put(Object value) {
                return value;
            }

            @Override
            Object take(Object from) {
                return from;
            }
        };

        private static final TypeFactory TYPES = Json.mapper().getTypeFactory();

        final String title;

        Place(String title) {
            this.title = title;
        }

        abstract JavaType type(JavaType of);

        abstract Object put(Object value);

        abstract Object take(Object from);
    }

    /** One cell of the table. */
    record Row(Values.Kind kind, Place place) {

        @Override
        public String toString() {
            return kind.title() + " as " + place.title;
        }
    }

    private static final JsonPayloadCodec CODEC = new JsonPayloadCodec();

    static Stream<Row> rows() {
        return Values.all().stream().flatMap(kind -> Stream.of(Place.values()).map(place -> new Row(kind, place)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void what_is_accepted_comes_back_as_it_went(Row row) {
        outcome(row);
    }

    @Test
    void the_table_has_at_least_the_rows_that_the_trial_had() {
        assertThat(rows()).hasSizeGreaterThan(221);
        assertThat(rows().map(FidelityTest::outcome).filter("exact"::equals).count())
                .as("exact, and not only refused")
                .isGreaterThan(500);
    }

    /** How it ends; fails if it is accepted and changed. */
    private static String outcome(Row row) {
        JavaType type = row.place().type(Place.TYPES.constructType(row.kind().type()));
        if (CODEC.problem(type) != null) {
            return "start";
        }
        Object value = row.kind().make().get();
        Object went = row.place().put(value);
        boolean isResult = row.place() == Place.RESULT;
        byte[] bytes;
        try {
            bytes = isResult
                    ? CODEC.encodeResult(went, type)
                    : CODEC.encodeArguments(new Object[] {went}, List.of((Type) type));
        } catch (PayloadException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return isResult ? "dead" : "enqueue";
        }
        // Outside of the try: what was accepted and cannot be read is what this test is about.
        Object back =
                isResult ? CODEC.decodeResult(bytes, type) : CODEC.decodeArguments(bytes, List.of((Type) type))[0];
        Object taken = row.place().take(back);
        assertThat(isSame(value, taken))
                .as("%s went as %s and came back as %s", row, value, taken)
                .isTrue();
        return "exact";
    }

    /** Not the code that is tested, and stricter: the same class, unless it is one collection for another. */
    private static boolean isSame(Object went, Object came) {
        if (went == null || came == null) {
            return went == came;
        }
        if (went instanceof Values.Twin twin) {
            return came instanceof Values.Twin other
                    && other.getClass() == twin.getClass()
                    && twin.parts().equals(other.parts());
        }
        if (went instanceof Optional<?> optional) {
            return came instanceof Optional<?> other && isSame(optional.orElse(null), other.orElse(null));
        }
        if (went instanceof Map.Entry<?, ?> entry) {
            return entry.equals(came);
        }
        if (went instanceof Map<?, ?> map) {
            return came instanceof Map<?, ?> other
                    && map.size() == other.size()
                    && isSame(new ArrayList<>(map.keySet()), new ArrayList<>(other.keySet()))
                    && isSame(new ArrayList<>(map.values()), new ArrayList<>(other.values()));
        }
        if (went instanceof List<?> list) {
            if (!(came instanceof List<?> other) || list.size() != other.size()) {
                return false;
            }
            for (int i = 0; i < list.size(); i++) {
                if (!isSame(list.get(i), other.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (went instanceof Collection<?> collection) {
            return came instanceof Collection<?> other
                    && (went.equals(came) || isSame(new ArrayList<>(collection), new ArrayList<>(other)));
        }
        if (went instanceof Number && came instanceof Number && went.getClass() != came.getClass()) {
            return !went.equals(-0.0)
                    && new java.math.BigDecimal(went.toString()).compareTo(new java.math.BigDecimal(came.toString()))
                            == 0;
        }
        return went.getClass() == came.getClass()
                && (Objects.deepEquals(went, came)
                        || (went instanceof JsonNode || Values.HAVE_NO_EQUALS.contains(went.getClass()))
                                && went.toString().equals(came.toString()));
    }

    @Test
    void the_page_says_what_happens() throws IOException {
        if (Boolean.getBoolean("tidemill.regenerate")) {
            Files.writeString(PAGE, page());
        }
        assertThat(PAGE)
                .as("regenerate it: mvn -pl queue-core test -Dtest=FidelityTest -Dtidemill.regenerate=true")
                .exists()
                .content()
                .isEqualTo(page());
    }

    private static String page() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        StringBuilder table = new StringBuilder();
        String group = "";
        for (Values.Kind kind : Values.all()) {
            if (!kind.group().equals(group)) {
                group = kind.group();
                table.append("\n## ")
                        .append(group)
                        .append("\n\n| declared as | value | ")
                        .append(Stream.of(Place.values())
                                .map(place -> place.title)
                                .collect(Collectors.joining(" | ")))
                        .append(" |\n|---|---|")
                        .append("---|".repeat(Place.values().length))
                        .append('\n');
            }
            table.append("| `").append(kind.declared()).append("` | ").append(kind.value());
            for (Place place : Place.values()) {
                String outcome = outcome(new Row(kind, place));
                counts.merge(outcome, 1, Integer::sum);
                table.append(" | ").append(outcome);
            }
            table.append(" |\n");
        }
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        return """
                # Payloads that come back as they went

                <!-- Generated by FidelityTest; do not edit. To regenerate:
                     mvn -pl queue-core test -Dtest=FidelityTest -Dtidemill.regenerate=true -->

                What `enqueue` accepts, a worker with the same classes reads back equal. Each cell was tried with the
                default codec:

                - **exact**: it came back as it went.
                - **start**: the declared type is refused when the queue starts (and at `enqueue`, where only a producer
                  knows the task).
                - **enqueue**: the type depends on the value, and this value is refused before anything is stored.
                - **dead**: the same for a result. No type could tell before the work; the job ends as dead, its reason says
                  what would have been changed, and nobody gets a changed value.

                | outcome | cells |
                |---|---|
                """
                + counts.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(each -> "| %s | %d |\n".formatted(each.getKey(), each.getValue()))
                        .collect(Collectors.joining())
                + "| changed | 0 |\n| all | %d |\n".formatted(all)
                + table;
    }
}
