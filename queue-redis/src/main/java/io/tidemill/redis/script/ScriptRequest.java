package io.tidemill.redis.script;

import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A script with the keys and arguments of one request, each given by the name that the script's header has for it. The
 * keys that a queue has once are there from the beginning; an argument that is not given is empty.
 *
 * <p>Not thread-safe.
 */
public final class ScriptRequest {

    private static final byte[] EMPTY = {};
    private static final byte[] MISSING = {};

    private final Script script;
    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte[]> arguments = new ArrayList<>();

    private ScriptRequest(Script script) {
        this.script = script;
        arguments.addAll(
                Collections.nCopies(ScriptHeader.single(script.arguments()).size(), EMPTY));
    }

    /** Of a script about one queue. */
    public static ScriptRequest of(Script script, Keyspace queue) {
        ScriptRequest request = new ScriptRequest(script);
        for (KeyKind kind : script.kinds()) {
            request.keys.add(kind.isOne() ? kind.in(queue) : MISSING);
        }
        return request;
    }

    /** Of a script about no single queue, with all of its keys. */
    public static ScriptRequest of(Script script, List<byte[]> keys) {
        ScriptRequest request = new ScriptRequest(script);
        request.keys.addAll(keys);
        return request;
    }

    /** The script. */
    public Script script() {
        return script;
    }

    /** Gives a key of which a queue has many. */
    public ScriptRequest key(KeyKind kind, byte[] key) {
        keys.set(at(script.keys(), kind.key()), key);
        return this;
    }

    /** Gives a key that is not used with these arguments: any of the queue will do. */
    public ScriptRequest unused(KeyKind kind) {
        return key(kind, keys.get(0));
    }

    /** Adds one of the keys of which a request has any number. */
    public ScriptRequest addKey(byte[] key) {
        keys.add(key);
        return this;
    }

    /** Gives an argument. */
    public ScriptRequest with(String name, byte[] value) {
        arguments.set(at(script.arguments(), name), value);
        return this;
    }

    /** Gives an argument; one character is one byte. */
    public ScriptRequest with(String name, String value) {
        return with(name, ascii(value));
    }

    /** Gives an argument. */
    public ScriptRequest with(String name, long value) {
        return with(name, ascii(value));
    }

    /** Adds one of the arguments of which a request has any number. */
    public ScriptRequest add(byte[] value) {
        arguments.add(value);
        return this;
    }

    /** As {@link #add(byte[])}; one character is one byte. */
    public ScriptRequest add(String value) {
        return add(ascii(value));
    }

    /** As {@link #add(byte[])}. */
    public ScriptRequest add(long value) {
        return add(ascii(value));
    }

    byte[][] keys() {
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i) == MISSING) {
                throw new IllegalStateException(
                        "key " + script.keys().get(i) + " of script " + script.hop() + " was not given");
            }
        }
        return keys.toArray(byte[][]::new);
    }

    byte[][] arguments() {
        return arguments.toArray(byte[][]::new);
    }

    private int at(List<String> names, String name) {
        int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("script " + script.hop() + " has no " + name + ", only " + names);
        }
        return index;
    }

    /** A number as scripts take it. */
    public static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
