package io.tidemill.message;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.AbstractDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.DefaultDeserializationContext;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.tidemill.json.Difference;
import io.tidemill.json.SealedTypes;
import io.tidemill.task.PayloadException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Executable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a declared type alone says about its values: that every one comes back as it went, that none can, or that it
 * depends on the value. One object checks one type.
 */
final class TypeCheck {

    private static final Set<Class<?>> EXACT = Set.of(
            String.class,
            Boolean.class,
            Character.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class,
            Instant.class,
            Duration.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class);

    /** What these hold decides. An interface is here if it promises an {@code equals} that all its classes share. */
    private static final Set<Class<?>> EXACT_CONTAINERS = Set.of(
            List.class,
            ArrayList.class,
            Set.class,
            HashSet.class,
            LinkedHashSet.class,
            Map.class,
            HashMap.class,
            LinkedHashMap.class);

    private static final Set<Class<?>> EXACT_KEYS = Set.of(String.class, Integer.class, Long.class, UUID.class);

    /** What belongs to one process, and classes themselves. */
    private static final Set<Class<?>> NEVER = Set.of(
            Class.class,
            ClassLoader.class,
            Thread.class,
            Throwable.class,
            Iterator.class,
            Future.class,
            CompletionStage.class,
            BaseStream.class,
            Flow.Publisher.class);

    private final ObjectMapper mapper;
    private final DeserializationConfig config;
    private final DeserializationContext context;
    private final boolean trusted;
    private final Set<JavaType> seen = new HashSet<>();

    /**
     * A check.
     *
     * @param trusted whether the mapper is known to write and read the types of {@link #EXACT} back
     */
    TypeCheck(ObjectMapper mapper, boolean trusted) {
        this.mapper = mapper;
        this.config = mapper.getDeserializationConfig();
        this.context = ((DefaultDeserializationContext) mapper.getDeserializationContext())
                .createDummyInstance(mapper.getDeserializationConfig());
        this.trusted = trusted;
    }

    /**
     * Whether every value of this type comes back as it went. If not, each value has to be tried.
     *
     * @throws PayloadException if no value can come back; says why and what to do
     */
    boolean isExact(JavaType type) {
        Class<?> raw = type.getRawClass();
        for (Class<?> never : NEVER) {
            if (never.isAssignableFrom(raw)) {
                throw new PayloadException(raw.getTypeName() + " belongs to this process and cannot be sent", null);
            }
        }
        if (raw.isPrimitive() || EXACT.contains(raw)) {
            return trusted;
        }
        if (!seen.add(type)) {
            return true;
        }
        if (raw == Object.class) {
            return false;
        }
        if (SealedTypes.isSealed(raw) && !isAnnotated(raw)) {
            return allExact(type, SealedTypes.permitted(raw));
        }
        return isOneClassExact(type);
    }

    private boolean allExact(JavaType sealed, Set<Class<?>> permitted) {
        Map<String, Class<?>> names = new HashMap<>();
        for (Class<?> each : permitted) {
            Class<?> other = names.put(each.getSimpleName(), each);
            if (other != null) {
                throw new PayloadException(
                        sealed.toCanonical() + " permits two classes with the simple name " + each.getSimpleName()
                                + ", " + other.getName() + " and " + each.getName()
                                + ", and they are told apart by it; rename one",
                        null);
            }
        }
        boolean exact = SealedTypes.isClosed(sealed.getRawClass());
        for (Class<?> each : permitted) {
            JavaType type = each == sealed.getRawClass()
                    ? sealed
                    : mapper.getTypeFactory().constructSpecializedType(sealed, each);
            seen.add(type);
            exact &= isOneClassExact(type);
        }
        return exact;
    }

    private boolean isOneClassExact(JavaType type) {
        Class<?> raw = type.getRawClass();
        JsonDeserializer<?> reader = reader(type);
        if (raw.isEnum()) {
            return trusted && !isAnnotated(raw);
        }
        if (type.isContainerType() || type.isReferenceType()) {
            boolean exact = trusted && (type.isArrayType() || EXACT_CONTAINERS.contains(raw));
            if (type.getKeyType() != null) {
                exact &= isExactKey(type.getKeyType());
            }
            if (type.getContentType() != null) {
                checkElement(type);
                exact &= isExact(type.getContentType());
            }
            return exact;
        }
        if (!(reader instanceof BeanDeserializerBase)) {
            return false;
        }
        if (!raw.isRecord()
                && mapper.getSerializationConfig()
                        .introspect(type)
                        .findProperties()
                        .isEmpty()
                && Difference.hasFields(raw)) {
            throw new PayloadException(
                    type.toCanonical() + " shows none of its fields; make it a record, or give it getters, or add a"
                            + " Jackson module for it: JsonPayloadCodec.with(module)",
                    null);
        }
        boolean exact = trusted && raw.isRecord() && !isAnnotated(raw) && showsItsComponents(type);
        BeanDescription bean = config.introspect(type);
        for (BeanPropertyDefinition property : bean.findProperties()) {
            try {
                exact &= isExact(property.getPrimaryType());
            } catch (PayloadException e) {
                throw new PayloadException("its field " + property.getName() + ": " + e.getMessage(), e);
            }
        }
        return exact;
    }

