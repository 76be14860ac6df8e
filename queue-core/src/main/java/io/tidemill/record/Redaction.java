package io.tidemill.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemill.json.Json;
import io.tidemill.message.PayloadCodec;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Hides what is marked {@link io.tidemill.task.Secret} in what people see. */
public final class Redaction {

    /** Stands where a secret is. */
    public static final String HIDDEN = "***";

    private static final ObjectMapper MAPPER = Json.mapper();

    /** How the reasons of a codec begin that are about one argument. */
    private static final Pattern OF_ARGUMENT = Pattern.compile("argument (\\d{1,3})\\b.*", Pattern.DOTALL);

    private Redaction() {}

    /** Where the secrets of a task stand in a payload: what is kept in the record of a job. */
    public static List<String> paths(@Nullable TaskDefinition definition, PayloadCodec codec) {
        if (definition == null || !definition.hasSecrets()) {
            return List.of();
        }
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < definition.parameterTypes().size(); i++) {
            String argument = "/" + i;
            if (definition.isSecret(i)) {
                paths.add(argument);
            } else if (definition.hasSecrets(i)) {
                codec.secrets(definition.parameterTypes().get(i)).forEach(path -> paths.add(argument + path));
            }
        }
        return paths;
    }

    /** The payload with {@value #HIDDEN} in place of its secrets; one that is no JSON is hidden as a whole. */
    public static String shown(byte[] payload, List<String> paths) {
        try {
            JsonNode tree = MAPPER.readTree(payload);
            for (String path : paths) {
                tree = hidden(tree, path.split("/"), 1);
            }
            return MAPPER.writeValueAsString(tree);
        } catch (IOException e) {
            return HIDDEN + " (" + payload.length + " bytes)";
        }
    }

    /** Where the payload has another form than its type says, more is hidden. */
    private static JsonNode hidden(JsonNode node, String[] path, int at) {
        if (node.isNull()) {
            return node;
        }
        if (at >= path.length || node.isValueNode()) {
            return TextNode.valueOf(HIDDEN);
        }
        boolean isEach = path[at].equals("*");
        if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (isEach || path[at].equals(String.valueOf(i))) {
                    array.set(i, hidden(array.get(i), path, at + 1));
                }
            }
        } else if (node instanceof ObjectNode object) {
            String name = path[at].replace("~1", "/").replace("~0", "~");
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (isEach || field.getKey().equals(name)) {
                    field.setValue(hidden(field.getValue(), path, at + 1));
                }
            }
        }
        return node;
    }

    /**
     * Why arguments of a task cannot be written or read. Codecs and the user's own classes may quote values, so a
     * reason about an argument with secrets is not given.
     */
    public static PayloadException reason(@Nullable TaskDefinition definition, PayloadException why) {
        String message = String.valueOf(why.getMessage());
        if (definition == null || !definition.hasSecrets() || message.startsWith("the task takes ")) {
            return why;
        }
        Matcher about = OF_ARGUMENT.matcher(message);
        if (!about.matches()) {
            return new PayloadException("the reason is not shown, as some arguments are marked @Secret", null);
        }
        int argument = Integer.parseInt(about.group(1));
        return definition.hasSecrets(argument)
                ? new PayloadException(
                        "argument " + argument + " does not fit; the reason is not shown, as it is marked @Secret",
                        null)
                : why;
    }
}
