package io.tidemill.redis;

/** Writes a finding as one line, for people or as JSON. */
final class FindingText {

    private FindingText() {}

    static String text(Finding it) {
        return it.severity() + " " + it.invariant() + " queue " + it.queue() + ": " + it.subject() + " " + it.text();
    }

    /** One object per line. Ids may hold anything when somebody else wrote them. */
    static String json(Finding it) {
        return "{\"severity\":\"" + it.severity() + "\",\"invariant\":" + quoted(it.invariant()) + ",\"queue\":"
                + quoted(it.queue()) + ",\"subject\":" + quoted(it.subject()) + ",\"text\":" + quoted(it.text()) + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