    /** Jackson forgets what the type variables of an element of an array stand for. */
    private static void checkElement(JavaType type) {
        JavaType element = type.getContentType();
        if (type.isArrayType() && element.hasGenericTypes() && SealedTypes.isSealed(element.getRawClass())) {
            throw new PayloadException(
                    "an array of " + element.toCanonical() + " loses what its type variables stand for;"
                            + " declare a list",
                    null);
        }
    }

    /** Whether each component of a record is written as its accessor gives it, and not as a getter of that name. */
    private boolean showsItsComponents(JavaType record) {
        Map<String, AnnotatedMember> shown = new HashMap<>();
        for (BeanPropertyDefinition each :
                mapper.getSerializationConfig().introspect(record).findProperties()) {
            shown.put(each.getName(), each.getAccessor());
        }
        return Arrays.stream(record.getRawClass().getRecordComponents()).allMatch(component -> {
            AnnotatedMember by = shown.get(component.getName());
            return by != null && component.getAccessor().equals(by.getMember());
        });
    }

    private boolean isExactKey(JavaType key) {
        Class<?> raw = key.getRawClass();
        if (raw == Object.class || EXACT_KEYS.contains(raw)) {
            return trusted && raw != Object.class;
        }
        try {
            if (raw.isRecord() && !isAnnotated(raw)) {
                throw new PayloadException(
                        "a key of a map is one text, and " + key.toCanonical() + " is a record;"
                                + " use a list of entries, or say with @JsonKey and @JsonCreator how it is a text",
                        null);
            }
            context.findKeyDeserializer(key, null);
        } catch (JsonMappingException e) {
            throw new PayloadException(
                    "a key of a map is one text, and " + key.toCanonical() + " cannot be read from one", e);
        }
        return trusted && raw.isEnum() && !isAnnotated(raw);
    }

    /** What reads it, if anything can. */
    private JsonDeserializer<?> reader(JavaType type) {
        JsonDeserializer<?> reader;
        boolean isTagged;
        try {
            reader = context.findContextualValueDeserializer(type, null);
            isTagged = context.getFactory().findTypeDeserializer(config, type) != null;
        } catch (JsonMappingException e) {
            throw new PayloadException(type.toCanonical() + " cannot be read back: " + e.getOriginalMessage(), e);
        }
        if (reader instanceof AbstractDeserializer && !isTagged) {
            throw new PayloadException(
                    type.toCanonical() + " is abstract and says nothing of its classes;"
                            + " make it sealed, or declare a class or record",
                    null);
        }
        if (reader instanceof BeanDeserializerBase bean) {
            if (Difference.isOfJdk(type.getRawClass())) {
                throw new PayloadException(
                        type.toCanonical() + " has no format as JSON; pass what it holds, or add a Jackson module"
                                + " for it: JsonPayloadCodec.with(module)",
                        null);
            }
            if (!isTagged && !bean.getValueInstantiator().canInstantiate()) {
                throw new PayloadException(
                        type.toCanonical() + " cannot be made from JSON: it has no constructor that could be used;"
                                + " make it a record, or give it one without arguments",
                        null);
            }
        }
        return reader;
    }

    /** Whether annotations of Jackson change how the class is written: then its type alone says nothing. */
    private static boolean isAnnotated(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        addWithSupertypes(type, all);
        return all.stream()
                .flatMap(TypeCheck::elements)
                .flatMap(element -> Arrays.stream(element.getAnnotations()))
                .map(Annotation::annotationType)
                .anyMatch(TypeCheck::isForJackson);
    }

    private static void addWithSupertypes(@Nullable Class<?> type, Set<Class<?>> all) {
        if (type != null && !Difference.isOfJdk(type) && all.add(type)) {
            addWithSupertypes(type.getSuperclass(), all);
            for (Class<?> each : type.getInterfaces()) {
                addWithSupertypes(each, all);
            }
        }
    }

    /** Also two of {@code java.beans} that Jackson knows, and annotations of the user's that hold some of Jackson's. */
    private static boolean isForJackson(Class<? extends Annotation> annotation) {
        return annotation.getName().startsWith("com.fasterxml.jackson.")
                || annotation.getName().startsWith("java.beans.")
                || annotation.isAnnotationPresent(JacksonAnnotationsInside.class);
    }

    private static Stream<AnnotatedElement> elements(Class<?> type) {
        List<Executable> code = new ArrayList<>(Arrays.asList(type.getDeclaredConstructors()));
        code.addAll(Arrays.asList(type.getDeclaredMethods()));
        return Stream.of(
                        List.of(type),
                        Arrays.asList(type.getDeclaredFields()),
                        code,
                        code.stream()
                                .flatMap(each -> Arrays.stream(each.getParameters()))
                                .toList())
                .flatMap(Collection::stream);
    }
}
