package io.tidemill.workflow;

import java.util.List;

/** Draws a workflow as the text of a Mermaid flowchart. */
final class Mermaid {

    private Mermaid() {}

    static String of(Workflow<?> workflow) {
        List<StepDefinition> steps = workflow.definitions();
        List<String> names = StepNaming.names(steps);
        StringBuilder text = new StringBuilder("flowchart TD\n");
        for (int i = 0; i < steps.size(); i++) {
            text.append("    s")
                    .append(i)
                    .append("[\"")
                    .append(quoted(names.get(i)))
                    .append("\"]\n");
        }
        for (int i = 0; i < steps.size(); i++) {
            edges(text, steps.get(i), i);
        }
        return text.toString();
    }

    private static void edges(StringBuilder text, StepDefinition step, int number) {
        step.inputs().forEach(input -> input.sources().forEach(source -> edge(text, source, "-->", number)));
        step.after().forEach(source -> edge(text, source, "-.->", number));
        step.conditions()
                .forEach(each -> edge(text, each.step(), each.expected() ? "-- if -->" : "-- unless -->", number));
        StepDefinition undo = step.compensation();
        if (undo != null) {
            text.append("    s")
                    .append(number)
                    .append(" -. undone by .-> u")
                    .append(number)
                    .append("([\"")
                    .append(quoted(undo.task()))
                    .append("\"])\n");
        }
    }

    private static void edge(StringBuilder text, int source, String arrow, int number) {
        text.append("    s")
                .append(source)
                .append(' ')
                .append(arrow)
                .append(" s")
                .append(number)
                .append('\n');
    }

    private static String quoted(String name) {
        return name.replace("\"", "#quot;");
    }
}
