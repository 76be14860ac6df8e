package io.tidemill.conformance.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.conformance.fault.HistoryEvent.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written down is read back, and what passes a proxy is cut at the right places. */
class JournalTest {

    @TempDir
    Path folder;

    @Test
    void an_event_is_one_line_and_comes_back_as_it_was() {
        HistoryEvent event = new HistoryEvent(3, 2, "p1", Kind.CLAIMED, "job", "p1:7", 2, 1_000, "1,0");
        HistoryEvent bare = new HistoryEvent(3, 3, "p1", Kind.DISTURBED, "", "", 0, 0, "Redis was\nkilled");

        assertThat(HistoryEvent.parse(event.line())).isEqualTo(event);
        assertThat(HistoryEvent.parse(bare.line()).note()).isEqualTo("Redis was killed");
        assertThat(HistoryEvent.parse(bare.line()).job()).isEmpty();
    }

    @Test
    void journals_of_all_processes_are_one_history_without_the_torn_end_of_a_killed_one() throws IOException {
        Path killed = folder.resolve("killed");
        Path other = folder.resolve("other");
        try (Journal one = Journal.onFile(killed, "killed");
                Journal two = Journal.onFile(other, "other")) {
            one.disturbed("first");
            two.disturbed("second");
            one.disturbed("third");
        }
        Files.writeString(killed, "1795000000000000 17950", StandardOpenOption.APPEND);

        List<HistoryEvent> history = Journal.read(List.of(killed, other));

        assertThat(history).extracting(HistoryEvent::note).containsExactly("first", "second", "third");
        assertThat(history).extracting(HistoryEvent::process).containsExactly("killed", "other", "killed");
    }

    @Test
    void a_stream_is_cut_into_its_values_however_it_comes() throws IOException {
        List<String> values = List.of(
                "+OK\r\n",
                "-NOSCRIPT No matching script.\r\n",
                ":12\r\n",
                "$5\r\nab\r\nc\r\n",
                "$-1\r\n",
                "*-1\r\n",
                "_\r\n",
                "#t\r\n",
                ",1.5\r\n",
                "(12345678901234567890\r\n",
                "=7\r\ntxt:abc\r\n",
                "!5\r\nERR x\r\n",
                "*3\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n_\r\n",
                "~1\r\n:1\r\n",
                "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
                ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n",
                "|1\r\n+ttl\r\n:10\r\n$1\r\nx\r\n");
        byte[] all = String.join("", values).getBytes(StandardCharsets.ISO_8859_1);

        assertThat(cut(new ByteArrayInputStream(all))).isEqualTo(values);
        assertThat(cut(new OneByOne(all))).isEqualTo(values);
    }

    @Test
    void the_words_of_a_request_are_known() throws IOException {
        String request = "*3\r\n$7\r\nEVALSHA\r\n$3\r\nabc\r\n$0\r\n\r\n";
        RespReader reader =
                new RespReader(new ByteArrayInputStream((request + "PING\r\n").getBytes(StandardCharsets.US_ASCII)));

        RespReader.Frame frame = reader.next();
        assertThat(List.of(frame.word(0), frame.word(1), frame.word(2), frame.word(3)))
                .containsExactly("EVALSHA", "abc", "", "");
        assertThat(reader.next().word(0)).isEqualTo("PING");
        assertThat(reader.next()).isNull();
    }

    private static List<String> cut(InputStream in) throws IOException {
        RespReader reader = new RespReader(in);
        List<String> values = new ArrayList<>();
        for (RespReader.Frame frame = reader.next(); frame != null; frame = reader.next()) {
            values.add(new String(frame.bytes(), StandardCharsets.ISO_8859_1));
        }
        return values;
    }

    /** As slow as a stream can be. */
    private static final class OneByOne extends ByteArrayInputStream {

        OneByOne(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(1, length));
        }
    }
}
